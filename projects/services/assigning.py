"""Whose an item is: one member's, or anyone's."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db import transaction

from projects import events
from projects.access import get_project
from projects.errors import Invalid
from projects.models import Change, Item, Project, Role, User
from projects.services import done_by, log

KIND = "assignee"


@transaction.atomic
def assign_many(user: User, project_id: int, pks: Sequence[int], person: int | None, *, action: UUID) -> list[int]:
    """As one action, to a member who may annotate, or to nobody; the items whose it was not before."""
    project = get_project(user, project_id, Role.REVIEWER, lock=True)  # nobody leaves meanwhile
    if person is not None and not may_be_given_work(project, person):
        raise Invalid("Choose a member of the project who may annotate.", fields={"person": "unknown"})
    return hand_out(user, project_id, dict.fromkeys(pks, person), action)


@transaction.atomic
def assign_free(user: User, project_id: int, wanted: dict[int, int], *, action: UUID) -> list[int]:
    """Give items that are nobody's yet to members, as far as those may annotate; the items that were given."""
    project = get_project(user, project_id, Role.REVIEWER, lock=True)
    members = set(project.memberships.filter(role__gte=Role.ANNOTATOR).values_list("user", flat=True))
    free = project.items.filter(pk__in=wanted, assignee=None).values_list("pk", flat=True)
    return hand_out(user, project_id, {pk: wanted[pk] for pk in free if wanted[pk] in members}, action)


@transaction.atomic
def take_back(user: User, project_id: int, pks: Sequence[int], undone: UUID, *, action: UUID) -> list[int]:
    """Give items whose they were before one's action, as long as nobody has assigned them since."""
    project = get_project(user, project_id, Role.REVIEWER, lock=True)
    if (done := done_by(user, project_id, KIND, pks, action)) is not None:
        return done
    changes = Change.objects.filter(project=project, kind=KIND, target__in=pks)
    said = changes.filter(action=undone, actor=user)
    wanted: dict[int, int | None] = {}
    for change in said:
        later = changes.filter(target=change.target, pk__gt=change.pk).exists()
        before = change.record["before"]
        if not later:
            wanted[change.target] = before if before and may_be_given_work(project, before) else None
    return give(user, project_id, wanted, action)


def release(user: User, project_id: int, person: int) -> None:
    """What was someone's who leaves the project is open again."""
    items = Item.objects.filter(project=project_id, assignee=person).order_by("pk")
    pks = list(items.select_for_update(no_key=True).values_list("pk", flat=True))
    if pks:
        Item.objects.filter(pk__in=pks).update(assignee=None)
        log(user, project_id, KIND, {pk: {"assignee": None, "before": person} for pk in pks})


def may_be_given_work(project: Project, person: int) -> bool:
    return project.memberships.filter(user=person, role__gte=Role.ANNOTATOR).exists()


def hand_out(user: User, project_id: int, wanted: Mapping[int, int | None], action: UUID) -> list[int]:
    """Give items to people who hear of it."""
    changed = give(user, project_id, wanted, action)
    given: dict[int, list[int]] = {}
    for pk in changed:
        if (person := wanted[pk]) is not None:
            given.setdefault(person, []).append(pk)
    events.items_assigned.send(Item, user=user, project=project_id, action=action, given=given)
    return changed


def give(user: User, project_id: int, wanted: Mapping[int, int | None], action: UUID) -> list[int]:
    if (before := done_by(user, project_id, KIND, wanted, action)) is not None:
        return before
    items = Item.objects.filter(project=project_id, trashed_at=None, pk__in=wanted).order_by("pk")
    found = items.select_for_update(of=("self",), no_key=True).values_list("pk", "assignee")
    changed = {pk: held for pk, held in found if held != wanted[pk]}
    for person in set(wanted.values()):
        theirs = [pk for pk in changed if wanted[pk] == person]
        Item.objects.filter(pk__in=theirs).update(assignee=person)
    if changed:
        records = {pk: {"assignee": wanted[pk], "before": held} for pk, held in changed.items()}
        log(user, project_id, KIND, records, action=action)
    return list(changed)
