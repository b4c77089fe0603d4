"""Imports as rows: what people do with them, and where their files wait. Managers only."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial

from celery import current_app
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext

from annotator.alone import Work
from annotator.formats import HEADER, ROLES, TAGS
from annotator.models import Import, ImportFile, ImportState
from projects.access import get_project
from projects.errors import Conflict, Invalid
from projects.models import Role, User

DAYS_KEPT = 7
MAX_PATH = 1_000
DAYS_TOLD = 30
RESUMED_EVERY = 60  # seconds
OPEN = [ImportState.UPLOADING, ImportState.LOOKING, ImportState.READY, ImportState.RUNNING]
ENDED = [ImportState.DONE, ImportState.CANCELLED]
WAITING = [ImportState.UPLOADING, ImportState.READY, ImportState.FAILED]  # for somebody
LONG = ["preview", "report"]  # read where they are looked at: a card is asked for very often

Choices = dict[str, dict[str, str]]  # of a table's file: which column is what

TASKS = {
    ImportState.LOOKING: "annotator.tasks.look_at_import",
    ImportState.RUNNING: "annotator.tasks.run_import",
}


def get_import(user: User, pk: int, *, lock: bool = False) -> Import:
    """The import; 404 for a stranger, 403 for a member whose role is too low."""
    rows = Import.objects.filter(pk=pk)
    project_id = rows.values_list("project", flat=True).first()
    if project_id is None:
        raise Http404
    project = get_project(user, project_id, Role.MANAGER)
    rows = rows.select_for_update(of=("self",)) if lock else rows.defer(*LONG)
    row = rows.select_related("created_by").first()
    if row is None:
        raise Http404
    row.project = project
    return row


def current(user: User, project_id: int) -> Import | None:
    """The latest import of one's own that is not over, nor waits for an answer that would bring nothing in."""
    project = get_project(user, project_id, Role.MANAGER)
    rows = Import.objects.filter(project=project, created_by=user, state__in=OPEN)
    rows = rows.exclude(state=ImportState.READY, preview__contains={"nothing": True})
    return rows.defer(*LONG).order_by("-pk").first()


def begin(user: User, project_id: int, files: Sequence[tuple[str, UploadedFile]], *, more: bool) -> Import:
    """A new import of files with their paths. With `more`, others follow before it is looked at."""
    project = get_project(user, project_id, Role.MANAGER)
    row = Import.objects.create(project=project, created_by=user)
    return add(user, row.pk, files, more=more)


def add(user: User, pk: int, files: Sequence[tuple[str, UploadedFile]], *, more: bool) -> Import:
    """Further files of an import that is not looked at yet."""
    require(get_import(user, pk), ImportState.UPLOADING)
    if not files and more:
        raise Invalid(gettext("Send files."), fields={"files": "missing"})
    kept: list[ImportFile] = []
    try:
        for path, file in files:
            kept.append(keep(pk, path, file))
        return take(user, pk, kept, more=more)
    except BaseException:  # it was cancelled meanwhile, or the disk is full
        taken = set(ImportFile.objects.filter(of=pk).values_list("place", flat=True))
        discard({file.place for file in kept} - taken)
        raise


@transaction.atomic
def take(user: User, pk: int, kept: list[ImportFile], *, more: bool) -> Import:
    row = get_import(user, pk, lock=True)
    require(row, ImportState.UPLOADING)
    ImportFile.objects.bulk_create(kept)
    row.changed_at = timezone.now()
    if not more:
        row.state = ImportState.LOOKING
        send(row)
    row.save(update_fields=["state", "changed_at"])
    return row


def keep(pk: int, path: str, file: UploadedFile) -> ImportFile:
    path = path.replace("\0", "").encode(errors="replace").decode()[:MAX_PATH] or "unnamed"
    place = default_storage.save(f"imports/{pk}/{uuid.uuid4().hex}", file)
    file.close()  # it was moved away: nobody else does so where the sender has hung up, and Python would complain
    return ImportFile(of_id=pk, path=path, size=file.size or 0, place=place)


@transaction.atomic
def choose(user: User, pk: int, choices: Choices) -> Import:
    """Look once more, with what people say of its columns. What was seen before stays until then."""
    row = get_import(user, pk, lock=True)
    require(row, *previewed(row))
    before = row.choices
    row.choices = before | chosen_of(row, choices)
    if row.choices == before:
        return row
    row.state, row.attempts, row.changed_at = ImportState.LOOKING, 0, timezone.now()
    row.save(update_fields=["state", "attempts", "changed_at", "choices"])
    send(row)
    return row


@transaction.atomic
def start(user: User, pk: int, choices: Choices | None = None) -> Import:
    """Import what was previewed. One that failed begins anew, with looking when there is no preview yet: what it
    brought in already is not brought in twice."""
    row = get_import(user, pk, lock=True)
    require(row, *previewed(row), ImportState.FAILED)
    row.state = ImportState.RUNNING if row.preview else ImportState.LOOKING
    row.detail, row.done, row.total, row.attempts = "", 0, 0, 0
    row.changed_at = timezone.now()
    row.choices |= chosen_of(row, choices or {})
    row.save(update_fields=["state", "detail", "done", "total", "attempts", "changed_at", "choices"])
    send(row)
    return row


def previewed(row: Import) -> list[ImportState]:
    """The states in which there is something to say of its columns: also while it is looked at once more."""
    return [ImportState.READY, *([ImportState.LOOKING] if row.preview else [])]


def chosen_of(row: Import, choices: Choices) -> Choices:
    """Of the files and the roles that there are."""
    files = {source["file"] for source in row.preview.get("sources", [])}
    roles = (*ROLES, HEADER, TAGS)
    return {
        file: {role: column for role, column in given.items() if role in roles}
        for file, given in choices.items()
        if given and file in files
    }


@transaction.atomic
def cancel(user: User, pk: int) -> Import:
    """End it. One that runs ends after the files at hand, and what is in by then stays."""
    row = get_import(user, pk, lock=True)
    require(row, *OPEN, ImportState.FAILED)
    end(row)
    return row


def require(row: Import, *states: ImportState) -> None:
    if row.state not in states:
        detail = gettext("This cannot be done now: the import is at “%s”.") % row.get_state_display()
        raise Conflict(detail, code="wrong_state")


def send(row: Import, expires: float | None = None) -> None:
    """Once the row stands: a worker may be quicker than a commit. What a broker does not hear, `resume` says again."""
    task = TASKS[ImportState(row.state)]
    transaction.on_commit(lambda: current_app.send_task(task, [row.pk], expires=expires), robust=True)


def clear(row: Import) -> None:
    """Its files go, once nobody reads them."""
    discard([*row.files.values_list("place", flat=True), row.reading])
    row.files.all().delete()


def discard(places: Iterable[str]) -> None:
    for place in places:
        default_storage.delete(place)


def end(row: Import) -> None:
    """Cancelled, and its files are gone. A worker that brings it in sees to both itself."""
    if row.state != ImportState.RUNNING or row.pk not in held():
        empty(row)
    row.state, row.changed_at = ImportState.CANCELLED, timezone.now()
    row.save(update_fields=["preview", "state", "changed_at"])


def empty(row: Import) -> None:
    clear(row)
    row.preview = {}


def forget_old() -> None:
    """Imports that have waited for somebody for long, and what is told of those that ended long ago."""
    now = timezone.now()
    left = Import.objects.filter(Exists(ImportFile.objects.filter(of=OuterRef("pk"))), state__in=ENDED)
    for row in left.exclude(pk__in=held()):  # its worker died after it was cancelled
        empty(row)
        row.save(update_fields=["preview"])
    waiting = Import.objects.filter(state__in=WAITING, changed_at__lt=now - timedelta(days=DAYS_KEPT))
    for pk in waiting.values_list("pk", flat=True):
        with transaction.atomic():
            for row in waiting.select_for_update().filter(pk=pk):
                end(row)
    forget_readings()
    old = Import.objects.filter(state__in=ENDED, changed_at__lt=now - timedelta(days=DAYS_TOLD))
    old.exclude(report={}).update(report={}, choices={})


def forget_readings() -> None:
    """What was read for previews of imports that are over, or gone: their worker died before it could see to that."""
    with suppress(FileNotFoundError):
        folders, _ = default_storage.listdir("imports")
        found = {int(name) for name in folders if name.isdecimal()}
        open_ = Import.objects.filter(pk__in=found).exclude(state__in=ENDED).values_list("pk", flat=True)
        discard(Import(pk=pk).reading for pk in found - {*open_} - held())


LOCKS = """
FROM pg_locks l JOIN pg_database d ON d.oid = l.database
WHERE l.locktype = 'advisory' AND l.classid = %s AND l.granted AND d.datname = current_database()
"""


def held() -> set[int]:
    """What workers are at."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT l.objid {LOCKS}", [Work.AN_IMPORT])
        return {pk for (pk,) in cursor.fetchall()}


def placed() -> set[int]:
    """What workers are at that have a place."""
    with connection.cursor() as cursor:
        with_place = f"SELECT l.objid {LOCKS} AND l.pid IN (SELECT l.pid {LOCKS})"
        cursor.execute(with_place, [Work.AN_IMPORT, Work.A_PLACE_FOR_IMPORTS])
        return {pk for (pk,) in cursor.fetchall()}


def resume() -> None:
    """Have a worker take up what nobody works at, in the order it came: it had to wait, a worker was killed, or the
    message to it was lost. Whoever has no place may just be giving it up."""
    waiting = Import.objects.filter(state__in=TASKS).exclude(pk__in=placed())
    for row in waiting.order_by("changed_at", "pk").only("state"):
        send(row, expires=RESUMED_EVERY)


def uploads(row: Import) -> Iterable[tuple[str, int, Callable[[], File]]]:
    return [(file.path, file.size, partial(default_storage.open, file.place)) for file in row.files.order_by("pk")]
