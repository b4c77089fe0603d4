"""One action on many items: a status, a tag, what is suggested, whose they are, another project, the trash, and taking
it back.

Statuses and tags go through the door, sheet by sheet under one action. What cannot be done to one item is said of it,
and done to the others.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID, uuid5

import msgspec
from django.db.models import Q, QuerySet
from msgspec import Meta
from msgspec.structs import replace

from annotator import deciding, events, moving, operations, returning
from annotator.deciding import MOST, Above
from annotator.messages import (
    Ack,
    Applied,
    Apply,
    Batch,
    Create,
    Delete,
    Message,
    Number,
    OperationIn,
    Reason,
    SetStatus,
    SetUnsure,
    Undo,
    Update,
)
from annotator.models import Annotation, Operation, Sheet, Status
from annotator.operations import Outcome, Request
from annotator.operations.status import TakeBackStatus
from annotator.proposals import Wanted
from annotator.shapes import Tag
from projects.access import get_project
from projects.errors import NOTHING_HERE
from projects.events import relabelled
from projects.models import MOVE, Change, Item, Project, Role, User
from projects.services import assigning, items

TOGETHER = 50  # sheets a commit: with one each a thousand take long, and whoever writes to one waits for its end


class Bulk(Message, frozen=True):
    """`id` becomes the action's: sent again, it does nothing twice."""

    id: UUID
    items: Annotated[list[Number], Meta(min_length=1, max_length=MOST)]


class StatusOfMany(Bulk, tag="status", frozen=True):
    """In a blind project a reviewer accepts or sends back the work of all who are done with the item."""

    status: Literal["todo", "done", "skipped", "returned", "accepted"]
    reason: Reason = ""


class UnsureMany(Bulk, tag="unsure", frozen=True):
    """Another is to look at them."""


class TagMany(Bulk, tag="tag", frozen=True):
    label: Number


class UntagMany(Bulk, tag="untag", frozen=True):
    label: Number


class RelabelMany(Bulk, tag="relabel", frozen=True):
    """Some annotations of the items, by their ids, get another label."""

    label: Number
    annotations: Annotated[list[UUID], Meta(min_length=1, max_length=MOST)]


class AcceptMany(Bulk, tag="accept", frozen=True):
    """What models suggest, is open at that moment and says so surely: of a label or a run, or all of it."""

    label: Number | None = None
    run: Number | None = None
    above: Above | None = None


class RejectMany(Bulk, tag="reject", frozen=True):
    label: Number | None = None
    run: Number | None = None
    above: Above | None = None


class AssignMany(Bulk, tag="assign", frozen=True):
    """To a member, or to nobody: then the items are open to all."""

    person: Number | None


class MoveMany(Bulk, tag="move", frozen=True):
    """To another project that one manages, too."""

    project: Number


class TrashMany(Bulk, tag="trash", frozen=True):
    pass


class UndoMany(Bulk, tag="undo", frozen=True):
    """Take back one's own bulk action, where nobody has changed since what it did."""

    action: UUID


BulkRequest = (
    StatusOfMany
    | UnsureMany
    | TagMany
    | UntagMany
    | RelabelMany
    | AcceptMany
    | RejectMany
    | AssignMany
    | MoveMany
    | TrashMany
    | UndoMany
)


class WouldMove(Message, frozen=True):
    """Asks what moving the items to the project would come to."""

    project: Number
    items: Annotated[list[Number], Meta(min_length=1, max_length=MOST)]


class LeftOut(msgspec.Struct, frozen=True):
    """Items to which it was not done, for one reason."""

    code: str
    detail: str
    items: list[int]


class Done(msgspec.Struct, frozen=True):
    """To which items it was done, and to which not. `suggestions` were accepted or rejected."""

    action: UUID
    done: list[int]
    refused: list[LeftOut]
    suggestions: int = 0


Why = tuple[str, str]  # code and detail of a refusal
Requests = Callable[[Sequence[int]], dict[int, list[Request]]]  # what to ask of sheets; nothing of some
Sheets = list[tuple[int, int]]  # items and sheets of theirs

GONE: Why = ("not_found", NOTHING_HERE)
NOT_DONE: Why = ("not_done", "Nobody is done with it yet.")
NOT_TAGGED: Why = ("not_tagged", "It does not have this tag.")
NOT_THERE: Why = ("deleted", "It is not labelled there any more.")
NOTHING_OPEN: Why = ("nothing_suggested", "Nothing is suggested for it.")
ASSIGNED: Why = ("assigned", "It is so already.")
IN_TRASH: Why = ("in_trash", "It is in the trash already.")
CHANGED: Why = ("skipped", "Someone has changed it since, so it was left as it is.")

REVIEWS = {
    "accepted": [Status.DONE, Status.SKIPPED],
    "returned": [Status.DONE, Status.SKIPPED, Status.ACCEPTED],
}  # what a reviewer says, and of sheets of which status
NEEDED: dict[type, Role] = {AssignMany: Role.REVIEWER, MoveMany: Role.MANAGER, TrashMany: Role.MANAGER}


def carry_out(user: User, project_id: int, message: BulkRequest) -> Done:
    project = get_project(user, project_id, NEEDED.get(type(message), Role.ANNOTATOR))
    asked = dict.fromkeys(message.items)
    results: dict[int, Why | None] = dict.fromkeys(asked, GONE)
    suggestions = 0
    match message:
        case StatusOfMany():
            results |= status_set(user, project, message)
        case UnsureMany():
            results |= at_the_door(project, sheets_of(user, project, message.items), unsure(user, message))
        case TagMany():
            results |= at_the_door(project, sheets_of(user, project, message.items), tagging(user, message))
        case UntagMany():
            results |= at_the_door(project, sheets_of(user, project, message.items), untagging(user, project, message))
        case RelabelMany():
            sheets = sheets_of(user, project, message.items)
            results |= at_the_door(project, sheets, relabelling(user, message), otherwise=NOT_THERE)
        case AcceptMany() | RejectMany():
            told, suggestions = decided(user, project, message)
            results |= told
        case AssignMany():
            results |= assigned(user, project, message)
        case MoveMany():
            results |= moving.carry_out(user, project.pk, message.project, message.items, message.id)
        case TrashMany():
            results |= to_the_trash(user, project, message)
        case UndoMany():
            results |= taken_back(user, project, message)
    events.items_changed(project.pk)
    if isinstance(message, RelabelMany | UndoMany):
        relabelled.send(Project, project=project)
    return Done(message.id, [item for item in asked if results[item] is None], left_out(results), suggestions)


def left_out(results: dict[int, Why | None]) -> list[LeftOut]:
    by_reason: dict[Why, list[int]] = {}
    for item, why in results.items():
        if why is not None:
            by_reason.setdefault(why, []).append(item)
    return [LeftOut(code, detail, found) for (code, detail), found in by_reason.items()]


# Through the door -----------------------------------------------------------------------------------------------------


def at_the_door(
    project: Project, sheets: Sheets, requests: Requests, otherwise: Why = NOT_TAGGED
) -> dict[int, Why | None]:
    """Ask it of the sheets; by item why not, or None where it is done to one. One order of sheets for all, so that no
    two wait for each other. `otherwise` says why nothing is asked of one."""
    sheets = sorted(sheets, key=lambda pair: pair[1])
    results: dict[int, Why | None] = {}
    for start in range(0, len(sheets), TOGETHER):
        some = sheets[start : start + TOGETHER]
        outcomes = operations.perform_many(requests([sheet for _, sheet in some]), project=project.pk)
        for item, sheet in some:
            why = next(filter(None, map(why_not, outcomes[sheet])), None) if sheet in outcomes else otherwise
            results[item] = why if results.get(item, why) else None
    return results


def why_not(outcome: Outcome) -> Why | None:
    if isinstance(outcome, Applied | Ack):
        return CHANGED if outcome.skipped else None
    return outcome.code, outcome.detail


def sheets_of(user: User, project: Project, ids: Sequence[int]) -> Sheets:
    """The sheets that the person works on; made where nobody has opened them before."""
    person = user if project.blind else None
    there = items_there(project, ids)
    known = Sheet.objects.filter(item__in=there, person=person)
    missing = set(there).difference(known.values_list("item", flat=True))
    Sheet.objects.bulk_create([Sheet(item_id=pk, person=person) for pk in sorted(missing)], ignore_conflicts=True)
    return list(known.values_list("item", "pk"))


def items_there(project: Project, ids: Sequence[int]) -> list[int]:
    return list(Item.objects.filter(project=project, trashed_at=None, pk__in=ids).values_list("pk", flat=True))


def status_set(user: User, project: Project, message: StatusOfMany) -> dict[int, Why | None]:
    requests = statuses(user, message)
    if not (project.blind and project.role >= Role.REVIEWER and message.status in REVIEWS):
        return at_the_door(project, sheets_of(user, project, message.items), requests)
    there = items_there(project, message.items)
    fitting = Q(status__in=REVIEWS[message.status]) | Q(pk__in=said_on(user, project, there, message.id))
    sheets = Sheet.objects.filter(fitting, item__in=there).exclude(person=None)
    return dict.fromkeys(there, NOT_DONE) | at_the_door(project, list(sheets.values_list("item", "pk")), requests)


def said_on(user: User, project: Project, items: Sequence[int], action: UUID) -> QuerySet[Any]:
    """The sheets of items that a person has accepted or sent back by an action."""
    sheets = Sheet.objects.filter(item__in=items).values("pk")
    said = Change.objects.filter(project=project, kind="status", target__in=sheets, action=action, actor=user)
    return said.filter(record__status__in=list(REVIEWS)).values("target")


def statuses(user: User, message: StatusOfMany) -> Requests:
    def requests(sheets: Sequence[int]) -> dict[int, list[Request]]:
        said = SetStatus(id=message.id, sheet=0, status=message.status, reason=message.reason)
        return {sheet: [Request(user.pk, replace(said, sheet=sheet))] for sheet in sheets}

    return requests


def unsure(user: User, message: UnsureMany) -> Requests:
    def requests(sheets: Sequence[int]) -> dict[int, list[Request]]:
        return {sheet: [Request(user.pk, SetUnsure(message.id, sheet, unsure=True))] for sheet in sheets}

    return requests


def tagging(user: User, message: TagMany) -> Requests:
    def create(sheet: int) -> Create:
        annotation = uuid5(message.id, f"{sheet} tag")
        return Create(id=own_id(message, sheet), annotation=annotation, label=message.label, shape=Tag())

    def requests(sheets: Sequence[int]) -> dict[int, list[Request]]:
        return {sheet: [batch(user, message, sheet, create(sheet))] for sheet in sheets}

    return requests


def untagging(user: User, project: Project, message: UntagMany) -> Requests:
    def requests(sheets: Sequence[int]) -> dict[int, list[Request]]:
        tags = Annotation.objects.filter(sheet__in=sheets, label=message.label, deleted=False, shape__type="tag")
        keys = [own_id(message, sheet) for sheet in sheets]
        before = Operation.objects.filter(project=project, sheet__in=sheets, key__in=keys)
        found = dict(tags.values_list("sheet", "pk")) | dict(before.values_list("sheet", "annotation"))
        return {
            sheet: [batch(user, message, sheet, Delete(id=own_id(message, sheet), annotation=annotation))]
            for sheet, annotation in found.items()
        }

    return requests


def relabelling(user: User, message: RelabelMany) -> Requests:
    def requests(sheets: Sequence[int]) -> dict[int, list[Request]]:
        there = Annotation.objects.filter(sheet__in=sheets, pk__in=message.annotations, deleted=False).order_by("pk")
        changes: dict[int, list[OperationIn]] = {}
        for sheet, annotation in there.values_list("sheet", "pk"):
            key = uuid5(message.id, f"{annotation} label")
            changes.setdefault(sheet, []).append(Update(id=key, annotation=annotation, label=message.label))
        return {
            sheet: [Request(user.pk, Apply(sheet=sheet, batch=Batch(own_id(message, sheet), message.id, several)))]
            for sheet, several in changes.items()
        }

    return requests


def decided(user: User, project: Project, message: AcceptMany | RejectMany) -> tuple[dict[int, Why | None], int]:
    """And how many suggestions. Where the action has been already, it is not done once more."""
    there = items_there(project, message.items)
    person = user if project.blind else None
    sheets = dict(Sheet.objects.filter(item__in=there, person=person).values_list("item", "pk"))
    before = deciding.decided(user, list(sheets.values()), message.id)
    results: dict[int, Why | None] = {item: None if sheets.get(item) in before else NOTHING_OPEN for item in there}
    suggestions = before.total()
    left = [item for item, why in results.items() if why]
    wanted, reject = Wanted(message.label, message.run, message.above), isinstance(message, RejectMany)
    own = partial(sheets_of, user, project)
    for item, outcomes in deciding.decide(user, project, message.id, left, wanted, own, reject=reject):
        results[item] = next(filter(None, map(why_not, outcomes)), None)
        suggestions += sum(len(one.changes) for one in outcomes if isinstance(one, Applied))
    return results, suggestions


def batch(user: User, message: Bulk, sheet: int, operation: Create | Delete) -> Request:
    own = Batch(id=own_id(message, sheet), action=message.id, operations=[operation])
    return Request(user.pk, Apply(sheet=sheet, batch=own))


def own_id(message: Bulk, sheet: int) -> UUID:
    return uuid5(message.id, str(sheet))


# The trash, and undo --------------------------------------------------------------------------------------------------


def to_the_trash(user: User, project: Project, message: TrashMany) -> dict[int, Why | None]:
    known = Item.objects.filter(project=project, purged_at=None, pk__in=message.items).values_list("pk", flat=True)
    moved = items.trash_many(user, project.pk, message.items, action=message.id)
    return dict.fromkeys(known, IN_TRASH) | dict.fromkeys(moved, None)


def assigned(user: User, project: Project, message: AssignMany) -> dict[int, Why | None]:
    known = items_there(project, message.items)
    changed = assigning.assign_many(user, project.pk, known, message.person, action=message.id)
    return dict.fromkeys(known, ASSIGNED) | dict.fromkeys(changed, None)


def taken_back(user: User, project: Project, message: UndoMany) -> dict[int, Why | None]:
    done = Change.objects.filter(project=project, target__in=message.items, action=message.action, actor=user)
    if found := list(done.filter(kind=MOVE).values_list("target", flat=True)):
        return returning.take_back(user, project.pk, found, message.action, message.id)
    if found := list(done.filter(kind="item").values_list("target", flat=True)):
        restored = items.take_back(user, project.pk, found, message.action, action=message.id)
        return dict.fromkeys(found, CHANGED) | dict.fromkeys(restored, None)
    if found := list(done.filter(kind=assigning.KIND).values_list("target", flat=True)):
        back = assigning.take_back(user, project.pk, found, message.action, action=message.id)
        return dict.fromkeys(found, CHANGED) | dict.fromkeys(back, None)

    def requests(sheets: Sequence[int]) -> dict[int, list[Request]]:
        statuses = Change.objects.filter(project=project, kind="status", target__in=sheets, action=message.action)
        said = set(statuses.filter(actor=user).values_list("target", flat=True))
        own = Operation.objects.filter(sheet__in=sheets, actor=user.pk).exclude(source="import")  # as an index has them
        drawn = set(own.filter(action=message.action).values_list("sheet", flat=True))
        return {sheet: list(of(sheet, sheet in drawn, sheet in said)) for sheet in sheets}

    def of(sheet: int, drawn: bool, said: bool) -> Iterator[Request]:
        """To ask about what was not done takes as long as to take it back."""
        if drawn or not said:
            yield Request(user.pk, Undo(id=own_id(message, sheet), sheet=sheet, action=message.action))
        if said:
            yield Request(user.pk, TakeBackStatus(message.id, sheet, message.action))

    there = items_there(project, message.items)
    reviewed = Sheet.objects.filter(item__in=there, pk__in=said_on(user, project, there, message.action))
    sheets = list(reviewed.values_list("item", "pk"))
    return at_the_door(project, sheets or sheets_of(user, project, message.items), requests)
