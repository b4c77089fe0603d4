"""Moves that are taken back, asked for again, or meet what others do meanwhile."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import uuid4

import pytest
from django.db import connection, transaction

from annotator import attributes, moving, relabelling, returning
from annotator.access import sheet_of
from annotator.messages import Apply, Batch, Create, RestoreTo, SetStatus, Undo, Update
from annotator.models import Annotation, Fitting, Operation, Sheet
from annotator.operations import Request, perform, perform_many
from annotator.shapes import Tag
from annotator.versions import make_version, state_at
from projects.access import ARCHIVED
from projects.models import Item, Project
from projects.services import labels, projects
from tests.cast import photo
from tests.clients import client_of
from tests.grid import do, draw
from tests.moving.desk import BOX, COLOUR, standing, value
from tests.waiting import until, waiting_for_a_lock

pytestmark = pytest.mark.django_db


def test_sent_again_it_does_nothing_twice_and_answers_as_before(project, archive, alice, face):
    items = [photo(project, alice), photo(project, alice)]
    draw(alice, items[0], face, BOX)
    body = {"type": "move", "id": str(uuid4()), "items": [item.pk for item in items], "project": archive.pk}

    def send():
        return client_of(alice).post(f"/api/projects/{project.pk}/bulk/", body, content_type="application/json").json()

    first, operations = send(), Operation.objects.count()

    assert send() == first
    assert (first["done"], Operation.objects.count()) == ([item.pk for item in items], operations)


def test_undo_leaves_what_somebody_has_worked_on_or_moved_since(project, archive, alice, bob, face):
    worked, further, free = (photo(project, alice) for _ in range(3))
    third = projects.create(alice, name="Third")
    told = do(alice, project, "move", [worked, further, free], project=archive.pk)
    do(bob, archive, "status", [worked], status="done")
    do(alice, archive, "move", [further], project=third.pk)

    undone = do(alice, project, "undo", [worked, further, free], action=told["action"])

    assert undone["done"] == [free.pk]
    assert [(one["code"], one["items"]) for one in undone["refused"]] == [("skipped", [worked.pk, further.pk])]
    assert [Item.objects.get(pk=one.pk).project_id for one in (worked, further)] == [archive.pk, third.pk]


def test_what_was_done_before_the_move_is_seen_and_not_gone_back_to(project, archive, alice, bob, face):
    item = photo(project, alice)
    annotation = draw(bob, item, face, BOX)
    sheet = sheet_of(item, bob)
    do(alice, project, "move", [item], project=archive.pk)

    [undo] = perform(sheet.pk, [Request(bob.pk, Undo(uuid4(), sheet.pk))])
    [own] = perform(sheet.pk, [Request(alice.pk, Undo(uuid4(), sheet.pk))])
    [restore] = perform(sheet.pk, [Request(alice.pk, RestoreTo(uuid4(), sheet.pk, 0))])

    assert [type(one).__name__ for one in (undo, own)] == ["Ack", "Ack"]
    assert restore.fields == {"clock": "elsewhere"}
    assert standing(item) == [("Face", archive.pk, {})]
    assert Annotation.objects.get(pk=annotation).created_by == bob


def test_items_stay_while_the_values_of_their_labels_are_being_fitted(project, archive, alice, face):
    item, bare = photo(project, alice), photo(project, alice)
    draw(alice, item, face, BOX)
    Fitting.objects.create(label=face, before=[COLOUR], person=alice)

    told = do(alice, project, "move", [item, bare], project=archive.pk)

    assert told["done"] == [bare.pk]
    assert [(one["code"], one["items"]) for one in told["refused"]] == [("relabelled", [item.pk])]


def test_what_was_done_to_its_labels_meanwhile_is_done_to_an_item_that_comes_back(
    project, archive, alice, face, blurred
):
    item = photo(project, alice)
    merged, fitted = draw(alice, item, blurred, Tag()), draw(alice, item, face, BOX)
    value(alice, item, fitted, colour="red")
    hidden = project.labels.create(name="hidden", color="#e0567a", shapes=["tag"])
    told = do(alice, project, "move", [item], project=archive.pk)
    relabelling.merge(alice, blurred.pk, hidden.pk)
    labels.change(alice, face.pk, attributes=[{**COLOUR, "options": ["crimson", "blue"]}])
    attributes.carry_out_all()
    relabelling.carry_out_all()

    do(alice, project, "undo", [item], action=told["action"])
    attributes.carry_out_all()
    relabelling.carry_out_all()

    found = dict(Annotation.objects.filter(sheet__item=item).values_list("pk", "label__name"))
    assert found == {merged: "hidden", fitted: "Face"}
    assert Annotation.objects.get(pk=fitted).attributes == {"colour": "crimson"}


def test_looking_at_a_moved_item_does_not_keep_it_from_going_back(project, archive, alice):
    item = photo(project, alice)
    told = do(alice, project, "move", [item], project=archive.pk)
    sheet_of(item, alice)

    assert do(alice, project, "undo", [item], action=told["action"])["done"] == [item.pk]


@pytest.mark.django_db(transaction=True)
def test_versions_of_both_projects_and_the_same_request_wait_for_a_move_that_is_under_way(
    project, archive, alice, face
):
    item, stays = photo(project, alice), photo(project, alice)
    moved, kept = draw(alice, item, face, BOX), draw(alice, stays, face, BOX)

    with ThreadPoolExecutor() as pool:
        with transaction.atomic():
            move = partial(moving.carry_out, alice, project.pk, archive.pk, [item.pk], uuid4())
            move()
            again = pool.submit(elsewhere, move)
            made = [pool.submit(elsewhere, partial(make_version, one, alice)) for one in (project, archive)]
            until(lambda: waiting_for_a_lock() == 3)
        found = [{row.id for _, row in state_at(one.result())} for one in made]

    assert found == [{kept}, {moved}]
    assert again.result() == {item.pk: None}


@pytest.mark.django_db(transaction=True)
def test_a_move_and_an_archiving_do_not_wait_for_each_other(project, archive, alice):
    item = photo(project, alice)

    with ThreadPoolExecutor() as pool:
        with transaction.atomic():
            Project.objects.select_for_update(no_key=True).get(pk=archive.pk)
            late = pool.submit(elsewhere, partial(moving.carry_out, alice, project.pk, archive.pk, [item.pk], uuid4()))
            until(waiting_for_a_lock)
            projects.archive(alice, archive.pk)
        assert str(late.exception()) == ARCHIVED
    assert project.items.get() == item


def test_an_item_that_is_moved_meanwhile_keeps_what_is_asked_of_the_others_from_nothing(project, archive, alice, bob):
    gone, stays = photo(project, alice), photo(project, alice)
    sheets = [sheet_of(item, bob).pk for item in (gone, stays)]
    do(alice, project, "move", [gone], project=archive.pk)
    asked = {sheet: [Request(bob.pk, SetStatus(uuid4(), sheet, "done"))] for sheet in sheets}

    outcomes = perform_many(asked, project=project.pk)

    assert outcomes[sheets[0]][0].code == "not_found"
    assert list(Sheet.objects.order_by("pk").values_list("status", flat=True)) == ["todo", "done"]


def test_what_is_sent_again_after_the_move_is_not_done_twice(project, archive, alice, bob, face):
    item = photo(project, alice)
    annotation = draw(alice, item, face, BOX)
    sheet = sheet_of(item, bob).pk
    labels.add(alice, archive.pk, name="Face", attributes=[COLOUR])
    update = Update(id=uuid4(), annotation=annotation, attributes={"colour": "red"})
    sent = Request(bob.pk, Apply(sheet, Batch(uuid4(), uuid4(), [update])))
    undo = Request(bob.pk, Undo(uuid4(), sheet))
    perform(sheet, [sent, undo])
    do(alice, project, "move", [item], project=archive.pk)
    value(alice, item, annotation, colour="blue")

    answers = perform(sheet, [sent, undo])

    assert [(type(one).__name__, len(one.records)) for one in answers] == [("Ack", 1), ("Ack", 1)]
    assert standing(item) == [("Face", archive.pk, {"colour": "blue"})]


def test_taking_back_what_was_taken_back_is_refused_wherever_it_is_asked(project, archive, alice):
    item = photo(project, alice)
    told = do(alice, project, "move", [item], project=archive.pk)
    back = do(alice, project, "undo", [item], action=told["action"])

    again = [do(alice, where, "undo", [item], action=back["action"]) for where in (project, archive)]

    assert [(one["done"], one["refused"][0]["code"]) for one in again] == [([], "skipped")] * 2


def test_who_drew_something_can_undo_it_when_its_item_has_come_back(project, archive, alice, bob, face):
    item = photo(project, alice)
    draw(bob, item, face, BOX)
    told = do(alice, project, "move", [item], project=archive.pk)
    do(alice, project, "undo", [item], action=told["action"])
    sheet = sheet_of(item, bob).pk

    [answer] = perform(sheet, [Request(bob.pk, Undo(uuid4(), sheet))])

    assert [change.kind for change in answer.changes] == ["delete"]
    assert standing(item) == []


def test_many_items_and_many_annotations_go_and_come_back(project, archive, alice, bob, face):
    items = [photo(project, alice) for _ in range(moving.TOGETHER + 1)]
    sheet = sheet_of(items[-1], bob).pk
    some = [Create(id=uuid4(), annotation=uuid4(), label=face.pk, shape=BOX) for _ in range(moving.A_BATCH + 1)]
    perform(sheet, [Request(bob.pk, Apply(sheet, Batch(uuid4(), uuid4(), some)))])
    ids, done = [item.pk for item in items], uuid4()

    def where():
        return Counter(Annotation.objects.filter(sheet=sheet).values_list("label__project", "sheet__item__project"))

    gone = moving.carry_out(alice, project.pk, archive.pk, ids, done)
    there = where()
    back = returning.take_back(alice, project.pk, ids, done, uuid4())

    assert gone == back == dict.fromkeys(ids)
    assert (there, where()) == ({(archive.pk, archive.pk): len(some)}, {(project.pk, project.pk): len(some)})


def elsewhere(change):
    try:
        return change()
    finally:
        connection.close()


def test_labels_that_the_move_made_go_with_it_where_nothing_has_them(project, archive, alice, face, blurred):
    items = [photo(project, alice) for _ in range(2)]
    for item in items:
        draw(alice, item, face, BOX)
    draw(alice, items[0], blurred, Tag())
    told = do(alice, project, "move", items, project=archive.pk)
    draw(alice, items[1], archive.labels.get(name="Face"), BOX)
    Annotation.objects.filter(sheet__item=items[1]).update(deleted=True)  # and it may be brought back

    do(alice, project, "undo", items, action=told["action"])

    assert list(archive.labels.filter(removed_at=None).values_list("name", flat=True)) == ["Face"]
    assert standing(items[0]) == [("Face", project.pk, {}), ("blurred", project.pk, {})]


@pytest.mark.django_db(transaction=True)
def test_a_label_that_somebody_draws_with_just_then_stays(project, archive, alice, bob, face):
    item, other = photo(project, alice), photo(archive, alice)
    draw(alice, item, face, BOX)
    told = do(alice, project, "move", [item], project=archive.pk)
    made = archive.labels.get()

    with ThreadPoolExecutor() as threads, transaction.atomic():
        draw(bob, other, made, BOX)
        back = threads.submit(elsewhere, partial(do, alice, project, "undo", [item], action=told["action"]))
        until(waiting_for_a_lock)

    assert back.result()["done"] == [item.pk]
    assert archive.labels.get(removed_at=None) == made


def test_labels_that_the_move_made_stay_where_nothing_comes_back(project, archive, alice, bob, face):
    item = photo(project, alice)
    drawn = draw(alice, item, face, BOX)
    told = do(alice, project, "move", [item], project=archive.pk)
    do(bob, archive, "status", [item], status="done")
    Annotation.objects.filter(pk=drawn).update(deleted=True)  # as when bob had deleted it

    assert do(alice, project, "undo", [item], action=told["action"])["done"] == []
    assert archive.labels.get(removed_at=None).name == "Face"
