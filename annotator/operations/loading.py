"""What stands on a sheet and in its project, read under the sheet's lock: as much as possible in one round trip."""

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
from projects.models import Item, ItemKind
from projects.prepared import Prepared, run

LOCK = Prepared(
    "lock_sheet",
    """
SELECT pg_advisory_xact_lock_shared((SELECT i.project_id FROM projects_item i WHERE i.id = s.item_id))
FROM annotator_sheet s WHERE s.id = %(sheet)s FOR UPDATE
""",
    sheet="bigint",
)

# A statement of its own, as it must not see what was before the lock: a role may end while we wait for it. It leads
# from the sheet to all else by subqueries: from joins, a planner without statistics reads all of the project's items.
READ = Prepared(
    "read_sheet",
    f"""
SELECT json_build_object(
    'project', i.project_id, 'person', s.person_id, 'clock', s.clock,
    'status', s.status, 'reason', s.reason, 'unsure', s.unsure,
    'archived', (SELECT p.archived_at IS NOT NULL FROM projects_project p WHERE p.id = i.project_id),
    'item', json_build_object('id', i.id, 'kind', i.kind, 'width', i.width, 'height', i.height),
    'roles', (SELECT coalesce(json_object_agg(m.user_id, m.role), '{{}}') FROM projects_membership m
        WHERE m.project_id = i.project_id AND m.user_id = ANY(%(actors)s)),
    'rows', touched.rows,
    'elsewhere', touched.elsewhere,
    'labels', (SELECT coalesce(json_agg(l), '[]') FROM projects_label l
        WHERE l.id = ANY(%(labels)s || touched.labels) AND l.project_id = i.project_id),
    'keys', (SELECT coalesce(json_agg(json_build_array(o.key, encode(o.body, 'hex'), o.actor_id)), '[]')
        FROM annotator_operation o WHERE o.project_id = i.project_id AND o.key = ANY(%(keys)s))
)::text
FROM annotator_sheet s, LATERAL (SELECT * FROM projects_item WHERE id = s.item_id OFFSET 0) i, LATERAL (
    SELECT coalesce(json_agg({JSON}) FILTER (WHERE a.sheet_id = s.id), '[]') AS rows,
        coalesce(json_agg(a.id) FILTER (WHERE a.sheet_id <> s.id), '[]') AS elsewhere,
        array_agg(DISTINCT a.label_id) AS labels
    FROM annotator_annotation a WHERE a.id = ANY(%(annotations)s)
) touched
WHERE s.id = %(sheet)s AND i.trashed_at IS NULL
    AND (SELECT p.trashed_at FROM projects_project p WHERE p.id = i.project_id) IS NULL
""",
    sheet="bigint",
    actors="bigint[]",
    annotations="uuid[]",
    labels="bigint[]",
    keys="uuid[]",
)


class Gone(Exception):
    """The sheet, its item or its project is not there, or in the trash."""


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
    name: str
    shapes: list[str]
    attributes: list[dict[str, Any]]
    version: int
    removed_at: datetime | None


class Standing(msgspec.Struct, frozen=True):
    """A sheet, and what of it some operations touch. `elsewhere` are ids of annotations that other sheets have;
    `keys` are ids of operations used before, with the body's hash and the actor."""

    project: int
    item: ItemNow
    person: int | None
    clock: int
    status: str
    reason: str
    unsure: bool
    archived: bool
    roles: dict[int, int]
    rows: list[Row]
    elsewhere: list[UUID]
    labels: list[LabelNow]
    keys: list[tuple[UUID, str, int]]


STANDING = msgspec.json.Decoder(Standing)
ROWS = msgspec.json.Decoder(list[Row])
LABEL = msgspec.json.Decoder(LabelNow)
LARGEST = 2**63 - 1


def lock(sheet: int, actors: Iterable[int], operations: Sequence[OperationIn]) -> Standing:
    """Lock the sheet and read what the operations touch. Raises Gone when it is not to be written."""
    if sheet > LARGEST:
        raise Gone
    found = run(
        LOCK,
        READ,
        sheet=sheet,
        actors=list(actors),
        annotations=[operation.annotation for operation in operations],
        labels=[o.label for o in operations if isinstance(o, Create | Update) and o.label is not UNSET],
        keys=[operation.id for operation in operations],
    )
    if not found:
        raise Gone
    return STANDING.decode(found[0][0])


def read_label(pk: int) -> LabelNow:
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(l)::text FROM projects_label l WHERE l.id = %s", [pk])
        return LABEL.decode(cursor.fetchone()[0])


def read_rows(sheet: int, annotations: Iterable[UUID]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT coalesce(json_agg({JSON}), '[]')::text FROM annotator_annotation a"
            " WHERE a.id = ANY(%s) AND a.sheet_id = %s",
            [list(annotations), sheet],
        )
        return ROWS.decode(cursor.fetchone()[0])
