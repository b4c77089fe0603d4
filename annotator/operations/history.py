"""Undo, redo and restoring to a moment: each reads the log and writes new operations ([U1] to [U6])."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

import msgspec
from django.db import connection
from msgspec import UNSET

from annotator.messages import Ack, Applied, Delete, Restore, Skipped, Update
from annotator.operations.storing import Entry
from annotator.operations.writing import Writing, fingerprint
from annotator.rows import ATTRIBUTES, SHAPE, Row
from projects.errors import Conflict, Invalid, Refusal
from projects.models import Role

Inverse = Update | Delete | Restore


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


PAST = msgspec.json.Decoder(Past)


def undo(writing: Writing, actor: int, request: UUID, action: UUID | None) -> Applied | Ack:
    done, _ = demanded_stacks(writing, actor)
    candidates = [a for a in reversed(done) if action in (None, a)]
    return take_back(writing, actor, request, candidates, "undo")


def redo(writing: Writing, actor: int, request: UUID) -> Applied | Ack:
    _, undone = demanded_stacks(writing, actor)
    return take_back(writing, actor, request, list(reversed(undone)), "redo")


def demanded_stacks(writing: Writing, actor: int) -> tuple[list[UUID], list[UUID]]:
    writing.demand(actor, Role.ANNOTATOR, "You can view this project but not change it.")
    writing.flush()
    return stacks(writing.sheet, actor)


def stacks(sheet: int, actor: int) -> tuple[list[UUID], list[UUID]]:
    """One's actions on the sheet that can be undone, and one's undos that can be redone; the latest last."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT action, min(source), (array_agg(inverts))[1] FROM annotator_operation"
            " WHERE sheet_id = %s AND actor_id = %s GROUP BY action ORDER BY min(clock)",
            [sheet, actor],
        )
        rows = cursor.fetchall()
    done: list[UUID] = []
    undone: list[UUID] = []
    for action, source, inverts in rows:
        if source == "undo":
            done.remove(inverts)
            undone.append(action)
        elif source == "redo":
            undone.remove(inverts)
            done.append(action)
        else:
            done.append(action)
            undone.clear()
    return done, undone


def take_back(writing: Writing, actor: int, request: UUID, actions: Iterable[UUID], source: str) -> Applied | Ack:
    """Invert the first of the actions that anything can be taken back of."""
    if repeated(writing, actor, request):
        return Ack(id=request, sheet=writing.sheet, clock=writing.clock)
    skipped: list[Skipped] = []
    for action in actions:
        plan = inverse(writing, actor, action)
        skipped += plan.skipped
        if plan.steps:
            return carry_out(writing, actor, request, plan, source, action, skipped)
    return Ack(id=request, sheet=writing.sheet, clock=writing.clock, skipped=skipped)


def repeated(writing: Writing, actor: int, request: UUID) -> bool:
    """Whether the request was carried out before; its operations' ids are made from its own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT actor_id, sheet_id FROM annotator_operation WHERE project_id = %s AND key = %s",
            [writing.project, uuid5(request, "0")],
        )
        found = cursor.fetchone()
    if found and found != (actor, writing.sheet):
        raise Conflict("This request's id was used before for something else. Use a new one.", code="key_reused")
    return found is not None


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
        key = uuid5(request, str(number))
        body = fingerprint(writing.sheet, operation)
        entries.append(writing.entry(key, body, actor, request, source, inverts, operation, after, properties))
    return writing.accept(request, actor, request, source, plan.rows, entries, skipped)


# The inverse of an action ---------------------------------------------------------------------------------------------

ACTION = """
SELECT o.annotation_id, o.clock, o.kind, o.properties::text, before.record::text
FROM annotator_operation o LEFT JOIN LATERAL (
    SELECT p.record FROM annotator_operation p
    WHERE p.annotation_id = o.annotation_id AND p.clock < o.clock ORDER BY p.clock DESC LIMIT 1
) before ON true
WHERE o.sheet_id = %s AND o.actor_id = %s AND o.action = %s ORDER BY o.clock DESC
"""

OTHERS = """
SELECT annotation_id, name, max(clock), (array_agg(actor_id ORDER BY clock DESC))[1]
FROM annotator_operation, jsonb_array_elements_text(properties) AS name
WHERE sheet_id = %s AND actor_id <> %s AND annotation_id = ANY(%s) AND clock > %s GROUP BY annotation_id, name
"""


def inverse(writing: Writing, actor: int, action: UUID) -> Plan:
    with connection.cursor() as cursor:
        cursor.execute(ACTION, [writing.sheet, actor, action])
        operations = cursor.fetchall()
        ids = {operation[0] for operation in operations}
        cursor.execute(OTHERS, [writing.sheet, actor, list(ids), operations[-1][1]])
        others: dict[UUID, dict[str, tuple[int, int]]] = {}
        for annotation, name, clock, by in cursor.fetchall():
            others.setdefault(annotation, {})[name] = (clock, by)
    writing.load_rows(ids)
    plan = Plan()
    for annotation, clock, kind, properties, before in operations:
        since = {name: by for name, (at, by) in others.get(annotation, {}).items() if at > clock}
        now = plan.rows.get(annotation) or writing.rows[annotation]
        operation = invert(plan, now, kind, msgspec.json.decode(properties), before, since)
        if operation is not None:
            add(writing, actor, plan, operation)
    return plan


def invert(
    plan: Plan, now: Row, kind: str, properties: list[str], before: str, since: dict[str, int]
) -> Inverse | None:
    """The operation that takes one operation back, or None; what others wrote `since` is left alone and told."""

    def skip(names: Iterable[str]) -> None:
        plan.skipped.extend(Skipped(annotation=now.id, property=name, actor=since[name]) for name in names)

    if kind in ("create", "restore"):
        skip(since)
        return None if since or now.deleted else Delete(id=now.id, annotation=now.id)
    if kind == "delete":
        return Restore(id=now.id, annotation=now.id) if now.deleted and "deleted" not in since else None
    if now.deleted:
        skip({"deleted"} & since.keys())
        return None
    skip(name for name in properties if name in since)
    past = PAST.decode(before)
    return difference(now, past, [name for name in properties if name not in since])


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
            after, properties = writing.rewritten(actor, operation, now, clock)
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
        return Ack(id=request, sheet=writing.sheet, clock=writing.clock)
    if not 0 <= clock <= writing.clock:
        raise Invalid("There is no such moment in this sheet's history.", fields={"clock": "unknown"})
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
        return [] if now.deleted else [Delete(id=now.id, annotation=now.id)]
    steps: list[Any] = [Restore(id=now.id, annotation=now.id)] if now.deleted else []
    attributes = now.attributes.keys() | ATTRIBUTES.decode(past.attributes).keys()
    update = difference(now, past, ["shape", "label", *(f"attributes.{name}" for name in attributes)])
    return [*steps, update] if update else steps
