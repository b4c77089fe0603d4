"""An import as a job: sent, started, cancelled, forgotten."""

import errno
import gc
import json
import sys
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from annotator.alone import Work, alone
from annotator.imports import drawing, importing, jobs
from annotator.models import Import
from annotator.operations.purging import purge_project
from projects.errors import Conflict
from projects.models import Role
from projects.services import items, labels, projects
from tests.imports import looked_at, photos, zipped

pytestmark = pytest.mark.django_db


def test_files_are_sent_in_several_requests_and_looked_at_after_the_last(owner, project):
    def send(address, name, more):
        body = {"files": SimpleUploadedFile(name, b"words"), "paths": f'["folder/{name}"]', "more": more}
        return owner.post(address, body)

    first = send(f"/api/projects/{project.pk}/imports/", "a.txt", "1")
    last = send(f"/api/imports/{first.json()['id']}/files/", "b.txt", "")

    assert (first.status_code, first.json()["state"]) == (201, "uploading")
    assert (last.status_code, last.json()["state"]) == (200, "looking")
    importing.look(last.json()["id"])
    assert owner.get(f"/api/imports/{last.json()['id']}/").json()["preview"]["texts"] == 2


def test_one_that_is_cancelled_stops_and_keeps_what_is_in(alice, project, monkeypatch):
    monkeypatch.setattr(importing, "IMAGES_AT_ONCE", 2)
    row = looked_at(alice, project, photos(6))
    jobs.start(alice, row.pk)
    add = importing.items.add_files

    def add_and_cancel(*given):
        jobs.cancel(alice, row.pk)
        return add(*given)

    monkeypatch.setattr(importing.items, "add_files", add_and_cancel)
    importing.run(row.pk)

    row.refresh_from_db()
    assert (row.state, row.report["made"]) == ("cancelled", {"images": 2})
    assert project.items.count() == 2
    assert not row.files.exists()


def test_who_loses_the_right_meanwhile_imports_no_more(alice, rita, project):
    project.memberships.filter(user=rita).update(role=Role.MANAGER)
    row = looked_at(rita, project, photos(2))
    jobs.start(rita, row.pk)
    project.memberships.filter(user=rita).update(role=Role.REVIEWER)

    importing.run(row.pk)

    row.refresh_from_db()
    assert (row.state, row.detail) == ("failed", "You may no longer import into this project.")
    assert project.items.count() == 0


def test_who_loses_the_right_while_annotations_come_in_is_told_once(alice, rita, project, monkeypatch):
    project.memberships.filter(user=rita).update(role=Role.MANAGER)
    labels.add(alice, project.pk, name="Cup")
    items.add_texts(alice, project.pk, [("t", "tea")])
    lines = [json.dumps({"text": f"tea {n}", "label": [[0, 3, "Cup"]]}) for n in range(5)]
    row = looked_at(rita, project, {"t.jsonl": "\n".join(lines).encode()})
    jobs.start(rita, row.pk)
    write = drawing.perform_many

    def lose_and_write(*given, **options):
        project.memberships.filter(user=rita).delete()
        return write(*given, **options)

    monkeypatch.setattr(drawing, "perform_many", lose_and_write)
    importing.run(row.pk)

    row.refresh_from_db()
    assert (row.state, row.detail) == ("failed", "You may no longer import into this project.")


def test_it_starts_once_and_its_files_go_when_it_is_done(owner, alice, project):
    row = looked_at(alice, project, photos(1))
    place = row.files.get().place

    assert owner.post(f"/api/imports/{row.pk}/start/").status_code == 200
    assert owner.post(f"/api/imports/{row.pk}/start/").status_code == 409
    importing.run(row.pk)

    assert Import.objects.get(pk=row.pk).state == "done"
    assert not default_storage.exists(place)


def test_files_that_nobody_imports_are_forgotten_after_a_week(alice, project):
    old, at_work, failed, fresh = (looked_at(alice, project, photos(1)) for _ in range(4))
    empty = Import.objects.create(project=project, created_by=alice)
    for row, state in ((at_work, "running"), (failed, "failed")):
        Import.objects.filter(pk=row.pk).update(state=state)
    places = [row.files.get().place for row in (old, at_work, failed, fresh)]
    before = timezone.now() - timedelta(days=8)
    Import.objects.exclude(pk=fresh.pk).update(changed_at=before)
    Import.objects.update(created_at=before)

    jobs.forget_old()

    assert list(map(default_storage.exists, places)) == [False, True, False, True]
    rows = [old, at_work, failed, fresh]
    states = [Import.objects.get(pk=row.pk).state for row in [*rows, empty]]
    assert states == ["cancelled", "running", "cancelled", "ready", "cancelled"]


@pytest.mark.parametrize("broken", ["cancelled", "full"])
def test_an_upload_that_is_broken_off_leaves_no_files(alice, project, monkeypatch, broken):
    row = jobs.begin(alice, project.pk, [("a.txt", SimpleUploadedFile("a.txt", b"words"))], more=True)
    keep, places = jobs.keep, []

    def keep_and_break(pk, path, file):
        if places:
            if broken == "full":
                raise OSError(errno.ENOSPC, "full")
            jobs.cancel(alice, pk)
        places.append(kept := keep(pk, path, file))
        return kept

    monkeypatch.setattr(jobs, "keep", keep_and_break)
    with pytest.raises((Conflict, OSError)):
        jobs.add(alice, row.pk, [(f"{n}.txt", SimpleUploadedFile("file", b"words")) for n in (1, 2)], more=False)

    assert places and not any(default_storage.exists(file.place) for file in places)


@pytest.mark.django_db(transaction=True)
def test_files_that_came_while_the_broker_was_away_are_looked_at_later(alice, project, monkeypatch):
    with monkeypatch.context() as away:
        away.setattr(jobs.current_app, "send_task", unreachable)
        row = jobs.begin(alice, project.pk, [("a.txt", SimpleUploadedFile("a.txt", b"words"))], more=False)

    assert row.state == "looking"
    importing.look(row.pk)
    row.refresh_from_db()
    assert (row.state, row.preview["texts"]) == ("ready", 1)


def test_a_large_file_that_was_moved_to_its_place_is_not_looked_for_where_it_was(alice, project, monkeypatch):
    complaints = []
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)
    file = TemporaryUploadedFile("a.txt", "text/plain", 5, None)
    file.write(b"words")

    jobs.begin(alice, project.pk, [("a.txt", file)], more=True)
    del file  # as when whoever sent it has hung up: the request is closed by nobody
    gc.collect()

    assert complaints == []


def unreachable(*_, **__):
    raise OperationalError("no broker")


@pytest.mark.parametrize("worker", ["another's", "died"])
def test_one_that_is_cancelled_before_a_worker_takes_it_leaves_nothing(alice, project, worker):
    row = looked_at(alice, project, photos(1))
    jobs.start(alice, row.pk)
    place = row.files.get().place

    with alone(Work.AN_IMPORT, row.pk + (worker == "another's")):
        jobs.cancel(alice, row.pk)
    if worker == "died":
        assert default_storage.exists(place)  # it might read them
        jobs.forget_old()

    row.refresh_from_db()
    assert (row.state, row.files.count(), row.preview) == ("cancelled", 0, {})
    assert not default_storage.exists(place)


def test_a_purged_project_leaves_nothing_of_its_imports(alice, project, django_capture_on_commit_callbacks):
    done, ready, running = (looked_at(alice, project, {"t.csv": b"text\nsecret words\n"}) for _ in range(3))
    for row in (done, running):
        jobs.start(alice, row.pk)
    importing.run(done.pk)
    places = [row.files.get().place for row in (ready, running)]
    done.refresh_from_db()
    assert (done.state, done.preview) == ("done", {})
    projects.trash(alice, project.pk)

    with django_capture_on_commit_callbacks(execute=True):
        purge_project(alice, project.pk)

    assert not Import.objects.exists()
    assert not any(map(default_storage.exists, places))
    importing.run(running.pk)


def test_what_was_told_of_an_import_is_forgotten_after_a_month(alice, project):
    row = Import.objects.create(project=project, created_by=alice, state="done", report={"made": {"texts": 1}})
    for days, left in ((29, {"made": {"texts": 1}}), (31, {})):
        Import.objects.update(changed_at=timezone.now() - timedelta(days=days))
        jobs.forget_old()
        row.refresh_from_db()
        assert row.report == left


def test_a_stranger_locks_nobodys_import_and_a_card_reads_no_files(alice, vera, project):
    row = Import.objects.create(project=project, created_by=alice, state="running")

    with CaptureQueriesContext(connection) as queries, pytest.raises(PermissionDenied):
        jobs.cancel(vera, row.pk)
    assert not any("FOR UPDATE" in query["sql"] for query in queries)

    client = Client()
    client.force_login(alice)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(reverse("import-card", args=[row.pk])).status_code == 200
    for column in ("files", "preview", "report"):
        assert not any(f'"annotator_import"."{column}"' in query["sql"] for query in queries)


def test_choices_of_files_and_roles_that_are_not_there_are_passed_over(owner, alice, project):
    row = looked_at(alice, project, {"t.csv": b"text,label\ntea,Cup\n"})
    choices = {"\ud83d": {"text": "x"}, "t.csv": {"label": "", "\ud83d": "x"}}

    answer = owner.post(f"/api/imports/{row.pk}/start/", {"choices": choices}, "application/json")

    row.refresh_from_db()
    assert (answer.status_code, row.choices) == (200, {"t.csv": {"label": ""}})


def test_what_can_bring_nothing_in_waits_for_no_answer(alice, project):
    waits = looked_at(alice, project, {"t.csv": b"text\ntea\n"})
    choosable = looked_at(alice, project, {"n.csv": b"a,b\n1,2\n3,4\n"})
    for files in ({"e.csv": b" "}, {"h.csv": b"text,label\n"}, {"x.xlsx": b"PK"}):
        row = looked_at(alice, project, files)
        assert (row.state, row.preview["nothing"]) == ("ready", True)
        assert jobs.current(alice, project.pk) == choosable

    jobs.cancel(alice, choosable.pk)
    of_an_earlier_release = {key: value for key, value in waits.preview.items() if key != "nothing"}
    Import.objects.filter(pk=waits.pk).update(preview=of_an_earlier_release)

    assert jobs.current(alice, project.pk) == waits


def test_who_cancels_is_told_how_much_came_in_once_the_worker_has_ended(owner, alice, project, monkeypatch):
    row = looked_at(alice, project, {"a.zip": zipped(photos(60))})
    jobs.start(alice, row.pk)
    card, step = reverse("import-card", args=[row.pk]), importing.Job.step
    told = []

    def cancelled_after_the_first(job, n):
        step(job, n)
        if job.done and not told:
            owner.post(reverse("import-card-cancel", args=[row.pk]))
            with monkeypatch.context() as held:
                held.setattr(jobs, "held", lambda: {row.pk})
                told.append(owner.get(card))

    monkeypatch.setattr(importing.Job, "step", cancelled_after_the_first)
    importing.run(row.pk)

    row.refresh_from_db()
    page = told[0].content.decode()
    assert "Cancelling …" in page and "hx-get" in page and "HX-Trigger" not in told[0]
    assert 0 < row.report["made"]["images"] == project.items.count() < 60
    ended = owner.get(card)
    page = ended.content.decode()
    assert ended["HX-Trigger"] == "items-added"
    assert "What came in by then stays" in page and f"<dd>{project.items.count()}</dd>" in page
