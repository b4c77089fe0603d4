"""What stands on sheets and in their project, read under the sheets' lock: as much as possible in one round trip."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection
from msgspec import UNSET

from annotator.messages import Create, OperationIn, Update
from annotator.rows import JSON, Row
from projects.models import MOVE, Item, ItemKind
from projects.prepared import Prepared, array, run

LOCK = Prepared(
    "lock_sheets",
    """
SELECT pg_advisory_xact_lock_shared((SELECT i.project_id FROM projects_item i WHERE i.id = s.item_id))
FROM annotator_sheet s WHERE s.id = ANY(%(sheets)s) ORDER BY s.id FOR UPDATE
""",
    sheets="bigint[]",
)

# A statement of its own, as it must not see what was before the lock: a role may end while we wait for it. It leads
# from the sheets to all else by subqueries: from joins, a planner without statistics reads all of the project's items.
SQL = """
SELECT json_build_object(
    'project', p.id, 'archived', p.archived_at IS NOT NULL,
    'held', (SELECT true FROM pg_advisory_xact_lock_shared(p.id)),  -- the sheet may have come from another project
    'sheets', (SELECT coalesce(json_agg(json_build_object(
            'id', s.id, 'person', s.person_id, 'clock', s.clock,
            'status', s.status, 'reason', s.reason, 'unsure', s.unsure, 'finished', s.finished_at IS NOT NULL,
            'item', json_build_object('id', i.id, 'kind', i.kind, 'width', i.width, 'height', i.height))), '[]')
        FROM annotator_sheet s, LATERAL (SELECT * FROM projects_item WHERE id = s.item_id OFFSET 0) i
        WHERE s.id = ANY(%(sheets)s) AND i.project_id = p.id AND i.trashed_at IS NULL),
    'roles', (SELECT coalesce(json_object_agg(m.user_id, m.role), '{{}}') FROM projects_membership m
        WHERE m.project_id = p.id AND m.user_id = ANY(%(actors)s)),
    'labels', (SELECT coalesce(json_agg(l), '[]') FROM projects_label l
        WHERE l.id = ANY({labels}) AND l.project_id = p.id){there}
)::text
FROM projects_project p{touched}
WHERE p.trashed_at IS NULL AND p.id = coalesce(%(project)s, (
    SELECT (SELECT i.project_id FROM projects_item i WHERE i.id = s.item_id)
    FROM annotator_sheet s WHERE s.id = ANY(%(sheets)s) ORDER BY s.id LIMIT 1))
"""

THERE = f""",
    'rows', coalesce(touched.rows, '[]'), 'elsewhere', coalesce(touched.elsewhere, '[]'),
    'keys', (SELECT coalesce(json_agg(json_build_array(o.key, encode(o.body, 'hex'), o.actor_id, o.sheet_id)), '[]')
        FROM annotator_operation o WHERE o.key = ANY(%(keys)s) AND o.project_id = ANY(ARRAY(
            SELECT p.id UNION ALL SELECT jsonb_array_elements_text(c.record->'been')::bigint FROM projects_change c
            WHERE c.project_id = p.id AND c.kind = '{MOVE}' AND c.target = ANY(ARRAY(
                SELECT s.item_id FROM annotator_sheet s WHERE s.id = ANY(%(sheets)s)))
        )) AND (o.project_id = p.id OR o.sheet_id = ANY(%(sheets)s)))"""

TOUCHED = f""", LATERAL (
    SELECT json_agg(json_build_array(a.sheet_id, {JSON})) FILTER (WHERE a.sheet_id = ANY(%(sheets)s)) AS rows,
        json_agg(a.id) FILTER (WHERE a.sheet_id <> ALL(%(sheets)s)) AS elsewhere,
        array_agg(DISTINCT a.label_id) AS labels
    FROM annotator_annotation a WHERE a.id = ANY(%(annotations)s)
) touched"""

TYPES = {"project": "bigint", "sheets": "bigint[]", "actors": "bigint[]", "labels": "bigint[]"}

READ = Prepared(
    "read_sheets",
    SQL.format(labels="%(labels)s || touched.labels", there=THERE, touched=TOUCHED),
    **TYPES,
    annotations="uuid[]",
    keys="uuid[]",
)
READ_NEW = Prepared("read_for_new", SQL.format(labels="%(labels)s", there="", touched=""), **TYPES)


class ItemNow(msgspec.Struct, frozen=True):
    id: int
    kind: str
    width: int | None
    height: int | None

    @property
    def text(self) -> str | None:
        return text_of(self.id) if self.kind == ItemKind.TEXT else None


@lru_cache(maxsize=32)
def text_of(item: int) -> str | None:
    """Texts are large and immutable, so the process remembers the latest."""
    return Item.objects.values_list("text", flat=True).get(pk=item)


class LabelNow(msgspec.Struct, frozen=True):
    """What a label asks of its annotations."""

    id: int
    project_id: int
    name: str
    shapes: list[str]
    attributes: list[dict[str, Any]]
    version: int
    removed_at: datetime | None


class SheetNow(msgspec.Struct, frozen=True):
    id: int
    item: ItemNow
    person: int | None
    clock: int
    status: str
    reason: str
    unsure: bool
    finished: bool


class Standing(msgspec.Struct, frozen=True):
    """Sheets of one project, and what some operations touch, unless they are new. `rows` are annotations with the
    sheets that have them, `elsewhere` the ids of those that other sheets have; `keys` are ids of operations used
    before, with the body's hash, the actor and the sheet: in the project, and on these sheets in those where they have
    been."""

    project: int
    archived: bool
    sheets: list[SheetNow]
    roles: dict[int, int]
    labels: list[LabelNow]
    rows: list[tuple[int, Row]] = []
    elsewhere: list[UUID] = []
    keys: list[tuple[UUID, str, int, int]] = []


STANDING = msgspec.json.Decoder(Standing)
ROWS = msgspec.json.Decoder(list[Row])
LABEL = msgspec.json.Decoder(LabelNow)
LARGEST = 2**63 - 1


def lock(
    sheets: Iterable[int],
    actors: Iterable[int],
    operations: Sequence[OperationIn],
    keys: Iterable[UUID],
    project: int | None,
    *,
    new: bool,
) -> Standing | None:
    """Lock the sheets and read what the operations touch: of those that are `new`, labels alone. A sheet that is not
    there, in the trash, or of another project (than the first one, when none is named) is left out; None when there is
    none."""
    found = run(
        LOCK,
        READ_NEW if new else READ,
        project=project,
        sheets=array(sheet for sheet in sheets if sheet <= LARGEST),
        actors=array(actors),
        annotations=array(operation.annotation for operation in operations),
        labels=array({o.label for o in operations if isinstance(o, Create | Update) and o.label is not UNSET}),
        keys=array(keys),
    )
    return STANDING.decode(found[0][0]) if found else None


def read_label(pk: int) -> LabelNow:
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(l)::text FROM projects_label l WHERE l.id = %s", [pk])
        return LABEL.decode(cursor.fetchone()[0])


def read_rows(sheets: Iterable[int], annotations: Iterable[UUID]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT coalesce(json_agg({JSON}), '[]')::text FROM annotator_annotation a"
            " WHERE a.id = ANY(%s) AND a.sheet_id = ANY(%s)",
            [list(annotations), list(sheets)],
        )
        return ROWS.decode(cursor.fetchone()[0])


def read_tags(sheets: list[int], label: int) -> dict[int, dict[UUID, Row]]:
    found: dict[int, dict[UUID, Row]] = {sheet: {} for sheet in sheets}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT a.sheet_id, json_build_array({JSON})::text FROM annotator_annotation a WHERE a.sheet_id = ANY(%s)"
            " AND a.label_id = %s AND NOT a.deleted AND a.shape->>'type' = 'tag'",
            [sheets, label],
        )
        for sheet, tag in cursor.fetchall():
            found[sheet] |= {row.id: row for row in ROWS.decode(tag)}
    return found
