"""What to do next: each person is handed an item that nobody else is at."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from annotator.access import sheet_of
from annotator.live.presence import people_by_sheet
from annotator.models import Lease, Status
from annotator.overview import items_for
from projects.models import Item, Project, User

TIME = timedelta(minutes=2)  # until then one has opened it, and is seen there
FEW = 100


@transaction.atomic
def hand_out(user: User, project: Project) -> Item | None:
    """The first item that waits and that nobody else holds or looks at, leased to the person.

    Of two who ask at once, each gets another. When others are at all that waits, one joins them.
    """
    waiting = items_for(user, [project]).filter(status__in=[Status.TODO, Status.IN_PROGRESS]).order_by("pk")
    free = Q(own__lease=None) | Q(own__lease__until__lte=timezone.now()) | Q(own__lease__person=user)
    found = list(waiting.filter(free).select_for_update(of=["self"], skip_locked=True, no_key=True)[:FEW])
    here = people_by_sheet(item.sheet for item in found if item.sheet)
    for item in found:
        if not any(one.user != user.pk for one in here.get(item.sheet, [])):
            Lease.objects.update_or_create(
                sheet=sheet_of(item, user), defaults={"person": user, "until": timezone.now() + TIME}
            )
            return item
    return waiting.first()
