"""What a browser says."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from annotator.messages.common import Message, Number, Reason, StatusName
from annotator.messages.operations import Batch


class Hello(Message, tag="hello", frozen=True):
    """The first message. `client` names this page; it is made anew by every page load."""

    protocol: Number
    client: UUID


class Join(Message, tag="join", frozen=True):
    """Enter a sheet's room. `since` is the clock one already has, `project` the one whose labels one has."""

    sheet: Number
    since: Number | None = None
    project: Number | None = None


class Leave(Message, tag="leave", frozen=True):
    sheet: Number


class Watch(Message, tag="watch", frozen=True):
    """Be told what happens in a project, without a sheet of it; another project takes the place of the one before."""

    project: Number


class Apply(Message, tag="apply", frozen=True):
    sheet: Number
    batch: Batch


class Undo(Message, tag="undo", frozen=True):
    """Take back one's latest action on the sheet, or the one named."""

    id: UUID
    sheet: Number
    action: UUID | None = None


class Redo(Message, tag="redo", frozen=True):
    id: UUID
    sheet: Number


class RestoreTo(Message, tag="restore_to", frozen=True):
    """Bring the sheet back to its state at a clock, by new operations."""

    id: UUID
    sheet: Number
    clock: Number


class SetStatus(Message, tag="set_status", frozen=True):
    id: UUID
    sheet: Number
    status: StatusName
    reason: Reason = ""


class SetUnsure(Message, tag="set_unsure", frozen=True):
    """Say that one is unsure of the sheet, and wants another to look at it; or that one no longer is."""

    id: UUID
    sheet: Number
    unsure: bool


class Presence(Message, tag="presence", frozen=True):
    """Where one is and what one is doing. Coordinates are the item's: pixels, or a code point of the text."""

    sheet: Number
    cursor: tuple[float, float] | None = None
    caret: Number | None = None
    selection: Annotated[list[UUID], Meta(max_length=1000)] = []
    draft: "Draft | None" = None
    view: tuple[float, float, float, float] | None = None


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An unfinished shape, or an annotation that is being dragged. Not checked against the item, never stored."""

    shape: "DraftShape"
    label: Number | None = None
    annotation: UUID | None = None


class DraftRectangle(msgspec.Struct, tag="rectangle", frozen=True, forbid_unknown_fields=True):
    x: float
    y: float
    width: float
    height: float


class DraftPolygon(msgspec.Struct, tag="polygon", frozen=True, forbid_unknown_fields=True):
    points: Annotated[list[tuple[float, float]], Meta(max_length=10_000)]


class DraftSpan(msgspec.Struct, tag="span", frozen=True, forbid_unknown_fields=True):
    start: Number
    end: Number


DraftShape = DraftRectangle | DraftPolygon | DraftSpan

Incoming = Hello | Join | Leave | Watch | Apply | Undo | Redo | RestoreTo | SetStatus | SetUnsure | Presence
