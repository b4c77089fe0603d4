"""The HTTP API of sheets: opening an item, its annotations, operations and log."""

import inspect
import re
from typing import Any, TypeVar, get_args

import msgspec
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from msgspec.structs import replace
from rest_framework.request import Request
from rest_framework.views import APIView

from annotator import bulk, comments, deciding, finding, grid, history, moving, operations, reading, saved_filters
from annotator.access import get_sheet, sheet_of
from annotator.leases import hand_out, next_to_label, next_to_review
from annotator.messages import Ack, Applied, Apply, Batch, Refused, SetStatus, SetUnsure
from annotator.opening import Next, OpenItem, open_item
from annotator.operations import purging
from annotator.parameters import ASKED_FOR, filters, number, numbers
from projects.access import get_item, get_project, person
from projects.errors import TOO_DEEP, Invalid
from projects.models import Role

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


def answer(struct: object, status: int = 200) -> HttpResponse:
    """Structs as JSON; a refusal with its status."""
    status = STATUS_OF.get(struct.code, 409) if isinstance(struct, Refused) else status
    return HttpResponse(msgspec.json.encode(struct), content_type="application/json", status=status)


def decode(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"The request cannot be read: {error}.") from error
    except RecursionError:
        raise Invalid(TOO_DEEP) from None


BULK = get_args(bulk.BulkRequest)
TALK = (comments.Talk, comments.Write, comments.Rewrite, comments.Resolve, comments.ReadUpTo)
SHEET = (OpenItem, Next, reading.Reading, Batch, SetStatus, SetUnsure, Applied, Ack, Refused, history.Log)
FILTERS = (saved_filters.Saved, saved_filters.Save, saved_filters.Renaming)
STRUCTS = [
    *SHEET,
    grid.Page,
    bulk.Done,
    *BULK,
    bulk.WouldMove,
    deciding.WouldDecide,
    deciding.OpenOfLabel,
    moving.Preview,
    *TALK,
    *FILTERS,
]  # floors above add theirs


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


class ItemToLabel(APIView):
    @extend_schema(responses={200: schema(Next)})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """An item that waits to be labelled after this one, if any. It is not handed out."""
        user = person(request)
        return answer(Next(next_to_label(user, get_item(user, pk, Role.ANNOTATOR))))

    @extend_schema(request=None, responses={200: schema(Next)})
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Hand out the item to label after this one: one that waits, and that nobody else is at."""
        item = get_item(person(request), pk, Role.ANNOTATOR)
        following = hand_out(person(request), item.project, left=item)
        return answer(Next(following.pk if following else None))


class ItemToReview(APIView):
    """Which item comes next for a reviewer: the one after this whose work is done or skipped, and not judged yet."""

    @extend_schema(responses={200: schema(Next)})
    def get(self, request: Request, pk: int) -> HttpResponse:
        user = person(request)
        return answer(Next(next_to_review(user, get_item(user, pk, Role.REVIEWER))))


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


class ProjectGrid(APIView):
    """The items of a project as cards, a page at a time.

    Each is counted, found and drawn as the person who asks may see it. `cursor` is the `next` of the page before, and
    `skip` passes over items after it. With `counts=1` it is also told how many fit, in all and of each status, and
    which labels and members the project has now. With `ids` (1,2,3) only these are shown, and with the clocks at which
    they are `known` (7,0,2) what is drawn is told only of those that have moved on; so is what is suggested, with the
    `stamps` (0,0,5).
    """

    @extend_schema(
        parameters=[
            OpenApiParameter("cursor", str),
            *(OpenApiParameter(name, int) for name in ("skip", "limit", "counts")),
            *ASKED_FOR,
            OpenApiParameter("sort", str, enum=list(grid.SORTS)),
            OpenApiParameter("ids", str),
            OpenApiParameter("known", str),
            OpenApiParameter("stamps", str),
        ],
        responses={200: schema(grid.Page)},
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        search = finding.Search(person(request), get_project(person(request), pk), filters(request))
        if "ids" in request.query_params:
            asked = [numbers(request, name) if name in request.query_params else [] for name in ("known", "stamps")]
            page = grid.Page(grid.cards(search, numbers(request, "ids"), *asked))
        else:
            page = grid.find(
                search,
                cursor=request.query_params.get("cursor", ""),
                skip=number(request, "skip") or 0,
                limit=min(grid.PAGE if (limit := number(request, "limit")) is None else limit, grid.MOST),
            )
        if number(request, "counts"):
            page = replace(page, counts=grid.count(search), choices=grid.choices(search.project))
        return answer(page)


class ProjectFilters(APIView):
    @extend_schema(responses={200: {"type": "array", "items": schema(saved_filters.Saved)}})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """The filters of the grid that one has saved, and those that others share."""
        return answer(saved_filters.listed(person(request), pk))

    @extend_schema(
        request={"application/json": schema(saved_filters.Save)}, responses={201: schema(saved_filters.Saved)}
    )
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Save a filter, for oneself or shared with all members."""
        return answer(saved_filters.save(person(request), pk, decode(request.body, saved_filters.Save)), 201)


class FilterDetail(APIView):
    @extend_schema(
        request={"application/json": schema(saved_filters.Renaming)}, responses={200: schema(saved_filters.Saved)}
    )
    def patch(self, request: Request, pk: int) -> HttpResponse:
        """Rename one's own filter, share it or keep it to oneself."""
        return answer(saved_filters.change(person(request), pk, decode(request.body, saved_filters.Renaming)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> HttpResponse:
        """Remove one's own filter; managers also what others share."""
        saved_filters.remove(person(request), pk)
        return HttpResponse(status=204)


class ProjectBulk(APIView):
    """Do something to many items at once, as one action: a status, a tag, what is suggested, whose they are, the trash.

    Says to which it was done and to which not, and why. `undo` takes back one's own action.
    """

    @extend_schema(request={"application/json": schema(*BULK)}, responses={200: schema(bulk.Done)})
    def post(self, request: Request, pk: int) -> HttpResponse:
        get_project(person(request), pk)  # a stranger learns nothing of what fits
        message: bulk.BulkRequest = decode(request.body, bulk.BulkRequest)  # type: ignore[arg-type]
        return answer(bulk.carry_out(person(request), pk, message))


class ProjectSuggested(APIView):
    """How many suggestions are open on items, by label: what `accept` and `reject` would decide now."""

    @extend_schema(
        request={"application/json": schema(deciding.WouldDecide)},
        responses={200: {"type": "array", "items": schema(deciding.OpenOfLabel)}},
    )
    def post(self, request: Request, pk: int) -> HttpResponse:
        get_project(person(request), pk)
        return answer(deciding.count(person(request), pk, decode(request.body, deciding.WouldDecide)))


class ProjectMoving(APIView):
    """What moving items to another project would come to: which labels are made there, and what cannot come along."""

    @extend_schema(request={"application/json": schema(bulk.WouldMove)}, responses={200: schema(moving.Preview)})
    def post(self, request: Request, pk: int) -> HttpResponse:
        get_project(person(request), pk)
        message = decode(request.body, bulk.WouldMove)
        return answer(moving.preview(person(request), pk, message.project, message.items))


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
    """Say that a sheet is done, skipped (with a reason), to do again, or that one is unsure of it.

    Reviewers accept it or send it back (with a reason).
    """

    @extend_schema(request={"application/json": schema(SetStatus, SetUnsure)}, responses=OUTCOME)
    def post(self, request: Request, pk: int) -> HttpResponse:
        message: SetStatus | SetUnsure = decode(request.body, SetStatus | SetUnsure)  # type: ignore[arg-type]
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


OTHER_SHEET = OpenApiParameter("sheet", int, description="In a blind project, the sheet of another person.")


class ItemComments(APIView):
    @extend_schema(parameters=[OTHER_SHEET], responses={200: schema(comments.Talk)})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """What is said about an item and its annotations, oldest first, and up to where one has read."""
        return answer(comments.read(person(request), pk, number(request, "sheet")))

    @extend_schema(
        parameters=[OTHER_SHEET],
        request={"application/json": schema(comments.Write)},
        responses={201: schema(comments.Said)},
    )
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Say something about an item or an annotation, or answer in a thread (every member)."""
        message = decode(request.body, comments.Write)
        said = comments.write(person(request), pk, message, number(request, "sheet"))
        return answer(said, 201)


class ItemCommentsRead(APIView):
    """Say up to which comment one has read."""

    @extend_schema(
        parameters=[OTHER_SHEET], request={"application/json": schema(comments.ReadUpTo)}, responses={204: None}
    )
    def post(self, request: Request, pk: int) -> HttpResponse:
        message = decode(request.body, comments.ReadUpTo)
        comments.mark_read(person(request), pk, message, number(request, "sheet"))
        return HttpResponse(status=204)


class CommentDetail(APIView):
    @extend_schema(request={"application/json": schema(comments.Rewrite)}, responses={200: schema(comments.Said)})
    def patch(self, request: Request, pk: int) -> HttpResponse:
        """Change the text of one's own comment."""
        return answer(comments.rewrite(person(request), pk, decode(request.body, comments.Rewrite)))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, pk: int) -> HttpResponse:
        """Delete one's own comment; nothing is left of its text."""
        comments.delete(person(request), pk)
        return HttpResponse(status=204)


class CommentResolve(APIView):
    """Resolve the thread of a comment, or open it again (annotators). Answers with the first comment of the thread."""

    @extend_schema(request={"application/json": schema(comments.Resolve)}, responses={200: schema(comments.Said)})
    def post(self, request: Request, pk: int) -> HttpResponse:
        return answer(comments.resolve(person(request), pk, decode(request.body, comments.Resolve)))
