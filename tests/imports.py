"""Imports in tests: files as they are dropped, and the worker's part done at once."""

import io
import zipfile
from functools import partial
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from annotator.formats.found import Drawn
from annotator.imports import archive, importing, jobs, recognising
from annotator.imports.gathering import Gathering
from annotator.imports.recognising import Recognised
from annotator.models import Import
from projects.models import Project, User
from tests.images import encoded, picture
from tests.waiting import until


def photos(count: int) -> dict[str, bytes]:
    return {f"{n:03}.png": encoded(picture(20 + n, 20), "PNG") for n in range(count)}


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for path, body in files.items():
            packed.writestr(path, body)
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


def sentences(told: dict[str, Any]) -> str:
    return "\n".join(f"{problem['file']} {problem['place']}: {problem['detail']}" for problem in told["problems"])


def ended(row: Import, state: str) -> Import:
    """Outside a transaction a worker of the tests' servers is asked, too, and may be the first."""
    until(lambda: not Import.objects.filter(pk=row.pk, state=state).exists())
    row.refresh_from_db()
    return row


def found_in(files: dict[str, bytes]) -> tuple[Recognised, Gathering]:
    """By the readers alone."""
    with archive.gathered([(path, len(body), partial(io.BytesIO, body)) for path, body in files.items()]) as folder:
        found = recognising.recognise(folder)
        return found, recognising.gathered(folder, found)


def drawn_on(gathering: Gathering, target: str) -> list[Drawn]:
    return dict(gathering.of([target]))[target]


def told(gathering: Gathering) -> list[tuple[str, str, str]]:
    return [(one.file, one.place, one.detail) for one in gathering.problems]
