"""The log as people read it: an entry an action, newest first."""

from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connection

PAGE = 50  # actions


class Actor(msgspec.Struct, frozen=True):
    id: int
    name: str
    color: str


class Part(msgspec.Struct, frozen=True):
    """One operation of an action; `quote` are the words of a span, cut to what a line shows."""

    kind: str
    annotation: UUID
    label: int
    shape: str
    properties: list[str]
    quote: str | None


class LogEntry(msgspec.Struct, frozen=True):
    """What one person did in one go. `clock` is that of its last operation; `parts` are the first few of `count`."""

    action: UUID
    actor: Actor
    at: datetime
    source: str
    clock: int
    count: int
    parts: list[Part]


class Log(msgspec.Struct, frozen=True):
    entries: list[LogEntry]
    more: bool


ACTIONS = """
SELECT o.action, o.actor_id, u.name, u.color, max(o.at), min(o.source), max(o.clock), count(*)
FROM annotator_operation o JOIN projects_user u ON u.id = o.actor_id
WHERE o.sheet_id = %(sheet)s GROUP BY o.action, o.actor_id, u.name, u.color
HAVING %(before)s IS NULL OR max(o.clock) < %(before)s ORDER BY max(o.clock) DESC LIMIT %(limit)s
"""
SHOWN = 5  # parts an entry


def log(sheet: int, before: int | None) -> Log:
    with connection.cursor() as cursor:
        cursor.execute(ACTIONS, {"sheet": sheet, "before": before, "limit": PAGE + 1})
        actions = cursor.fetchall()
    shown = actions[:PAGE]
    parts = parts_of(sheet, [action[0] for action in shown])
    entries = [
        LogEntry(action, Actor(actor, name, color), at, source, clock, count, parts.get((action, actor), []))
        for action, actor, name, color, at, source, clock, count in shown
    ]
    return Log(entries=entries, more=len(actions) > PAGE)


PARTS = """
SELECT action, actor_id, kind, annotation_id, (record->>'label')::bigint, record->'shape'->>'type', properties::text,
    left(record->'shape'->>'quote', 60)
FROM (
    SELECT *, row_number() OVER (PARTITION BY action, actor_id ORDER BY clock) AS place
    FROM annotator_operation WHERE sheet_id = %s AND action = ANY(%s)
) ranked WHERE place <= %s ORDER BY clock
"""


def parts_of(sheet: int, actions: list[UUID]) -> dict[tuple[UUID, int], list[Part]]:
    found: dict[tuple[UUID, int], list[Part]] = {}
    with connection.cursor() as cursor:
        cursor.execute(PARTS, [sheet, actions, SHOWN])
        for action, actor, kind, annotation, label, shape, properties, quote in cursor.fetchall():
            part = Part(kind, annotation, label, shape, msgspec.json.decode(properties), quote)
            found.setdefault((action, actor), []).append(part)
    return found
