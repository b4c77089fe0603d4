"""An import while it is worked at: bounded, watched, and what others change meanwhile."""

import resource

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotator.formats import files
from annotator.formats.found import TextFound
from annotator.imports import importing, jobs, memory, pieces
from annotator.models import Import
from projects.models import Project
from projects.services import items, labels, projects
from tests.imports import looked_at, photos, zipped

pytestmark = pytest.mark.django_db


def test_memory_is_bounded_while_an_import_is_worked_at(alice, project):
    before = resource.getrlimit(resource.RLIMIT_DATA)
    row = looked_at(alice, project, photos(1))
    row.state = "running"
    row.save()

    with memory.bounded(2**26), pytest.raises(MemoryError):
        bytearray(2**28)
    with importing.failing(row), memory.bounded(2**26):
        bytearray(2**28)

    assert resource.getrlimit(resource.RLIMIT_DATA) == before
    row.refresh_from_db()
    assert row.detail == "The files take more memory than the server gives to an import. Split them."


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
    body = b'{"other": [' + b"[],\n" * 2**19 + b'1], "images": []}'
    monkeypatch.setattr(importing, "ASKED_EVERY", 0)
    with monkeypatch.context() as late:
        late.setattr(importing, "LONGEST", 0)
        row = looked_at(alice, project, {"t.json": body})
    assert (row.state, row.detail) == ("failed", "The files take too long. Split them.")

    jobs.start(alice, row.pk)
    read, sizes = files.Watched.read, []

    def read_and_cancel(self, size=-1):
        sizes.append(size)
        if size == files.PIECE:
            Import.objects.filter(pk=row.pk).update(state="cancelled")
        return read(self, size)

    monkeypatch.setattr(files.Watched, "read", read_and_cancel)
    importing.look(row.pk)

    row.refresh_from_db()
    assert (row.state, row.preview) == ("cancelled", {})
    assert sizes.count(files.PIECE) == 1


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

    some = list(pieces.by_length(texts * 100))

    assert [len(piece) for piece in some[:2]] == [2, 3]
    assert sum(map(len, some)) == 400
    assert [len(piece) for piece in pieces.by_length([texts[0]] * 150)] == [100, 50]


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


def test_labels_and_guidelines_that_were_changed_meanwhile_are_taken_as_they_are(alice, project, monkeypatch):
    cup, mug = (labels.add(alice, project.pk, name=name, shapes=["polygon"]) for name in ("Cup", "Mug"))
    lines = [f'{{"text": "tea", "label": [[0, 1, "{name}"]]}}\n' for name in ("Cup", "Mug")]
    ours = b'{"type":"project","labels":[],"guidelines":"of the file"}\n'
    row = looked_at(alice, project, {"t.jsonl": "".join(lines).encode(), "p.jsonl": ours})
    jobs.start(alice, row.pk)
    lock = importing.get_project

    def change_and_lock(*given, **options):
        """They come just before the import has the project's lock."""
        if options.get("lock"):
            labels.change(alice, cup.pk, shapes=["polygon", "rectangle"])
            labels.remove(alice, mug.pk)
            projects.change(alice, project.pk, guidelines="of somebody")
        return lock(*given, **options)

    monkeypatch.setattr(importing, "get_project", change_and_lock)
    importing.run(row.pk)

    cup.refresh_from_db()
    assert Import.objects.get(pk=row.pk).state == "done"
    assert Project.objects.get(pk=project.pk).guidelines == "of somebody"
    assert set(cup.shapes) == {"polygon", "rectangle", "span"}
    assert project.labels.filter(name="Mug", removed_at=None).count() == 1


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
