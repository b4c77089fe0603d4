"""Writes a commit's log rows, and its annotations and sheets as they end: one statement, however many."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from annotator.rows import Row
from projects.prepared import Prepared, run

encode = msgspec.json.Encoder().encode


class Entry(msgspec.Struct, frozen=True):
    """A row of the log, about to be written. `record` is the annotation's row after it."""

    sheet: int
    annotation: UUID
    clock: int
    kind: str
    key: UUID
    body: str
    actor: int
    action: UUID
    source: str
    inverts: UUID | None
    properties: list[str]
    record: Row
    label_version: int
    at: datetime


class Said(msgspec.Struct, frozen=True):
    """What someone has said of a sheet as a whole, about to be written to the project's log."""

    sheet: int
    actor: int
    action: UUID
    kind: str
    record: dict[str, Any]
    at: datetime


WRITE = Prepared(
    "write_sheets",
    """
WITH entry AS (
    SELECT * FROM jsonb_to_recordset(%(entries)s) AS e(sheet bigint, annotation uuid, clock bigint, kind text, key uuid,
        body text, actor bigint, action uuid, source text, inverts uuid, properties jsonb, record jsonb,
        label_version int, at timestamptz)
), written AS (
    INSERT INTO annotator_annotation AS a (id, sheet_id, label_id, shape, attributes, v, clock, stamps, deleted,
        created_by_id, created_at, updated_by_id, updated_at, imported)
    SELECT r.id, last.sheet, r.label, r.shape, r.attributes, 1, r.clock, r.stamps, r.deleted,
        r.created_by, r.created_at, r.updated_by, r.updated_at, coalesce(r.imported, false)
    FROM (SELECT DISTINCT ON (annotation) sheet, record FROM entry ORDER BY annotation, clock DESC) last,
        jsonb_to_record(last.record) AS r(id uuid, label bigint, shape jsonb, attributes jsonb, clock bigint,
            stamps jsonb, deleted boolean, created_by bigint, created_at timestamptz, updated_by bigint,
            updated_at timestamptz, imported boolean)
    ON CONFLICT (id) DO UPDATE SET label_id = excluded.label_id, shape = excluded.shape,
        attributes = excluded.attributes, clock = excluded.clock, stamps = excluded.stamps,
        deleted = excluded.deleted, updated_by_id = excluded.updated_by_id, updated_at = excluded.updated_at
    WHERE a.sheet_id = excluded.sheet_id
    RETURNING 1
), logged AS (
    INSERT INTO annotator_operation (project_id, sheet_id, annotation_id, clock, kind, key, body, actor_id, action,
        source, inverts, properties, record, label_version, v, at)
    SELECT %(project)s, sheet, annotation, clock, kind, key, decode(body, 'hex'), actor, action,
        source, inverts, properties, record, label_version, 1, at
    FROM entry
), said AS (
    INSERT INTO projects_change (project_id, actor_id, action, kind, target, record, at)
    SELECT %(project)s, actor, action, kind, sheet, record, at
    FROM jsonb_to_recordset(%(said)s) AS s(sheet bigint, actor bigint, action uuid, kind text, record jsonb,
        at timestamptz)
), counted AS (
    UPDATE annotator_sheet SET clock = (%(now)s->(id::text)->>0)::bigint, status = %(now)s->(id::text)->>1,
        reason = %(now)s->(id::text)->>2, unsure = (%(now)s->(id::text)->>3)::boolean, updated_at = now()
    WHERE id = ANY(%(sheets)s)
)
SELECT count(*) FROM written
""",
    project="bigint",
    entries="jsonb",
    said="jsonb",
    sheets="bigint[]",
    now="jsonb",
)


class Taken(Exception):
    """Another sheet took an id between our look and our write; look again."""


def write(
    *, project: int, sheets: dict[int, tuple[int, str, str, bool]], entries: Sequence[Entry], said: Sequence[Said]
) -> None:
    """`sheets` has the clock, status, reason and doubt that each comes to. The entries of a sheet are in order."""
    written = run(
        WRITE,
        project=project,
        entries=encode(entries).decode(),
        said=encode(said).decode(),
        sheets=list(sheets),
        now=encode(sheets).decode(),
    )
    if written != [(len({entry.annotation for entry in entries}),)]:
        raise Taken
