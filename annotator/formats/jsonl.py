"""JSON Lines: everything that stands. First the project with its labels and people, then a line for each item."""

from collections.abc import Iterator
from typing import Any

import msgspec

from annotator.formats.contents import Contents, Entry, SheetRows
from annotator.rows import Row
from projects.models import Label

TITLE = "JSON Lines"
EXTENSION = "jsonl"
CONTENT_TYPE = "application/jsonl"
IMAGES = True

encode = msgspec.json.Encoder().encode


def loses(contents: Contents) -> Iterator[str]:
    yield from contents.copies()


def write(contents: Contents) -> Iterator[bytes]:
    yield line(head(contents))
    for entry in contents.entries():
        yield line(item(entry, contents.labels))


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
        "version": label.version,
        "removed_at": label.removed_at,
    }


def item(entry: Entry, labels: dict[int, Label]) -> dict[str, Any]:
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
        "sheets": [sheet(one, labels) for one in entry.sheets],
    }


def sheet(sheet: SheetRows, labels: dict[int, Label]) -> dict[str, Any]:
    return {
        "id": sheet.id,
        "person": sheet.person,
        "status": sheet.status,
        "reason": sheet.reason,
        "clock": sheet.clock,
        "annotations": [annotation(row, labels) for row in sheet.annotations],
    }


def annotation(row: Row, labels: dict[int, Label]) -> dict[str, Any]:
    """`stamps` holds, for each property, the clock and the person of its last change."""
    values = msgspec.structs.asdict(row) | {"label_name": labels[row.label].name}
    del values["deleted"]
    return values
