"""What a browser is told."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from annotator.messages.common import Message, Value
from annotator.messages.heard import Draft
from annotator.shapes import Shape


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


class Watching(Message, tag="watching", frozen=True):
    """The answer to `watch`."""

    project: int


class LabelsChanged(Message, tag="labels_changed", frozen=True):
    """The project's labels or guidelines have changed; fetch both anew."""

    project: int


class ProposalsChanged(Message, tag="proposals_changed", frozen=True):
    """What models propose for the project's items has changed; fetch that of the open item anew."""

    project: int


class ItemsChanged(Message, tag="items_changed", frozen=True):
    """Something was done to many of the project's items at once; fetch those in sight anew."""

    project: int


class SheetsChanged(Message, tag="sheets_changed", frozen=True):
    """Something was written to sheets of the project; told to who watches it, at most ten times a second."""

    project: int


class EvaluationsChanged(Message, tag="evaluations_changed", frozen=True):
    """An evaluation of the project was made, evaluated anew or deleted."""

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
    | Watching
    | LabelsChanged
    | ProposalsChanged
    | ItemsChanged
    | SheetsChanged
    | EvaluationsChanged
)
