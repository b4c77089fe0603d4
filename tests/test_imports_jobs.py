"""An import as a job: watched, cancelled, tried again, forgotten."""

import errno
import json
import resource
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from annotator import relabelling, tasks
from annotator.alone import Work, alone
from annotator.formats import files
from annotator.formats.found import TextFound
from annotator.imports import drawing, importing, jobs, memory
from annotator.models import Import
from annotator.operations.purging import purge_project
from config.supervisor import programs
from config.supervisor.instance import BASE_DIR
from projects.errors import Conflict
from projects.models import Role
from projects.services import items, labels, projects
from tests.images import encoded, picture
from tests.imports import looked_at, zipped

pytestmark = pytest.mark.django_db


def photos(count: int) -> dict[str, bytes]:
    return {f"{n:03}.png": encoded(picture(20 + n, 20), "PNG") for n in range(count)}


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


@pytest.mark.django_db(transaction=True)
def test_what_a_killed_worker_has_left_goes_on(alice, project, monkeypatch):
    """Whoever works at an import holds a lock that the database lets go with their connection."""
    sent = []
    monkeypatch.setattr(
        jobs.current_app, "send_task", lambda task, arguments, **options: sent.append((task, arguments))
    )
    left, at_work, ready = (looked_at(alice, project, photos(n)) for n in (1, 2, 3))
    for row in (left, at_work):
        jobs.start(alice, row.pk)
    sent.clear()

    with alone(Work.AN_IMPORT, at_work.pk):
        jobs.resume()

    assert sent == [("annotator.tasks.run_import", [left.pk])]
    importing.run(left.pk)
    left.refresh_from_db()
    assert (left.state, ready.state) == ("done", "ready")


def test_what_workers_die_of_is_given_up_after_three_times(alice, project, monkeypatch):
    row = looked_at(alice, project, photos(1))
    jobs.start(alice, row.pk)

    def killed(*_):
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(importing, "recognise", killed)
        for _ in range(3):
            with pytest.raises(SystemExit):
                importing.run(row.pk)
    importing.run(row.pk)

    row.refresh_from_db()
    assert (row.state, project.items.count()) == ("failed", 0)
    assert row.detail.startswith("The server has broken off at these files several times.")
    jobs.start(alice, row.pk)
    importing.run(row.pk)
    row.refresh_from_db()
    assert row.state == "done"


def test_memory_is_bounded_while_an_import_is_worked_at(alice, project):
    before = resource.getrlimit(resource.RLIMIT_DATA)
    row = looked_at(alice, project, photos(1))

    with memory.bounded(2**26), pytest.raises(MemoryError):
        bytearray(2**28)
    with importing.failing(row), memory.bounded(2**26):
        Import.objects.filter(pk=row.pk).update(state="running")
        bytearray(2**28)

    assert resource.getrlimit(resource.RLIMIT_DATA) == before
    row.refresh_from_db()
    assert row.detail == "The files take more memory than the server gives to an import. Split them."


@pytest.mark.django_db(transaction=True)
def test_two_imports_into_one_project_go_one_after_the_other(alice, project):
    row = looked_at(alice, project, photos(1))
    Import.objects.filter(pk=row.pk).update(state="running", attempts=0)  # no worker is asked
    other = connection.copy()

    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [Work.IMPORTS_INTO_A_PROJECT, project.pk])
        importing.run(row.pk)
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [Work.IMPORTS_INTO_A_PROJECT, project.pk])
    other.close()
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("running", 0)

    importing.run(row.pk)
    row.refresh_from_db()
    assert row.state == "done"


@pytest.mark.django_db(transaction=True)
def test_imports_leave_a_process_of_the_worker_to_others(alice, project, tmp_path, monkeypatch):
    seen_to: list[str] = []
    monkeypatch.setattr(relabelling, "carry_out_all", lambda: seen_to.append("labels"))
    row = looked_at(alice, project, photos(1))
    Import.objects.filter(pk=row.pk).update(state="running", attempts=0)  # no worker is asked
    other = connection.copy()

    with other.cursor() as cursor:
        for number in range(importing.AT_ONCE):
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [Work.A_PLACE_FOR_IMPORTS, number])
        importing.run(row.pk)
        row.refresh_from_db()
        assert (row.state, row.attempts) == ("running", 0)
        tasks.see_to_labels()
        assert seen_to == ["labels"]
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [Work.A_PLACE_FOR_IMPORTS, 1])
        importing.run(row.pk)
    other.close()
    row.refresh_from_db()
    assert row.state == "done"
    processes = f"--concurrency={importing.AT_ONCE + 1}"
    assert processes in programs.worker(tmp_path, {}).command
    assert processes in (BASE_DIR / "compose.yaml").read_text()


@pytest.mark.parametrize("state", ["looking", "running"])
def test_one_that_is_cancelled_while_it_is_read_ends(alice, project, monkeypatch, state):
    row = looked_at(alice, project, {"t.csv": b"text\n" + b"a\n" * 20})
    Import.objects.filter(pk=row.pk).update(state=state)
    recognise = importing.recognise

    def recognise_and_cancel(folder):
        jobs.cancel(alice, row.pk)
        return recognise(folder)

    monkeypatch.setattr(importing, "recognise", recognise_and_cancel)
    (importing.look if state == "looking" else importing.run)(row.pk)

    row.refresh_from_db()
    assert (row.state, row.report) == ("cancelled", {})


def test_one_that_is_cancelled_or_takes_for_ever_ends_while_a_file_is_read(alice, project, monkeypatch):
    """Nothing comes of its megabytes that anybody could count."""
    row = looked_at(alice, project, {"t.json": b'{"other": [' + b"[],\n" * 2**19 + b'1], "images": []}'})
    monkeypatch.setattr(importing, "ASKED_EVERY", 0)
    jobs.start(alice, row.pk)
    with monkeypatch.context() as late:
        late.setattr(importing, "LONGEST", 0)
        importing.run(row.pk)
    row.refresh_from_db()
    assert (row.state, row.detail) == ("failed", "The files take too long. Split them.")

    jobs.start(alice, row.pk)
    read = files.Watched.read

    def read_and_cancel(self, size=-1):
        Import.objects.filter(pk=row.pk).update(state="cancelled")
        return read(self, size)

    monkeypatch.setattr(files.Watched, "read", read_and_cancel)
    importing.run(row.pk)

    row.refresh_from_db()
    assert (row.state, row.report) == ("cancelled", {})


def test_one_that_failed_before_its_preview_is_looked_at_again(alice, project, monkeypatch):
    row = jobs.begin(alice, project.pk, [("a.txt", SimpleUploadedFile("a.txt", b"words"))], more=False)
    with monkeypatch.context() as late:
        late.setattr(importing, "LONGEST", -1)
        importing.look(row.pk)

    row = jobs.start(alice, row.pk)

    assert row.state == "looking"
    importing.look(row.pk)
    row.refresh_from_db()
    assert (row.state, row.preview["texts"]) == ("ready", 1)


def test_a_worker_that_died_after_it_came_on_counts_as_the_first(alice, project, monkeypatch):
    monkeypatch.setattr(importing, "IMAGES_AT_ONCE", 1)
    row = looked_at(alice, project, photos(6))
    jobs.start(alice, row.pk)
    add = importing.items.add_files

    def add_and_die(*given):
        add(*given)
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(importing.items, "add_files", add_and_die)
        for _ in range(4):
            with pytest.raises(SystemExit):
                importing.run(row.pk)
    importing.run(row.pk)

    row.refresh_from_db()
    assert (row.state, project.items.count()) == ("done", 6)


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


def test_texts_of_one_name_are_known_without_being_read(alice, project):
    """Texts that are there come by a digest, and those that come in by their length."""
    rows = [("review.txt", f"{n} " + "x" * 400_000) for n in range(12)]
    items.add_texts(alice, project.pk, rows)
    table = "name,text\n" + "".join(f"{name},{text}\n" for name, text in [*rows[:2], ("review.txt", "new")])
    row = looked_at(alice, project, {"t.csv": table.encode()})
    jobs.start(alice, row.pk)

    with CaptureQueriesContext(connection) as queries:
        importing.run(row.pk)

    row.refresh_from_db()
    assert (row.report["made"], row.report["there"]) == ({"texts": 1}, {"texts": 2})
    reads = [query["sql"] for query in queries if query["sql"].startswith("SELECT") and "projects_item" in query["sql"]]
    assert reads and not any(
        '"projects_item"."text"' in sql.replace('MD5("projects_item"."text")', "") for sql in reads
    )


def test_texts_come_in_as_many_at_once_as_memory_takes():
    texts = [(str(n), TextFound("f", "", "", "", "x" * length)) for n, length in enumerate([3, 900_000, 1_200_000, 1])]

    pieces = list(importing.by_length(texts * 100))

    assert [len(piece) for piece in pieces[:2]] == [2, 3]
    assert sum(map(len, pieces)) == 400
    assert [len(piece) for piece in importing.by_length([texts[0]] * 150)] == [100, 50]


def test_a_preview_of_very_many_tables_is_short(owner, alice, project):
    header = ",".join(["text", *(f"{n}{'x' * 150}" for n in range(199))])
    table = f"{header}\n" + f"{','.join('y' * 200 for _ in range(200))}\n" * 5
    row = looked_at(alice, project, {"a.zip": zipped({f"{n:02}.csv": table.encode() for n in range(23)})})

    preview = owner.get(f"/api/imports/{row.pk}/").content
    card = owner.get(reverse("import-card", args=[row.pk])).content.decode()

    assert len(preview) < 2**20  # it was five times as long
    assert (len(row.preview["sources"]), row.preview["more_sources"]) == (20, 3)
    assert "3 more files" in card and "180 more columns" in card
    jobs.start(alice, row.pk)
    importing.run(row.pk)
    row.refresh_from_db()
    assert row.report["made"] == {"texts": 23 * 5}


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


def test_a_label_that_was_changed_or_removed_meanwhile_is_taken_as_it_is(alice, project, monkeypatch):
    cup, mug = (labels.add(alice, project.pk, name=name, shapes=["polygon"]) for name in ("Cup", "Mug"))
    lines = [f'{{"text": "tea", "label": [[0, 1, "{name}"]]}}\n' for name in ("Cup", "Mug")]
    row = looked_at(alice, project, {"t.jsonl": "".join(lines).encode()})
    jobs.start(alice, row.pk)
    lock = importing.get_project

    def change_and_lock(*given, **options):
        """They come just before the import has the project's lock."""
        if options.get("lock"):
            labels.change(alice, cup.pk, shapes=["polygon", "rectangle"])
            labels.remove(alice, mug.pk)
        return lock(*given, **options)

    monkeypatch.setattr(importing, "get_project", change_and_lock)
    importing.run(row.pk)

    cup.refresh_from_db()
    assert Import.objects.get(pk=row.pk).state == "done"
    assert set(cup.shapes) == {"polygon", "rectangle", "span"}
    assert project.labels.filter(name="Mug", removed_at=None).count() == 1


def test_choices_of_files_and_roles_that_are_not_there_are_passed_over(owner, alice, project):
    row = looked_at(alice, project, {"t.csv": b"text,label\ntea,Cup\n"})
    choices = {"\ud83d": {"text": "x"}, "t.csv": {"label": "", "\ud83d": "x"}}

    answer = owner.post(f"/api/imports/{row.pk}/start/", {"choices": choices}, "application/json")

    row.refresh_from_db()
    assert (answer.status_code, row.choices) == (200, {"t.csv": {"label": ""}})
