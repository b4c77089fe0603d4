"""Writes a commit's log rows, and its annotations and sheets as they end: one statement, however many."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

import msgspec
from msgspec import UnsetType

from annotator.rows import Row
from projects.prepared import Prepared, array, run

encoder = msgspec.json.Encoder()


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


SHARED = ["kind", "actor", "action", "source", "label_version"]  # mostly the same in all entries of a commit
OWN = ["sheet", "annotation", "clock", "body"]


class Now(msgspec.Struct, frozen=True):
    """What a sheet comes to: whether somebody has `worked` on it in the editor, or `finished` it (None: an import)."""

    clock: int
    status: str
    reason: str
    unsure: bool
    worked: bool
    finished: bool
    finished_by: int | UnsetType | None


class Said(msgspec.Struct, frozen=True):
    """What someone has said of a sheet as a whole, about to be written to the project's log."""

    sheet: int
    actor: int
    action: UUID
    kind: str
    record: dict[str, Any]


REPLACE = """ON CONFLICT (id) DO UPDATE SET label_id = excluded.label_id, shape = excluded.shape,
        attributes = excluded.attributes, clock = excluded.clock, stamps = excluded.stamps,
        deleted = excluded.deleted, rejected = excluded.rejected,
        updated_by_id = excluded.updated_by_id, updated_at = excluded.updated_at,
        sheet_id = CASE WHEN a.sheet_id = excluded.sheet_id THEN a.sheet_id END  -- or it must not be null
    """

# The entries come as columns, and JSON a line each: to read them as one JSON value took a third of the time. What is
# the same in all entries comes once, and a key that is the annotation's id does not come.
SQL = """
WITH entry AS (
    SELECT sheet, annotation, clock, coalesce(key, annotation) AS key, body, inverts, record::jsonb,
        coalesce(properties, split_part(%(properties)s, chr(10), 1))::jsonb AS properties,
        coalesce(latest, (%(latest)s)[1]) AS latest,
        coalesce(kind, (%(kind)s)[1]) AS kind, coalesce(actor, (%(actor)s)[1]) AS actor,
        coalesce(action, (%(action)s)[1]) AS action, coalesce(source, (%(source)s)[1]) AS source,
        coalesce(label_version, (%(label_version)s)[1]) AS label_version
    FROM ROWS FROM (
        unnest(%(sheet)s, %(annotation)s, %(clock)s, %(kind)s, %(key)s, %(body)s, %(actor)s, %(action)s, %(source)s,
            %(inverts)s, %(label_version)s, %(latest)s),
        string_to_table(%(properties)s, chr(10)), string_to_table(%(records)s, chr(10))
    ) AS e(sheet, annotation, clock, kind, key, body, actor, action, source, inverts, label_version, latest,
        properties, record)
), written AS (
    INSERT INTO annotator_annotation AS a (id, sheet_id, label_id, shape, attributes, v, clock, stamps, deleted,
        created_by_id, created_at, updated_by_id, updated_at, imported, prediction, rejected)
    SELECT annotation, sheet, (record->'label')::bigint, record->'shape', record->'attributes', 1, clock,
        record->'stamps', (record->'deleted')::boolean, (record->'created_by')::bigint, %(at)s, actor, %(at)s,
        coalesce((record->'imported')::boolean, false), (record->>'prediction')::uuid,
        coalesce((record->'rejected')::boolean, false)
    FROM entry WHERE latest
    {onto}
), logged AS (
    INSERT INTO annotator_operation (project_id, sheet_id, annotation_id, clock, kind, key, body, actor_id, action,
        source, inverts, properties, record, label_version, v, at)
    SELECT %(project)s, sheet, annotation, clock, kind, key, decode(body, 'hex'), actor, action,
        source, inverts, properties, record, label_version, 1, %(at)s
    FROM entry
), said AS (
    INSERT INTO projects_change (project_id, actor_id, action, kind, target, record, at)
    SELECT %(project)s, actor, action, kind, sheet, record, %(at)s
    FROM jsonb_to_recordset(%(said)s) AS s(sheet bigint, actor bigint, action uuid, kind text, record jsonb)
)
UPDATE annotator_sheet s
SET (clock, status, reason, unsure, worked, worked_at, finished_by_id, finished_at, updated_at) = (
    SELECT now.clock, now.status, now.reason, now.unsure,
        s.worked + CASE WHEN now.worked AND %(at)s - s.worked_at BETWEEN '0' AND '2 minutes'
            THEN %(at)s - s.worked_at ELSE '0' END,
        CASE WHEN now.worked THEN %(at)s ELSE s.worked_at END,
        CASE WHEN now.finished THEN now.finished_by ELSE s.finished_by_id END,
        CASE WHEN now.finished THEN %(at)s ELSE s.finished_at END,
        %(at)s
    FROM jsonb_to_record(%(now)s->(s.id::text)) AS now(
        clock bigint, status text, reason text, unsure boolean, worked boolean, finished boolean, finished_by bigint)
)
WHERE id = ANY(%(sheets)s)
"""

TYPES = {
    "project": "bigint",
    "at": "timestamptz",
    "sheet": "bigint[]",
    "annotation": "uuid[]",
    "clock": "bigint[]",
    "kind": "text[]",
    "key": "uuid[]",
    "body": "text[]",
    "actor": "bigint[]",
    "action": "uuid[]",
    "source": "text[]",
    "inverts": "uuid[]",
    "label_version": "int[]",
    "latest": "boolean[]",
    "properties": "text",
    "records": "text",
    "said": "jsonb",
    "sheets": "bigint[]",
    "now": "jsonb",
}

WRITE = Prepared("write_sheets", SQL.format(onto=REPLACE), **TYPES)
WRITE_NEW = Prepared("write_new", SQL.format(onto=""), **TYPES)  # of annotations in four fifths of the time


def write(
    *,
    project: int,
    at: datetime,
    sheets: dict[int, Now],
    entries: Sequence[Entry],
    said: Sequence[Said],
    new: bool,
    last: bool,
) -> None:
    """The entries of a sheet are in order. `new`: none is of an annotation that is there; `last`: commit at once.

    Raises IntegrityError when another sheet took an id between our look and our write.
    """
    latest = {entry.annotation: number for number, entry in enumerate(entries)}
    run(
        WRITE_NEW if new else WRITE,
        last=last,
        project=project,
        at=at,
        **{name: array(map(attrgetter(name), entries)) for name in OWN},
        **{name: array(once(list(map(attrgetter(name), entries)))) for name in SHARED},
        key=array(once([None if entry.key is entry.annotation else entry.key for entry in entries])),
        inverts=array([entry.inverts for entry in entries] if any(entry.inverts for entry in entries) else ()),
        latest=array(once([latest[entry.annotation] == number for number, entry in enumerate(entries)])),
        properties=lines(once([entry.properties for entry in entries])),
        records=lines([entry.record for entry in entries]),
        said=encoder.encode(said).decode(),
        sheets=array(sheets),
        now=encoder.encode(sheets).decode(),
    )


def once(values: list[Any]) -> list[Any]:
    first = values[:1]
    return first if first * len(values) == values else values


def lines(values: Iterable[Any]) -> str:
    """As JSON, which holds no newline of its own."""
    return encoder.encode_lines(values).decode().removesuffix("\n")
