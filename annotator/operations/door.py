"""Takes requests to sheets, in order: one transaction under the sheets' locks, each request whole or not at all."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.db import IntegrityError, transaction
from rest_framework.exceptions import APIException

from annotator import events, notices
from annotator.messages import (
    Ack,
    Applied,
    Apply,
    Changes,
    Create,
    OperationIn,
    Redo,
    Refused,
    RestoreTo,
    SetStatus,
    SetUnsure,
    StatusSet,
    Undo,
)
from annotator.operations import status, undoing
from annotator.operations.common import Common
from annotator.operations.loading import lock
from annotator.operations.writing import Writing, flush
from annotator.rows import Row
from projects.errors import NOTHING_HERE, Refusal
from projects.prepared import brief

Outcome = Applied | Ack | Refused
Frame = Changes | StatusSet
Publish = Callable[[list[Frame]], None]
Moved = Callable[[dict[int, int]], None]
ATTEMPTS = 3
TAKING_BACK = (Undo, Redo, RestoreTo, undoing.TakeBackMove)

Message = Apply | Undo | Redo | RestoreTo | SetStatus | SetUnsure | status.TakeBackStatus | undoing.TakeBackMove


@dataclass(frozen=True, slots=True)
class Request:
    """What someone asks of a sheet. `source` is written to the log: a person, the API, an import, a move, or a label's
    change, for which no role is asked: that was when the label was changed."""

    actor: int
    message: Message
    source: str = "person"

    @property
    def id(self) -> UUID:
        return self.message.batch.id if isinstance(self.message, Apply) else self.message.id


Asked = Mapping[int, Sequence[Request]]


class Doubtful(Exception):
    """What was refused may have been done before."""


def perform(sheet: int, requests: Sequence[Request], *, publish: Publish | None = None) -> list[Outcome]:
    """Carry out the requests and answer each, in order. `publish` is called once, after the commit.

    The same requests may be performed again after an error: their ids make that harmless.
    """
    return perform_many({sheet: requests}, publish=publish)[sheet]


def perform_many(
    asked: Asked, *, project: int | None = None, publish: Publish | None = None, moved: Moved | None = None
) -> dict[int, list[Outcome]]:
    """The same for several sheets of one project in one commit: by sheet, the requests, and the answers to them. Who
    names the project does nothing to sheets whose item has left it meanwhile, and does it to the others.

    With `moved`, which is told the clocks that sheets have come to, nobody is told the changes, and no answer has them.
    """
    for attempt in range(ATTEMPTS):
        try:
            return commit(asked, project, publish or events.publish, moved, hopeful=attempt == 0)
        except (Doubtful, IntegrityError):  # an id is used already, or may be: look
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def commit(
    asked: Asked, project: int | None, publish: Publish, moved: Moved | None, *, hopeful: bool
) -> dict[int, list[Outcome]]:
    """`hopeful`: what is created was never there. The database refuses it if it was; to look for it takes long."""
    with brief():
        requests = [request for several in asked.values() for request in several]
        actors = {request.actor for request in requests}
        operations = operations_of(requests)
        new = hopeful and creates_alone(requests, operations)
        keys = [operation.id for operation in operations] + [key for request in requests for key in keys_of(request)]
        writings = opened(asked, actors, operations, keys, project, told=moved is None, new=new)
        outcomes = {sheet: answers(sheet, writings.get(sheet), several) for sheet, several in asked.items()}
        if new and any(isinstance(one, Refused) for several in outcomes.values() for one in several):
            raise Doubtful
        flush(writings.values(), new=new, last=not any(one.returned_by for one in writings.values()))
        tell_finishers(writings.values())
        # A room that misses it finds the gap. Functions, as Django names what went wrong by `__qualname__`.
        if moved and (clocks := {sheet: one.clock for sheet, one in writings.items() if one.clock > one.began}):
            transaction.on_commit(lambda: moved(clocks), robust=True)
        elif frames := [frame for sheet, writing in writings.items() for frame in told(writing, outcomes[sheet])]:
            transaction.on_commit(lambda: publish(frames), robust=True)
        for number in {one.common.project for one in writings.values() if one.clock > one.began}:
            transaction.on_commit(partial(events.sheets_changed, number), robust=True)
    return outcomes


def opened(
    sheets: Iterable[int],
    actors: Iterable[int],
    operations: Sequence[OperationIn],
    keys: Iterable[UUID],
    project: int | None,
    *,
    told: bool,
    new: bool,
) -> dict[int, Writing]:
    """Lock the sheets, all of one project, by their ids; without those that are not to be written."""
    standing = lock(sheets, actors, operations, keys, project, new=new)
    if standing is None:
        return {}
    common = Common(standing, told=told)
    common.look_up(operations)
    rows: dict[int, list[Row]] = {}
    for sheet, row in standing.rows:
        rows.setdefault(sheet, []).append(row)
    return {now.id: Writing(common, now, rows.get(now.id, [])) for now in standing.sheets}


def tell_finishers(writings: Iterable[Writing]) -> None:
    returned: dict[tuple[int, UUID, str], list[Writing]] = {}
    for one in writings:
        if one.returned_by:
            returned.setdefault((*one.returned_by, one.reason), []).append(one)
    for (by, action, reason), several in returned.items():
        sheets, project = [one.sheet for one in several], several[0].common.project
        notices.tell_finishers(sheets, project=project, by=by, action=action, reason=reason)


def answers(sheet: int, writing: Writing | None, requests: Sequence[Request]) -> list[Outcome]:
    if writing is None:
        return [refused(sheet, request, NOT_FOUND) for request in requests]
    return [carry_out(writing, request) for request in requests]


def creates_alone(requests: Sequence[Request], operations: Sequence[OperationIn]) -> bool:
    takes_back = any(isinstance(request.message, TAKING_BACK) for request in requests)
    return not takes_back and all(isinstance(operation, Create) for operation in operations)


def operations_of(requests: Sequence[Request]) -> list[OperationIn]:
    batches = [request.message.batch for request in requests if isinstance(request.message, Apply)]
    return [operation for batch in batches for operation in batch.operations]


def keys_of(request: Request) -> list[UUID]:
    """Under which an undo and its like are known once they are done."""
    return [undoing.key(request.id, 0)] if isinstance(request.message, TAKING_BACK) else []


def carry_out(writing: Writing, request: Request) -> Outcome:
    try:
        match request.message:
            case Apply(batch=batch):
                return writing.apply(request.actor, batch, source=request.source)
            case Undo(id=id_, action=action):
                return undoing.undo(writing, request.actor, id_, action)
            case undoing.TakeBackMove(id=id_, action=action):
                return undoing.take_back_move(writing, request.actor, id_, action)
            case Redo(id=id_):
                return undoing.redo(writing, request.actor, id_)
            case RestoreTo(id=id_, clock=clock):
                return undoing.restore_to(writing, request.actor, id_, clock)
            case SetStatus() as message:
                return status.set_status(writing, request.actor, message, source=request.source)
            case SetUnsure() as message:
                return status.set_unsure(writing, request.actor, message)
            case status.TakeBackStatus() as message:
                return status.take_back(writing, request.actor, message)
    except APIException as error:
        return refused(writing.sheet, request, error, writing)


def told(writing: Writing, outcomes: Sequence[Outcome]) -> list[Frame]:
    batches = [outcome for outcome in outcomes if isinstance(outcome, Applied)]
    frames: list[Frame] = []
    if batches:
        frames.append(Changes(sheet=writing.sheet, after=writing.began, clock=writing.clock, batches=batches))
    if writing.status_by is not None:
        frames.append(
            StatusSet(
                sheet=writing.sheet,
                after=writing.clock if batches else writing.began,
                clock=writing.clock,
                status=writing.status,
                reason=writing.reason,
                actor=writing.status_by,
                unsure=writing.unsure,
            )
        )
    return frames


NOT_FOUND = Refusal(NOTHING_HERE, code="not_found")


def refused(sheet: int, request: Request, error: APIException, writing: Writing | None = None) -> Refused:
    refusal = error if isinstance(error, Refusal) else Refusal(str(error.detail), code=error.default_code)
    records = []
    if writing and isinstance(request.message, Apply) and refusal.code != NOT_FOUND.code:
        records = writing.records_of(request.message.batch)
    return Refused(
        id=request.id,
        sheet=sheet,
        code=refusal.code,
        detail=str(refusal.detail),
        fields=refusal.fields,
        records=records,
    )
