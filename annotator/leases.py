"""What to do next: each person is handed an item that nobody else is at."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from annotator.access import sheet_of
from annotator.live.presence import people_by_sheet
from annotator.models import Lease, Operation, Priority, Sheet, Status
from annotator.overview import items_for
from projects.models import Change, Item, Project, User

TIME = timedelta(minutes=2)  # until then one has opened it, and is seen there
FEW = 100
TO_REVIEW = (Status.DONE, Status.SKIPPED)


def hand_out(user: User, project: Project, left: Item | None = None) -> Item | None:
    """An item that waits and that nobody else holds or looks at, leased to the person: the first one, or the next after
    the item that they `left`.

    Of two who ask at once, each gets another. When others are at all that waits (or at the first hundred of each
    kind), one joins them.
    """
    kinds = in_turn(user, project, left)
    for waiting in kinds:
        free = free_among(waiting, user)
        found = list(free.values_list("pk", "sheet")[:FEW])
        here = people_by_sheet(sheet for _, sheet in found if sheet)
        for pk, sheet in found:
            alone = all(one.user == user.pk for one in here.get(sheet, []))
            if alone and (item := lease(user, free.filter(pk=pk))):
                return item
    return next(filter(None, (waiting.first() for waiting in kinds)), None)


def next_to_label(user: User, left: Item) -> int | None:
    """An item that waits, of which nothing is handed out: whether one could go on."""
    kinds = (waiting.values_list("pk", flat=True) for waiting in in_turn(user, left.project, left))
    return next(filter(None, (waiting.first() for waiting in kinds)), None)


def in_turn(user: User, project: Project, left: Item | None) -> list[QuerySet[Any]]:
    """In the order of their priority where items have one, or else onwards from where one is."""
    kinds = waiting_for(user, project)
    if Priority.objects.filter(project=project).exists():
        first = (F("priority__value").desc(nulls_last=True), "pk")
        return [(kind.exclude(pk=left.pk) if left else kind).order_by(*first) for kind in kinds]
    return [turn for kind in kinds for turn in (onwards(kind, left) if left else [kind])]


def waiting_for(user: User, project: Project) -> list[QuerySet[Any]]:
    """What to do first: what is one's own to mend, then what else is assigned to one; then what is anyone's, and last
    what others have to mend. What is assigned to others is theirs."""
    items = items_for(user, project).filter(Q(assignee=None) | Q(assignee=user)).order_by("pk")
    returned = items.filter(own__status=Status.RETURNED)  # few: found from the sheets, without a look at all items
    drawn = Operation.objects.filter(sheet=OuterRef("sheet"), actor=user, source="person")
    said = Change.objects.filter(project=project, kind="status", target=OuterRef("sheet"), actor=user)
    mine = Q(assignee=user) | Exists(drawn) | Exists(said)
    begun = items.filter(status__in=[Status.TODO, Status.IN_PROGRESS])
    return [returned.filter(mine), begun.filter(assignee=user), begun.filter(assignee=None), returned.exclude(mine)]


def onwards(waiting: QuerySet[Any], left: Item) -> list[QuerySet[Any]]:
    """What comes after an item, and then what comes before it."""
    return [waiting.filter(pk__gt=left.pk), waiting.filter(pk__lt=left.pk)]


def free_among(waiting: QuerySet[Any], user: User) -> QuerySet[Any]:
    return waiting.filter(Q(own__lease=None) | Q(own__lease__until__lte=timezone.now()) | Q(own__lease__person=user))


def next_to_review(user: User, item: Item) -> int | None:
    """The next item after this one whose work waits for a reviewer, and that nobody else looks at; after the last the
    first. When others are at all that waits (or at the first hundred), one joins them."""
    worked_on = Q(person=user if item.project.blind else None)
    there = Q(item__project=item.project_id, item__trashed_at=None, status__in=TO_REVIEW)
    waiting = Sheet.objects.filter(worked_on & there).exclude(item=item).order_by("item").values_list("item", "pk")
    found = [*waiting.filter(item__gt=item.pk)[:FEW], *waiting.filter(item__lt=item.pk)[:FEW]]
    here = people_by_sheet(sheet for _, sheet in found)
    free = (pk for pk, sheet in found if all(one.user == user.pk for one in here.get(sheet, [])))
    return next(free, found[0][0] if found else None)


@transaction.atomic
def lease(user: User, free: QuerySet[Any]) -> Item | None:
    """The item, if it is still free and nobody takes it at this moment."""
    item = free.select_for_update(of=["self"], skip_locked=True, no_key=True).first()
    if item is None or not free.exists():  # it may have been taken before we had the lock
        return None
    values = {"person": user, "until": timezone.now() + TIME}
    Lease.objects.update_or_create(sheet=sheet_of(item, user), defaults=values)
    return item
