"""Exact versions of a project: the state of every annotation at one moment, the same however often it is read."""

from collections.abc import Iterator

import msgspec
from django.db import connection, transaction

from annotator.models import Version
from annotator.rows import Row
from projects.models import Project, User

STATE = """
SELECT last.sheet_id, last.record::text FROM (
    SELECT DISTINCT ON (o.annotation_id) o.* FROM annotator_operation o
    WHERE o.project_id = %(project)s AND o.id <= %(until)s ORDER BY o.annotation_id, o.id DESC
) last WHERE NOT EXISTS (  -- its item was moved out of the project
    SELECT FROM annotator_operation later WHERE later.annotation_id = last.annotation_id AND later.clock > last.clock
    AND later.project_id <> %(project)s AND later.id <= %(until)s
)
"""


def make_version(project: Project, by: User) -> Version:
    """Fix the present state. Waits for commits under way: ids alone would not do, as they commit out of order. That an
    item is moved out is an operation of another project, so the last of all operations counts."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [project.pk])
        cursor.execute(
            "SELECT coalesce((SELECT max(id) FROM annotator_operation), 0),"
            " coalesce((SELECT max(id) FROM projects_change WHERE project_id = %(project)s), 0)",
            {"project": project.pk},
        )
        operation, change = cursor.fetchone()
        return Version.objects.create(project=project, operation_id=operation, change_id=change, created_by=by)


def state_at(version: Version) -> Iterator[tuple[int, Row]]:
    """(sheet, annotation) for every annotation that lives at the version."""
    decode = msgspec.json.Decoder(Row).decode
    with connection.cursor() as cursor:
        cursor.execute(STATE, {"project": version.project_id, "until": version.operation_id})
        for sheet, record in cursor:
            row = decode(record)
            if not row.deleted:
                yield sheet, row
