"""HTTP: pipelines and their runs."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api import answer, schema
from annotator.parameters import ASKED_FOR, number
from detectors import arriving, graphs, previewing, running, samples, saving, standing
from detectors.access import get_run
from detectors.choosing import chosen
from detectors.found import Kind
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


class PipelineChange(serializers.Serializer):
    name = serializers.CharField(required=False)
    goes_on = serializers.BooleanField(required=False, help_text="Whether it is run on each item that is added.")


class VersionListed(VersionOut):
    class Meta(VersionOut.Meta):
        fields = ["number", "created_by", "created_at"]


class PipelineIn(serializers.Serializer):
    name = serializers.CharField(max_length=saving.MAX_NAME)
    graph = serializers.JSONField()
    fresh = serializers.BooleanField(default=False, help_text="refuse a name that another pipeline has")


class VersionIn(serializers.Serializer):
    graph = serializers.JSONField()
    after = serializers.IntegerField(help_text="the version that you have changed")


class PreviewIn(serializers.Serializer):
    graph = serializers.JSONField()
    item = serializers.IntegerField()


class SavedPreviewIn(serializers.Serializer):
    item = serializers.IntegerField()


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


class ProjectPreview(APIView):
    @extend_schema(request=PreviewIn, responses={200: schema(previewing.Previewed)})
    def post(self, request: Request, pk: int) -> HttpResponse:
        """What a graph finds in an item, node by node, with times and errors; nothing is kept (managers)."""
        told = read(PreviewIn, request)
        return answer(previewing.preview(person(request), pk, told["graph"], told["item"]))


class ProjectSample(APIView):
    @extend_schema(
        parameters=[OpenApiParameter("of", str, enum=["image", "text"]), OpenApiParameter("item", int)],
        responses={200: schema(samples.Sample)},
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        """An item to try a pipeline on: the one of an id, or the first."""
        kind: Kind = "text" if request.GET.get("of") == "text" else "image"
        return answer(samples.sample(person(request), pk, kind, number(request, "item")))


class PipelineDetail(APIView):
    @extend_schema(responses=VersionOut)
    def get(self, request: Request, pk: int) -> Response:
        """A pipeline as it was saved last."""
        return Response(VersionOut(saving.get_version(person(request), pk)).data)

    @extend_schema(request=PipelineChange, responses=PipelineOut)
    def patch(self, request: Request, pk: int) -> Response:
        """Give a pipeline another name, or run it on each item that is added from now on, or no longer (managers)."""
        told = read(PipelineChange, request)
        pipeline = saving.get_version(person(request), pk, Role.MANAGER).pipeline
        if "name" in told:
            pipeline = saving.rename(person(request), pk, told["name"])
        if "goes_on" in told:
            pipeline = arriving.go_on(person(request), pk, told["goes_on"])
        return Response(PipelineOut(pipeline).data)


class PipelineVersions(APIView):
    @extend_schema(responses=VersionListed(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """All versions of a pipeline, latest first."""
        return Response(VersionListed(saving.versions_of(person(request), pk), many=True).data)

    @extend_schema(request=VersionIn, responses={201: VersionOut})
    def post(self, request: Request, pk: int) -> Response:
        """Save a pipeline as its next version (managers), unless somebody has saved another meanwhile."""
        return Response(VersionOut(saving.save_after(person(request), pk, **read(VersionIn, request))).data, status=201)


class PipelineVersionDetail(APIView):
    @extend_schema(responses=VersionOut)
    def get(self, request: Request, pk: int, number: int) -> Response:
        """A pipeline as it was saved once."""
        return Response(VersionOut(saving.get_version(person(request), pk, number=number)).data)


class PipelineVersionPreview(APIView):
    @extend_schema(request=SavedPreviewIn, responses={200: schema(previewing.Previewed)})
    def post(self, request: Request, pk: int, number: int) -> HttpResponse:
        """What a saved pipeline finds in an item, node by node, with times and errors; nothing is kept."""
        item = read(SavedPreviewIn, request)["item"]
        return answer(previewing.preview_saved(person(request), pk, number, item))


class PipelineStanding(APIView):
    @extend_schema(responses={200: schema(standing.Standing)})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """Which version of a pipeline is the latest, and how far its latest runs are."""
        return answer(standing.standing(person(request), pk))


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


class RunFailures(APIView):
    @extend_schema(responses={200: {"type": "array", "items": schema(standing.WhyFailed)}})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """What failed in a run, the first of it: in which item, at which node, and why."""
        return answer(standing.failures(person(request), pk))


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
