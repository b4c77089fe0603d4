"""Changing many annotations for a label's sake: through the door, sheet by sheet, again and again until it is done."""

import logging
from collections.abc import Callable, Iterable, Sequence
from uuid import UUID, uuid4

from django.db.models import QuerySet

from annotator import operations
from annotator.messages import Apply, Batch, OperationIn, Refused
from annotator.models import Annotation
from annotator.operations import Request

AT_ONCE = 100  # sheets that somebody waits for; more are a job
A_COMMIT = 1_000
ATTEMPTS = 3
FINAL = ("invalid", "permission_denied")

log = logging.getLogger(__name__)

Changes = Callable[[int, QuerySet[Annotation]], Iterable[OperationIn]]


def uses(label: int) -> QuerySet[Annotation]:
    """The annotations that have it."""
    return Annotation.objects.filter(label=label, deleted=False, sheet__item__trashed_at=None)


def sheets(label: int) -> QuerySet[Annotation, int]:
    return uses(label).order_by("sheet").values_list("sheet", flat=True).distinct()


def few(label: int) -> bool:
    return len(sheets(label)[: AT_ONCE + 1]) <= AT_ONCE


def rewrite(user: int, label: int, action: UUID, changes: Changes) -> int:
    """Make of each sheet's annotations what `changes(sheet, annotations)` wants. Called again, it goes on.

    Says how many commits people who were at work just then have kept it from.
    """
    left = 0
    for sheet in list(sheets(label)):
        annotations = list(uses(label).filter(sheet=sheet).values_list("pk", flat=True))
        for start in range(0, len(annotations), A_COMMIT):
            left += not write(user, sheet, label, action, changes, annotations[start : start + A_COMMIT])
    return left


def write(user: int, sheet: int, label: int, action: UUID, changes: Changes, annotations: Sequence[UUID]) -> bool:
    """One commit, and whether it came to be. When someone changes one of them in that moment, look again.

    What does not fit or may not be written stays as it is, and that is logged.
    """
    for _ in range(ATTEMPTS):
        wanted = list(changes(sheet, uses(label).filter(pk__in=annotations)))
        if not wanted:
            return True
        batch = Batch(id=uuid4(), action=action, operations=wanted)
        [outcome] = operations.perform(sheet, [Request(user, Apply(sheet=sheet, batch=batch))])
        if not isinstance(outcome, Refused):
            return True
        if outcome.code in FINAL and len(wanted) > 1:
            written = [write(user, sheet, label, action, changes, [one.annotation]) for one in wanted]
            return all(written)
        if outcome.code in FINAL:
            log.warning("Annotation %s keeps what it has: %s", wanted[0].annotation, outcome.detail)
            return True
    return False
