"""What was read for the preview waits beside the files, so that the import does not read them once more."""

import json
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from django.core.files import File
from django.core.files.storage import default_storage

from annotator.formats.files import PIECE
from annotator.formats.found import Problem
from annotator.imports.gathering import Gathering, LabelSeen
from annotator.imports.recognising import Recognised
from annotator.models import Import

VERSION = 10  # to be raised when a reader finds something else in a file, or when it is kept in another way
PAGES = 10_000  # of the database, until one is asked again whether to go on


class Known(msgspec.Struct):
    """What a gathering knows beside its database."""

    found: str
    labels: dict[str, LabelSeen]
    lost: dict[str, int]
    problems: list[Problem]
    more_problems: int
    drawn: int
    predicted: int
    texts: int
    named: dict[str, str]
    statuses: dict[str, tuple[str, str]]
    unsure: set[str]
    assignees: dict[str, str]
    guidelines: str
    names: dict[str, str]


GATHERED = [name for name in Known.__struct_fields__ if name != "found"]


def keep(row: Import, found: Recognised, gathering: Gathering, go_on: Callable[[], None]) -> None:
    """In the place of what was kept before. Where there is no room for it, the import reads the files once more."""
    known = Known(digest(found), **{name: getattr(gathering, name) for name in GATHERED})
    gathering.database.commit()
    default_storage.delete(row.reading)
    try:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "reading"
            with closing(sqlite3.connect(path)) as copy:
                gathering.database.backup(copy, pages=PAGES, progress=lambda *_: go_on())
                copy.execute(f"PRAGMA user_version = {VERSION}")
                copy.execute("CREATE TABLE known (body TEXT)")
                copy.execute("INSERT INTO known VALUES (?)", (dumped(known),))
                copy.commit()
            with path.open("rb") as file:
                default_storage.save(row.reading, File(file))
    except (OSError, sqlite3.OperationalError):
        default_storage.delete(row.reading)


def remembered(row: Import, found: Recognised, folder: Path) -> Gathering | None:
    """As it was; None where it is not there, or another version of the product has kept it, or recognised the files
    otherwise. Lives in the folder."""
    path = folder / "reading"
    try:
        with default_storage.open(row.reading) as file, path.open("wb") as copy:
            shutil.copyfileobj(file, copy, PIECE)
    except FileNotFoundError:
        return None
    database = sqlite3.connect(path, check_same_thread=False)
    try:
        if database.execute("PRAGMA user_version").fetchone() != (VERSION,):
            raise sqlite3.DatabaseError
        ((body,),) = database.execute("SELECT body FROM known")
        known = msgspec.convert(json.loads(body), Known)
        if known.found != digest(found):
            raise sqlite3.DatabaseError
    except (sqlite3.DatabaseError, ValueError):
        database.close()
        return None
    gathering = Gathering(found.images, database)
    for name in GATHERED:
        setattr(gathering, name, getattr(known, name))
    gathering.lost = Counter(known.lost)
    return gathering


def digest(found: Recognised) -> str:
    """Of what the files were taken for, which an import goes by."""
    return blake2b(dumped([found.sources, found.images, found.texts]).encode()).hexdigest()


def dumped(value: Any) -> str:
    """Files may hold halves of emoji, which others do not write."""
    return json.dumps(msgspec.to_builtins(value))
