"""What readers find in files: the same plain structs from every format."""

import re
from collections.abc import Callable
from typing import Any, Literal

import msgspec
from django.utils.translation import gettext, ngettext

from annotator.messages import Value
from annotator.shapes import Shape


class Problem(msgspec.Struct, frozen=True):
    """What could not be taken, where it stands, and a sentence that says why."""

    file: str
    place: str
    detail: str


class Unreadable(Exception):
    """A file cannot be read on from here. Says why in a sentence."""

    def __init__(self, detail: str, place: str = "", file: str = "") -> None:
        super().__init__(detail)
        self.detail, self.place, self.file = detail, place, file


def in_words(error: Exception) -> str:
    """What msgspec says of a value that does not fit, for people."""
    said = str(error)
    if missing := re.search(r"missing required field `(.+?)`", said):
        return gettext("“%s” is missing") % missing[1]
    if isinstance(error, msgspec.ValidationError):
        place = re.search(r"at `\$\.(\w+)", said)
        return gettext("“%s” is not of the right kind") % place[1] if place else gettext("it is not of the right kind")
    return gettext("it is no valid JSON")


class LabelFound(msgspec.Struct, frozen=True):
    """A label that the file defines, drawn or not. Without shapes, those that are found are meant."""

    name: str
    shapes: list[str] = []
    attributes: list[dict[str, Any]] = []
    color: str = ""
    hotkey: str = ""
    guidelines: str = ""


class GuidelinesFound(msgspec.Struct, frozen=True):
    """What the file says to those who label."""

    text: str


class TextFound(msgspec.Struct, frozen=True):
    """A text that stands in the file itself. `key` is what its annotations call it.

    A format that names no texts says by what they are known: the text itself, or, where it keeps no white space, its
    words. Of those alike this is the `nth`, counted from 1 where they are gathered.
    """

    file: str
    place: str
    key: str
    name: str
    text: str
    status: str = ""
    reason: str = ""
    unsure: bool = False
    assignee: str = ""  # by name
    known_by: Literal["name", "text", "words"] = "name"
    nth: int = 0


class ImageFound(msgspec.Struct, frozen=True):
    """An image that the file speaks of: its path as the file has it, and its item's name where that is another."""

    file: str
    path: str
    name: str = ""
    status: str = ""
    reason: str = ""
    unsure: bool = False
    assignee: str = ""


class Drawn(msgspec.Struct, frozen=True, array_like=True):
    """An annotation. `item` is the key of its text or the path of its image; attributes go by their names.

    `relative`: the shape is in parts of the image's width and height.
    """

    file: str
    place: str
    item: str
    label: str
    shape: Shape
    attributes: dict[str, Value] = {}
    relative: bool = False


class Predicted(msgspec.Struct, frozen=True, array_like=True):
    """What a model proposed. Item and label go by name, or by a number where the file has the project's own ids."""

    file: str
    place: str
    item: str | int
    label: str | int
    shape: Shape
    score: float


class Lost(msgspec.Struct, frozen=True):
    """Something that is read but cannot be kept; `what` is one of LOSSES."""

    what: str
    n: int = 1


Found = LabelFound | GuidelinesFound | TextFound | ImageFound | Drawn | Predicted | Lost | Problem

LOSSES: dict[str, Callable[[int], str]] = {
    "masks": lambda n: ngettext("%d mask is kept as its box.", "%d masks are kept as their boxes.", n) % n,
    "panoptic": lambda n: (
        ngettext("The panoptic masks of %d image are left out.", "The panoptic masks of %d images are left out.", n) % n
    ),
    "parts": lambda n: (
        ngettext(
            "%d outline of several parts becomes a polygon for each part.",
            "%d outlines of several parts become a polygon for each part.",
            n,
        )
        % n
    ),
    "keypoints": lambda n: (
        ngettext("The points of %d skeleton are left out.", "The points of %d skeletons are left out.", n) % n
    ),
    "crowds": lambda n: (
        ngettext(
            "%d crowd is kept as one annotation like any other.",
            "%d crowds are kept as annotations like any other.",
            n,
        )
        % n
    ),
    "captions": lambda n: ngettext("%d caption is left out.", "%d captions are left out.", n) % n,
    "boxless": lambda n: (
        ngettext(
            "%d prediction without a box or an outline is left out.",
            "%d predictions without a box or an outline are left out.",
            n,
        )
        % n
    ),
    "results": lambda n: (
        ngettext(
            "%d result of another kind (a brush, a key point, a written answer) is left out.",
            "%d results of other kinds (brushes, key points, written answers) are left out.",
            n,
        )
        % n
    ),
    "proposals": lambda n: (
        ngettext("What models proposed for %d task is left out.", "What models proposed for %d tasks is left out.", n)
        % n
    ),
    "relations": lambda n: ngettext("%d relation is left out.", "%d relations are left out.", n) % n,
    "confidences": lambda n: ngettext("%d confidence is left out.", "%d confidences are left out.", n) % n,
    "polygons": lambda n: ngettext("%d outline is kept as its box.", "%d outlines are kept as their boxes.", n) % n,
    "poses": lambda n: ngettext("%d pose or body part is left out.", "%d poses or body parts are left out.", n) % n,
    "turned": lambda n: ngettext("%d turned box becomes a polygon.", "%d turned boxes become polygons.", n) % n,
    "cut": lambda n: (
        ngettext("%d shape was cut at the edge of its image.", "%d shapes were cut at the edge of their image.", n) % n
    ),
    "unlabelled": lambda n: (
        ngettext(
            "%d annotation is left out, as its label could not be made.",
            "%d annotations are left out, as their labels could not be made.",
            n,
        )
        % n
    ),
    "attributes": lambda n: (
        ngettext(
            "%d attribute value is left out: its label has no such attribute.",
            "%d attribute values are left out: their labels have no such attributes.",
            n,
        )
        % n
    ),
    "values": lambda n: (
        ngettext(
            "%d list or object among the attributes is left out.",
            "%d lists or objects among the attributes are left out.",
            n,
        )
        % n
    ),
    "people": lambda n: gettext("Who drew what and when is left out: all will be in your name."),
    "assignees": lambda n: (
        ngettext(
            "%d item is nobody's here: no member who annotates has the name of whose it was.",
            "%d items are nobody's here: no member who annotates has the name of whose they were.",
            n,
        )
        % n
    ),
    "sheets": lambda n: (
        ngettext(
            "What several people drew on %d item is put together.",
            "What several people drew on each of %d items is put together.",
            n,
        )
        % n
    ),
    "columns": lambda n: ngettext("%d other column is left out.", "%d other columns are left out.", n) % n,
    "meta": lambda n: ngettext("Further data of %d text is left out.", "Further data of %d texts is left out.", n) % n,
}
