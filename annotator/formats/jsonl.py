"""JSON Lines: everything that stands. First the project with its labels and people, then a line for each item."""

from collections.abc import Iterator
from itertools import islice
from typing import Any
from uuid import UUID

import msgspec
from django.utils.translation import gettext, ngettext

from annotator import proposals
from annotator.formats import Source
from annotator.formats.contents import TEXTS_AT_ONCE, Contents, Entry, SheetRows
from annotator.formats.files import File, Folder, line_of
from annotator.formats.found import (
    Drawn,
    Found,
    GuidelinesFound,
    ImageFound,
    LabelFound,
    Lost,
    Problem,
    TextFound,
    in_words,
)
from annotator.messages import Value
from annotator.models import Comment
from annotator.proposals import Origin
from annotator.rows import Row
from annotator.shapes import Shape
from projects.models import Label

TITLE = "JSON Lines"
EXTENSION = "jsonl"
KIND = None
CONTENT_TYPE = "application/jsonl"
IMAGES = True
BY_STEM = False

Origins = dict[UUID, Origin]

encode = msgspec.json.Encoder().encode


def loses(contents: Contents) -> Iterator[str]:
    yield from contents.copies()
    if n := Comment.objects.filter(sheet__in=contents.sheets(), deleted_at=None).count():
        yield ngettext("%d comment is left out.", "%d comments are left out.", n) % n
    if contents.project.examples.exists():
        yield gettext("Pictures in guidelines are left out.")


def write(contents: Contents) -> Iterator[bytes]:
    yield line(head(contents))
    entries = contents.entries()
    while some := list(islice(entries, TEXTS_AT_ONCE)):
        origins = origins_of(some)
        for entry in some:
            yield line(item(entry, contents.labels, origins))


def origins_of(entries: list[Entry]) -> Origins:
    """Where what was accepted on them came from."""
    rows = (row for entry in entries for sheet in entry.sheets for row in sheet.annotations)
    named = {row.prediction for row in rows if row.prediction}
    return proposals.keeper.origins(named) if named else {}


def line(values: dict[str, Any]) -> bytes:
    return encode(values) + b"\n"


def head(contents: Contents) -> dict[str, Any]:
    project = contents.project
    return {
        "type": "project",
        "v": 1,
        "id": project.pk,
        "name": project.name,
        "guidelines": project.guidelines,
        "blind": project.blind,
        "created_at": project.created_at,
        "exported_at": contents.at,
        "labels": [label(one) for one in contents.labels.values()],
        "people": [{"id": person.pk, "name": str(person)} for person in contents.people()],
    }


def label(label: Label) -> dict[str, Any]:
    return {
        "id": label.pk,
        "name": label.name,
        "color": label.color,
        "hotkey": label.hotkey,
        "shapes": label.shapes,
        "attributes": label.attributes,
        "guidelines": label.guidelines,
        "version": label.version,
        "removed_at": label.removed_at,
    }


def item(entry: Entry, labels: dict[int, Label], origins: Origins) -> dict[str, Any]:
    item, media = entry.item, entry.item.media
    return {
        "type": "item",
        "id": item.pk,
        "kind": item.kind,
        "name": item.name,
        "text": item.text,
        "file": entry.file,
        "sha256": media.sha256 if media else None,
        "content_type": media.content_type if media else None,
        "width": item.width,
        "height": item.height,
        "created_by": item.created_by_id,
        "created_at": item.created_at,
        "assignee": item.assignee_id,
        "sheets": [sheet(one, labels, origins) for one in entry.sheets],
    }


def sheet(sheet: SheetRows, labels: dict[int, Label], origins: Origins) -> dict[str, Any]:
    return {
        "id": sheet.id,
        "person": sheet.person,
        "status": sheet.status,
        "reason": sheet.reason,
        "unsure": sheet.unsure,
        "clock": sheet.clock,
        "annotations": [annotation(row, labels, origins) for row in sheet.annotations],
    }


def annotation(row: Row, labels: dict[int, Label], origins: Origins) -> dict[str, Any]:
    """`stamps` holds, for each property, the clock and the person of its last change. One that was accepted tells of
    which prediction it was made."""
    values = msgspec.structs.asdict(row) | {"label_name": labels[row.label].name}
    del values["deleted"], values["rejected"]
    return values | {"prediction": origin(origins.get(row.prediction)) if row.prediction else None}


def origin(found: Origin | None) -> dict[str, Any] | None:
    return {"id": found.id, "run": {"id": found.run, "name": found.run_name}, "score": found.score} if found else None


# Reading --------------------------------------------------------------------------------------------------------------


class LabelIn(msgspec.Struct):
    id: int
    name: str
    color: str = ""
    hotkey: str = ""
    shapes: list[str] = []
    attributes: list[dict[str, Any]] = []
    guidelines: str = ""
    removed_at: str | None = None


class PersonIn(msgspec.Struct):
    id: int
    name: str


class HeadIn(msgspec.Struct, tag="project", tag_field="type"):
    labels: list[LabelIn] = []
    people: list[PersonIn] = []
    guidelines: str = ""


class AnnotationIn(msgspec.Struct):
    label_name: str
    shape: Shape
    label: int | None = None
    attributes: dict[str, Value] = {}


class SheetIn(msgspec.Struct):
    annotations: list[AnnotationIn] = []
    status: str = ""
    reason: str = ""
    unsure: bool = False


class ItemIn(msgspec.Struct, tag="item", tag_field="type"):
    kind: str
    name: str
    text: str | None = None
    file: str | None = None
    assignee: int | None = None
    sheets: list[SheetIn] = []


LINE = msgspec.json.Decoder(HeadIn | ItemIn)


def recognise(folder: Folder) -> Iterator[Source]:
    for file in folder.with_suffix(".jsonl"):
        if file.head.startswith(b'{"type":"project"'):
            yield Source([file.path])


def read(folder: Folder, source: Source) -> Iterator[Found]:
    for path in source.files:
        yield Lost("people")
        labels: dict[int, LabelIn] = {}
        people: dict[int, str] = {}
        for number, text in folder.files[path].lines():
            try:
                found = LINE.decode(text)
            except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
                yield Problem(path, line_of(number), gettext("The line cannot be read: %s.") % in_words(error))
                continue
            if isinstance(found, HeadIn):
                labels = {label.id: label for label in found.labels}
                people = {person.id: person.name for person in found.people}
                yield GuidelinesFound(found.guidelines)
                yield from (defined(label) for label in found.labels if label.removed_at is None)
            else:
                whose = people.get(found.assignee or 0, "")
                yield from read_item(folder.files[path], line_of(number), found, labels, whose)


def defined(label: LabelIn) -> LabelFound:
    return LabelFound(label.name, label.shapes, label.attributes, label.color, label.hotkey, label.guidelines)


def read_item(file: File, place: str, item: ItemIn, labels: dict[int, LabelIn], whose: str) -> Iterator[Found]:
    statuses = {(sheet.status, sheet.reason) for sheet in item.sheets}
    status, reason = statuses.pop() if len(statuses) == 1 else ("", "")
    unsure = any(sheet.unsure for sheet in item.sheets)
    if sum(bool(sheet.annotations) for sheet in item.sheets) > 1:
        yield Lost("sheets")
    if item.text is not None:
        key = place
        yield TextFound(file.path, place, key, item.name, item.text, status, reason, unsure, whose)
    else:
        key = item.file or item.name
        yield ImageFound(file.path, key, item.name, status, reason, unsure, whose)
    for annotation in (one for sheet in item.sheets for one in sheet.annotations):
        label = labels.get(annotation.label or 0)
        names = {one.get("id"): str(one.get("name")) for one in label.attributes} if label else {}
        if label and label.removed_at is not None:
            yield defined(label)
        values = {names.get(name, name): value for name, value in annotation.attributes.items()}
        yield Drawn(file.path, place, key, annotation.label_name, annotation.shape, values)
