"""What models propose is no annotation, and the floor above keeps it: `detectors` puts itself here when it is ready."""

from collections.abc import Collection, Iterable
from typing import NamedTuple, Protocol

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


class Keeper(Protocol):
    def keep(
        self, user: User, project: Project, *, name: str, digest: str, proposals: Iterable[Proposal]
    ) -> tuple[int, int]:
        """Keep what a file holds, as a run that goes by the file's digest; how many are new, and were there already."""

    def count(self, project_id: int, items: Collection[int] | None = None) -> tuple[int, int]:
        """How many predictions are kept of a project, or of some of its items, of how many runs. Those of an item that
        is moved to another project stay behind: they count again when it comes back."""


keeper: Keeper
