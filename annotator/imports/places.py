"""Which of the dropped images an annotation file means by a path."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath
from posixpath import normpath


class Places:
    """Paths in annotation files are of their author's machine: what agrees with most of their end is meant."""

    def __init__(self, images: Iterable[str]) -> None:
        self.all = {path: path for path in images}
        self.by_name: dict[str, list[str]] = defaultdict(list)
        for path in list(self.all):
            self.by_name[PurePosixPath(path).name].append(path)
            self.by_name[any_kind(PurePosixPath(path).name)].append(path)
            self.all.setdefault(any_kind(path), path)
        self.known: dict[tuple[str, str], str | None] = {}

    def find(self, path: str, file: str) -> str | None:
        """The dropped image that `file` means; None when there is none, or when several fit equally well."""
        key = (path, file.rpartition("/")[0] or ".")
        if key not in self.known:
            self.known[key] = self.look(path.replace("\\", "/"), key[1])
        return self.known[key]

    def look(self, path: str, folder: str) -> str | None:
        beside = normpath(path if path.startswith("/") else f"{folder}/{path}").lstrip("/")
        for exact in (beside, normpath(path).lstrip("/")):
            if exact in self.all:
                return self.all[exact]
        alike = self.by_name.get(path.rpartition("/")[2], [])
        if len(alike) < 2:
            return alike[0] if alike else None
        scores = [(common_end(path, one), common_start(beside, one), one) for one in alike]
        best = max(score[:2] for score in scores)
        winners = [one for *score, one in scores if tuple(score) == best]
        return winners[0] if len(winners) == 1 else None


def any_kind(path: str) -> str:
    """How formats that know an image by its file's stem name it: photo.*"""
    folder, slash, name = path.rpartition("/")
    dot = name.rfind(".")
    return f"{folder}{slash}{name[:dot] if dot > 0 else name}.*"


def common_end(a: str, b: str) -> int:
    """How many of the last folders two paths share."""
    return agreeing(a.split("/")[::-1], b.split("/")[::-1])


def common_start(a: str, b: str) -> int:
    return agreeing(a.split("/"), b.split("/"))


def agreeing(a: list[str], b: list[str]) -> int:
    n = 0
    while n < min(len(a), len(b)) and a[n] == b[n]:
        n += 1
    return n
