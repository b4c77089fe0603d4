"""Changing many annotations for a label's sake: through the door, sheet by sheet, again and again until it is done."""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from uuid import UUID, uuid4

from django.db.models import QuerySet

from annotator import operations
from annotator.messages import Apply, Batch, OperationIn, Refused
from annotator.models import Annotation
from annotator.operations import Request

AT_ONCE = 5_000  # annotations that somebody waits for; more are a job
A_COMMIT = 1_000
ATTEMPTS = 3

Changes = Callable[[int, QuerySet[Annotation]], Iterable[OperationIn]]


def uses(label: int) -> QuerySet[Annotation]:
    """The annotations that have it."""
    return Annotation.objects.filter(label=label, deleted=False, sheet__item__trashed_at=None)


def rewrite(user: int, label: int, action: UUID, changes: Changes) -> int:
    """Make of each sheet's annotations what `changes(sheet, annotations)` wants. Called again, it goes on.

    Says how many commits people who were at work just then have kept it from.
    """
    rows = uses(label).order_by("sheet").values_list("sheet", "pk")
    left = 0
    for sheet, group in groupby(list(rows), key=lambda row: row[0]):
        annotations = [pk for _, pk in group]
        for start in range(0, len(annotations), A_COMMIT):
            left += not write(user, sheet, label, action, changes, annotations[start : start + A_COMMIT])
    return left


def write(user: int, sheet: int, label: int, action: UUID, changes: Changes, annotations: Sequence[UUID]) -> bool:
    """One commit, and whether it came to be. When someone changes one of them in that moment, look again."""
    for _ in range(ATTEMPTS):
        wanted = list(changes(sheet, uses(label).filter(pk__in=annotations)))
        if not wanted:
            return True
        batch = Batch(id=uuid4(), action=action, operations=wanted)
        [outcome] = operations.perform(sheet, [Request(user, Apply(sheet=sheet, batch=batch))])
        if not isinstance(outcome, Refused):
            return True
    return False
