"""Moving items to another project: each keeps its sheets, comments and history, and its labels become those of the
same names there.

Annotations get their labels through the door, as operations that no undo of a person takes back; the log of the other
project begins with them, and what was said of a sheet's status is copied there. What was done before belongs to the
former project's log and can be looked at, not gone back to.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

import msgspec
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from msgspec import UNSET
from redis import RedisError

from annotator import operations, proposals
from annotator.live.presence import who_is_there
from annotator.messages import Apply, Batch, Delete, OperationIn, Refused, Update, Value
from annotator.models import Annotation, Comment, Fitting, Lease, Replacement, Sheet
from annotator.operations import Request
from annotator.operations.checks import mismatch
from projects import events
from projects.access import get_project, projects_of
from projects.errors import NOTHING_HERE, Invalid, Refusal
from projects.models import MOVE, Item, Label, Project, Role, User
from projects.services import examples, labels, moving

MOST = 20_000  # annotations
TOGETHER = 50  # items a transaction
A_BATCH = 1_000
WAS_REMOVED = "removed attribute"

Why = tuple[str, str]  # code and detail of a refusal
GONE: Why = ("not_found", NOTHING_HERE)
BUSY: Why = ("busy", "Someone is at it just now.")
UNKNOWN: Why = ("busy", "It cannot be seen just now whether someone is at it. Try again in a minute.")
RELABELLED: Why = (
    "relabelled",
    "Its label has been changed or removed, and its annotations are being seen to. Try again in a minute.",
)


class Lost(msgspec.Struct, frozen=True):
    """Values of an attribute that the other project's label of this name does not take."""

    label: str
    attribute: str
    values: int


class Preview(msgspec.Struct, frozen=True):
    """What moving would come to: labels that are `made`, or `widened` to take further shapes, values that are `lost`,
    and items that are `opened`, as whose they are may not label there; `predictions` stay behind. `refused` are left
    out."""

    items: int
    annotations: int
    comments: int
    made: list[str]
    widened: list[str]
    lost: list[Lost]
    opened: int
    predictions: int
    refused: int


def targets(user: User, project: Project) -> list[dict[str, object]]:
    """The projects that one may move items of this one to."""
    if project.role < Role.MANAGER:
        return []
    others = projects_of(user).filter(blind=project.blind).exclude(pk=project.pk).order_by("name", "pk")
    return [{"id": one.pk, "name": one.name} for one in others if one.role >= Role.MANAGER]


# Which label becomes which --------------------------------------------------------------------------------------------


@dataclass
class Fit:
    """A label of the one project, and the other's of the same name: None until it is made, like `model`."""

    label: Label
    into: Label | None
    model: Label
    shapes: set[str] = field(default_factory=set)  # that its annotations have

    def __post_init__(self) -> None:
        self.names = {one["id"]: one["name"] for one in self.label.attributes}

    @property
    def there(self) -> Label:
        """Once it is made."""
        if self.into is None:
            raise ValueError(self.label.name)
        return self.into

    @property
    def missing(self) -> list[str]:
        """Shapes that the other label does not take yet."""
        return sorted(self.shapes - set(self.into.shapes)) if self.into else []

    def values(self, given: dict[str, Value]) -> tuple[dict[str, Value], list[str]]:
        """What changes of an annotation's values, by the other label's ids; and the attributes that do not fit. What
        neither label knows stays as it is, and so does all of what a label is made of."""
        if self.model.pk == self.label.pk:
            return {}, []
        attributes = {one["name"]: one for one in self.model.attributes}
        ids = {one["id"] for one in self.model.attributes}
        kept: dict[str, Value] = {}
        taken_off: dict[str, Value] = {}
        lost = []
        for id_, value in given.items():
            attribute = attributes.get(self.names.get(id_, ""))
            if attribute and not mismatch(attribute, value):
                kept[attribute["id"]] = value
            elif id_ in self.names or id_ in ids:
                lost.append(self.names.get(id_, WAS_REMOVED))
            else:
                continue
            taken_off[id_] = None
        return {id_: value for id_, value in (taken_off | kept).items() if given.get(id_) != value}, lost


def living(ids: Iterable[int]) -> Any:
    return Annotation.objects.filter(sheet__item__in=list(ids), deleted=False)


def fits(into: Project, ids: Sequence[int]) -> dict[int, Fit]:
    """By label, for all that the items' annotations have."""
    there = {label.name: label for label in into.labels.filter(removed_at=None)}
    shapes: dict[int, set[str]] = {}
    for label, shape in living(ids).values_list("label", "shape__type").distinct():
        shapes.setdefault(label, set()).add(shape)
    used = sorted(Label.objects.filter(pk__in=shapes), key=lambda label: (label.removed_at is not None, -label.pk))
    models = {label.name: label for label in reversed(used)} | there  # a living one before those that were removed
    return {label.pk: Fit(label, there.get(label.name), models[label.name], shapes[label.pk]) for label in used}


def make(user: User, source: Project, into: Project, found: dict[int, Fit]) -> list[int]:
    """The labels that are missing, with the hotkeys that are free; and let the others take what is drawn with them.
    Several may have one name, if they were removed. Returns which were made."""
    known: dict[str, Label] = {}
    made = []
    for fit in found.values():
        label = fit.label
        fit.into = known.get(label.name) or fit.into
        if fit.into is None:
            taken = into.labels.filter(removed_at=None, hotkey=label.hotkey).exists()
            fit.into = labels.add(
                user,
                into.pk,
                name=label.name,
                color=label.color,
                shapes=sorted({*label.shapes, *fit.shapes}),
                attributes=label.attributes,
                guidelines=examples.brought(user, into, source, label.guidelines),
                **({} if taken or not label.hotkey else {"hotkey": label.hotkey}),
            )
            made.append(fit.into.pk)
        if fit.missing:
            fit.into = labels.change(user, fit.into.pk, shapes=[*fit.into.shapes, *fit.missing])
        known[label.name] = fit.into
    return made


# Before ---------------------------------------------------------------------------------------------------------------


def preview(user: User, source_id: int, into_id: int, ids: Sequence[int]) -> Preview:
    source, into = get_project(user, source_id, Role.MANAGER), get_project(user, into_id, Role.MANAGER)
    moving.check(source, into)
    asked = list(Item.objects.filter(project=source, trashed_at=None, pk__in=ids).defer("text").order_by("pk"))
    refused = held(user, ids) | looked_at(user, ids)
    found = [item for item in asked if item.pk not in refused]
    here = [item.pk for item in found]
    few_enough(here)
    fit = fits(into, here)
    return Preview(
        items=len(found),
        annotations=living(here).count(),
        comments=Comment.objects.filter(sheet__item__in=here, deleted_at=None).count(),
        made=list(dict.fromkeys(one.label.name for one in fit.values() if one.into is None)),
        widened=list(dict.fromkeys(one.label.name for one in fit.values() if one.missing)),
        lost=losses(fit, here),
        opened=sum(bool(item.assignee_id) for item in found) - len(workers(into, found)),
        predictions=proposals.keeper.count(source.pk, here),
        refused=len(set(ids)) - len(found),
    )


def losses(fit: dict[int, Fit], ids: Sequence[int]) -> list[Lost]:
    counts: Counter[tuple[str, str]] = Counter()
    for label, values in living(ids).exclude(attributes={}).values_list("label", "attributes"):
        counts.update((fit[label].label.name, name) for name in fit[label].values(values)[1])
    return [Lost(label, attribute, n) for (label, attribute), n in counts.items()]


def few_enough(ids: Sequence[int]) -> None:
    n = living(ids).count()
    if n > MOST:
        raise Invalid(f"These items have {n:,} annotations. Move fewer at once: {MOST:,} annotations are the most.")


def workers(into: Project, found: Iterable[Item]) -> dict[int, int | None]:
    """By item, whose it stays: only of those who may label in the other project."""
    members = set(into.memberships.filter(role__gte=Role.ANNOTATOR).values_list("user", flat=True))
    return {item.pk: item.assignee_id for item in found if item.assignee_id in members}


def looked_at(user: User, ids: Sequence[int]) -> dict[int, Why]:
    """The items that others have open. It is asked before the locks: Valkey may take its time."""
    sheets = dict(Sheet.objects.filter(item__in=ids).values_list("pk", "item"))
    try:
        people = who_is_there(sheets)
    except RedisError:
        return dict.fromkeys(sheets.values(), UNKNOWN)
    return {sheets[pk]: BUSY for pk, here in people.items() if any(one.user != user.pk for one in here)}


def held(user: User, ids: Sequence[int]) -> dict[int, Why]:
    """The items that stay where they are: someone else has been handed them, or their labels are just being seen to."""
    leased = Lease.objects.filter(sheet__item__in=ids, until__gt=timezone.now()).exclude(person=user)
    under_way = Q(label__in=Replacement.objects.filter(done=False).values("label"))
    under_way |= Q(label__in=Fitting.objects.filter(done=False).values("label"))
    relabelled = living(ids).filter(under_way).values_list("sheet__item", flat=True)
    return dict.fromkeys(relabelled, RELABELLED) | dict.fromkeys(leased.values_list("sheet__item", flat=True), BUSY)


# There ----------------------------------------------------------------------------------------------------------------


def carry_out(user: User, source: int, into: int, ids: Sequence[int], action: UUID) -> dict[int, Why | None]:
    """By item why it was not moved, or None. Sent again, it does nothing twice."""
    moving.check(get_project(user, source, Role.MANAGER), get_project(user, into, Role.MANAGER))
    few_enough(list(Item.objects.filter(project=source, pk__in=ids).values_list("pk", flat=True)))
    results: dict[int, Why | None] = {}
    asked = sorted(set(ids))
    for start in range(0, len(asked), TOGETHER):
        some = asked[start : start + TOGETHER]
        try:
            results |= move_some(user, source, into, some, action, looked_at(user, some))
        except Refusal as refusal:
            results |= dict.fromkeys(some, (refusal.code, str(refusal.detail)))
    return results


@transaction.atomic
def move_some(
    user: User, source_id: int, into_id: int, ids: Sequence[int], action: UUID, busy: dict[int, Why]
) -> dict[int, Why | None]:
    source, into = moving.lock_both(user, source_id, into_id)
    before = moving.done_before(user, into.pk, ids, action)
    found = [item for item in moving.locked(source.pk, ids) if item.pk not in before]
    sheets = lock_sheets(found)
    stay = busy | held(user, [item.pk for item in found])
    refused = {item.pk: stay[item.pk] for item in found if item.pk in stay}
    found = [item for item in found if item.pk not in refused]
    going = [item.pk for item in found]
    fit = fits(into, going)
    made = make(user, source, into, fit)
    asked = {pk: requests(user, pk, fit, action) for pk, item in sheets.items() if item in set(going)}
    assigned, stays = {item.pk: item.assignee_id for item in found}, workers(into, found)
    bring_along(source.pk, into.pk, list(asked))
    if found:
        moving.put(into, found, stays)
        through_the_door(asked)
        clocks = clocks_of(going)
        about: dict[int, dict[str, Any]] = {
            pk: {"assignee": assigned[pk], "kept": stays.get(pk), "clocks": clocks.get(pk, {})} for pk in going
        }
        about[going[0]]["made"] = made
        moving.keep(user, source, into, found, action, about)
        events.items_added.send(Item, project=into.pk, items=going)
    return dict.fromkeys(ids, GONE) | refused | dict.fromkeys([*before, *going], None)


def lock_sheets(found: Sequence[Item]) -> dict[int, int]:
    """The items' sheets, each with its item; nobody is handed one of them any more."""
    sheets = Sheet.objects.filter(item__in=[item.pk for item in found]).order_by("pk")
    return dict(sheets.select_for_update(of=("self",)).values_list("pk", "item"))


def requests(user: User, sheet: int, fit: dict[int, Fit], action: UUID) -> list[Request]:
    changes = list(relabelled(sheet, fit, action))
    batches = [changes[start : start + A_BATCH] for start in range(0, len(changes), A_BATCH)]
    return [
        Request(user.pk, Apply(sheet, Batch(uuid5(action, f"{sheet} {number}"), action, batch)), source=MOVE)
        for number, batch in enumerate(batches)
    ]


def relabelled(sheet: int, fit: dict[int, Fit], action: UUID) -> Iterator[OperationIn]:
    """A tag that the item has already under the other label is not needed twice."""
    tags = set()
    rows = Annotation.objects.filter(sheet=sheet, deleted=False).order_by("clock")
    for pk, label, shape, given in rows.values_list("pk", "label", "shape__type", "attributes"):
        into = fit[label].there
        key = uuid5(action, str(pk))
        if shape == "tag" and into.pk in tags:
            yield Delete(id=key, annotation=pk)
            continue
        if shape == "tag":
            tags.add(into.pk)
        changed, _ = fit[label].values(given)
        yield Update(id=key, annotation=pk, label=into.pk, attributes=changed or UNSET)


SAY_AGAIN = """
INSERT INTO projects_change (project_id, actor_id, action, kind, target, record, at)
SELECT %(into)s, c.actor_id, c.action, c.kind, c.target, c.record, c.at FROM projects_change c
WHERE c.project_id = %(source)s AND c.kind IN ('status', 'unsure') AND c.target = ANY(%(sheets)s) AND NOT EXISTS (
    SELECT FROM projects_change k WHERE k.project_id = %(into)s AND k.kind = c.kind AND k.target = c.target
    AND k.action = c.action AND k.at = c.at
) ORDER BY c.id
"""


def bring_along(source: int, into: int, sheets: list[int]) -> None:
    """What was said of the sheets stands in the other project's log, too; leases end."""
    Lease.objects.filter(sheet__in=sheets).delete()
    with connection.cursor() as cursor:
        cursor.execute(SAY_AGAIN, {"source": source, "into": into, "sheets": sheets})


def through_the_door(asked: dict[int, list[Request]]) -> None:
    outcomes = operations.perform_many({sheet: several for sheet, several in asked.items() if several})
    for outcome in (one for several in outcomes.values() for one in several):
        if isinstance(outcome, Refused):
            raise Refusal(outcome.detail, code=outcome.code)


def clocks_of(ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Of the sheets that anything was done on."""
    found: dict[int, dict[str, int]] = {}
    for item, sheet, clock in Sheet.objects.filter(item__in=ids, clock__gt=0).values_list("item", "pk", "clock"):
        found.setdefault(item, {})[str(sheet)] = clock
    return found
