"""What models suggest is seen on the grid, found by a filter, and accepted or rejected for many items at once."""

import json
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import msgspec
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotator import deciding
from annotator.access import sheet_of
from annotator.dashboard import Dashboard
from annotator.messages import Create, Reject
from annotator.models import Annotation, Operation, Sheet
from annotator.shapes import Polygon, Rectangle, Span, Tag
from detectors import keeping, suggesting
from projects.models import Project
from projects.services import items as services
from tests import grid
from tests.cast import photo
from tests.clients import client_of
from tests.detectors.proposing import proposed
from tests.exports import download
from tests.operations.door import do

pytestmark = pytest.mark.django_db

FACE, FAR, EDGE = (Rectangle(x, 20, 40, 50) for x in (10, 200, 400))
KNOWN = {"suggested": None, "annotations": None}


@pytest.fixture
def label(project):
    return project.labels.create(name="Face", color="#f4b740", shapes=["rectangle", "polygon", "span", "tag"])


@pytest.fixture
def cup(project):
    return project.labels.create(name="Cup", color="#336699", shapes=["rectangle"])


@pytest.fixture
def three(project, alice):
    return [photo(project, alice) for _ in range(3)]


def card(who, project, item, **asked):
    (found,) = grid.ask(who, project, ids=item.pk, **asked)["items"]
    return found


def open_on(item, person=None):
    return [one.shape for one in suggesting.open_on([item.pk], person)[item.pk]]


def standing():
    return Annotation.objects.filter(deleted=False).count()


# On cards -------------------------------------------------------------------------------------------------------------


def test_a_card_shows_what_is_suggested_and_nobody_has_decided_or_said(project, alice, bob, label, cup):
    item = photo(project, alice)
    proposed(alice, item, label, FACE, FAR, Tag())
    proposed(alice, item, cup, EDGE, score=0.3)
    sheet = sheet_of(item, bob)
    first = suggesting.on([item.pk])[item.pk][0]
    do(sheet, bob, Reject(uuid4(), first.annotation, first.prediction))
    grid.draw(alice, item, cup, Rectangle(402, 20, 40, 50))

    told = card(bob, project, item)

    assert told["suggested"] == {
        "count": 2,
        "outlines": [{"color": label.color, "ring": [200, 20, 240, 20, 240, 70, 200, 70]}],
        "spans": [],
        "tags": [label.pk],
    }
    assert told["annotations"] == 1


def test_a_text_and_a_polygon_with_many_corners_are_suggested_as_they_are_drawn(project, alice, label):
    item, text = photo(project, alice), services.add_text(alice, project.pk, name="a", text="A kettle.")
    corners = [(100 + n % 50, 100 + n // 50) for n in range(200)]
    proposed(alice, item, label, Polygon(corners))
    proposed(alice, text, label, Span(2, 8, "kettle"))

    assert len(card(alice, project, item)["suggested"]["outlines"][0]["ring"]) == 2 * 40
    assert card(alice, project, text)["suggested"]["spans"] == [{"color": label.color, "start": 2, "end": 8}]


def test_what_is_known_is_not_told_again_and_what_is_new_is(project, alice, bob, label):
    item = photo(project, alice)
    proposed(alice, item, label, FACE)
    grid.draw(bob, item, label, EDGE)

    def fresh(told):
        return card(bob, project, item, known=told["clock"], stamps=told["stamp"])

    first = card(bob, project, item)
    assert fresh(first) | KNOWN == fresh(first)
    run = proposed(alice, item, label, FAR)
    second = fresh(first)
    assert (second["annotations"], second["suggested"]["count"]) == (None, 2)
    keeping.show(alice, run.pk, False)
    third = fresh(second)
    assert third["suggested"]["count"] == 1
    grid.do(alice, project, "accept", [item])
    fourth = fresh(third)
    assert (fourth["annotations"], fourth["suggested"]["count"]) == (2, 0)
    assert fresh(fourth) | KNOWN == fresh(fourth)


def test_a_page_of_cards_asks_once_more_where_something_is_suggested_and_no_more_where_nothing_is(
    project, alice, label, three
):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            grid.ask(alice, project)
        return len(asked)

    without = queries()
    for item in three:
        proposed(alice, item, label, FACE)

    assert queries() == without + 1


# A filter -------------------------------------------------------------------------------------------------------------


def test_the_filter_finds_items_with_something_open_on_the_sheet_one_works_on(project, alice, bob, label, cup, three):
    accepted, said, still = three
    untouched, nothing = photo(project, alice), photo(project, alice)
    for item in (accepted, said, still, untouched):
        proposed(alice, item, label, FACE)
    grid.do(bob, project, "accept", [accepted])
    grid.draw(bob, said, label, Rectangle(12, 22, 40, 50))
    grid.draw(bob, still, cup, FACE)
    grid.draw(bob, still, label, FAR)

    told = grid.ask(bob, project, mark="suggestions", counts=1)

    assert [one["id"] for one in told["items"]] == [still.pk, untouched.pk]
    assert (told["counts"]["total"], nothing.pk in grid.found(bob, project)) == (2, True)
    Project.objects.filter(pk=project.pk).update(blind=True)
    assert len(grid.found(bob, project, mark="suggestions")) == 4


@pytest.mark.parametrize("apart", [0, 13, 14, 40])
@pytest.mark.parametrize("kind", ["rectangle", "polygon", "span", "tag"])
def test_the_filter_and_the_list_agree_on_what_an_annotation_says(project, alice, bob, label, kind, apart):
    text = "." * 100

    def shape(x):
        if kind == "polygon":
            return Polygon([(x, 20), (x + 40, 20), (x + 40, 70), (x, 70)])
        return {"rectangle": Rectangle(x, 20, 40, 50), "span": Span(x, x + 40, text[:40]), "tag": Tag()}[kind]

    item = services.add_text(alice, project.pk, name="a", text=text) if kind == "span" else photo(project, alice)
    proposed(alice, item, label, shape(10))
    grid.draw(bob, item, label, shape(10 + apart))

    found = bool(grid.found(bob, project, mark="suggestions"))

    assert found == bool(open_on(item)) == bool(card(bob, project, item)["suggested"]["count"])
    assert found == (apart > 13 and kind != "tag")


# Many at once ---------------------------------------------------------------------------------------------------------


def test_many_are_accepted_as_one_action_that_can_be_taken_back(project, alice, bob, label, three):
    for item in three[:2]:
        proposed(alice, item, label, FACE, FAR)

    told = grid.do(bob, project, "accept", three)

    assert (told["done"], told["suggestions"], standing()) == ([item.pk for item in three[:2]], 4, 4)
    assert [(one["code"], one["items"]) for one in told["refused"]] == [("nothing_suggested", [three[2].pk])]
    assert {str(one.action) for one in Operation.objects.all()} == {told["action"]}
    assert set(Annotation.objects.values_list("created_by", flat=True)) == {bob.pk}
    assert not Sheet.objects.filter(item=three[2]).exists()

    taken_back = grid.do(bob, project, "undo", three[:2], action=told["action"])

    assert (len(taken_back["done"]), standing(), len(open_on(three[0]))) == (2, 0, 2)


def test_many_are_rejected_and_that_is_taken_back_too(project, alice, bob, label, three):
    for item in three:
        proposed(alice, item, label, FACE)

    told = grid.do(bob, project, "reject", three)

    assert (len(told["done"]), told["suggestions"]) == (3, 3)
    assert [open_on(item) for item in three] == [[], [], []]
    assert not grid.found(bob, project, mark="suggestions")
    grid.do(bob, project, "undo", three, action=told["action"])
    assert [open_on(item) for item in three] == [[FACE]] * 3


def test_only_those_of_a_label_a_run_or_at_least_so_sure_are_decided(project, alice, bob, label, cup):
    item = photo(project, alice)
    run = proposed(alice, item, label, FACE, FAR)
    proposed(alice, item, cup, EDGE, score=0.3)
    ask = client_of(bob)
    address = f"/api/projects/{project.pk}/suggested/"

    def counted(**wanted):
        body = {"items": [item.pk], **wanted}
        told = ask.post(address, body, content_type="application/json").json()
        return {one["label"]: (one["suggestions"], one["items"]) for one in told}

    assert counted() == {label.pk: (2, 1), cup.pk: (1, 1)}
    assert counted(above=0) == counted()
    assert counted(above=0.85) == {label.pk: (1, 1)}
    assert counted(run=run.pk) == {label.pk: (2, 1)}
    assert grid.do(bob, project, "accept", [item], above=0.85)["suggestions"] == 1
    assert grid.do(bob, project, "accept", [item], label=cup.pk)["suggestions"] == 1
    assert grid.do(bob, project, "reject", [item], run=run.pk)["suggestions"] == 1
    assert (counted(), standing()) == ({}, 2)


@pytest.mark.parametrize("kind", ["accept", "reject"])
def test_sent_twice_it_is_done_once_whatever_is_suggested_meanwhile(project, alice, bob, label, kind):
    item = photo(project, alice)
    proposed(alice, item, label, FACE)
    body = {"type": kind, "id": str(uuid4()), "items": [item.pk]}
    address = f"/api/projects/{project.pk}/bulk/"

    first = client_of(bob).post(address, body, content_type="application/json").json()
    proposed(alice, item, label, FAR)
    again = client_of(bob).post(address, body, content_type="application/json").json()

    assert again == first
    assert (first["done"], first["suggestions"]) == ([item.pk], 1)
    assert open_on(item) == [FAR]


def test_what_another_decides_just_then_is_left_to_them(project, alice, bob, rita, label, three, monkeypatch):
    for item in three:
        proposed(alice, item, label, FACE, FAR)
    sheet = sheet_of(three[0], rita)
    first = suggesting.on([three[0].pk])[three[0].pk][0]
    create = Create(uuid4(), first.annotation, first.label, first.shape, prediction=first.prediction)
    find, late = suggesting.open_on, []

    def found_before_rita_decides(*asked):
        found = find(*asked)
        if not late:
            late.append(do(sheet, rita, create))
        return found

    monkeypatch.setattr(suggesting, "open_on", found_before_rita_decides)

    told = grid.do(bob, project, "accept", three)

    assert (len(told["done"]), told["suggestions"], standing()) == (3, 5, 6)
    assert Annotation.objects.get(pk=first.annotation).created_by == rita


@pytest.mark.django_db(transaction=True)
def test_two_who_accept_the_same_many_at_once_make_one_annotation_of_each(project, alice, bob, label, three):
    for item in three:
        proposed(alice, item, label, FACE, FAR)

    def accept(who):
        try:
            return grid.do(who, project, "accept", three)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(accept, [alice, bob]))

    assert (standing(), sum(one["suggestions"] for one in told)) == (6, 6)
    assert {refused["code"] for one in told for refused in one["refused"]} <= {"nothing_suggested"}


def test_what_two_runs_suggest_is_given_once_and_holds_up_nothing(project, alice, bob, label, three):
    proposed(alice, three[0], label, Tag(), FACE)
    proposed(alice, three[0], label, Tag(), msgspec.structs.replace(FACE, width=FACE.width * 0.9))
    (counted,) = deciding.count(bob, project.pk, deciding.WouldDecide([three[0].pk]))
    assert counted.suggestions == 2

    told = grid.do(bob, project, "accept", three[:1])

    assert (told["done"], standing(), open_on(three[0])) == ([three[0].pk], 2, [])


def test_one_whose_label_takes_its_shape_no_more_holds_up_no_other_item(project, alice, bob, label, cup, three):
    proposed(alice, three[0], cup, FACE)
    proposed(alice, three[1], label, FACE)
    cup.shapes = ["tag"]
    cup.save()

    told = grid.do(bob, project, "accept", three[:2])

    assert told["done"] == [three[1].pk]
    assert "does not take the shape rectangle" in told["refused"][0]["detail"]


def test_who_views_decides_nothing_and_strangers_learn_nothing(project, alice, vera, mallory, label, three):
    proposed(alice, three[0], label, FACE)
    body = {"type": "accept", "id": str(uuid4()), "items": [three[0].pk]}
    address = f"/api/projects/{project.pk}/bulk/"

    codes = [client_of(one).post(address, body, content_type="application/json").status_code for one in (vera, mallory)]

    assert codes == [403, 404]
    assert card(vera, project, three[0])["suggested"]["count"] == 1
    assert standing() == 0


def test_in_a_blind_project_one_decides_on_ones_own_sheet(project, alice, bob, rita, label, three):
    Project.objects.filter(pk=project.pk).update(blind=True)
    proposed(alice, three[0], label, FACE)

    grid.do(bob, project, "accept", three[:1])

    assert Sheet.objects.get(pk=Annotation.objects.get().sheet_id).person == bob
    assert card(bob, project, three[0])["suggested"]["count"] == 0
    assert card(rita, project, three[0])["suggested"]["count"] == 1
    assert open_on(three[0], rita.pk) == [FACE]


def test_what_is_accepted_on_many_items_takes_several_commits(project, alice, bob, label, three, monkeypatch):
    monkeypatch.setattr(deciding, "MAX_BATCH", 3)
    for item in three:
        proposed(alice, item, label, FACE, FAR)

    assert grid.do(bob, project, "accept", three)["suggestions"] == 6


# Elsewhere ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_predictions_are_no_labels_until_they_are_accepted_and_json_lines_tells_of_which(
    client, project, alice, bob, label, three
):
    run = proposed(alice, three[0], label, FACE, FAR)
    first = suggesting.on([three[0].pk])[three[0].pk][0]
    nothing = [grid.found(bob, project, label=label.pk), grid.found(bob, project, made="any")]
    assert nothing == [[], []]
    _, coco = download(client, bob, project, "coco")
    assert not json.loads(coco)["annotations"]
    grid.do(bob, project, "accept", three[:1], above=0.85)
    grid.do(bob, project, "reject", three[:1])
    grid.draw(bob, three[1], label, FACE)

    _, file = download(client, bob, project, "jsonl")
    lines = [json.loads(one) for one in file.splitlines()[1:]]
    annotations = [one for line in lines for sheet in line["sheets"] for one in sheet["annotations"]]
    assert [one["prediction"] for one in annotations] == [
        {"id": str(first.prediction), "run": {"id": run.pk, "name": "model.json"}, "score": 0.9},
        None,
    ]
    assert not any("rejected" in one for one in annotations)
    assert [row.annotations for row in Dashboard(bob, project).read()["labels"]] == [2]
