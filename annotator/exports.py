"""Downloading a project: in which formats, what each leaves out, and the file, alone or with the images in a zip."""

import io
import tempfile
import zipfile
from collections.abc import AsyncIterator, Iterable, Iterator
from functools import partial
from typing import IO

from asgiref.sync import sync_to_async
from django.core.files.storage import default_storage
from django.http import HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext, ngettext
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator import bulk, proposals
from annotator.finding import Search
from annotator.formats import FORMATS, Format, load
from annotator.formats.archives import Entries, entry, read, zipped
from annotator.formats.contents import Contents, snapshot
from annotator.formats.names import file_name
from annotator.parameters import ASKED_FOR, filters, numbers
from projects.access import get_project, person
from projects.errors import Invalid
from projects.models import ItemKind, Project


class FormatOut(serializers.Serializer):
    id = serializers.ChoiceField(list(FORMATS))
    title = serializers.CharField()
    extension = serializers.CharField()
    images = serializers.BooleanField(help_text="whether the images may come with it, in a zip")
    loses = serializers.ListField(
        child=serializers.CharField(), help_text="what it leaves out of this project, in words"
    )
    why_not = serializers.CharField(help_text="why it cannot be had: the project has nothing that it holds; else empty")


CHOSEN = [
    *ASKED_FOR,
    OpenApiParameter("ids", str, description=f"Of at most {bulk.MOST:,} items, as 1,2,3: only these of them."),
]


class ProjectFormats(APIView):
    @extend_schema(parameters=CHOSEN, responses=FormatOut(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """The formats to download this project in, or the items that fit, and what each of them leaves out."""
        return Response(formats(asked_for(request, get_project(person(request), pk))))


class ProjectExport(APIView):
    @extend_schema(
        parameters=[
            OpenApiParameter("format", enum=list(FORMATS), required=True),
            OpenApiParameter("media", bool, description="1: a zip, with the images beside the annotations"),
            *CHOSEN,
        ],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: int) -> StreamingHttpResponse:
        """The project, or the items that fit, as a file. It shows one moment, whatever others change meanwhile."""
        name = request.query_params.get("format", "")
        if name not in FORMATS:
            raise Invalid(f"Choose a format: {', '.join(FORMATS)}.", fields={"format": "unknown"})
        project = get_project(person(request), pk)
        format_ = load(name)
        if why := why_not(format_, asked_for(request, project)):
            raise Invalid(why, fields={"format": "empty"})
        with_media = request.query_params.get("media") == "1"
        contents = asked_for(request, project, with_images=with_media and format_.IMAGES, by_stem=format_.BY_STEM)
        file, images = spool(contents, format_)
        title = f"{file_name(project.name, otherwise='project')} {part(contents, format_)}{format_.TITLE}"
        if with_media:
            pieces = in_threads(zipped(entries(format_, file, images)))
            return download(pieces, f"{title}.zip", "application/zip")
        response = download(in_threads(read(file)), f"{title}.{format_.EXTENSION}", format_.CONTENT_TYPE)
        response["Content-Length"] = file.seek(0, io.SEEK_END)
        return response


def asked_for(request: HttpRequest | Request, project: Project, **options: bool) -> Contents:
    """All of the project, or what fits the filters of the grid, or is among the `ids`."""
    among = numbers(request, "ids", most=bulk.MOST) if "ids" in request.GET else None
    asked = filters(request)
    search = Search(person(request), project, asked)
    chosen = partial(search.ids, among) if asked.narrow or among is not None else None
    return Contents(project, person(request), chosen=chosen, **options)


def part(contents: Contents, format_: Format) -> str:
    """So that the file of some items is not taken for that of all."""
    if contents.ids is None:
        return ""
    n = contents.items[format_.KIND] if format_.KIND else contents.items.total()
    return ngettext("(%d item) ", "(%d items) ", n) % n


def formats(contents: Contents) -> list[dict[str, object]]:
    """What each offers to this project."""
    nowhere = list(without_predictions(contents))
    return [described(name, load(name), contents, nowhere) for name in FORMATS]


def described(name: str, format_: Format, contents: Contents, nowhere: list[str]) -> dict[str, object]:
    """`nowhere` is what no format holds."""
    return {
        "id": name,
        "title": format_.TITLE,
        "extension": format_.EXTENSION,
        "images": format_.IMAGES,
        "loses": [*format_.loses(contents), *nowhere],
        "why_not": why_not(format_, contents),
    }


def without_predictions(contents: Contents) -> Iterator[str]:
    if n := proposals.keeper.count(contents.project.pk, contents.ids):
        yield ngettext("%d prediction of a model is left out.", "%d predictions of models are left out.", n) % n


def why_not(format_: Format, contents: Contents) -> str:
    """Nobody is handed a file with nothing in it."""
    if contents.ids == []:
        return gettext("No item fits what was asked for.")
    if format_.KIND is None or contents.items[format_.KIND]:
        return ""
    if format_.KIND == ItemKind.IMAGE:
        return gettext("It holds images, and there are none.")
    return gettext("It holds texts, and there are none.")


def spool(contents: Contents, format_: Format) -> tuple[IO[bytes], list[tuple[str, str]]]:
    """The annotations as a file on disk, and the images' names with their places in storage.

    Written before anything is sent: a slow reader then holds no transaction open, and an error is told as one.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 (closed by who reads it)
    with snapshot():
        for piece in format_.write(contents):
            file.write(piece)
        images = contents.images() if contents.with_images else ()
        return file, [(f"images/{name}", item.media.shown_path) for item, name in images if item.media]


def entries(format_: Format, file: IO[bytes], images: Iterable[tuple[str, str]]) -> Entries:
    """The annotations, as a file or as those of their own zip, and the images."""
    if format_.EXTENSION == "zip":
        with zipfile.ZipFile(file) as archive:
            for info in archive.infolist():
                yield entry(info.filename), archive.open(info)
    else:
        yield entry(f"annotations.{format_.EXTENSION}"), file
    missing = []
    for image, path in images:
        try:
            file = default_storage.open(path)
        except FileNotFoundError:
            missing.append(image)
        else:
            yield entry(image, packed=False), file
    if missing:
        said = gettext("These images are missing from the server’s storage, and so from this file:")
        yield entry("images/README.missing.txt"), io.BytesIO("\n".join([said, "", *missing, ""]).encode())


async def in_threads(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Asynchronous, as Django under ASGI collects a plain iterator into a list first."""
    step = sync_to_async(partial(next, pieces, None), thread_sensitive=False)
    while (piece := await step()) is not None:
        yield piece


def download(pieces: AsyncIterator[bytes], name: str, content_type: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(pieces, content_type=content_type)
    response["Content-Disposition"] = content_disposition_header(True, name)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
