"""What was read for the preview is not read again."""

import json
import sqlite3
from contextlib import closing
from errno import ENOSPC
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from msgspec import DecodeError

from annotator.formats.files import HEAD
from annotator.imports import importing, jobs, remembering
from annotator.models import Import
from annotator.operations.purging import purge_project
from projects.models import User
from projects.services import projects
from tests.images import encoded, picture
from tests.imports import looked_at

pytestmark = pytest.mark.django_db

COCO = {
    "images": [{"id": 1, "file_name": "a.png"}],
    "categories": [{"id": 1, "name": "Cup"}, {"id": 2, "name": "Mug"}],
    "annotations": [
        *({"id": n, "image_id": 1, "category_id": 1 + n % 2, "bbox": [n % 50, n % 30, 3, 4]} for n in range(1_500)),
        {"id": 1_500, "image_id": 2, "category_id": 1, "bbox": [1, 2, 3, 4]},
    ],
}
FILES = {"a.png": encoded(picture(), "PNG"), "coco.json": json.dumps(COCO).encode()}


def started(user: User, row: Import) -> Import:
    jobs.start(user, row.pk)
    importing.run(row.pk)
    row.refresh_from_db()
    assert (row.state, row.detail) == ("done", "")
    return row


def put(place: str, body: bytes) -> None:
    default_storage.delete(place)
    default_storage.save(place, ContentFile(body))


def test_an_import_goes_by_what_was_read_for_its_preview(alice, project):
    row = looked_at(alice, project, FILES)
    put(row.files.get(path="coco.json").place, FILES["coco.json"][: HEAD + 1])  # as its readers know it, and no more

    report = started(alice, row).report

    assert report["made"] == {"images": 1, "labels": 2, "annotations": 1_500}
    assert [problem["detail"] for problem in report["problems"]] == [
        "It is of the image 2, which the file does not list."
    ]


def full():
    raise OSError(ENOSPC, "No space left on device")


@pytest.mark.parametrize("left", ["nothing", "half of it", "another version's", "of other files"])
def test_what_is_not_there_any_more_is_read_again(alice, project, monkeypatch, left):
    with monkeypatch.context() as before:
        if left == "another version's":
            before.setattr(remembering, "VERSION", remembering.VERSION - 1)
        elif left == "of other files":  # as they were recognised then
            before.setattr(remembering, "digest", lambda found: "of others")
        elif left == "nothing":
            save = default_storage.save
            before.setattr(default_storage, "save", lambda *given: full() if "reading" in given[0] else save(*given))
        row = looked_at(alice, project, FILES)
    assert default_storage.exists(row.reading) == (left != "nothing")
    if left == "half of it":
        put(row.reading, default_storage.open(row.reading).read()[:-10_000])

    assert started(alice, row).report["made"]["annotations"] == 1_500


def test_what_is_damaged_is_read_again_at_the_second_try(alice, project):
    row = looked_at(alice, project, FILES)
    with closing(sqlite3.connect(default_storage.path(row.reading))) as database:
        database.execute("UPDATE drawn SET body = x'c1'")
        database.commit()
    jobs.start(alice, row.pk)
    with pytest.raises(DecodeError):
        importing.run(row.pk)

    assert started(alice, row).report["made"]["annotations"] == 1_500


def test_what_was_kept_goes_with_the_files(alice, project):
    for end in (lambda row: started(alice, row), lambda row: jobs.cancel(alice, row.pk)):
        row = looked_at(alice, project, FILES)
        folder = Path(default_storage.path(row.reading)).parent
        assert len(list(folder.iterdir())) == len(FILES) + 1

        end(row)

        assert not list(folder.iterdir())


def test_what_was_kept_goes_with_its_project(alice, project, django_capture_on_commit_callbacks):
    row = looked_at(alice, project, FILES)
    projects.trash(alice, project.pk)
    with django_capture_on_commit_callbacks(execute=True):
        purge_project(alice, project.pk)

    assert not default_storage.exists(row.reading)


def test_what_a_worker_left_that_died_goes_in_the_night(alice, project):
    open_, over = (looked_at(alice, project, FILES) for _ in range(2))
    jobs.cancel(alice, over.pk)
    put(over.reading, b"left")

    jobs.forget_old()

    assert [default_storage.exists(row.reading) for row in (open_, over)] == [True, False]


def test_one_that_is_cancelled_while_its_preview_is_made_leaves_nothing(alice, project, monkeypatch):
    keep = remembering.keep

    def cancel_and_keep(row, *given):
        jobs.cancel(alice, row.pk)
        keep(row, *given)

    monkeypatch.setattr(remembering, "keep", cancel_and_keep)
    row = looked_at(alice, project, FILES)

    assert row.state == "cancelled"
    assert not default_storage.exists(row.reading)


def test_other_columns_are_read_from_the_file(alice, project):
    row = looked_at(alice, project, {"t.csv": b"text,note\ntea,milk\n"})
    jobs.start(alice, row.pk, {"t.csv": {"text": "note"}})

    importing.run(row.pk)

    assert [item.text for item in project.items.all()] == ["milk"]
