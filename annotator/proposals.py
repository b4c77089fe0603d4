"""What models propose is no annotation, and the floor above keeps and suggests it: `detectors` puts itself here when it
is ready."""

from collections import deque
from collections.abc import Collection, Iterable, Sequence
from typing import Literal, NamedTuple, Protocol
from uuid import UUID, uuid5

import msgspec

from annotator.shapes import Shape
from projects.models import Project, User


class Proposal(NamedTuple):
    """A labelled shape on an item, and how sure the model is; item and label by their ids. It is the `number`th of the
    file's on the item."""

    item: int
    label: int
    shape: Shape
    score: float
    number: int


def standing_for(prediction: UUID, sheet: int) -> UUID:
    """The id of the annotation that a prediction becomes on a sheet: whoever accepts it, it is one."""
    return uuid5(prediction, str(sheet))


State = Literal["open", "accepted", "rejected"]


class Suggestion(msgspec.Struct, frozen=True):
    """A prediction on a sheet. `annotation` is the id of what it becomes there when it is accepted, and of what is kept
    when it is rejected; None where nobody has opened the item."""

    prediction: UUID
    annotation: UUID | None
    label: int
    shape: Shape
    score: float
    run: int
    state: State


class Wanted(NamedTuple):
    """Which of them: of a label, of a run, and at least so sure."""

    label: int | None = None
    run: int | None = None
    above: float | None = None


ALL = Wanted()
Marks = list[tuple[str, int, Shape]]  # what is drawn on a card: the label's colour, the label, and the shape


class OnCard(NamedTuple):
    """How many suggestions of an item are open, and the surest of them."""

    number: int
    marks: Marks


class Origin(msgspec.Struct, frozen=True):
    """Where an accepted prediction came from."""

    id: UUID
    run: int
    run_name: str
    score: float


class Keeper(Protocol):
    def keep(
        self, user: User, project: Project, *, name: str, digest: str, proposals: Iterable[Proposal]
    ) -> tuple[int, int]:
        """Keep what a file holds, as a run that goes by the file's digest; how many are new, and were there already."""

    def proposed(self, ids: Collection[UUID]) -> dict[UUID, Proposal]:
        """The predictions of these ids, as far as they are there."""

    def count(self, project_id: int, items: Collection[int] | None = None) -> int:
        """How many predictions a project's runs have, or how many of them are of these items. Those of an item that is
        moved to another project stay behind."""

    def uses(self, label_id: int) -> bool:
        """Whether a prediction has the label."""

    def origins(self, ids: Collection[UUID]) -> dict[UUID, Origin]:
        """Where the predictions of these ids came from, as far as they are there."""


class NoKeeper:
    """There is no floor above: nothing is kept."""

    def keep(self, *args: object, proposals: Iterable[Proposal], **about: object) -> tuple[int, int]:
        deque(proposals, maxlen=0)  # what is wrong with them is told all the same
        return 0, 0

    def proposed(self, ids: Collection[UUID]) -> dict[UUID, Proposal]:
        return {}

    def count(self, project_id: int, items: Collection[int] | None = None) -> int:
        return 0

    def uses(self, label_id: int) -> bool:
        return False

    def origins(self, ids: Collection[UUID]) -> dict[UUID, Origin]:
        return {}


class Suggester(Protocol):
    """`STAMP` is SQL for a number of an item `i` of the `project` that changes when something else is suggested for it,
    0 where nothing ever was; what people decide moves the clock of their sheet."""

    STAMP: str

    def open_on(
        self, items: Collection[int], person: int | None = None, wanted: Wanted = ALL
    ) -> dict[int, list[Suggestion]]:
        """By item, the surest first, what nobody has decided on the shared sheets, or on a person's own, and what no
        annotation of the same label says already."""

    def distinct(self, found: Sequence[Suggestion]) -> Sequence[Suggestion]:
        """Each thing once: of those of an item that say the same, the first."""

    def on_cards(self, items: Collection[int], person: int | None, drawn: int) -> dict[int, OnCard]:
        """The same as a card shows it, so many of each drawn; none of those that have none."""


class NoSuggester:
    STAMP = "0"

    def open_on(self, items: Collection[int], *about: object) -> dict[int, list[Suggestion]]:
        return {item: [] for item in items}

    def distinct(self, found: Sequence[Suggestion]) -> Sequence[Suggestion]:
        return found

    def on_cards(self, *about: object) -> dict[int, OnCard]:
        return {}


class Undecided(Protocol):
    """`OPEN` is SQL for that something is suggested for an item `i` on the sheet `s`, or on none, and nobody has
    decided; `KEPT` for that this need not be found out. Both need what is `JOINED` as `kept`, for the person whose
    sheets are {own}."""

    JOINED: str
    KEPT: str
    OPEN: str
    MANY: int

    def keep_soon(self, project: int, user: int) -> None:
        """More than so `MANY` items had to be looked at for this person."""


class NothingUndecided:
    JOINED = ""
    KEPT = "true"
    OPEN = "false"
    MANY = 0

    def keep_soon(self, project: int, user: int) -> None:
        pass


keeper: Keeper = NoKeeper()
suggester: Suggester = NoSuggester()
undecided: Undecided = NothingUndecided()
