"""Runs are shown to who labels, hidden and removed; what was decided about them stays."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.urls import reverse

from annotator.access import sheet_of
from annotator.messages import Create, Delete, Reject
from annotator.models import Annotation
from annotator.shapes import Rectangle
from detectors import keeping, suggesting
from detectors.models import Prediction, Run
from tests.cast import photo
from tests.clients import client_of
from tests.detectors.proposing import proposed
from tests.operations.door import do
from tests.waiting import until, waiting_for_a_lock

FACE, FAR, EDGE = (Rectangle(x, 20, 40, 50) for x in (10, 200, 400))


@pytest.fixture
def item(project, alice):
    return photo(project, alice)


@pytest.fixture
def label(project):
    return project.labels.create(name="Face", color="#f4b740", shapes=["rectangle"])


def suggested(sheet):
    return suggesting.on([sheet.item_id])[sheet.item_id]


def accept(sheet, person, one):
    create = Create(uuid4(), one.annotation, one.label, one.shape, prediction=one.prediction)
    return do(sheet, person, create)


@pytest.mark.django_db
def test_a_manager_hides_a_run_and_shows_it_again_and_members_see_which_are_shown(alice, vera, item, label):
    run = proposed(alice, item, label, FACE)
    manager, viewer = client_of(alice), client_of(vera)

    for shown in (False, True):
        body = {"shown": shown}
        told = manager.patch(f"/api/runs/{run.pk}/", body, content_type="application/json").json()

        assert told["shown"] is shown
        assert [one["shown"] for one in viewer.get(f"/api/projects/{item.project_id}/runs/").json()] == [shown]
        assert bool(suggesting.on([item.pk])[item.pk]) is shown

    panel = manager.post(reverse("show-run", args=[run.pk]), {"shown": "0"}).content.decode()
    assert 'aria-pressed="false"' in panel
    assert "hidden" in viewer.get(f"/projects/{item.project_id}/runs/").content.decode()


@pytest.mark.django_db
def test_of_a_removed_run_stays_what_somebody_has_decided(alice, bob, item, label):
    run = proposed(alice, item, label, FACE, FAR, EDGE)
    sheet = sheet_of(item, bob)
    first, second, _ = suggested(sheet)
    accept(sheet, bob, first)
    do(sheet, bob, Reject(uuid4(), second.annotation, second.prediction))

    keeping.remove(alice, run.pk)
    keeping.clear(run.pk)

    run.refresh_from_db()
    assert (run.shown, run.removed_at is None, run.size) == (False, False, 2)
    assert set(Prediction.objects.values_list("pk", flat=True)) == {first.prediction, second.prediction}
    assert Annotation.objects.get(deleted=False).prediction == first.prediction
    assert not suggested(sheet)
    assert not client_of(alice).get(f"/api/projects/{item.project_id}/runs/").json()
    assert keeping.count(item.project_id) == 0
    assert client_of(alice).delete(f"/api/runs/{run.pk}/").status_code == 404


@pytest.mark.django_db
def test_the_file_of_a_removed_run_is_imported_anew_and_suggests_what_is_not_said(alice, bob, item, label):
    run = proposed(alice, item, label, FACE, FAR, digest="1")
    sheet = sheet_of(item, bob)
    accept(sheet, bob, suggested(sheet)[0])
    keeping.remove(alice, run.pk)

    again = proposed(alice, item, label, FACE, FAR, digest="1")

    assert again.pk != run.pk
    assert [one.shape for one in suggesting.open_on([item.pk])[item.pk]] == [FAR]


@pytest.mark.django_db
def test_what_a_removed_run_proposed_can_no_longer_be_accepted(alice, bob, item, label):
    run = proposed(alice, item, label, FACE)
    sheet = sheet_of(item, bob)
    (only,) = suggested(sheet)
    accept(sheet, bob, only)
    do(sheet, bob, Delete(uuid4(), only.annotation))
    keeping.remove(alice, run.pk)

    outcome = accept(sheet, bob, only)

    assert outcome.fields == {"prediction": "gone"}


@pytest.mark.django_db(transaction=True)
def test_what_is_accepted_just_as_its_run_is_removed_keeps_its_prediction(alice, bob, item, label):
    run = proposed(alice, item, label, FACE, FAR)
    sheet = sheet_of(item, bob)
    first, _ = suggested(sheet)

    def alone(change, *args):
        change(*args)
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            accept(sheet, bob, first)
            pool.submit(alone, keeping.remove, alice, run.pk).result(timeout=10)  # which waits for nobody
            clearing = pool.submit(alone, keeping.clear, run.pk)
            until(waiting_for_a_lock)
        clearing.result(timeout=10)

    assert [one.pk for one in Prediction.objects.all()] == [first.prediction]
    assert Run.objects.get().removed_at
