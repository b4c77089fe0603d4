"""Items that go to another project: their rows, and what the logs of both projects say of it."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from projects import events
from projects.access import get_project
from projects.errors import Invalid
from projects.models import MOVE, Change, Item, Project, Role, User
from projects.services import done_by, hold_version, items, log, log_rows

KINDS_DIFFER = (
    "One of the projects is blind and the other is not: sheets there are a person's, or everyone's. Choose another one."
)


def lock_both(user: User, one: int, other: int) -> tuple[Project, Project]:
    """Both projects with their locks; always in one order, rows first, so that no two wait for each other."""
    ids = sorted({one, other})
    found = {pk: get_project(user, pk, Role.MANAGER, lock=True) for pk in ids}
    for pk in ids:
        hold_version(pk)
    check(found[one], found[other])
    return found[one], found[other]


def check(source: Project, into: Project) -> None:
    if source.pk == into.pk:
        raise Invalid("The items are in this project. Choose another one.", fields={"project": "same"})
    if source.blind != into.blind:
        raise Invalid(KINDS_DIFFER, fields={"project": "blind"})


def put(into: Project, found: Sequence[Item], whose: dict[int, int | None]) -> None:
    """The items into the project; the people whose they are there."""
    for item in found:
        item.project, item.assignee_id = into, whose.get(item.pk)
    Item.objects.bulk_update(found, ["project", "assignee"])


def keep(
    user: User, source: Project, into: Project, found: Sequence[Item], action: UUID, about: dict[int, dict[str, Any]]
) -> None:
    """What was done, in both logs. `about` is what else is to be known when it is taken back; where they have been is
    kept, as what a purge erases stands in the logs of those projects, too."""
    former = been(source.pk, [item.pk for item in found])
    records = {
        item.pk: {"from": source.pk, "to": into.pk, "been": [*former.get(item.pk, []), source.pk], **about[item.pk]}
        for item in found
    }
    for project in (source, into):
        log_rows(user, project.pk, found, without=["text"], action=action)
        log(user, project.pk, MOVE, records, action=action)
    events.access_changed(source.pk)


def last(project_id: int, pks: Iterable[int]) -> dict[int, Change]:
    """How each item came into the project, or went out of it."""
    moves = Change.objects.filter(project=project_id, kind=MOVE, target__in=list(pks))
    return {change.target: change for change in moves.order_by("target", "-pk").distinct("target")}


def been(project_id: int, pks: Iterable[int]) -> dict[int, list[int]]:
    """In which projects the items of one were before."""
    came = ((pk, change.record) for pk, change in last(project_id, pks).items())
    return {pk: list(dict.fromkeys(record["been"])) for pk, record in came if record}


def locked(project_id: int, pks: Sequence[int]) -> list[Item]:
    """Those of the items that are there."""
    return [item for item in items.locked(project_id, pks) if item.trashed_at is None]


def done_before(user: User, project_id: int, pks: Iterable[int], action: UUID) -> list[int]:
    """The items to which the action was done when it was asked for before."""
    return done_by(user, project_id, MOVE, pks, action) or []
