"""HTTP: the runs of a project."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from detectors import keeping
from projects.access import get_project, person
from projects.serializers import Person


class RunOut(serializers.Serializer):
    """What a model proposed for a project's items: so far, what one file holds."""

    id = serializers.IntegerField()
    name = serializers.CharField(help_text="of an import: the file's name")
    size = serializers.IntegerField(help_text="how many predictions are kept")
    created_by = Person()
    created_at = serializers.DateTimeField()


class ProjectRuns(APIView):
    @extend_schema(responses=RunOut(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """The runs of a project, latest first."""
        project = get_project(person(request), pk)
        return Response(RunOut(keeping.runs_of(project), many=True).data)


class RunDetail(APIView):
    @extend_schema(request=None, responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Remove a run with its predictions; annotations stay."""
        keeping.remove(person(request), pk)
        return Response(status=204)
