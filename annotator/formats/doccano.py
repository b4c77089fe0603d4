"""doccano's JSON Lines, or one JSON list: texts with spans, as [start, end, label] or objects, and labels of the whole.
Others write much the same, and call it “spans”, “start” and “end”.

Offsets are code points, as doccano's server counts.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from django.utils.translation import gettext

from annotator.formats import Source
from annotator.formats.cells import first_of, objects
from annotator.formats.files import LINES, File, Folder
from annotator.formats.found import Drawn, Found, Lost, Problem, TextFound
from annotator.shapes import Shape, Span, Tag

TITLE = "doccano"
KEYS = ("label", "labels", "entities", "cats", "spans")
KNOWN = {"text", "id", "relations", "Comments", *KEYS}


class Entity(msgspec.Struct):
    label: str
    start_offset: int | None = None
    end_offset: int | None = None
    start: int = -1
    end: int = -1

    def __post_init__(self) -> None:
        if self.range == (-1, -1):
            raise ValueError

    @property
    def range(self) -> tuple[int, int]:
        if self.start_offset is None or self.end_offset is None:
            return self.start, self.end
        return self.start_offset, self.end_offset


def recognise(folder: Folder) -> Iterator[Source]:
    for file in folder.with_suffix(*LINES, ".json"):
        first = first_of(file)
        if (
            isinstance(first, dict)
            and isinstance(first.get("text"), str)
            and any(speaks(first.get(key)) for key in KEYS)
        ):
            yield Source([file.path])


def speaks(value: Any) -> bool:
    """Lists of labels; a mere string may be a column of a table."""
    return isinstance(value, list)


def read(folder: Folder, source: Source) -> Iterator[Found]:
    for path in source.files:
        file = folder.files[path]
        for number, (place, value) in enumerate(objects(file), 1):
            if not isinstance(value, dict):
                yield Problem(path, place, gettext("This is no JSON object. Mend it, or leave it out."))
            elif not isinstance(value.get("text"), str) or not value["text"]:
                yield Problem(path, place, gettext("It has no “text”."))
            else:
                yield from read_text(file, place, f"{file.name} {number}", value)


def read_text(file: File, place: str, name: str, value: dict[str, Any]) -> Iterator[Found]:
    text = value["text"]
    yield TextFound(file.path, place, name, name, text, known_by="text")
    if any(key not in KNOWN and one for key, one in value.items()):
        yield Lost("meta")
    if relations := value.get("relations"):
        yield Lost("relations", len(relations) if isinstance(relations, list) else 1)
    for key in KEYS:
        given = value.get(key) or []
        for one in given if isinstance(given, list) else [given]:
            found = labelled(one, text)
            if isinstance(found, str):
                yield Problem(file.path, place, found)
            else:
                yield Drawn(file.path, place, name, *found)


def labelled(value: Any, text: str) -> tuple[str, Shape] | str:
    """The label and its shape, or a sentence that says what is wrong."""
    if isinstance(value, str):
        return value, Tag()
    try:
        if isinstance(value, dict):
            entity = msgspec.convert(value, Entity)
            (start, end), label = entity.range, entity.label
        else:
            start, end, label = msgspec.convert(value, tuple[int, int, str])
    except msgspec.ValidationError:
        return gettext("A label is a name, or [start, end, name], or an object with “start_offset” and “end_offset”.")
    if not 0 <= start < end <= len(text):
        values = {"start": start, "end": end, "length": len(text)}
        return gettext("The span %(start)d to %(end)d leaves the text of %(length)d characters.") % values
    return label, Span(start, end, text[start:end])
