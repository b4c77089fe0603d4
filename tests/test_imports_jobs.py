"""An import as a job: watched, cancelled, tried again, forgotten."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from annotator.imports import importing, jobs
from annotator.models import Import
from projects.models import Role
from tests.images import encoded, picture
from tests.imports import looked_at

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
    assert row.files == []


def test_who_loses_the_right_meanwhile_imports_no_more(alice, rita, project):
    project.memberships.filter(user=rita).update(role=Role.MANAGER)
    row = looked_at(rita, project, photos(2))
    jobs.start(rita, row.pk)
    project.memberships.filter(user=rita).update(role=Role.REVIEWER)

    importing.run(row.pk)

    row.refresh_from_db()
    assert (row.state, row.detail) == ("failed", "You may no longer import into this project.")
    assert project.items.count() == 0


def test_it_starts_once_and_its_files_go_when_it_is_done(owner, alice, project):
    row = looked_at(alice, project, photos(1))
    [[_, _, place]] = row.files

    assert owner.post(f"/api/imports/{row.pk}/start/").status_code == 200
    assert owner.post(f"/api/imports/{row.pk}/start/").status_code == 409
    importing.run(row.pk)

    assert Import.objects.get(pk=row.pk).state == "done"
    assert not default_storage.exists(place)


def test_files_that_nobody_imports_are_forgotten_after_a_week(alice, project):
    old, fresh = looked_at(alice, project, photos(1)), looked_at(alice, project, photos(1))
    Import.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=8))

    jobs.forget_old()

    assert [default_storage.exists(row.files[0][2]) for row in (old, fresh)] == [False, True]
    assert [Import.objects.get(pk=row.pk).state for row in (old, fresh)] == ["cancelled", "ready"]


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

    with importing.alone(at_work.pk):
        jobs.resume()

    assert sent == [("annotator.tasks.run_import", [left.pk])]
    importing.run(left.pk)
    left.refresh_from_db()
    assert (left.state, ready.state) == ("done", "ready")
