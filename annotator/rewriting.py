"""Changing many annotations for a label's sake: through the door, sheet by sheet, again and again until it is done.

What is to be done is kept in a row with the label's change. It was decided then: whoever did may leave, or hold a lower
role by now.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from typing import TypeVar
from uuid import UUID, uuid4

from django.db.models import F, QuerySet

from annotator import operations
from annotator.alone import Work, alone
from annotator.messages import Apply, Batch, OperationIn, Refused
from annotator.models import Annotation, Fitting, Replacement
from annotator.operations import Request

AT_ONCE = 100  # sheets that somebody waits for; more are a job
FEW = 5_000  # annotations on them
A_COMMIT = 1_000
ATTEMPTS = 3

log = logging.getLogger(__name__)

Changes = Callable[[int, QuerySet[Annotation]], Iterable[OperationIn]]
Job = TypeVar("Job", Replacement, Fitting)


class Halted(Exception):
    """The project was archived meanwhile."""


def see_to_all(kind: type[Job], carry_out: Callable[[Job], object]) -> None:
    """Those that are not done yet, as people were at work there, or the server stopped, or items have come back."""
    waiting = kind.objects.filter(done=False, label__project__trashed_at=None, label__project__archived_at=None)
    for job in waiting.order_by("pk"):
        try:
            carry_out(job)
        except Exception:
            log.exception("%s %s is not done; the next round tries again.", kind.__name__, job.pk)


def see_to(job: Job, changes: Changes) -> bool:
    """One round, unless somebody is at it. Whether it is done: not when items have come back meanwhile."""
    with alone(Work.A_LABEL, job.label_id) as first, suppress(Halted):
        if first and not rewrite(job.person_id, job.label_id, job.action, changes):
            return bool(type(job).objects.filter(pk=job.pk, asked=job.asked).update(done=True))
    return False


def there_is_more(kind: type[Job], items: Collection[int]) -> None:
    labels_there = Annotation.objects.filter(sheet__item__in=items, deleted=False).values("label")
    kind.objects.filter(label__in=labels_there).update(done=False, asked=F("asked") + 1)


def uses(label: int) -> QuerySet[Annotation]:
    """The annotations that have it."""
    return Annotation.objects.filter(label=label, deleted=False, sheet__item__trashed_at=None)


def sheets(label: int) -> QuerySet[Annotation, int]:
    return uses(label).order_by("sheet").values_list("sheet", flat=True).distinct()


def few(label: int) -> bool:
    return len(sheets(label)[: AT_ONCE + 1]) <= AT_ONCE and len(uses(label).values("pk")[: FEW + 1]) <= FEW


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

    What does not fit stays as it is, and that is logged.
    """
    for _ in range(ATTEMPTS):
        wanted = list(changes(sheet, uses(label).filter(pk__in=annotations)))
        if not wanted:
            return True
        batch = Batch(id=uuid4(), action=action, operations=wanted)
        [outcome] = operations.perform(sheet, [Request(user, Apply(sheet=sheet, batch=batch), source="label")])
        if not isinstance(outcome, Refused):
            return True
        if outcome.code == "permission_denied":
            raise Halted
        if outcome.code == "invalid" and len(wanted) > 1:
            written = [write(user, sheet, label, action, changes, [one.annotation]) for one in wanted]
            return all(written)
        if outcome.code == "invalid":
            log.warning("Annotation %s keeps what it has: %s", wanted[0].annotation, outcome.detail)
            return True
    return False
