"""What goes over the socket and the API, defined once; static/live/messages.gen.ts is generated from here.

A frame holds one or more messages, one a line. Rules are in docs/protocol.md.
"""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from annotator.shapes import Shape

PROTOCOL = 1
MAX_BATCH = 5_000  # operations a batch
MAX_FRAME = 2**20  # bytes

Number = Annotated[int, Meta(ge=0, le=2**53 - 1)]  # an id or a clock: JavaScript tells no larger ones apart
Reason = Annotated[str, Meta(max_length=500)]
StatusName = Literal["todo", "in_progress", "done", "skipped", "returned", "accepted"]
Value = str | float | bool | None


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """A message is tagged by `type`; unknown fields are refused."""


# Operations -----------------------------------------------------------------------------------------------------------


class Create(Message, tag="create", frozen=True):
    """Add an annotation under an id made by the client. One that is made of a `prediction` has the id that the list of
    the item's predictions gives it, so that it is accepted once, whoever does it."""

    id: UUID
    annotation: UUID
    label: Number
    shape: Shape
    attributes: dict[str, Value] = {}
    prediction: UUID | None = None


class Update(Message, tag="update", frozen=True):
    """Change some properties; the others keep their value. `base` holds the clocks of the properties as last seen."""

    id: UUID
    annotation: UUID
    label: Number | UnsetType = UNSET
    shape: Shape | UnsetType = UNSET
    attributes: dict[str, Value] | UnsetType = UNSET
    base: dict[str, Number] = {}


class Delete(Message, tag="delete", frozen=True):
    id: UUID
    annotation: UUID
    base: dict[str, Number] = {}


class Restore(Message, tag="restore", frozen=True):
    """Bring a deleted annotation back as it was."""

    id: UUID
    annotation: UUID


class Reject(Message, tag="reject", frozen=True):
    """Turn a prediction down, or the annotation that was made of it: it is deleted, and no longer proposed. To delete
    what was rejected takes that back, to restore it accepts it."""

    id: UUID
    annotation: UUID
    prediction: UUID
    base: dict[str, Number] = {}


OperationIn = Create | Update | Delete | Restore | Reject


class Batch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Operations that are applied together or not at all.

    `queued` says that they waited while the server was out of reach: an update whose base has moved on is then
    refused as `conflict` instead of winning.
    """

    id: UUID
    action: UUID
    operations: Annotated[list[OperationIn], Meta(min_length=1, max_length=MAX_BATCH)]
    queued: bool = False


# From a browser -------------------------------------------------------------------------------------------------------


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

Incoming = Hello | Join | Leave | Apply | Undo | Redo | RestoreTo | SetStatus | SetUnsure | Presence

# To a browser ---------------------------------------------------------------------------------------------------------


class Record(msgspec.Struct, frozen=True, omit_defaults=True):
    """An annotation as it stands. `clocks` holds the clock of each property's last write. One that was `imported` came
    from a file; `created_by` is then who brought it. One of a `prediction` was accepted, or, deleted, `rejected`."""

    id: UUID
    label: int
    shape: Shape
    attributes: dict[str, Value]
    clock: int
    clocks: dict[str, int]
    deleted: bool
    created_by: int
    created_at: datetime
    updated_by: int
    updated_at: datetime
    imported: bool = False
    prediction: UUID | None = None
    rejected: bool = False


class Change(msgspec.Struct, frozen=True):
    """One operation as applied: its own id and the annotation after it."""

    id: UUID
    kind: Literal["create", "update", "delete", "restore", "reject"]
    record: Record


class Applied(msgspec.Struct, frozen=True):
    """A batch as applied, in clock order. `id` is the request's: to its sender this is the acknowledgement."""

    id: UUID
    actor: int
    action: UUID
    source: Literal["person", "undo", "redo", "restore", "api", "import", "move", "label"]
    changes: list[Change]
    skipped: list["Skipped"] = []


class Skipped(msgspec.Struct, frozen=True):
    """A property that undo left alone because someone else has changed it since."""

    annotation: UUID
    property: str
    actor: int


class Person(msgspec.Struct, frozen=True):
    """Someone in a room. `connection` tells two tabs of one person apart, `picture` is an address or nothing."""

    connection: str
    user: int
    name: str
    color: str
    picture: str = ""


class Welcome(Message, tag="welcome", frozen=True):
    protocol: int
    connection: str
    user: int


class Joined(Message, tag="joined", frozen=True):
    """The sheet as it stands at `clock`: everything (`snapshot`), or what changed since the clock one had.

    `undoable` counts one's actions on the sheet that can be taken back, `redoable` those that can be done again.
    """

    sheet: int
    clock: int
    snapshot: bool
    records: list[Record]
    status: str
    reason: str
    role: int
    people: list[Person]
    undoable: int = 0
    redoable: int = 0
    unsure: bool = False


class Changes(Message, tag="changes", frozen=True):
    """Batches that moved the sheet's clock from `after` to `clock`."""

    sheet: int
    after: int
    clock: int
    batches: list[Applied]


class CaughtUp(Message, tag="caught_up", frozen=True):
    """What changed between two clocks, where the batches themselves were missed."""

    sheet: int
    after: int
    clock: int
    status: str
    reason: str
    records: list[Record]
    unsure: bool = False


class Ack(Message, tag="ack", frozen=True):
    """The answer to a request that has no batch of its own: a repeated one, a status, an undo with nothing to do."""

    id: UUID
    sheet: int
    clock: int
    records: list[Record] = []
    skipped: list[Skipped] = []


class Refused(Message, tag="refused", frozen=True):
    """A request was not carried out. `records` are the annotations concerned, as they stand."""

    id: UUID | None
    sheet: int | None
    code: str
    detail: str
    fields: dict[str, str] = {}
    records: list[Record] = []


class StatusSet(Message, tag="status_set", frozen=True):
    """The sheet's status from `clock` on, and whether someone is unsure of it.

    It moves the clock, or follows the `changes` of the same commit.
    """

    sheet: int
    after: int
    clock: int
    status: str
    reason: str
    actor: int
    unsure: bool = False


class Commented(Message, tag="commented", frozen=True):
    """Someone has said, changed, deleted or resolved something about the sheet; fetch its comments anew."""

    sheet: int


class Arrived(Message, tag="arrived", frozen=True):
    sheet: int
    person: Person


class Left(Message, tag="left", frozen=True):
    sheet: int
    connection: str


class Moved(msgspec.Struct, frozen=True):
    connection: str
    cursor: tuple[float, float] | None = None
    caret: int | None = None
    selection: list[UUID] = []
    draft: Draft | None = None
    view: tuple[float, float, float, float] | None = None


class Presences(Message, tag="presences", frozen=True):
    """Where the others are now. Carries the room's clock, so that a gap shows."""

    sheet: int
    clock: int
    moved: list[Moved]


class RoleSet(Message, tag="role_set", frozen=True):
    """One's role in the project of this sheet has changed."""

    sheet: int
    role: int


class LabelsChanged(Message, tag="labels_changed", frozen=True):
    """The project's labels or guidelines have changed; fetch both anew."""

    project: int


class ProposalsChanged(Message, tag="proposals_changed", frozen=True):
    """What models propose for the project's items has changed; fetch that of the open item anew."""

    project: int


Outgoing = (
    Welcome
    | Joined
    | Changes
    | CaughtUp
    | Ack
    | Refused
    | StatusSet
    | Commented
    | Arrived
    | Left
    | Presences
    | RoleSet
    | LabelsChanged
    | ProposalsChanged
)
