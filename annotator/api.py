"""The HTTP API of sheets: opening an item, its annotations, operations and log."""

import inspect
import re
from typing import Any, TypeVar

import msgspec
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from annotator import history, operations, reading
from annotator.access import get_sheet, sheet_of
from annotator.messages import Ack, Applied, Apply, Batch, Refused, SetStatus
from annotator.opening import OpenItem, open_item
from annotator.operations import purging
from projects.access import get_item, person
from projects.errors import TOO_DEEP, Invalid

STATUS_OF = {
    "authentication_failed": 401,
    "not_found": 404,
    "permission_denied": 403,
    "invalid": 400,
    "too_large": 413,
    "too_fast": 429,
    "error": 500,
    "away": 503,
}  # every other refusal is a conflict: 409
T = TypeVar("T")


def answer(struct: object) -> HttpResponse:
    """Structs as JSON; a refusal with its status."""
    status = STATUS_OF.get(struct.code, 409) if isinstance(struct, Refused) else 200
    return HttpResponse(msgspec.json.encode(struct), content_type="application/json", status=status)


def decode(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"The request cannot be read: {error}.") from error
    except RecursionError:
        raise Invalid(TOO_DEEP) from None


def number(request: Request, name: str) -> int | None:
    value = request.query_params.get(name)
    if value is None:
        return None
    if not (value.isdecimal() and value.isascii() and len(value) < 19):
        raise Invalid(f"“{name}” is a whole number.", fields={name: "number"})
    return int(value)


STRUCTS = (OpenItem, reading.Reading, Batch, SetStatus, Applied, Ack, Refused, history.Log)


def schema(*structs: type) -> dict[str, Any]:
    """How the API's description names one of these."""
    references = [{"$ref": f"#/components/schemas/{struct.__name__}"} for struct in structs]
    return references[0] if len(references) == 1 else {"anyOf": references}


def describe_structs(result: dict[str, Any], **context: object) -> dict[str, Any]:
    """A hook of drf-spectacular: puts the structs, and those they hold, into the API's description."""
    _, described = msgspec.json.schema_components(STRUCTS, ref_template="#/components/schemas/{name}")
    for each in described.values():
        each["description"] = inspect.cleandoc(each.get("description", ""))
    result["components"]["schemas"] |= described
    return result


def summarize(result: dict[str, Any], **context: object) -> dict[str, Any]:
    """A hook of drf-spectacular: the first sentence of a docstring is the operation's summary."""
    for path in result["paths"].values():
        for operation in path.values():
            summary, *rest = re.split(r"\.\s+", operation.pop("description"), maxsplit=1)
            operation |= {"summary": " ".join(summary.split()).removesuffix("."), "description": "".join(rest)}
    return result


OUTCOME = {200: schema(Applied, Ack), "4XX": schema(Refused)}


class ItemOpen(APIView):
    """Open an item as the editor shows it: its sheet, its neighbours and its place among the project's items."""

    @extend_schema(responses={200: schema(OpenItem)})
    def get(self, request: Request, pk: int) -> HttpResponse:
        item = get_item(person(request), pk)
        return answer(open_item(item, sheet_of(item, person(request))))


class ItemPurge(APIView):
    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Erase for good an item that is in the trash, with its annotations and their history (managers).

        An image that no other item shows is deleted within a day.
        """
        purging.purge_item(person(request), pk)
        return HttpResponse(status=204)


class ProjectPurge(APIView):
    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Erase for good a project that is in the trash, with its labels and items (owners)."""
        purging.purge_project(person(request), pk)
        return HttpResponse(status=204)


class SheetAnnotations(APIView):
    """The annotations of a sheet at its clock.

    With `since`, what changed after that clock, tombstones among it.
    """

    @extend_schema(parameters=[OpenApiParameter("since", int)], responses={200: schema(reading.Reading)})
    def get(self, request: Request, pk: int) -> HttpResponse:
        sheet = get_sheet(person(request), pk)
        return answer(reading.read(sheet.pk, number(request, "since")))


class SheetOperations(APIView):
    """Apply a batch of operations to a sheet, whole or not at all."""

    @extend_schema(request={"application/json": schema(Batch)}, responses=OUTCOME)
    def post(self, request: Request, pk: int) -> HttpResponse:
        batch = decode(request.body, Batch)
        asked = operations.Request(person(request).pk, Apply(sheet=pk, batch=batch), source="api")
        return answer(operations.perform(pk, [asked])[0])


class SheetStatus(APIView):
    """Say that a sheet is done, skipped (with a reason), or to do again."""

    @extend_schema(request={"application/json": schema(SetStatus)}, responses=OUTCOME)
    def post(self, request: Request, pk: int) -> HttpResponse:
        message = decode(request.body, SetStatus)
        if message.sheet != pk:
            raise Invalid("The message is for another sheet.", fields={"sheet": "another"})
        return answer(operations.perform(pk, [operations.Request(person(request).pk, message)])[0])


class SheetLog(APIView):
    """Who did what, newest first.

    An entry is an action, or a status that someone set. `before` is the `clock` of the last entry one has.
    """

    @extend_schema(parameters=[OpenApiParameter("before", int)], responses={200: schema(history.Log)})
    def get(self, request: Request, pk: int) -> HttpResponse:
        sheet = get_sheet(person(request), pk)
        return answer(history.log(sheet.pk, number(request, "before")))
