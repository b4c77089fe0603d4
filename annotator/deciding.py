"""What models suggest for many items, accepted or rejected in one go: what nobody has decided at that moment, and no
more."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated
from uuid import UUID, uuid5

import msgspec
from msgspec import Meta

from annotator import operations, proposals
from annotator.messages import MAX_BATCH, Apply, Batch, Create, Message, Number, OperationIn, Reject
from annotator.models import Operation
from annotator.operations import Outcome, Request
from annotator.proposals import Suggestion, Wanted, standing_for
from projects.access import get_project
from projects.models import Item, Project, User

AT_ONCE = 50  # items
ATTEMPTS = 3  # where others decide at the same time
MOST = 1_000  # items

Above = Annotated[float, Meta(ge=0, le=1)]
Sheets = Callable[[Sequence[int]], Sequence[tuple[int, int]]]  # the sheets of items, made where there are none
Ids = Annotated[list[Number], Meta(min_length=1, max_length=MOST)]


class WouldDecide(Message, frozen=True):
    """Asks how many suggestions are open on items: of a run, and at least so sure."""

    items: Ids
    run: Number | None = None
    above: Above | None = None


class OpenOfLabel(msgspec.Struct, frozen=True):
    label: int
    suggestions: int
    items: int


def count(user: User, project_id: int, message: WouldDecide) -> list[OpenOfLabel]:
    """How many are open now, by label, the most first. What two runs suggest counts once."""
    project = get_project(user, project_id)
    there = list(
        Item.objects.filter(project=project, trashed_at=None, pk__in=message.items).values_list("pk", flat=True)
    )
    suggestions, items = Counter[int](), Counter[int]()
    for some in portions(there):
        found = open_on(user, project, some, Wanted(None, message.run, message.above))
        for own in map(proposals.suggester.distinct, found.values()):
            suggestions.update(one.label for one in own)
            items.update({one.label for one in own})
    return [OpenOfLabel(label, n, items[label]) for label, n in suggestions.most_common()]


def decide(
    user: User, project: Project, action: UUID, items: Sequence[int], wanted: Wanted, sheets: Sheets, *, reject: bool
) -> Iterator[tuple[int, list[Outcome]]]:
    """Do so to what is open on the items; yields those that have any, with the door's answers. What another has decided
    just then is left out."""
    for some in portions(items):
        for attempt in range(ATTEMPTS):
            answered = list(at_the_door(user, project, action, some, wanted, sheets, reject=reject))
            some = [item for item, outcomes in answered if attempt < ATTEMPTS - 1 and any(map(overtaken, outcomes))]
            yield from (pair for pair in answered if pair[0] not in some)
            if not some:
                break


def at_the_door(
    user: User, project: Project, action: UUID, items: Sequence[int], wanted: Wanted, sheets: Sheets, *, reject: bool
) -> Iterator[tuple[int, list[Outcome]]]:
    found = {item: own for item, own in open_on(user, project, items, wanted).items() if own}
    items_of = {sheet: item for item, sheet in sheets(list(found))}
    batches = {sheet: batch(action, sheet, found[items_of[sheet]], reject=reject) for sheet in sorted(items_of)}
    for some in commits(batches):
        asked = {sheet: [Request(user.pk, Apply(sheet=sheet, batch=batches[sheet]))] for sheet in some}
        for sheet, outcomes in operations.perform_many(asked, project=project.pk).items():
            yield items_of[sheet], outcomes


def open_on(user: User, project: Project, items: Sequence[int], wanted: Wanted) -> dict[int, list[Suggestion]]:
    return proposals.suggester.open_on(items, user.pk if project.blind else None, wanted)


def batch(action: UUID, sheet: int, found: Sequence[Suggestion], *, reject: bool) -> Batch:
    decided = found if reject else proposals.suggester.distinct(found)
    operations: list[OperationIn] = [one_of(action, sheet, one, reject=reject) for one in decided]
    return Batch(id=uuid5(action, str(sheet)), action=action, operations=operations)


def one_of(action: UUID, sheet: int, one: Suggestion, *, reject: bool) -> Create | Reject:
    annotation = standing_for(one.prediction, sheet)
    key = uuid5(action, str(annotation))
    if reject:
        return Reject(id=key, annotation=annotation, prediction=one.prediction)
    return Create(id=key, annotation=annotation, label=one.label, shape=one.shape, prediction=one.prediction)


def overtaken(outcome: Outcome) -> bool:
    return getattr(outcome, "code", "") == "decided"


def portions(items: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]


def commits(batches: dict[int, Batch]) -> Iterator[list[int]]:
    """Sheets that are written together: with all of them in one commit, whoever writes to one would wait long."""
    together: list[int] = []
    size = 0
    for sheet, one in batches.items():
        if together and size + len(one.operations) > MAX_BATCH:
            yield together
            together, size = [], 0
        together.append(sheet)
        size += len(one.operations)
    if together:
        yield together


def decided(user: User, sheets: Sequence[int], action: UUID) -> Counter[int]:
    """By sheet, how many the action has decided."""
    own = Operation.objects.filter(sheet__in=sheets, actor=user.pk).exclude(source="import")  # as an index has them
    return Counter(own.filter(action=action).values_list("sheet", flat=True))
