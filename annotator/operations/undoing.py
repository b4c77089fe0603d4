"""Undo, redo and restoring to a moment: each reads the log and writes new operations ([U1] to [U6])."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import msgspec
from django.db import connection
from msgspec import UNSET

from annotator.messages import Ack, Applied, Delete, Reject, Restore, Skipped, Update
from annotator.models import Operation
from annotator.operations.loading import read_rows
from annotator.operations.storing import Entry
from annotator.operations.values import fingerprint
from annotator.operations.writing import LIVENS, Writing
from annotator.rows import ATTRIBUTES, SHAPE, Row
from projects.errors import Conflict, Invalid, Refusal
from projects.models import MOVE, Role

Inverse = Update | Delete | Restore | Reject
ELSEWHERE = "Then the item was in another project. Choose a later moment."
MOST_PASSED_OVER = 100  # actions of which nothing can be taken back
MOST_TOLD = 100
CAME_TO = {"create": "alive", "restore": "alive", "delete": "deleted", "reject": "rejected"}


@dataclass(frozen=True, slots=True)
class TakeBackMove:
    """Give the annotations the labels that they had before one's action moved them out of the project."""

    id: UUID
    sheet: int
    action: UUID


@dataclass
class Plan:
    """Operations that would take an action back, and what of it must be left alone."""

    rows: dict[UUID, Row] = field(default_factory=dict)
    steps: list[tuple[Inverse, Row, list[str]]] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


class Past(msgspec.Struct, frozen=True):
    """What a log row keeps of an annotation, as far as it can be gone back to."""

    label: int
    shape: msgspec.Raw
    attributes: msgspec.Raw
    deleted: bool
    rejected: bool = False


PAST = msgspec.json.Decoder(Past)


def undo(writing: Writing, actor: int, request: UUID, action: UUID | None) -> Applied | Ack:
    done, _ = demanded_stacks(writing, actor)
    candidates = [a for a in reversed(done) if action in (None, a)]
    return take_back(writing, actor, request, candidates, "undo")


def redo(writing: Writing, actor: int, request: UUID) -> Applied | Ack:
    _, undone = demanded_stacks(writing, actor)
    return take_back(writing, actor, request, list(reversed(undone)), "redo")


def take_back_move(writing: Writing, actor: int, request: UUID, action: UUID) -> Applied | Ack:
    writing.demand(actor)
    writing.flush()
    said = Operation.objects.filter(sheet=writing.sheet, actor=actor, action=action)
    found = said.exclude(source="import").exists()
    return take_back(writing, actor, request, [action] if found else [], MOVE)


def demanded_stacks(writing: Writing, actor: int) -> tuple[list[UUID], list[UUID]]:
    writing.demand(actor)
    writing.flush()
    return in_turn(writing.ask(("actions", actor), lambda sheets: by_sheet(STACKS, sheets, actor=actor)))


STACKS = f"""
SELECT sheet_id, action, source, inverts FROM annotator_operation
WHERE sheet_id = ANY(%(sheets)s) AND actor_id = %(actor)s AND source NOT IN ('{MOVE}', 'label', 'import')
    AND project_id = (SELECT i.project_id FROM annotator_sheet s JOIN projects_item i ON i.id = s.item_id
        WHERE s.id = (%(sheets)s)[1])
GROUP BY sheet_id, action, source, inverts ORDER BY min(clock)
"""


def stacks(sheet: int, actor: int) -> tuple[list[UUID], list[UUID]]:
    """One's actions on the sheet that can be undone, and one's undos that can be redone; the latest last.

    What was not done on the sheet is not among them: what follows from a label's change, an import, a move, and all
    that was before a move.
    """
    return in_turn(by_sheet(STACKS, [sheet], actor=actor)[sheet])


def in_turn(rows: list[Any]) -> tuple[list[UUID], list[UUID]]:
    done: list[UUID] = []
    undone: list[UUID] = []
    for action, source, inverts in rows:
        if source in ("undo", "redo"):
            taken, given = (done, undone) if source == "undo" else (undone, done)
            if inverts in taken:  # not when a client has used the id of an action again
                taken.remove(inverts)
                given.append(action)
        elif action not in done:
            done.append(action)
            undone.clear()
    return done, undone


def by_sheet(sql: str, sheets: list[int], **values: Any) -> dict[int, list[Any]]:
    """What is found of each sheet, which is the first column."""
    found: dict[int, list[Any]] = {sheet: [] for sheet in sheets}
    with connection.cursor() as cursor:
        cursor.execute(sql, {"sheets": sheets, **values})
        for sheet, *columns in cursor.fetchall():
            found[sheet].append(columns)
    return found


def take_back(writing: Writing, actor: int, request: UUID, actions: list[UUID], source: str) -> Applied | Ack:
    """Invert the first of the actions that anything can be taken back of; it is nearly always the very first."""
    if repeated(writing, actor, request):
        return done_before(writing, request)
    skipped: list[Skipped] = []
    for some in filter(None, (actions[:1], actions[1:MOST_PASSED_OVER])):
        past = log(writing, actor, some)
        for action in some:
            plan = inverse(writing, actor, past, action)
            skipped += plan.skipped
            if plan.steps:
                return carry_out(writing, actor, request, plan, source, action, skipped[:MOST_TOLD])
    return Ack(id=request, sheet=writing.sheet, clock=writing.clock, skipped=skipped[:MOST_TOLD])


def repeated(writing: Writing, actor: int, request: UUID) -> bool:
    """Whether the request was carried out before."""
    found = writing.common.keys.get(key(request, 0))
    if found and found[1:] != (actor, writing.sheet):
        raise Conflict("This request's id was used before for something else. Use a new one.", code="key_reused")
    return found is not None


def key(request: UUID, number: int) -> UUID:
    """The id of the request's operation of that number."""
    return uuid5(request, str(number))


def done_before(writing: Writing, request: UUID) -> Ack:
    """What the request wrote, as it stands now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT annotation_id FROM annotator_operation WHERE sheet_id = %s AND action = %s",
            [writing.sheet, request],
        )
        written = {annotation for (annotation,) in cursor.fetchall()}
    writing.load_rows(written)
    records = [writing.rows[annotation].record() for annotation in written]
    return Ack(id=request, sheet=writing.sheet, clock=writing.clock, records=records)


def carry_out(
    writing: Writing,
    actor: int,
    request: UUID,
    plan: Plan,
    source: str,
    inverts: UUID | None,
    skipped: list[Skipped],
) -> Applied:
    entries: list[Entry] = []
    for number, (operation, after, properties) in enumerate(plan.steps):
        body = fingerprint(writing.sheet, operation)
        id_ = key(request, number)
        entries.append(writing.entry(id_, body, actor, request, source, inverts, operation, after, properties))
    return writing.accept(request, actor, request, source, plan.rows, entries, skipped)


# The inverse of an action ---------------------------------------------------------------------------------------------

ACTIONS = """
SELECT o.sheet_id, o.action, o.annotation_id, o.clock, o.kind, o.properties::text, before.record::text
FROM annotator_operation o LEFT JOIN LATERAL (
    SELECT p.record FROM annotator_operation p
    WHERE p.annotation_id = o.annotation_id AND p.clock < o.clock ORDER BY p.clock DESC LIMIT 1
) before ON true
WHERE o.sheet_id = ANY(%(sheets)s) AND o.actor_id = %(actor)s AND o.action = ANY(%(actions)s) AND o.source <> 'import'
ORDER BY o.clock DESC
"""

OTHERS = f"""
SELECT sheet_id, annotation_id, name, max(clock), (array_agg(actor_id ORDER BY clock DESC))[1]
FROM annotator_operation, jsonb_array_elements_text(properties) AS name
WHERE sheet_id = ANY(%(sheets)s) AND actor_id <> %(actor)s AND annotation_id = ANY(%(annotations)s)
    AND clock > %(since)s AND source <> '{MOVE}'
GROUP BY sheet_id, annotation_id, name
"""


class Logged(NamedTuple):
    """An operation of the log; `before` is the annotation's record before it."""

    annotation: UUID
    clock: int
    kind: str
    properties: str
    before: str | None


@dataclass
class Log:
    """Someone's actions on a sheet, newest operation first, and what others have written since on the same annotations:
    not by moving the item away and back. `rows` are the annotations as they stand in the table."""

    operations: dict[UUID, list[Logged]]
    others: dict[UUID, dict[str, tuple[int, int]]] = field(default_factory=dict)
    rows: dict[UUID, Row] = field(default_factory=dict)

    def written_since(self, operation: Logged) -> dict[str, int]:
        """The properties that others wrote after the operation, and who did last."""
        names = self.others.get(operation.annotation, {})
        return {name: by for name, (at, by) in names.items() if at > operation.clock}


def log(writing: Writing, actor: int, actions: list[UUID]) -> Log:
    found = writing.ask(("log", actor, *actions), lambda sheets: logs(sheets, actor, actions))
    writing.rows = found.rows | writing.rows
    return found


def logs(sheets: list[int], actor: int, actions: list[UUID]) -> dict[int, Log]:
    found = {sheet: Log({action: [] for action in actions}) for sheet in sheets}
    sheet_of: dict[UUID, int] = {}
    since = []
    for sheet, rows in by_sheet(ACTIONS, sheets, actor=actor, actions=actions).items():
        for action, *columns in rows:
            logged = Logged(*columns)
            found[sheet].operations[action].append(logged)
            sheet_of[logged.annotation] = sheet
            since.append(logged.clock)
    if since:
        others = by_sheet(OTHERS, sheets, actor=actor, annotations=list(sheet_of), since=min(since))
        for sheet, rows in others.items():
            for annotation, name, clock, by in rows:
                found[sheet].others.setdefault(annotation, {})[name] = (clock, by)
        for row in read_rows(sheets, sheet_of):
            found[sheet_of[row.id]].rows[row.id] = row
    return found


def inverse(writing: Writing, actor: int, past: Log, action: UUID) -> Plan:
    plan = Plan()
    for logged in past.operations[action]:
        now = plan.rows.get(logged.annotation) or writing.rows[logged.annotation]
        names = msgspec.json.decode(logged.properties)
        operation = invert(plan, now, logged.kind, names, logged.before, past.written_since(logged))
        if operation is not None:
            add(writing, actor, plan, operation)
    return plan


def invert(
    plan: Plan, now: Row, kind: str, properties: list[str], before: str | None, since: dict[str, int]
) -> Inverse | None:
    """The operation that takes one operation back, or None; what others wrote `since` is left alone and told."""

    def skip(names: Iterable[str]) -> None:
        plan.skipped.extend(Skipped(annotation=now.id, property=name, actor=since[name]) for name in names)

    past = PAST.decode(before) if before is not None else None
    if kind in CAME_TO:
        if kind in LIVENS:
            skip(since)
        by_others = since if kind in LIVENS else {"deleted"} & since.keys()
        return None if by_others or life(now) != CAME_TO[kind] else back_to(life(past), now)
    if now.deleted or past is None:
        skip({"deleted"} & since.keys())
        return None
    skip(name for name in properties if name in since)
    return difference(now, past, [name for name in properties if name not in since])


def life(row: Row | Past | None) -> str:
    if row is None or row.deleted:
        return "rejected" if row and row.rejected else "deleted"
    return "alive"


def back_to(state: str, now: Row) -> Inverse:
    if state == "rejected" and now.prediction:
        return Reject(id=now.id, annotation=now.id, prediction=now.prediction)
    return (Restore if state == "alive" else Delete)(id=now.id, annotation=now.id)


def difference(now: Row, past: Past, names: Iterable[str]) -> Update | None:
    """The update that gives these properties the values they had, or None when they have them."""
    shape = SHAPE.decode(past.shape)
    attributes = ATTRIBUTES.decode(past.attributes)
    names = set(names)
    changed = {
        name[11:]: attributes.get(name[11:])
        for name in names
        if name.startswith("attributes.") and attributes.get(name[11:]) != now.value(name)
    }
    update = Update(
        id=now.id,
        annotation=now.id,
        shape=shape if "shape" in names and shape != now.shape else UNSET,
        label=past.label if "label" in names and past.label != now.label else UNSET,
        attributes=changed or UNSET,
    )
    return None if update.shape is update.label is update.attributes is UNSET else update


def add(writing: Writing, actor: int, plan: Plan, operation: Inverse) -> None:
    """Append a step to the plan. What was valid once is not checked against labels that have changed since."""
    now = plan.rows.get(operation.annotation) or writing.rows[operation.annotation]
    clock = writing.clock + len(plan.steps) + 1
    try:
        if isinstance(operation, Update):
            after, properties = writing.rewritten(actor, operation, now, clock, pending=plan.rows)
        else:
            after, properties = writing.result(actor, operation, now, clock, pending=plan.rows)
    except Refusal:  # the same tag stands there again
        plan.skipped.append(Skipped(annotation=now.id, property="deleted", actor=now.updated_by))
        return
    plan.rows[after.id] = after
    plan.steps.append((operation, after, properties))


# Restoring to a moment ------------------------------------------------------------------------------------------------

STATE_AT = """
SELECT DISTINCT ON (annotation_id) annotation_id, record::text FROM annotator_operation
WHERE sheet_id = %s AND clock <= %s ORDER BY annotation_id, clock DESC
"""


def restore_to(writing: Writing, actor: int, request: UUID, clock: int) -> Applied | Ack:
    writing.demand(actor, Role.REVIEWER, "Only a reviewer can restore a sheet's history.")
    writing.flush()
    if repeated(writing, actor, request):
        return done_before(writing, request)
    if not 0 <= clock <= writing.clock:
        raise Invalid("There is no such moment in this sheet's history.", fields={"clock": "unknown"})
    if Operation.objects.filter(sheet=writing.sheet, clock__gt=clock).exclude(project=writing.common.project).exists():
        raise Invalid(ELSEWHERE, fields={"clock": "elsewhere"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM annotator_annotation WHERE sheet_id = %s AND clock > %s", [writing.sheet, clock])
        changed = {id_ for (id_,) in cursor.fetchall()}
        cursor.execute(STATE_AT, [writing.sheet, clock])
        then = {id_: record for id_, record in cursor.fetchall() if id_ in changed}
    writing.load_rows(changed)
    plan = Plan()
    for id_ in sorted(changed, key=lambda id_: id_ in then):  # deletions first: a tag may stand in for another
        for operation in steps_back(writing.rows[id_], then.get(id_)):
            add(writing, actor, plan, operation)
    if not plan.steps:
        return Ack(id=request, sheet=writing.sheet, clock=writing.clock)
    return carry_out(writing, actor, request, plan, "restore", None, plan.skipped)


def steps_back(now: Row, record: str | None) -> list[Inverse]:
    past = PAST.decode(record) if record is not None else None
    if past is None or past.deleted:
        return [] if life(now) == life(past) else [back_to(life(past), now)]
    steps: list[Any] = [Restore(id=now.id, annotation=now.id)] if now.deleted else []
    attributes = now.attributes.keys() | ATTRIBUTES.decode(past.attributes).keys()
    update = difference(now, past, ["shape", "label", *(f"attributes.{name}" for name in attributes)])
    return [*steps, update] if update else steps
