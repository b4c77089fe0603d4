"""What the sheets of one commit share: what is accepted on one of them holds for the others from then on."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar, cast
from uuid import UUID

from django.utils import timezone

from annotator import proposals
from annotator.messages import Create, OperationIn, Reject
from annotator.operations.loading import LabelNow, Standing, read_label
from annotator.proposals import Proposal

T = TypeVar("T")


class Common:
    """`told` says whether others are told what was changed, and so the answers have it."""

    def __init__(self, standing: Standing, *, told: bool) -> None:
        self.told = told
        self.project, self.archived, self.roles = standing.project, standing.archived, standing.roles
        self.taken = {row.id for _, row in standing.rows} | set(standing.elsewhere)
        self.labels = {label.id: label for label in standing.labels}
        self.keys = {key: (body, actor, sheet) for key, body, actor, sheet in standing.keys}
        self.sheets = [sheet.id for sheet in standing.sheets]
        self.read: dict[Hashable, dict[int, tuple[int, Any]]] = {}
        self.proposals: dict[UUID, Proposal] = {}
        self.now: datetime = timezone.now()

    def ask(self, sheet: int, written: int, what: Hashable, read: Callable[[list[int]], Mapping[int, T]]) -> T:
        """What the database has of a sheet on which so much was `written` in this commit: at first it is read for all
        sheets at once, and once something is written for that sheet alone."""
        known = self.read.setdefault(what, {})
        if not known:
            known |= {one: (0, found) for one, found in read(self.sheets).items()}
        if known[sheet][0] != written:
            known[sheet] = (written, read([sheet])[sheet])
        return cast(T, known[sheet][1])

    def look_up(self, operations: Iterable[OperationIn]) -> None:
        """Read the predictions that are accepted or rejected."""
        if named := {o.prediction for o in operations if isinstance(o, Create | Reject) and o.prediction is not None}:
            self.proposals = proposals.keeper.proposed(named)

    def label(self, pk: int) -> LabelNow:
        """One that an annotation has: an undo of this very commit may have brought it back."""
        if pk not in self.labels:
            self.labels[pk] = read_label(pk)
        return self.labels[pk]
