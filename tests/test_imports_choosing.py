"""Which column of a table is what, as people say it of a preview: it then shows what would come of that."""

import pytest
from django.core.files.storage import default_storage

from annotator.formats import table
from annotator.imports import importing, jobs
from annotator.models import Import
from tests.imports import looked_at

pytestmark = pytest.mark.django_db

TABLE = {"t.csv": b"said,mood,note\nAna in Rom,good,once more\nBob in Bonn,bad,or not\n"}


@pytest.fixture
def row(alice, project):
    row = looked_at(alice, project, TABLE)
    assert (row.preview["labels"], row.preview["annotations"]) == ([], 0)
    return row


def look(row: Import) -> dict:
    importing.look(row.pk)
    row.refresh_from_db()
    assert row.state == "ready"
    return row.preview


def test_a_preview_shows_what_comes_of_another_column(owner, row):
    answer = owner.post(
        f"/api/imports/{row.pk}/choose/", {"choices": {"t.csv": {"label": "mood"}}}, "application/json"
    ).json()
    assert (answer["state"], answer["preview"]["texts"]) == ("looking", 2)

    preview = look(row)

    assert [label["name"] for label in preview["labels"]] == ["good", "bad"]
    assert (preview["annotations"], preview["lost"]) == (2, ["1 other column is left out."])
    assert preview["sources"][0]["choices"]["label"] == "mood"


def test_what_was_read_for_other_columns_is_not_read_again(alice, project, row, monkeypatch):
    jobs.choose(alice, row.pk, {"t.csv": {"text": "note", "label": "mood"}})
    look(row)
    monkeypatch.setattr(table, "read", None)

    jobs.start(alice, row.pk, {"t.csv": {"text": "note", "label": "mood"}})
    importing.run(row.pk)

    row.refresh_from_db()
    assert row.report["made"] == {"texts": 2, "labels": 2, "annotations": 2}
    assert [item.text for item in project.items.all()] == ["once more", "or not"]


def test_the_card_stands_while_it_is_looked_at_once_more(owner, row):
    card, form = f"/imports/{row.pk}/", {"0-text": "said", "0-label": "mood", "0-name": "", "0-header": "yes"}

    chosen = owner.post(f"{card}choose/", form)
    waits = owner.get(f"{card}?again=part")
    whole = owner.get(card).content.decode()
    look(row)
    ready = owner.get(f"{card}?again=part")

    assert chosen.headers["HX-Retarget"] == ready.headers["HX-Retarget"] == "#import-outcome"
    assert (waits.status_code, waits.content) == (204, b"")
    for said in ("<option selected>said</option>", "Looking at what comes of it", ">Import<"):
        assert said in whole
    assert "Labels that will be made" in ready.content.decode()
    assert not any("<select" in answer.content.decode() for answer in (chosen, ready))


def test_columns_keep_their_places_whether_the_first_line_names_them_or_not(owner, row):
    address, form = f"/imports/{row.pk}/choose/", {"0-text": "note", "0-label": "mood", "0-name": ""}
    whole: list[bool] = []

    def choices(**form: str) -> dict:
        whole.append("HX-Retarget" not in owner.post(address, form).headers)
        return look(row)["sources"][0]["choices"]

    without = choices(**form, **{"0-header": ""})
    again = choices(**{f"0-{role}": name for role, name in without.items()} | {"0-label": "column 1"})
    back = choices(**{f"0-{role}": name for role, name in again.items()} | {"0-header": "yes"})

    assert without == {"text": "column 3", "label": "column 2", "name": "", "header": ""}
    assert again == {"text": "column 3", "label": "column 1", "name": "", "header": ""}
    assert back == {"text": "note", "label": "said", "name": "", "header": "yes"}
    assert whole == [True, False, True]


def test_who_chooses_again_while_it_is_looked_at_sees_what_comes_of_the_latter(alice, row, monkeypatch):
    jobs.choose(alice, row.pk, {"t.csv": {"label": "mood"}})
    recognise = importing.recognise

    def recognise_and_choose(folder):
        with monkeypatch.context() as once:
            once.setattr(importing, "recognise", recognise)
            jobs.choose(alice, row.pk, {"t.csv": {"label": "note"}})
        return recognise(folder)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(importing, "recognise", recognise_and_choose)
        importing.look(row.pk)
    row.refresh_from_db()
    assert row.state == "looking"

    assert [label["name"] for label in look(row)["labels"]] == ["once more", "or not"]


def test_who_does_not_wait_for_the_preview_imports_what_was_chosen(alice, project, row, monkeypatch):
    jobs.choose(alice, row.pk, {"t.csv": {"label": "mood"}})
    gathered = importing.gathered

    def gather_and_start(*given):
        jobs.start(alice, row.pk)
        return gathered(*given)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(importing, "gathered", gather_and_start)
        importing.look(row.pk)
    row.refresh_from_db()
    assert row.state == "running"
    importing.run(row.pk)

    row.refresh_from_db()
    assert (row.state, row.report["made"]) == ("done", {"texts": 2, "labels": 2, "annotations": 2})


@pytest.mark.parametrize("said", ["start", "choose"])
def test_what_fails_of_a_look_that_nobody_waits_for_any_more_stops_nothing(alice, row, monkeypatch, said):
    jobs.choose(alice, row.pk, {"t.csv": {"label": "mood"}})

    def fail_meanwhile(*_):
        jobs.start(alice, row.pk) if said == "start" else jobs.choose(alice, row.pk, {"t.csv": {"label": "note"}})
        raise MemoryError

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(importing, "gathered", fail_meanwhile)
        importing.look(row.pk)
    row.refresh_from_db()

    assert (row.state, row.detail) == ("running" if said == "start" else "looking", "")
    assert row.preview


def test_what_cannot_be_looked_at_once_more_is_looked_at_when_it_is_tried_again(alice, row):
    jobs.choose(alice, row.pk, {"t.csv": {"label": "mood"}})
    file = row.files.get()
    body = default_storage.open(file.place).read()
    default_storage.delete(file.place)
    with pytest.raises(FileNotFoundError):
        importing.look(row.pk)
    row.refresh_from_db()
    assert (row.state, row.preview) == ("failed", {})

    with default_storage.open(file.place, "wb") as back:
        back.write(body)
    jobs.start(alice, row.pk)

    assert len(look(row)["labels"]) == 2
