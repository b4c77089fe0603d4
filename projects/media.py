"""The bytes of images: kept once by their SHA-256 in Django's storage, read by children."""

import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import IO, Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction

from projects import imaging
from projects.connections import give_back
from projects.errors import Refusal
from projects.models import Media

SECONDS_A_FILE = 60
CHUNK = 2**18
ENVIRONMENT = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}  # no secrets
GONE_WRONG = {
    "code": "damaged",
    "detail": "The image could not be read. Save it anew in another program and try again.",
}

MISSING = (
    "The picture’s file is missing from the storage; what is labelled on it is kept. A manager can add the same file "
    "to the project once more, or whoever runs the server brings it back from a backup."
)

# However many requests come at once, images are decoded by two children at most.
children = threading.BoundedSemaphore(2)


class NoThumbnail(Refusal):
    status_code = 404
    default_code = "no_thumbnail"


class Missing(Refusal):
    status_code = 404
    default_code = "missing"


def run(what: str, paths: Sequence[Path]) -> list[dict[str, Any]]:
    """Read images in a child with bounds on memory and time. One that takes the child down does not take the others."""
    with children:
        return read(what, paths)


def read(what: str, paths: Sequence[Path]) -> list[dict[str, Any]]:
    answers: list[dict[str, Any]] = []
    while len(answers) < len(paths):
        answers += ask(what, paths[len(answers) :])
    return answers


def ask(what: str, paths: Sequence[Path]) -> list[dict[str, Any]]:
    """What one child answers, up to the file that takes it down."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "projects.imaging", what, *map(str, paths)],
            cwd=settings.BASE_DIR,
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            timeout=SECONDS_A_FILE * len(paths),
        ).stdout
    except subprocess.TimeoutExpired as error:
        done = error.stdout or b""
    found = [json.loads(line) for line in done.splitlines()]
    if any(answer.get("code") == "disk_full" for answer in found):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return found if len(found) == len(paths) else [*found, GONE_WRONG]


def keep(media: Media, path: Path) -> None:
    """Store the original and its rendition."""
    put(media.path, path)
    if media.rendition:
        put(media.shown_path, imaging.rendition_of(path))


def is_stored(media: Media) -> bool:
    return default_storage.exists(media.path)


def size_of(name: str) -> int:
    try:
        return default_storage.size(name)
    except FileNotFoundError as error:
        raise Missing(MISSING) from error


def discard(media: Media) -> None:
    """The original first: without it nothing counts as stored."""
    for name in (media.path, media.shown_path, media.thumbnail_path):
        default_storage.delete(name)


def put(name: str, source: Path) -> None:
    """What a broken attempt left at the same place is replaced."""
    default_storage.delete(name)
    with source.open("rb") as file:
        default_storage.save(name, File(file))


def make_thumbnails(hashes: Sequence[str]) -> None:
    """By one child, of those that have none; one that cannot be made, or whose image goes meanwhile, does not keep the
    others from being made.

    Who waits for a child holds no connection meanwhile, and then looks whether someone else has made them.
    """
    give_back()
    with children, tempfile.TemporaryDirectory() as folder:
        wanted = list(Media.objects.filter(pk__in=hashes, has_thumbnail=False))
        paths = {one.pk: path for one in wanted if (path := copied(one, Path(folder)))}
        answers = read("thumbnail", list(paths.values()))
        for (sha256, path), found in zip(paths.items(), answers, strict=True):
            if "code" not in found:
                keep_thumbnail(sha256, imaging.rendition_of(path))
    for found in answers:
        if "code" in found:
            raise NoThumbnail(found["detail"], code=found["code"])
    if len(paths) < len(wanted):
        raise NoThumbnail(MISSING)


def copied(one: Media, folder: Path) -> Path | None:
    """None where it is not stored any more."""
    path = folder / one.pk
    try:
        with default_storage.open(one.path) as original, path.open("wb") as copy:
            shutil.copyfileobj(original, copy, CHUNK)
    except FileNotFoundError:
        return None
    return path


@transaction.atomic
def keep_thumbnail(sha256: str, path: Path) -> None:
    """The row's lock keeps another process from writing at the same place; the row says when it is whole."""
    media = Media.objects.select_for_update(no_key=True).filter(pk=sha256).first()
    if media and not media.has_thumbnail:
        put(media.thumbnail_path, path)
        media.has_thumbnail = True
        media.save(update_fields=["has_thumbnail"])


async def stream(name: str) -> AsyncIterator[bytes]:
    """A stored file."""
    async for piece in pieces(await sync_to_async(default_storage.open, thread_sensitive=False)(name)):
        yield piece


async def pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    """Asynchronous: under ASGI Django collects a plain iterator into a list first."""
    try:
        while chunk := await sync_to_async(file.read, thread_sensitive=False)(CHUNK):
            yield chunk
    finally:
        file.close()
