"""HTTP: the models that people add to a project."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from detectors import adding
from detectors.kinds.onnx.told import KINDS
from detectors.models import Weights
from detectors.pipeline_api import read
from detectors.storing import MAX_NAME
from projects.access import get_project, person
from projects.errors import Invalid
from projects.models import Role
from projects.serializers import Person


class ModelOut(serializers.ModelSerializer):
    """A model of a project. Detectors name it by its digest; `facts` has the settings that it was kept with."""

    created_by = Person()

    class Meta:
        model = Weights
        fields = ["id", "name", "number", "kind", "digest", "size", "facts", "created_by", "created_at"]


class ModelIn(serializers.Serializer):
    file = serializers.FileField(help_text="an ONNX file, whole: without external data and custom operators")


class DraftOut(serializers.Serializer):
    """What a model looks like. It is kept for a day, until its settings are sent."""

    draft = serializers.CharField(source="token")
    name = serializers.CharField()
    takes = serializers.CharField(source="read.takes")
    outputs = serializers.ListField(source="read.outputs", child=serializers.CharField())
    kind = serializers.CharField(source="read.kind")
    settings = serializers.DictField(source="read.settings")


class KeepIn(serializers.Serializer):
    draft = serializers.CharField(max_length=100)
    name = serializers.CharField(max_length=MAX_NAME)
    kind = serializers.ChoiceField(choices=list(KINDS.items()))
    settings = serializers.DictField(required=False, help_text="what is other than was guessed")


class ProjectModels(APIView):
    @extend_schema(responses=ModelOut(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """The models that were added to a project, latest first."""
        return Response(ModelOut(adding.models_of(get_project(person(request), pk)), many=True).data)

    @extend_schema(request={"multipart/form-data": ModelIn}, responses={201: DraftOut})
    def post(self, request: Request, pk: int) -> Response:
        """Send a model. It is read, and what it is is guessed; nothing is kept yet (managers)."""
        get_project(person(request), pk, Role.MANAGER)
        if (file := request.FILES.get("file")) is None:
            raise Invalid("Send an ONNX file, as “file”.", fields={"file": "missing"})
        return Response(DraftOut(adding.receive(person(request), pk, file)).data, status=201)


class ProjectModelsKeep(APIView):
    @extend_schema(request=KeepIn, responses={201: ModelOut})
    def post(self, request: Request, pk: int) -> Response:
        """Keep a model that was sent, with its settings: as the next number under its name (managers)."""
        get_project(person(request), pk, Role.MANAGER)
        told = read(KeepIn, request)
        draft = adding.drafted(person(request), pk, told["draft"])
        config = adding.settled(draft, told["kind"], told.get("settings", {}))
        kept = adding.keep(person(request), draft, name=told["name"], kind=told["kind"], config=config)
        return Response(ModelOut(kept).data, status=201)
