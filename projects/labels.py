"""What a label may be: its colours, its hotkey, the shapes it takes and the attributes of its annotations."""

import re
from itertools import count
from typing import Annotated, Any, Literal, get_args

import msgspec
from django.utils.translation import gettext_lazy as _
from msgspec import Meta

from projects.errors import Invalid
from projects.names import cleaned

SHAPES = ("rectangle", "polygon", "span", "tag")
ABOUT_SHAPES = {
    "rectangle": _("a box on an image"),
    "polygon": _("an outline on an image"),
    "span": _("words in a text"),
    "tag": _("the whole item"),
}
# The editor's own keys (RESERVED_KEYS in static/editor/keys.ts); the rest of the keyboard is the labels'.
TOOL_KEYS = frozenset("dfghjkprstv")
HOTKEYS = [key for key in "123456789abcdefghijklmnopqrstuvwxyz" if key not in TOOL_KEYS]
DIGITS = "123456789"
COLORS = (
    "#f4b740",
    "#5ec8ff",
    "#9be36b",
    "#c48bff",
    "#ff9d5c",
    "#ff6b8b",
    "#3fd0c0",
    "#8fa3ff",
    "#d9b38c",
    "#b6c23a",
)

# What a project may begin with: a title, the labels' shapes and their names.
TEMPLATES = {
    "boxes": ("Boxes on photos", ["rectangle"], ["Person", "Animal", "Vehicle", "Thing"]),
    "outlines": ("Outlines on photos", ["polygon"], ["Person", "Animal", "Vehicle", "Thing"]),
    "names": ("Names in texts", ["span"], ["Person", "Organisation", "Place", "Date"]),
    "classes": ("A class for each item", ["tag"], ["Good", "Bad", "Unsure"]),
}

Kind = Literal["choice", "number", "text", "checkbox"]
KINDS = get_args(Kind)
MAX_ATTRIBUTES = 20

TOO_LONG = "An attribute takes at most 100 options; its name, and each of these, has 1 to 100 characters. Mend that."

Name = Annotated[str, Meta(min_length=1, max_length=100)]


class Attribute(msgspec.Struct, forbid_unknown_fields=True):
    """A question every annotation of the label answers. Only a choice has options."""

    id: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}\Z")]
    name: Name
    kind: Kind
    options: Annotated[list[Name], Meta(max_length=100)] = []


def read_attributes(raw: Any) -> list[Attribute]:
    try:
        attributes = msgspec.convert(raw, list[Attribute])
    except msgspec.ValidationError as error:
        raise refuse(TOO_LONG if " of length " in str(error) else str(error)) from None
    except UnicodeEncodeError:
        raise refuse("The attributes hold half a character. Remove it.") from None
    if len(attributes) > MAX_ATTRIBUTES:
        raise refuse(f"A label holds {MAX_ATTRIBUTES} attributes at most.")
    for what in ("id", "name"):
        values = [getattr(attribute, what) for attribute in attributes]
        if twice := next((value for value in values if values.count(value) > 1), None):
            raise refuse(f"Two attributes have the {what} “{twice}”. Change one of them.")
    for attribute in attributes:
        check(attribute)
    return attributes


def check(attribute: Attribute) -> None:
    if any(not storable(text) or text != cleaned(text) for text in [attribute.name, *attribute.options]):
        raise refuse(
            f"“{attribute.name}” or one of its options has spaces around it, nothing that can be seen, a NUL character "
            "or half a character. Mend that."
        )
    if attribute.kind == "choice" and not attribute.options:
        raise refuse(f"“{attribute.name}” is a choice: give it options.")
    if attribute.kind != "choice" and attribute.options:
        raise refuse(f"“{attribute.name}” is no choice, so it takes no options.")
    if len(set(attribute.options)) < len(attribute.options):
        raise refuse(f"“{attribute.name}” has the same option twice. Remove one.")


def storable(text: str) -> bool:
    """Without NUL and without halves of surrogate pairs, which JSON may spell but PostgreSQL does not take."""
    return not re.search("[\0\ud800-\udfff]", text)


def attribute_id(name: str, taken: set[str]) -> str:
    """A short id made of the name, of Latin letters and digits where it has any."""
    base = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:30] or "attribute"
    return next(i for n in count(1) if (i := base if n == 1 else f"{base}_{n}") not in taken)


def refuse(detail: str) -> Invalid:
    return Invalid(detail, fields={"attributes": detail})
