"""Dropped images on disk, as they become items."""

import hashlib
from contextlib import suppress
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext

from annotator.formats.files import PIECE, File
from annotator.formats.found import Unreadable
from projects import imaging
from projects.services import items


def why_not(file: File) -> str:
    """What is plain before an image is read whole."""
    if file.size > items.MAX_BYTES:
        return gettext("The file has more than %d MB. Make it smaller.") % (items.MAX_BYTES // 2**20)
    with suppress(Unreadable), file.open() as beginning:
        return "" if imaging.may_be_one(beginning.read(16)) else imaging.NO_IMAGE
    return ""  # whoever reads all of it says so


class Copy:
    """A file that was read to its end: whole, and known by its content."""

    def __init__(self, path: str, name: str, file: File, place: Path) -> None:
        self.path, self.place, self.size = path, place, 0
        self.name = items.clean_name(name)
        digest = hashlib.sha256()
        with file.open() as original, place.open("wb") as copy:
            while piece := original.read(PIECE):
                digest.update(piece)
                copy.write(piece)
                self.size += len(piece)
        self.sha256 = digest.hexdigest()

    def upload(self) -> UploadedFile:
        return Named(self.place.open("rb"), self.name, "image/*", self.size)


class Named(UploadedFile):
    """Keeps its name, with the folders in it."""

    def _set_name(self, name: str) -> None:
        self._name = name

    name = property(UploadedFile._get_name, _set_name)  # type: ignore[attr-defined]
