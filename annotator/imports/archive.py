"""What was dropped, as one folder. A zip is never unpacked: what it holds is read where it is, so no name in it can
lead outside, and nothing fills a disk."""

import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import PurePosixPath
from typing import IO

from django.utils.translation import gettext

from annotator.formats.files import Bytes, File, Folder
from annotator.formats.found import Problem, Unreadable

MAX_ENTRIES = 200_000
MAX_DIRECTORY = 40 * 2**20  # bytes of a zip's list of contents
MAX_UNPACKED = 50 * 2**30
MAX_RATIO = 200  # what compresses better than that, and is large, was made to
LARGE = 2**30
END_64, SIZE_64 = b"PK\x06\x06", 56 + 20  # of a large zip: its end, and what points to it
ENTRY = 46  # bytes of an entry in the list of contents, without its name
KINDS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)  # others may ask for gigabytes of memory
DAMAGED = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError, NotImplementedError)
MAX_PATH = 1_000
JUNK = {".ds_store", "thumbs.db", "desktop.ini", "__macosx", "icon\r"}
PACKED = {".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".zst"}


class Refused(Exception):
    """A zip as a whole is not opened, in a sentence."""


Upload = tuple[str, int, Callable[[], IO[bytes]]]


@contextmanager
def gathered(uploads: Sequence[Upload]) -> Iterator[Folder]:
    """The folder of files that came as (path, size, open); zips stay open until the end."""
    folder = Folder()
    zips = sum(path.lower().endswith(".zip") for path, *_ in uploads)
    left = MAX_ENTRIES
    with ExitStack() as open_files:
        for path, size, open_ in uploads:
            if not path.lower().endswith(".zip"):
                put(folder, path, size, open_)
                continue
            try:
                archive = open_files.enter_context(opened(open_files.enter_context(open_()), left))
            except Refused as error:
                folder.problems.append(Problem(path, "", str(error)))
            else:
                left -= len(archive.infolist())
                unpack(folder, path, archive, f"{PurePosixPath(path).stem}/" if zips > 1 else "")
        yield folder


def opened(file: IO[bytes], most: int) -> zipfile.ZipFile:
    """The zip, when its list of contents is of a bearable length and what it holds of a bearable size."""
    try:
        if counted(file, most) > most:
            raise Refused(gettext("There are more than %s files in zips. Import them in parts.") % f"{MAX_ENTRIES:,}")
        archive = zipfile.ZipFile(file)
    except DAMAGED as error:
        raise Refused(gettext("The zip is damaged: %s. Make it anew.") % error) from None
    found = archive.infolist()
    size, packed = sum(one.file_size for one in found), sum(one.compress_size for one in found)
    if size > MAX_UNPACKED or (size > LARGE and size > MAX_RATIO * packed):
        raise Refused(
            gettext("Unpacked, the zip would have %s GB: it is not opened. Send files that are what they seem.")
            % f"{size / 2**30:,.0f}"
        )
    return archive


def counted(file: IO[bytes], most: int) -> int:
    """How many entries zipfile would read: it goes by the length of their list, whatever number the zip's end tells."""
    end = zipfile._EndRecData(file)  # type: ignore[attr-defined]
    if not end:
        raise Refused(gettext("This is no zip, or not all of it has arrived. Make it anew."))
    length, place = end[zipfile._ECD_SIZE], end[zipfile._ECD_LOCATION]  # type: ignore[attr-defined]
    if end[0] == END_64:
        place -= SIZE_64
    if length > place:
        raise zipfile.BadZipFile(gettext("its list of contents is longer than itself"))
    if length > MAX_DIRECTORY:
        return most + 1
    file.seek(place - length)
    entries = file.read(length)
    n = at = 0
    while at + ENTRY <= length and n <= most:
        at += ENTRY + sum(struct.unpack_from("<HHH", entries, at + 28))  # its name, what is added to it, a remark
        n += 1
    return n


def unpack(folder: Folder, name: str, archive: zipfile.ZipFile, prefix: str) -> None:
    for info in archive.infolist():
        if info.is_dir():
            continue
        if why := wrong(info):
            folder.problems.append(Problem(name, info.filename, why))
        else:
            put(folder, prefix + info.filename.replace("\\", "/"), info.file_size, partial(member, archive, info))


def wrong(info: zipfile.ZipInfo) -> str | None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind == stat.S_IFLNK:
        return gettext("It is a link to another file. Put the file itself into the zip.")
    if kind not in (0, stat.S_IFREG):
        return gettext("It is no file but a device or a pipe.")
    if info.flag_bits & 1:
        return gettext("It is protected by a password. Make a zip without one.")
    if info.compress_type not in KINDS:
        return gettext("It is packed in an unusual way. Make the zip anew, with “Deflate”.")
    return None


def member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> "Member":
    """Reads at most the size that the zip tells of it."""
    try:
        return Member(archive.open(info))
    except (*DAMAGED, RuntimeError) as error:
        raise Unreadable(gettext("It cannot be unpacked: %s. Make the zip anew.") % error) from None


class Member:
    """A file in a zip; whatever is wrong with it is told as Unreadable."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file

    def __enter__(self) -> "Member":
        return self

    def __exit__(self, *error: object) -> None:
        self.file.close()

    def read(self, size: int = -1) -> bytes:
        try:
            return self.file.read(size)
        except DAMAGED as error:
            raise Unreadable(gettext("It cannot be unpacked: %s. Make the zip anew.") % error) from None


def put(folder: Folder, path: str, size: int, open_: Callable[[], Bytes]) -> None:
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if any(part.lower() in JUNK or part.startswith("._") for part in parts):
        return
    clean = "/".join(parts)
    if why := misplaced(path, parts):
        folder.problems.append(Problem(path, "", why))
    elif clean in folder.files:
        folder.problems.append(Problem(clean, "", gettext("Another file is at the same place. The first one counts.")))
    elif len(folder.files) >= MAX_ENTRIES:
        folder.problems.append(Problem(clean, "", gettext("There are more files than can be taken at once.")))
    elif PurePosixPath(clean).suffix.lower() in PACKED:
        folder.problems.append(Problem(clean, "", gettext("It is packed. Unpack it, or drop it as a zip by itself.")))
    else:
        folder.files[clean] = File(clean, size, open_)


def misplaced(path: str, parts: list[str]) -> str | None:
    if not parts or ".." in parts or path.startswith("/") or parts[0][1:2] == ":":
        return gettext("Its path leads out of the folder. Pack the folder itself, with paths inside it.")
    if len(path) > MAX_PATH:
        return gettext("Its path has more than %s characters. Shorten it.") % f"{MAX_PATH:,}"
    return None
