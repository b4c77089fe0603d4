"""Exact versions of a project: the state of every annotation at one moment, the same however often it is read."""

from collections.abc import Iterator

import msgspec
from django.db import connection, transaction

from annotator.models import Version
from annotator.rows import Row
from projects.models import Project, User

STATE = """
SELECT DISTINCT ON (o.annotation_id) o.sheet_id, o.record::text FROM annotator_operation o
WHERE o.project_id = %s AND o.id <= %s ORDER BY o.annotation_id, o.id DESC
"""


def make_version(project: Project, by: User) -> Version:
    """Fix the present state. Waits for commits under way: ids alone would not do, as they commit out of order."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [project.pk])
        cursor.execute(
            "SELECT coalesce((SELECT max(id) FROM annotator_operation WHERE project_id = %(project)s), 0),"
            " coalesce((SELECT max(id) FROM projects_change WHERE project_id = %(project)s), 0)",
            {"project": project.pk},
        )
        operation, change = cursor.fetchone()
        return Version.objects.create(project=project, operation_id=operation, change_id=change, created_by=by)


def state_at(version: Version) -> Iterator[tuple[int, Row]]:
    """(sheet, annotation) for every annotation that lives at the version."""
    decode = msgspec.json.Decoder(Row).decode
    with connection.cursor() as cursor:
        cursor.execute(STATE, [version.project_id, version.operation_id])
        for sheet, record in cursor:
            row = decode(record)
            if not row.deleted:
                yield sheet, row
