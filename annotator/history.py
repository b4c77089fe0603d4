"""The log as people read it: an entry an action, newest first."""

from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connection

from projects.models import User

PAGE = 50  # actions


class Actor(msgspec.Struct, frozen=True):
    id: int
    name: str
    color: str
    picture: str


class Part(msgspec.Struct, frozen=True):
    """One operation of an action; of an undo or redo, what was taken back or done again.

    `quote` are the words of a span, cut to what a line shows; `reshaped` is a polygon of more or fewer vertices;
    `source` is that of what was first done: a person's, a restore's; `accepted` is what was made of a prediction.
    """

    kind: str
    annotation: UUID
    label: int
    shape: str
    properties: list[str]
    quote: str | None
    reshaped: bool
    source: str
    accepted: bool


class LogEntry(msgspec.Struct, frozen=True):
    """What one person did in one go, or the `status` they set.

    `clock` is that of its last operation; `parts` are the first few of `count`.
    """

    action: UUID
    actor: Actor
    at: datetime
    source: str
    clock: int
    count: int
    parts: list[Part]
    status: str | None = None
    reason: str | None = None


class Log(msgspec.Struct, frozen=True):
    entries: list[LogEntry]
    more: bool


ACTIONS = """
SELECT done.action, done.actor, done.at, done.source, done.clock, done.count, done.status, done.reason
FROM (
    SELECT action, actor_id, max(at), min(source), max(clock), count(*), NULL, NULL
    FROM annotator_operation WHERE sheet_id = %(sheet)s GROUP BY action, actor_id
    UNION ALL
    SELECT c.action, c.actor_id, c.at, 'person', s.clock, 0, s.status, s.reason
    FROM projects_change c, jsonb_to_record(c.record) AS s(clock bigint, status text, reason text)
    WHERE c.kind = 'status' AND c.target = %(sheet)s AND c.project_id =
        (SELECT i.project_id FROM annotator_sheet t JOIN projects_item i ON i.id = t.item_id WHERE t.id = %(sheet)s)
        AND NOT EXISTS (  -- nobody set it: it came with the operations before it
            SELECT FROM annotator_operation o
            WHERE o.sheet_id = c.target AND o.clock = s.clock - 1 AND o.action = c.action
        )
) done (action, actor, at, source, clock, count, status, reason)
WHERE done.clock < coalesce(%(before)s, done.clock + 1) ORDER BY done.clock DESC LIMIT %(limit)s
"""
SHOWN = 5  # parts an entry


def actor(user: User) -> Actor:
    return Actor(user.pk, str(user), user.color, user.picture_address)


def log(sheet: int, before: int | None) -> Log:
    with connection.cursor() as cursor:
        cursor.execute(ACTIONS, {"sheet": sheet, "before": before, "limit": PAGE + 1})
        actions = cursor.fetchall()
    shown = actions[:PAGE]
    people = User.objects.in_bulk({who for _, who, *_ in shown})
    parts = parts_of(sheet, [action[0] for action in shown])
    entries = [
        LogEntry(action, actor(people[who]), at, source, clock, count, parts.get((action, who), []), *status)
        for action, who, at, source, clock, count, *status in shown
    ]
    return Log(entries=entries, more=len(actions) > PAGE)


PARTS = """
SELECT o.action, o.actor_id, first.kind, o.annotation_id, (first.record->>'label')::bigint,
    o.record->'shape'->>'type', o.properties::text, left(o.record->'shape'->>'quote', 60),
    coalesce(jsonb_array_length(o.record->'shape'->'points') <> before.vertices, false),
    first.source, first.record->>'prediction' IS NOT NULL
FROM (
    SELECT *, row_number() OVER (PARTITION BY action, actor_id ORDER BY clock) AS place
    FROM annotator_operation WHERE sheet_id = %s AND action = ANY(%s)
) o JOIN annotator_operation first ON first.annotation_id = o.annotation_id AND first.clock = (
    WITH RECURSIVE back AS (
        SELECT o.clock, o.inverts
        UNION
        SELECT p.clock, p.inverts FROM back JOIN annotator_operation p ON p.annotation_id = o.annotation_id
            AND p.action = back.inverts AND p.actor_id = o.actor_id AND (p.kind = 'update') = (o.kind = 'update')
    )
    SELECT min(clock) FROM back
) LEFT JOIN LATERAL (
    SELECT jsonb_array_length(p.record->'shape'->'points') AS vertices FROM annotator_operation p
    WHERE p.annotation_id = o.annotation_id AND p.clock < o.clock ORDER BY p.clock DESC LIMIT 1
) before ON true
WHERE place <= %s ORDER BY o.clock
"""


def parts_of(sheet: int, actions: list[UUID]) -> dict[tuple[UUID, int], list[Part]]:
    found: dict[tuple[UUID, int], list[Part]] = {}
    with connection.cursor() as cursor:
        cursor.execute(PARTS, [sheet, actions, SHOWN])
        for action, actor, kind, annotation, label, shape, properties, *words in cursor.fetchall():
            part = Part(kind, annotation, label, shape, msgspec.json.decode(properties), *words)
            found.setdefault((action, actor), []).append(part)
    return found
