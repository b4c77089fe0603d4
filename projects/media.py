"""The bytes of images: kept once by their SHA-256 in Django's storage, read by everyone through `open_upright`."""

import json
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from PIL import Image

from projects import imaging
from projects.models import Media

SECONDS_A_FILE = 60
CHUNK = 2**18
GONE_WRONG = {
    "code": "damaged",
    "detail": "The image could not be read. Save it anew in another program and try again.",
}

# However many requests come at once, images are decoded by two children at most.
children = threading.BoundedSemaphore(2)


def run(what: str, paths: Sequence[Path]) -> list[dict[str, Any]]:
    """Read images in a child with bounds on memory and time. One that takes the child down does not take the others."""
    answers: list[dict[str, Any]] = []
    while len(answers) < len(paths):
        rest = paths[len(answers) :]
        command = [sys.executable, "-m", "projects.imaging", what, *map(str, rest)]
        with children:
            try:
                done = subprocess.run(
                    command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, timeout=SECONDS_A_FILE * len(rest)
                ).stdout
            except subprocess.TimeoutExpired as error:
                done = error.stdout or b""
        found = [json.loads(line) for line in done.splitlines()]
        answers += found if len(found) == len(rest) else [*found, GONE_WRONG]
    return answers


def keep(media: Media, path: Path) -> None:
    """Store the original and its rendition."""
    put(media.path, path)
    if media.rendition:
        put(media.shown_path, rendition_of(path))


def is_stored(media: Media) -> bool:
    return default_storage.exists(media.path)


def discard(media: Media) -> None:
    """The original first: without it nothing counts as stored."""
    for name in (media.path, media.shown_path, media.thumbnail_path):
        default_storage.delete(name)


def put(name: str, source: Path) -> None:
    """What a broken attempt left at the same place is replaced."""
    default_storage.delete(name)
    with source.open("rb") as file:
        default_storage.save(name, File(file))


def open_upright(media: Media) -> Image.Image:
    """The image as everyone sees it and measures on it: its first frame, turned as EXIF says."""
    with default_storage.open(media.path) as file, imaging.open_image(file) as image:
        upright = imaging.upright(image)
        return upright.copy() if upright is image else upright


@transaction.atomic
def make_thumbnail(sha256: str) -> None:
    """Once, however many ask for it at a time; the row says when it is whole."""
    media = Media.objects.select_for_update(no_key=True).get(pk=sha256)
    if media.has_thumbnail:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "image"
        with default_storage.open(media.path) as original, path.open("wb") as copy:
            shutil.copyfileobj(original, copy, CHUNK)
        run("thumbnail", [path])
        put(media.thumbnail_path, rendition_of(path))
    media.has_thumbnail = True
    media.save(update_fields=["has_thumbnail"])


def rendition_of(path: Path) -> Path:
    return path.with_name(path.name + ".rendition")


async def stream(name: str) -> AsyncIterator[bytes]:
    """A stored file in pieces. Asynchronous: under ASGI Django collects a plain iterator into a list first."""
    file = await sync_to_async(default_storage.open, thread_sensitive=False)(name)
    try:
        while chunk := await sync_to_async(file.read, thread_sensitive=False)(CHUNK):
            yield chunk
    finally:
        file.close()
