"""Zips, written and at once sent: nothing of them waits on a disk."""

import io
import zipfile
from collections.abc import Iterable, Iterator
from typing import IO

PIECE = 2**18  # bytes
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can tell

Entries = Iterable[tuple[zipfile.ZipInfo, IO[bytes]]]


class Pipe:
    """Where a zip is written to and at once taken from."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, piece: bytes) -> int:
        self.pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Nothing is held."""

    def take(self) -> bytes:
        taken, self.pieces = b"".join(self.pieces), []
        return taken


def entry(name: str, *, packed: bool = True) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    return info


def zipped(entries: Entries) -> Iterator[bytes]:
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w") as archive:
        for info, file in entries:
            with archive.open(info, "w", force_zip64=True) as member:
                for piece in read(file):
                    member.write(piece)
                    yield pipe.take()
    yield pipe.take()


def written(files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """A zip of files that are made one after the other."""
    return zipped((entry(name), io.BytesIO(body)) for name, body in files)


def read(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece
