"""HTTP: pipelines and their runs."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api import answer, schema
from annotator.parameters import ASKED_FOR
from detectors import arriving, graphs, running, saving
from detectors.access import get_run
from detectors.choosing import chosen
from detectors.kinds.registry import Listed
from detectors.models import Pipeline, PipelineVersion, RunState
from projects.access import person
from projects.models import Role
from projects.serializers import Person


class VersionOut(serializers.ModelSerializer):
    """What a pipeline was saved as."""

    pipeline = serializers.IntegerField(source="pipeline_id")
    name = serializers.CharField(source="pipeline.name")
    created_by = Person()

    class Meta:
        model = PipelineVersion
        fields = ["pipeline", "name", "number", "graph", "created_by", "created_at"]


class PipelineOut(serializers.ModelSerializer):
    class Meta:
        model = Pipeline
        fields = ["id", "name", "created_at", "goes_on"]


class GoesOn(serializers.Serializer):
    goes_on = serializers.BooleanField(help_text="Whether it is run on each item that is added.")


class PipelineIn(serializers.Serializer):
    name = serializers.CharField(max_length=saving.MAX_NAME)
    graph = serializers.JSONField()


class GraphIn(serializers.Serializer):
    graph = serializers.JSONField()


class ItemsIn(serializers.Serializer):
    """On which items; without, on all that fit the address's filters of the grid."""

    items = serializers.ListField(child=serializers.IntegerField(), required=False, allow_null=True)
    version = serializers.IntegerField(default=None, help_text="Without, the latest.")
    shown = serializers.BooleanField(default=True, help_text="Whether what it finds is suggested to who labels.")


class Started(serializers.Serializer):
    id = serializers.IntegerField()


def read(serializer: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    told = serializer(data=request.data)
    told.is_valid(raise_exception=True)
    return told.validated_data


class DetectorKinds(APIView):
    @extend_schema(responses={200: {"type": "array", "items": schema(Listed)}})
    def get(self, request: Request) -> HttpResponse:
        """The kinds of detectors: what each takes, and the JSON Schema of its configuration."""
        return answer(graphs.kinds())


class ProjectPipelines(APIView):
    @extend_schema(responses=PipelineOut(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """The pipelines of a project, by name."""
        return Response(PipelineOut(saving.pipelines_of(person(request), pk), many=True).data)

    @extend_schema(request=PipelineIn, responses={201: VersionOut})
    def post(self, request: Request, pk: int) -> Response:
        """Save a pipeline: as a new version, where the project has one of the name (managers)."""
        told = read(PipelineIn, request)
        return Response(VersionOut(saving.save(person(request), pk, **told)).data, status=201)


class ProjectPipelineCheck(APIView):
    @extend_schema(request=GraphIn, responses={200: schema(saving.Checked)})
    def post(self, request: Request, pk: int) -> HttpResponse:
        """All that is wrong with a pipeline's graph: at which node, and what to do (managers)."""
        return answer(saving.check(person(request), pk, read(GraphIn, request)["graph"]))


class PipelineDetail(APIView):
    @extend_schema(responses=VersionOut)
    def get(self, request: Request, pk: int) -> Response:
        """A pipeline as it was saved last."""
        return Response(VersionOut(saving.get_version(person(request), pk)).data)

    @extend_schema(request=GoesOn, responses=PipelineOut)
    def patch(self, request: Request, pk: int) -> Response:
        """Run it on each item that is added from now on, or no longer (managers)."""
        return Response(PipelineOut(arriving.go_on(person(request), pk, read(GoesOn, request)["goes_on"])).data)


class PipelineRun(APIView):
    @extend_schema(
        request=ItemsIn,
        parameters=[*ASKED_FOR, OpenApiParameter("ids", str, description="Of items, with commas between them.")],
        responses={201: Started},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Run it on the project's items, or on some of them (managers). Workers do it, and suggest what they find."""
        told = read(ItemsIn, request)
        project = saving.get_version(person(request), pk, Role.MANAGER).pipeline.project
        items, query = chosen(request, project)
        items = items if told.get("items") is None else told["items"]
        about = {"query": query, "number": told["version"], "shown": told["shown"]}
        return Response(Started(running.start(person(request), pk, items, **about)).data, status=201)


class RunProgress(APIView):
    @extend_schema(responses={200: schema(running.Progress)})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """How far a run is."""
        return answer(running.progress(get_run(person(request), pk)))


class RunChange(APIView):
    """Pause a run, go on with it, or end it (managers). What is done stays."""

    to = RunState.PAUSED

    @extend_schema(request=None, responses={200: schema(running.Progress)})
    def post(self, request: Request, pk: int) -> HttpResponse:
        return answer(running.progress(running.change(person(request), pk, self.to)))


class RunRetry(APIView):
    @extend_schema(request=None, responses={200: schema(running.Progress)})
    def post(self, request: Request, pk: int) -> HttpResponse:
        """Try again what failed in a run that is done (managers)."""
        return answer(running.progress(running.retry(person(request), pk)))
