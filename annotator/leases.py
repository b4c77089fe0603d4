"""What to do next: each person is handed an item that nobody else is at."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from annotator.access import sheet_of
from annotator.live.presence import people_by_sheet
from annotator.models import Lease, Status
from annotator.overview import items_for
from projects.models import Item, Project, User

TIME = timedelta(minutes=2)  # until then one has opened it, and is seen there
FEW = 100


def hand_out(user: User, project: Project) -> Item | None:
    """The first item that waits and that nobody else holds or looks at, leased to the person.

    Of two who ask at once, each gets another. When others are at all that waits, one joins them.
    """
    waiting = items_for(user, [project]).filter(status__in=[Status.TODO, Status.IN_PROGRESS]).order_by("pk")
    free = waiting.filter(Q(own__lease=None) | Q(own__lease__until__lte=timezone.now()) | Q(own__lease__person=user))
    found = list(free.values_list("pk", "sheet")[:FEW])
    here = people_by_sheet(sheet for _, sheet in found if sheet)
    for pk, sheet in found:
        alone = all(one.user == user.pk for one in here.get(sheet, []))
        if alone and (item := lease(user, free.filter(pk=pk))):
            return item
    return waiting.first()


@transaction.atomic
def lease(user: User, free: QuerySet[Item]) -> Item | None:
    """The item, if it is still free and nobody takes it at this moment."""
    item = free.select_for_update(of=["self"], skip_locked=True, no_key=True).first()
    if item:
        values = {"person": user, "until": timezone.now() + TIME}
        Lease.objects.update_or_create(sheet=sheet_of(item, user), defaults=values)
    return item
