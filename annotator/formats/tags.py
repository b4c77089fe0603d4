"""A table of what items are classified as: a line for each, with its tags. Of several tags the cell is a JSON list, and
so are their attributes an object, by label; `file` is an image's name beside the table, `text` the text itself.
"""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.utils.translation import gettext, ngettext

from annotator.formats import Source
from annotator.formats.cells import columns_of, rows_of
from annotator.formats.contents import Contents, Entry
from annotator.formats.files import File, Folder
from annotator.formats.found import Drawn, Found, ImageFound, Problem, TextFound, Unreadable
from annotator.messages import Value
from annotator.shapes import Tag
from projects.models import ItemKind

TITLE = "CSV of tags"
EXTENSION = "csv"
KIND = None
CONTENT_TYPE = "text/csv; charset=utf-8"
IMAGES = True
BY_STEM = False
COLUMNS = ["name", "label", "attributes", "file", "text"]

Tags = dict[str, dict[str, Value]]  # attributes by label


def loses(contents: Contents) -> Iterator[str]:
    yield from contents.copies()
    if n := sum(contents.count(kind) - contents.count(kind, "tag") for kind in ItemKind):
        yield (
            ngettext(
                "%d annotation that is no tag is left out: JSON Lines holds it.",
                "%d annotations that are no tags are left out: JSON Lines holds them.",
                n,
            )
            % n
        )
    for kind in ItemKind:
        if contents.items[kind]:
            yield from contents.put_together(kind)


def write(contents: Contents) -> Iterator[bytes]:
    yield line(COLUMNS)
    for entry in contents.entries():
        tags = tags_on(entry, contents)
        attributes = {name: dict(sorted(values.items())) for name, values in tags.items() if values}
        item = entry.item
        yield line([item.name, cell(list(tags)), dumped(attributes), entry.file or "", item.text or ""])


def tags_on(entry: Entry, contents: Contents) -> Tags:
    found: Tags = {}
    for row in (one for sheet in entry.sheets for one in sheet.annotations if isinstance(one.shape, Tag)):
        label = contents.labels[row.label]
        names = {one["id"]: one["name"] for one in label.attributes}
        values = {names.get(id_, id_): value for id_, value in row.attributes.items()}
        found.setdefault(label.name, {}).update(values)
    return found


def cell(names: list[str]) -> str:
    """Plainly, where it is one that does not look like a list."""
    return names[0] if len(names) == 1 and names[0][0] != "[" else dumped(names)


def dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if value else ""


def line(cells: list[str]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue().encode()


# Reading --------------------------------------------------------------------------------------------------------------


def recognise(folder: Folder) -> Iterator[Source]:
    for file in folder.with_suffix(f".{EXTENSION}"):
        with suppress(Unreadable):
            if columns_of(file, header=True) == COLUMNS:
                yield Source([file.path])


def read(folder: Folder, source: Source) -> Iterator[Found]:
    for path in source.files:
        for place, cells in rows_of(folder.files[path], COLUMNS, header=True):
            if isinstance(cells, str):
                yield Problem(path, place, cells)
            else:
                yield from read_row(folder.files[path], place, *cells)


def read_row(file: File, place: str, name: str, label: str, attributes: str, image: str, text: str) -> Iterator[Found]:
    if image:
        yield ImageFound(file.path, image, name)
    elif text:
        yield TextFound(file.path, place, place, name, text)
    else:
        yield Problem(file.path, place, gettext("It has neither a file nor a text."))
        return
    values = parsed(attributes, dict)
    for one in map(str, parsed(label, list) or filter(None, [label])):
        given = values.get(one) if isinstance(values.get(one), dict) else {}
        yield Drawn(file.path, place, image or place, one, Tag(), plain(given))


def parsed(text: str, kind: type) -> Any:
    """What stands there as JSON, if it is of the kind; else an empty one."""
    with suppress(ValueError, RecursionError):
        if isinstance(value := json.loads(text), kind):
            return value
    return kind()


def plain(values: dict[str, Any]) -> dict[str, Value]:
    return {name: value for name, value in values.items() if isinstance(value, str | bool | int | float)}
