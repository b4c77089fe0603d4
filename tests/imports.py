"""Imports in tests: files as they are dropped, and the worker's part done at once."""

import io
import zipfile
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from annotator.imports import importing, jobs
from annotator.models import Import
from projects.models import Project, User
from tests.waiting import until


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, body in files.items():
            archive.writestr(path, body)
    return out.getvalue()


def looked_at(user: User, project: Project, files: dict[str, bytes]) -> Import:
    """The import with its preview."""
    dropped = [(path, SimpleUploadedFile("file", body or b" ")) for path, body in files.items()]
    row = jobs.begin(user, project.pk, dropped, more=False)
    importing.look(row.pk)
    return ended(row, "looking")


def imported(
    user: User, project: Project, files: dict[str, bytes], choices: dict[str, dict[str, str]] | None = None
) -> dict[str, Any]:
    """The report."""
    row = looked_at(user, project, files)
    assert row.state == "ready", (row.state, row.detail)
    jobs.start(user, row.pk, choices)
    importing.run(row.pk)
    ended(row, "running")
    assert row.state == "done", (row.state, row.detail)
    return row.report


def ended(row: Import, state: str) -> Import:
    """Outside a transaction a worker of the tests' servers is asked, too, and may be the first."""
    until(lambda: not Import.objects.filter(pk=row.pk, state=state).exists())
    row.refresh_from_db()
    return row
