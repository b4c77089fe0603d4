"""Taking a move back: the items go to where they were, with the labels and values they had; and the labels that the
move made go, too."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import groupby, islice
from typing import Any
from uuid import UUID, uuid5

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404

from annotator import proposals
from annotator.models import Annotation, Lease
from annotator.moving import (
    TOGETHER,
    Why,
    clocks_of,
    held,
    lock_sheets,
    looked_at,
    through_the_door,
    workers,
)
from annotator.operations import Request
from annotator.operations.undoing import TakeBackMove
from projects import events
from projects.errors import Refusal
from projects.models import MOVE, Change, Item, Label, User
from projects.services import labels, moving, wait_for_writers

CHANGED: Why = ("skipped", "Someone has changed it since, so it was left as it is.")


def take_back(user: User, source: int, ids: Sequence[int], undone: UUID, action: UUID) -> dict[int, Why | None]:
    """To where they were, with the labels and values they had: the items that nobody has worked on or moved since."""
    moved = Change.objects.filter(project=source, kind=MOVE, target__in=ids, action=undone, actor=user)
    moved = moved.filter(record__has_key="clocks", record__from=source)  # a move that was taken back is done with
    said = {change.target: change.record for change in moved.order_by("record__to", "target")}
    results: dict[int, Why | None] = dict.fromkeys(ids, CHANGED)
    for some in together(said):
        try:
            results |= bring_back(user, source, some, undone, action, looked_at(user, list(some)))
        except Refusal as refusal:
            results |= dict.fromkeys(some, (refusal.code, str(refusal.detail)))
    if None in results.values():
        unmake(user, source, undone)
    return results


def unmake(user: User, source: int, undone: UUID) -> None:
    """The labels that the move made go, too, where nothing has them, nothing that could come back had them, and nobody
    has changed them; and who takes it back manages there still."""
    moves = Change.objects.filter(project=source, kind=MOVE, action=undone, actor=user, record__has_key="made")
    made = [pk for record in moves.values_list("record", flat=True) for pk in record["made"]]
    for pk in Label.objects.filter(pk__in=made, removed_at=None, version=1).values_list("pk", flat=True):
        with (
            suppress(Refusal, Http404, PermissionDenied),
            transaction.atomic(),
        ):  # who manages there no more leaves them
            label = labels.lock_label(user, pk)
            wait_for_writers(label.project_id)  # who draws with it just now has drawn
            there = Annotation.objects.filter(label=label, sheet__item__project=label.project_id)
            used = there.exists() or proposals.keeper.uses(pk)
            if label.version == 1 and not used:
                labels.remove(user, pk)


def together(said: dict[int, dict[str, Any]]) -> Iterator[dict[int, dict[str, Any]]]:
    """Of one project each."""
    for _, group in groupby(said, key=lambda pk: said[pk]["to"]):
        while some := list(islice(group, TOGETHER)):
            yield {pk: said[pk] for pk in some}


@transaction.atomic
def bring_back(
    user: User, source_id: int, said: dict[int, dict[str, Any]], undone: UUID, action: UUID, busy: dict[int, Why]
) -> dict[int, Why | None]:
    [there] = {record["to"] for record in said.values()}
    source, into = moving.lock_both(user, source_id, there)
    before = moving.done_before(user, source.pk, said, action)
    found = moving.locked(into.pk, list(said))
    sheets = lock_sheets(found)
    came, clocks = moving.last(into.pk, said), clocks_of(list(said))
    stay = busy | held(user, [item.pk for item in found])
    refused = {item.pk: stay[item.pk] for item in found if item.pk in stay}
    found = [
        item
        for item in found
        if item.pk not in refused
        and came[item.pk].action == undone
        and clocks.get(item.pk, {}) == said[item.pk]["clocks"]
    ]
    going = [item.pk for item in found]
    if found:
        for item in found:
            if item.assignee_id == said[item.pk]["kept"]:
                item.assignee_id = said[item.pk]["assignee"]
        moving.put(source, found, workers(source, found))
        Lease.objects.filter(sheet__item__in=going).delete()
        through_the_door({pk: [back(user, pk, undone, action)] for pk, item in sheets.items() if item in set(going)})
        moving.keep(user, into, source, found, action, {pk: {} for pk in going})
        events.items_restored.send(Item, items=going)
    return dict.fromkeys(said, CHANGED) | refused | dict.fromkeys([*before, *going], None)


def back(user: User, sheet: int, undone: UUID, action: UUID) -> Request:
    return Request(user.pk, TakeBackMove(uuid5(action, str(sheet)), sheet, undone), source=MOVE)
