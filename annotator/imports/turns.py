"""Whose turn it is: few imports are worked at at once, and nobody's keep those of all others waiting."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import timedelta

from django.utils import timezone

from annotator.alone import Work, alone
from annotator.imports import jobs
from annotator.models import Import, ImportState

PLACES = 3  # the worker has a process more, so that long imports keep no thumbnail waiting
FOR_PREVIEWS = 1  # of them; previews take the others, too
AT_ONCE = timedelta(seconds=3)  # in which a worker takes it up that has the time


@contextmanager
def turn(pk: int, state: ImportState) -> Iterator[Import | None]:
    """The import, if it is in this state, nobody is at it, and it is its turn. What has to wait is taken up again when
    a place comes free."""
    rows = Import.objects.filter(pk=pk).select_related("project", "created_by")
    with ExitStack() as held:
        row = rows.first()
        if row and all(map(held.enter_context, locks(row, state))):
            row = rows.filter(state=state).first()
            mine = row if row and not is_late(row) and placed(held, state) else None
        else:
            mine = None
        if not mine:
            yield None
            return
        jobs.resume()  # others may have waited for who comes first
        try:
            yield mine
        finally:
            held.close()
            jobs.resume()  # now there is a place


def locks(row: Import, state: ImportState) -> Iterator[AbstractContextManager[bool]]:
    """Those into one project go one after the other, so that they make nothing twice, and so do those of one person."""
    yield alone(Work.AN_IMPORT, row.pk)
    if state == ImportState.RUNNING:
        yield alone(Work.IMPORTS_INTO_A_PROJECT, row.project_id)
        yield alone(Work.IMPORTS_OF_A_PERSON, row.created_by_id)
    else:
        yield alone(Work.PREVIEWS_OF_A_PERSON, row.created_by_id)


def placed(held: ExitStack, state: ImportState) -> bool:
    numbers = range(PLACES)[::-1] if state == ImportState.LOOKING else range(PLACES - FOR_PREVIEWS)
    return any(held.enter_context(alone(Work.A_PLACE_FOR_IMPORTS, number)) for number in numbers)


def is_late(row: Import) -> bool:
    """Whether it is a preview, and one that was asked for before could be made in its place."""
    if row.state != ImportState.LOOKING:
        return False
    looking, at_work = Import.objects.filter(state=ImportState.LOOKING), jobs.held()
    served = looking.filter(pk__in=at_work).values("created_by")
    before = looking.filter(changed_at__lt=row.changed_at).exclude(pk__in=at_work)
    return before.exclude(created_by__in=served).exists()


def others_first(row: Import) -> int:
    """How many are being worked at while this one waits."""
    if row.state not in jobs.TASKS or timezone.now() < row.changed_at + AT_ONCE:
        return 0
    at_work = jobs.held()
    return 0 if row.pk in at_work else len(at_work)
