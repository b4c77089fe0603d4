"""Which of the dropped images an annotation file means by a path."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath
from posixpath import normpath

from annotator.formats.files import folders_shared

COMPARED = 500  # images that share a name and folders, one by one


class Places:
    """Paths in annotation files are of their author's machine: what agrees with most of their end is meant."""

    def __init__(self, images: Iterable[str]) -> None:
        self.all = {path: path for path in images}
        self.by_name: dict[str, list[str]] = defaultdict(list)
        for path in list(self.all):
            self.by_name[PurePosixPath(path).name].append(path)
            self.by_name[any_kind(PurePosixPath(path).name)].append(path)
            self.all.setdefault(any_kind(path), path)
        self.sharing: dict[str, dict[str, list[str]]] = {}  # where several have a name
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
        name = path.rpartition("/")[2]
        alike = self.alike(name, starts(beside) if name.endswith(".*") else ends(path))
        if len(alike) < 2:
            return alike[0] if alike else None
        if len(alike) > COMPARED:
            return None
        scores = [(folders_shared(beside, one), one) for one in alike]
        best = max(scores)[0]
        winners = [one for score, one in scores if score == best]
        return winners[0] if len(winners) == 1 else None

    def alike(self, name: str, folders: Iterator[str]) -> list[str]:
        """Those of the name that share most of the folders, which come from few to many."""
        found = self.by_name.get(name, [])
        if len(found) < 2:
            return found
        if name not in self.sharing:
            self.sharing[name] = shared_by(found, starts if name.endswith(".*") else ends)
        sharing = self.sharing[name]
        for some in folders:
            if some not in sharing:
                break
            found = sharing[some]
        return found


def any_kind(path: str) -> str:
    """How formats that know an image by its file's stem name it: photo.*"""
    folder, slash, name = path.rpartition("/")
    dot = name.rfind(".")
    return f"{folder}{slash}{name[:dot] if dot > 0 else name}.*"


def shared_by(paths: list[str], parts: Callable[[str], Iterator[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        for part in parts(path):
            found[part].append(path)
    return found


def ends(path: str) -> Iterator[str]:
    """The last of a path's folders, the last two, and so on."""
    folder = path.rpartition("/")[0]
    at = len(folder)
    while at > 0:
        at = folder.rfind("/", 0, at)
        yield folder[at + 1 :]


def starts(path: str) -> Iterator[str]:
    at = path.find("/")
    while at >= 0:
        yield path[:at]
        at = path.find("/", at + 1)
