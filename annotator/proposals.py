"""What models propose is no annotation, and the floor above keeps it: `detectors` puts itself here when it is ready."""

from collections import deque
from collections.abc import Collection, Iterable
from typing import NamedTuple, Protocol
from uuid import UUID, uuid5

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


keeper: Keeper = NoKeeper()
