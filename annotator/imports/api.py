"""The HTTP API of imports: send files, look at the preview, start, watch, cancel."""

import json
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.imports import jobs
from annotator.models import Import, ImportState
from projects.access import get_project, person
from projects.errors import Invalid
from projects.models import Role

SHOWN = 20


class ImportOut(serializers.ModelSerializer):
    """`preview` is there from the state “ready” on, `report` at the end; `detail` says why it failed."""

    preview = serializers.JSONField()
    report = serializers.JSONField()

    class Meta:
        model = Import
        fields = ["id", "project", "state", "detail", "done", "total", "preview", "report", "created_by", "created_at"]


class ImportFiles(serializers.Serializer):
    """`paths` tells, as a JSON list, where in a folder each file was; without it they have their names.

    `more`: 1 when others follow.
    """

    files = serializers.ListField(child=serializers.FileField())
    paths = serializers.CharField(required=False)
    more = serializers.BooleanField(required=False)


class ChoicesIn(serializers.Serializer):
    """What each column of a table is: for the table's file, its `text`, `label` and `name` column. For a source with
    `classes`, whether the folders' names become `tags`: "yes", or "" for no; for a CSV
    `header` says likewise whether its first line names the columns."""

    choices = serializers.DictField(
        child=serializers.DictField(child=serializers.CharField(allow_blank=True)), required=False
    )

    @classmethod
    def read(cls, request: Request) -> jobs.Choices:
        given = cls(data=request.data)
        given.is_valid(raise_exception=True)
        return given.validated_data.get("choices", {})


class ProjectImports(APIView):
    @extend_schema(responses=ImportOut(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """The latest imports into a project (managers)."""
        project = get_project(person(request), pk, Role.MANAGER)
        return Response(ImportOut(project.imports.order_by("-pk")[:SHOWN], many=True).data)

    @extend_schema(request={"multipart/form-data": ImportFiles}, responses={201: ImportOut})
    def post(self, request: Request, pk: int) -> Response:
        """Send images, texts, annotations or zips of them. They are looked at; nothing is imported yet (managers)."""
        get_project(person(request), pk, Role.MANAGER)
        row = jobs.begin(person(request), pk, sent(request), more=follows(request))
        return Response(ImportOut(row).data, status=status.HTTP_201_CREATED)


class ImportDetail(APIView):
    @extend_schema(responses=ImportOut)
    def get(self, request: Request, pk: int) -> Response:
        """An import: how far it is, its preview and its report (managers)."""
        return Response(ImportOut(jobs.get_import(person(request), pk)).data)


class ImportAdd(APIView):
    @extend_schema(request={"multipart/form-data": ImportFiles}, responses=ImportOut)
    def post(self, request: Request, pk: int) -> Response:
        """Send further files of an import that was begun with `more` (managers)."""
        jobs.require(jobs.get_import(person(request), pk), ImportState.UPLOADING)
        return Response(ImportOut(jobs.add(person(request), pk, sent(request), more=follows(request))).data)


class ImportChoose(APIView):
    @extend_schema(request=ChoicesIn, responses=ImportOut)
    def post(self, request: Request, pk: int) -> Response:
        """Make the preview anew, with other columns (managers)."""
        return Response(ImportOut(jobs.choose(person(request), pk, ChoicesIn.read(request))).data)


class ImportStart(APIView):
    @extend_schema(request=ChoicesIn, responses=ImportOut)
    def post(self, request: Request, pk: int) -> Response:
        """Import what was previewed (managers). The same files twice change nothing."""
        return Response(ImportOut(jobs.start(person(request), pk, ChoicesIn.read(request))).data)


class ImportCancel(APIView):
    @extend_schema(request=None, responses=ImportOut)
    def post(self, request: Request, pk: int) -> Response:
        """End an import. What it has brought in by then stays (managers)."""
        return Response(ImportOut(jobs.cancel(person(request), pk)).data)


def sent(request: Request) -> list[tuple[str, UploadedFile]]:
    files = request.FILES.getlist("files")
    paths = decoded(request.POST.get("paths") or "[]")
    if not files:
        raise Invalid(gettext("Send at least one file, as “files”."), fields={"files": "missing"})
    if paths and len(paths) != len(files):
        detail = gettext("“paths” names %(paths)d files, and %(files)d came. Send a path for each.")
        raise Invalid(detail % {"paths": len(paths), "files": len(files)}, fields={"paths": "number"})
    return list(zip(paths or [file.name or "" for file in files], files, strict=True))


def decoded(paths: str) -> list[str]:
    try:
        found: Any = json.loads(paths)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(isinstance(path, str) for path in found):
        raise Invalid(gettext("“paths” is a JSON list of the files' paths."), fields={"paths": "no list"})
    return found


def follows(request: Request) -> bool:
    return request.POST.get("more") in ("1", "true", "True")
