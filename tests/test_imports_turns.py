"""Whose turn it is, and what becomes of what a killed worker has left."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotator import relabelling, tasks
from annotator.alone import Work, alone
from annotator.imports import importing, jobs, turns
from annotator.models import Import
from config.supervisor import programs
from config.supervisor.instance import BASE_DIR
from detectors import sharding
from projects.models import Project, Role, User
from tests.imports import looked_at, photos

pytestmark = pytest.mark.django_db


@contextmanager
def taken(*locks: tuple[Work, int]) -> Iterator[None]:
    """By workers elsewhere."""
    other = connection.copy()
    with closing(other), other.cursor() as cursor:
        for lock, pk in locks:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [lock, pk])
        yield


def began(user: User, project: Project) -> Import:
    return jobs.begin(user, project.pk, [("a.txt", SimpleUploadedFile("a.txt", b"words"))], more=False)


def state(row: Import) -> str:
    return Import.objects.values_list("state", flat=True).get(pk=row.pk)


def test_two_imports_into_one_project_or_of_one_person_go_one_after_the_other(alice, project):
    row = looked_at(alice, project, photos(1))
    jobs.start(alice, row.pk)

    for work in ((Work.IMPORTS_INTO_A_PROJECT, project.pk), (Work.IMPORTS_OF_A_PERSON, alice.pk)):
        with taken(work):
            importing.run(row.pk)
        row.refresh_from_db()
        assert (row.state, row.attempts) == ("running", 0)

    importing.run(row.pk)
    assert state(row) == "done"


def test_imports_leave_a_process_to_previews_and_one_to_all_else(alice, rita, project, tmp_path, monkeypatch):
    project.memberships.filter(user=rita).update(role=Role.MANAGER)
    seen_to: list[str] = []
    monkeypatch.setattr(relabelling, "carry_out_all", lambda: seen_to.append("labels"))
    row, other, last = looked_at(alice, project, photos(1)), began(alice, project), began(rita, project)
    jobs.start(alice, row.pk)
    places = [(Work.A_PLACE_FOR_IMPORTS, number) for number in range(turns.PLACES)]

    with taken(*places[: -turns.FOR_PREVIEWS]):
        importing.run(row.pk)
        importing.look(other.pk)
        assert (state(row), state(other)) == ("running", "ready")
    with taken(*places):
        importing.look(last.pk)
        assert state(last) == "looking"
        tasks.see_to_labels()
        assert seen_to == ["labels"]

    importing.run(row.pk)
    assert state(row) == "done"
    for_all = turns.PLACES + 1  # those of runs come to them
    assert f"--concurrency={for_all + sharding.MOST}" in programs.worker(tmp_path, {}).command
    assert f"--concurrency=$$(({for_all} + $$(nproc)))" in (BASE_DIR / "compose.yaml").read_text()


def test_previews_are_made_in_the_order_they_were_asked_for_but_one_a_person_at_a_time(alice, rita, project):
    project.memberships.filter(user=rita).update(role=Role.MANAGER)
    first, second, hers = began(alice, project), began(alice, project), began(rita, project)

    importing.look(hers.pk)
    assert state(hers) == "looking"

    with taken((Work.AN_IMPORT, first.pk), (Work.PREVIEWS_OF_A_PERSON, alice.pk)):
        importing.look(second.pk)
        importing.look(hers.pk)
    assert [state(row) for row in (first, second, hers)] == ["looking", "looking", "ready"]


def test_those_that_wait_are_told_when_a_place_comes_free(
    alice, project, monkeypatch, django_capture_on_commit_callbacks
):
    rows = [began(alice, project) for _ in range(3)]
    sent = []
    monkeypatch.setattr(jobs.current_app, "send_task", lambda task, arguments, **options: sent.extend(arguments))

    with django_capture_on_commit_callbacks(execute=True):
        importing.look(rows[0].pk)

    assert sent == [rows[1].pk, rows[2].pk] * 2


def test_the_card_says_that_others_go_first(alice, project):
    row, at_work = began(alice, project), began(alice, project)
    client = Client()
    client.force_login(alice)

    def card() -> str:
        return client.get(reverse("import-card", args=[row.pk])).content.decode()

    with taken((Work.AN_IMPORT, at_work.pk)):
        assert "other import" not in card()  # a worker may just come
        Import.objects.update(changed_at=timezone.now() - turns.AT_ONCE)
        assert "1 other import goes first." in card()
    with taken((Work.AN_IMPORT, row.pk), (Work.AN_IMPORT, at_work.pk)):
        assert "other import" not in card()


@pytest.mark.django_db(transaction=True)
def test_what_a_killed_worker_has_left_goes_on(alice, project, monkeypatch):
    """Whoever works at an import holds a lock that the database lets go with their connection."""
    sent = []
    monkeypatch.setattr(
        jobs.current_app, "send_task", lambda task, arguments, **options: sent.append((task, arguments))
    )
    left, giving_up, at_work, ready = (looked_at(alice, project, photos(n)) for n in (1, 2, 3, 4))
    for row in (left, giving_up, at_work):
        jobs.start(alice, row.pk)
    sent.clear()

    with alone(Work.AN_IMPORT, giving_up.pk), taken((Work.AN_IMPORT, at_work.pk), (Work.A_PLACE_FOR_IMPORTS, 0)):
        jobs.resume()

    assert sent == [("annotator.tasks.run_import", [row.pk]) for row in (left, giving_up)]
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
