"""The threads that write an import's commits, when not all goes well."""

import json
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest
from django.db import connection, transaction

from annotator.access import sheet_of
from annotator.imports import drawing, importing, jobs
from annotator.models import Annotation, Import
from annotator.shapes import Rectangle
from projects.models import Item, Project, User
from tests.cast import photo
from tests.grid import draw
from tests.imports import looked_at
from tests.waiting import until, waiting_for_a_lock

pytestmark = pytest.mark.django_db(transaction=True)

COCO = {
    "images": [{"id": n, "file_name": f"{n}.png"} for n in range(12)],
    "categories": [{"id": 1, "name": "Cup"}],
    "annotations": [{"image_id": n % 12, "category_id": 1, "bbox": [n, 0, 10, 10]} for n in range(24)],
}
A_COMMIT = 4  # annotations, of two sheets


@pytest.fixture
def row(alice: User, project: Project, monkeypatch: pytest.MonkeyPatch) -> Import:
    """An import of six commits that is to run; no worker is asked."""
    monkeypatch.setattr(jobs.current_app, "send_task", lambda *_, **__: None)
    monkeypatch.setattr(drawing, "SHEETS_A_COMMIT", 2)
    project.labels.create(name="Cup", color="#f4b740", shapes=["rectangle"])
    for n in range(12):
        Item.objects.filter(pk=photo(project, alice).pk).update(name=f"{n}.png")
    row = looked_at(alice, project, {"coco.json": json.dumps(COCO).encode()})
    return again(row)


def again(row: Import) -> Import:
    Import.objects.filter(pk=row.pk).update(state="running", attempts=0)
    return row


def run_elsewhere(row: Import) -> None:
    try:
        importing.run(row.pk)
    finally:
        connection.close()


def connections(pids: set[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = ANY(%s)", [list(pids)])
        return cursor.fetchone()[0]


def test_an_error_in_one_commit_leaves_whole_commits_and_no_connection(project, row, monkeypatch):
    write, numbers, pids = drawing.perform_many, count(), set()

    def write_but_once(*given, **options):
        number = next(numbers)
        connection.ensure_connection()
        pids.add(connection.connection.info.backend_pid)
        if number == 1:
            raise RuntimeError("the disk has gone")
        return write(*given, **options)

    with monkeypatch.context() as failing:
        failing.setattr(drawing, "perform_many", write_but_once)
        with pytest.raises(RuntimeError):
            importing.run(row.pk)

    row.refresh_from_db()
    there = Annotation.objects.count()
    assert (row.state, row.detail[:32]) == ("failed", "Something went wrong on the serv")
    assert 0 < there < 24 and there % A_COMMIT == 0
    assert len(pids) == 3
    until(lambda: not connections(pids))

    importing.run(again(row).pk)
    row.refresh_from_db()
    assert (row.report["made"], row.report["there"]) == ({"annotations": 24 - there}, {"annotations": there})


def test_sheets_that_somebody_opens_meanwhile_are_drawn_on(project, alice, row, monkeypatch):
    known = drawing.known

    def opened_meanwhile(cursor, items, person):
        found = known(cursor, items, person)
        for item in set(items) - found.keys():
            sheet_of(Item.objects.get(pk=item), alice)
        return found

    monkeypatch.setattr(drawing, "known", opened_meanwhile)
    importing.run(row.pk)

    row.refresh_from_db()
    assert row.report["made"] == {"annotations": 24}


def test_one_that_is_cancelled_during_a_commit_ends_after_those_under_way(project, row, monkeypatch):
    write, numbers = drawing.perform_many, count()

    def write_and_cancel(*given, **options):
        if next(numbers) == 1:
            Import.objects.filter(pk=row.pk).update(state="cancelled")
        return write(*given, **options)

    monkeypatch.setattr(drawing, "perform_many", write_and_cancel)
    importing.run(row.pk)

    row.refresh_from_db()
    there = Annotation.objects.count()
    assert row.state == "cancelled"
    assert there < 24 and there % A_COMMIT == 0
    assert row.report["made"] == {"annotations": there}


def test_who_draws_on_one_of_the_sheets_meanwhile_keeps_that(project, bob, row):
    item, label = project.items.get(name="7.png"), project.labels.get()
    sheet = sheet_of(item, bob)

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            draw(bob, item, label, Rectangle(100, 100, 5, 5))
            running = pool.submit(run_elsewhere, row)
            until(waiting_for_a_lock)
        running.result()

    row.refresh_from_db()
    assert (row.state, row.report["made"]) == ("done", {"annotations": 24})
    assert sorted(sheet.annotations.values_list("created_by", flat=True)) == sorted([row.created_by_id] * 2 + [bob.pk])
    sheet.refresh_from_db()
    clocks = list(sheet.operations.order_by("clock").values_list("clock", flat=True))
    assert sheet.clock == len(clocks) + 1 == clocks[-1]  # one is of the status
