"""HTTP: the runs of a project."""

from uuid import UUID

import msgspec
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.access import sheet_of
from annotator.api import answer, decode, schema
from annotator.proposals import Suggestion
from detectors import alike, asking, keeping, suggesting
from detectors.models import Scope
from projects.access import get_item, get_project, person
from projects.errors import Invalid
from projects.serializers import Person


class RunOut(serializers.Serializer):
    """What a model proposed for a project's items: so far, what one file holds."""

    id = serializers.IntegerField()
    name = serializers.CharField(help_text="of an import: the file's name")
    size = serializers.IntegerField(help_text="how many predictions are kept")
    shown = serializers.BooleanField(help_text="whether they are suggested to who labels")
    scope = serializers.ChoiceField(Scope.choices, help_text="on what a pipeline was begun")
    query = serializers.CharField(help_text="by which filters of the grid")
    count = serializers.IntegerField(help_text="how many items that are")
    created_by = Person()
    created_at = serializers.DateTimeField()


class Showing(serializers.Serializer):
    shown = serializers.BooleanField()


class ProjectRuns(APIView):
    @extend_schema(responses=RunOut(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """The runs of a project, latest first."""
        project = get_project(person(request), pk)
        return Response(RunOut(keeping.runs_of(project), many=True).data)


class SuggestionsOut(msgspec.Struct, frozen=True):
    """What is suggested on the sheet of an item that one works on, or was and has been accepted or rejected."""

    sheet: int
    suggestions: list[Suggestion]


class ItemSuggestions(APIView):
    @extend_schema(responses={200: schema(SuggestionsOut)})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """What is suggested for an item, the surest first.

        To accept one, create an annotation under the id that it names, with its `prediction`; to reject one, send the
        operation `reject`.
        """
        item = get_item(person(request), pk)
        sheet = sheet_of(item, person(request))
        return answer(SuggestionsOut(sheet.pk, suggesting.on([pk], sheet.person_id)[pk]))


class ItemAlike(APIView):
    @extend_schema(
        parameters=[OpenApiParameter("annotation", str, description="a region or a span of it, by its id")],
        responses={200: {"type": "array", "items": schema(alike.AlikeOut)}, 202: None},
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        """What looks most like an item, or like what is labelled on it, in its project.

        202 says to ask again soon: a worker looks at the items first."""
        try:
            annotation = UUID(given) if (given := request.GET.get("annotation")) else None
        except ValueError:
            raise Invalid("“annotation” is the id of one.", fields={"annotation": "id"}) from None
        found = alike.like(person(request), pk, annotation)
        return HttpResponse(status=202) if found is None else answer(found)


class ProjectBackEnds(APIView):
    @extend_schema(responses={200: {"type": "array", "items": schema(asking.BackEndOut)}})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """The back ends of a project, by name."""
        return answer(asking.of_project(person(request), pk))


class ItemAsk(APIView):
    @extend_schema(request={"application/json": schema(asking.Ask)}, responses={200: schema(asking.Answered)})
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Ask a back end about an item, and about what is drawn on it: what it says is suggested (annotators).

        What it suggested there before, and nobody has decided, is suggested no longer.
        """
        return answer(asking.ask(person(request), pk, decode(request.body, asking.Ask)))


class RunDetail(APIView):
    @extend_schema(request=Showing, responses=RunOut)
    def patch(self, request: Request, pk: int) -> Response:
        """Suggest what a run proposed to who labels, or hide it (managers)."""
        asked = Showing(data=request.data)
        asked.is_valid(raise_exception=True)
        run = keeping.show(person(request), pk, asked.validated_data["shown"])
        return Response(RunOut(run).data)

    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Remove a run with its predictions; annotations stay, and so does what tells that they were made of some."""
        keeping.remove(person(request), pk)
        return Response(status=204)
