"""A project as doccano's JSON Lines, as annotator.formats.doccano describes them: a text a line."""

from collections.abc import Iterator
from typing import Any

import msgspec
from django.utils.translation import gettext, ngettext

from annotator.formats.contents import Contents, Entry
from annotator.shapes.span import Span
from projects.models import ItemKind

TITLE = "doccano JSONL"
EXTENSION = "jsonl"
KIND = ItemKind.TEXT
CONTENT_TYPE = "application/jsonl"
IMAGES = False
BY_STEM = False

encode = msgspec.json.Encoder().encode


def loses(contents: Contents) -> Iterator[str]:
    if n := contents.items[ItemKind.IMAGE]:
        yield ngettext("%d image is left out.", "%d images are left out.", n) % n
    if n := contents.count(ItemKind.TEXT, filled=True):
        yield (
            ngettext(
                "The attributes of %d annotation are left out.", "The attributes of %d annotations are left out.", n
            )
            % n
        )
    if contents.items[ItemKind.TEXT]:
        yield gettext("The names of the texts are left out.")
    yield from contents.put_together(ItemKind.TEXT)


def write(contents: Contents) -> Iterator[bytes]:
    """As doccano's own exports: spans are “label” where nothing else is; beside tags they are “entities”, and tags
    “cats”."""
    tagged = contents.count(ItemKind.TEXT, "tag") > 0
    for entry in contents.entries(ItemKind.TEXT):
        yield encode(text(entry, contents, tagged=tagged)) + b"\n"


def text(entry: Entry, contents: Contents, *, tagged: bool) -> dict[str, Any]:
    rows = [(row.shape, contents.labels[row.label].name) for sheet in entry.sheets for row in sheet.annotations]
    spans = [[shape.start, shape.end, name] for shape, name in rows if isinstance(shape, Span)]
    found: dict[str, Any] = {"id": entry.item.pk, "text": entry.item.text}
    if not tagged:
        return found | {"label": spans}
    return found | {"entities": spans, "cats": [name for shape, name in rows if not isinstance(shape, Span)]}
