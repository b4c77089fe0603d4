"""Writes a commit's log rows, and its annotations as they end: one statement, however many operations."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from annotator.rows import Row
from projects.prepared import Prepared, run


class Entry(msgspec.Struct, frozen=True):
    """A row of the log, about to be written. `record` is the annotation's row after it."""

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


WRITE = Prepared(
    "write_sheet",
    """
WITH entry AS (
    SELECT * FROM jsonb_to_recordset(%(entries)s) AS e(annotation uuid, clock bigint, kind text, key uuid, body text,
        actor bigint, action uuid, source text, inverts uuid, properties jsonb, record jsonb, label_version int,
        at timestamptz)
), written AS (
    INSERT INTO annotator_annotation AS a (id, sheet_id, label_id, shape, attributes, v, clock, stamps, deleted,
        created_by_id, created_at, updated_by_id, updated_at)
    SELECT r.id, %(sheet)s, r.label, r.shape, r.attributes, 1, r.clock, r.stamps, r.deleted,
        r.created_by, r.created_at, r.updated_by, r.updated_at
    FROM (SELECT DISTINCT ON (annotation) record FROM entry ORDER BY annotation, clock DESC) last,
        jsonb_to_record(last.record) AS r(id uuid, label bigint, shape jsonb, attributes jsonb, clock bigint,
            stamps jsonb, deleted boolean, created_by bigint, created_at timestamptz, updated_by bigint,
            updated_at timestamptz)
    ON CONFLICT (id) DO UPDATE SET label_id = excluded.label_id, shape = excluded.shape,
        attributes = excluded.attributes, clock = excluded.clock, stamps = excluded.stamps,
        deleted = excluded.deleted, updated_by_id = excluded.updated_by_id, updated_at = excluded.updated_at
    WHERE a.sheet_id = excluded.sheet_id
    RETURNING 1
), logged AS (
    INSERT INTO annotator_operation (project_id, sheet_id, annotation_id, clock, kind, key, body, actor_id, action,
        source, inverts, properties, record, label_version, v, at)
    SELECT %(project)s, %(sheet)s, annotation, clock, kind, key, decode(body, 'hex'), actor, action,
        source, inverts, properties, record, label_version, 1, at
    FROM entry ORDER BY clock
), counted AS (
    UPDATE annotator_sheet SET clock = %(clock)s, updated_at = now() WHERE id = %(sheet)s
)
SELECT count(*) FROM written
""",
    project="bigint",
    sheet="bigint",
    entries="jsonb",
    clock="bigint",
)


class Taken(Exception):
    """Another sheet took an id between our look and our write; look again."""


def write(*, project: int, sheet: int, entries: Sequence[Entry], clock: int) -> None:
    written = run(
        WRITE,
        project=project,
        sheet=sheet,
        entries=msgspec.json.encode(entries).decode(),
        clock=clock,
    )
    if written != [(len({entry.annotation for entry in entries}),)]:
        raise Taken
