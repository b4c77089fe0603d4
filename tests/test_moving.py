"""Items that go to another project: with their annotations, comments and history, under the labels of that project."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone
from redis import Redis

from annotator import attributes, moving, relabelling
from annotator.access import sheet_of
from annotator.live import presence
from annotator.messages import Apply, Batch, Create, RestoreTo, SetStatus, Undo, Update
from annotator.models import Annotation, Fitting, Lease, Operation, Sheet
from annotator.operations import Request, perform, perform_many, purging
from annotator.shapes import Polygon, Rectangle, Tag
from annotator.versions import make_version, state_at
from projects.access import ARCHIVED
from projects.models import Change, Item, Project, Role
from projects.services import labels, projects
from tests.cast import photo, text
from tests.clients import client_of
from tests.grid import do, draw, found
from tests.waiting import until, waiting_for_a_lock

pytestmark = pytest.mark.django_db

BOX = Rectangle(10, 10, 50, 40)
COLOUR = {"id": "colour", "name": "Colour", "kind": "choice", "options": ["red", "blue"]}


@pytest.fixture
def face(project):
    return project.labels.create(name="Face", color="#5ec8ff", shapes=["rectangle"], hotkey="1", attributes=[COLOUR])


@pytest.fixture
def blurred(project):
    return project.labels.create(name="blurred", color="#e0567a", shapes=["tag"])


@pytest.fixture
def archive(alice, bob):
    """Another project of alice's, where bob labels, too."""
    other = projects.create(alice, name="Archive")
    other.memberships.create(user=bob, role=Role.ANNOTATOR)
    return other


def preview(user, project, into, items):
    body = {"project": into.pk, "items": [item.pk for item in items]}
    return client_of(user).post(f"/api/projects/{project.pk}/moving/", body, content_type="application/json")


def standing(item):
    rows = Annotation.objects.filter(sheet__item=item, deleted=False).order_by("created_at")
    return list(rows.values_list("label__name", "label__project", "attributes"))


def value(user, item, annotation, **values):
    sheet = sheet_of(item, user).pk
    update = Update(id=uuid4(), annotation=annotation, attributes=values)
    perform(sheet, [Request(user.pk, Apply(sheet, Batch(uuid4(), uuid4(), [update])))])


def test_a_moved_item_keeps_what_is_on_it_under_labels_of_the_same_names(
    project, archive, alice, bob, rita, face, blurred
):
    item, other, stays = photo(project, alice), text(project, alice, "Words."), photo(project, alice)
    there = labels.add(alice, archive.pk, name="Face", shapes=["polygon"], attributes=[{**COLOUR, "id": "c"}])
    value(bob, item, draw(bob, item, face, BOX), colour="red")
    draw(rita, item, blurred, Tag())
    sheet_of(item, alice).comments.create(author=bob, text="Is this one?")
    do(bob, project, "status", [item], status="done")

    said = preview(alice, project, archive, [item, other]).json()
    told = do(alice, project, "move", [item, other], project=archive.pk)

    assert {name: said[name] for name in ("items", "annotations", "comments", "made", "widened", "lost")} == {
        "items": 2,
        "annotations": 2,
        "comments": 1,
        "made": ["blurred"],
        "widened": ["Face"],
        "lost": [],
    }
    assert (told["done"], told["refused"]) == ([item.pk, other.pk], [])
    assert standing(item) == [("Face", archive.pk, {"c": "red"}), ("blurred", archive.pk, {})]
    assert (found(alice, project), found(bob, archive, status="done")) == ([stays.pk], [item.pk])
    there.refresh_from_db()
    assert there.shapes == ["rectangle", "polygon"]
    assert archive.labels.get(name="blurred").shapes == ["tag"]
    log = client_of(bob).get(f"/api/sheets/{sheet_of(item, bob).pk}/log/").json()["entries"]
    assert [(entry["source"], entry["actor"]["name"]) for entry in log] == [
        ("move", "Alice"),
        ("person", "Bob"),
        ("person", "Rita"),
        ("person", "Bob"),
        ("person", "Bob"),
    ]
    assert client_of(rita).get(f"/api/items/{item.pk}/").status_code == 404
    assert client_of(bob).get(f"/projects/{project.pk}/items/{item.pk}/").url == (
        f"/projects/{archive.pk}/items/{item.pk}/"
    )


def test_what_the_other_label_does_not_take_is_said_before_and_comes_back_with_undo(project, archive, alice, bob, face):
    item = photo(project, alice)
    labels.add(alice, archive.pk, name="Face", shapes=["rectangle"], attributes=[{**COLOUR, "options": ["green"]}])
    value(bob, item, draw(bob, item, face, BOX), colour="red")
    do(alice, project, "assign", [item], person=bob.pk)
    project.memberships.filter(user=bob).delete()
    archive.memberships.filter(user=bob).delete()

    said = preview(alice, project, archive, [item]).json()
    told = do(alice, project, "move", [item], project=archive.pk)
    moved = standing(item)
    undone = do(alice, project, "undo", [item], action=told["action"])

    assert said["lost"] == [{"label": "Face", "attribute": "Colour", "values": 1}]
    assert said["opened"] == 1
    assert moved == [("Face", archive.pk, {})]
    assert undone["done"] == [item.pk]
    assert standing(item) == [("Face", project.pk, {"colour": "red"})]
    assert (found(alice, archive), found(alice, project)) == ([], [item.pk])


def test_labels_of_one_name_become_one_and_a_tag_that_is_then_there_twice_is_one(
    project, archive, alice, face, blurred
):
    item = photo(project, alice)
    labels.add(alice, archive.pk, name="Face", shapes=["span"])
    draw(alice, item, face, BOX)
    draw(alice, item, blurred, Tag())
    for label in (face, blurred):
        labels.remove(alice, label.pk)
    again = [
        labels.add(alice, project.pk, name="Face", shapes=["polygon"]),
        labels.add(alice, project.pk, name="blurred", shapes=["tag"]),
    ]
    draw(alice, item, again[0], Polygon([(0, 0), (100, 0), (0, 100)]))
    draw(alice, item, again[1], Tag())

    told = do(alice, project, "move", [item], project=archive.pk)
    moved = standing(item)
    do(alice, project, "undo", [item], action=told["action"])

    assert [name for name, *_ in moved] == ["Face", "blurred", "Face"]
    assert archive.labels.get(name="Face").shapes == ["rectangle", "polygon", "span"]
    rows = Annotation.objects.filter(sheet__item=item, deleted=False).order_by("created_at")
    assert list(rows.values_list("label", flat=True)) == [face.pk, blurred.pk, again[0].pk, again[1].pk]


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


def test_only_who_manages_both_moves_and_only_what_nobody_is_at(project, archive, other_project, alice, bob, rita):
    free, busy = photo(project, alice), photo(project, alice)
    lease = {"person": bob, "until": timezone.now() + timezone.timedelta(minutes=1)}
    Lease.objects.create(sheet=sheet_of(busy, bob), **lease)
    blind = projects.create(alice, name="Blind")
    Project.objects.filter(pk=blind.pk).update(blind=True)

    def status(user, into):
        body = {"type": "move", "id": str(uuid4()), "items": [free.pk], "project": into.pk}
        answer = client_of(user).post(f"/api/projects/{project.pk}/bulk/", body, content_type="application/json")
        return answer.status_code, preview(user, project, into, [free]).status_code

    assert status(alice, other_project) == (404, 404)
    assert status(alice, blind) == status(alice, project) == (400, 400)
    assert status(bob, archive) == status(rita, archive) == (403, 403)
    project.memberships.filter(user=bob).update(role=Role.MANAGER)
    assert status(bob, archive) == (403, 403)
    told = do(alice, project, "move", [free, busy], project=archive.pk)
    assert told["done"] == [free.pk]
    assert [(one["code"], one["items"]) for one in told["refused"]] == [("busy", [busy.pk])]


def test_nothing_is_moved_while_it_cannot_be_known_who_is_at_it(project, archive, alice, monkeypatch):
    item = photo(project, alice)
    with monkeypatch.context() as away:
        away.setattr(presence, "client", lambda: Redis(port=1))
        sheet_of(item, alice)
        told = moving.carry_out(alice, project.pk, archive.pk, [item.pk], uuid4())

    assert told == {item.pk: moving.UNKNOWN}


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


def test_versions_of_both_projects_stay_exact(project, archive, alice, face):
    item, stays = photo(project, alice), photo(project, alice)
    moved, kept = draw(alice, item, face, BOX), draw(alice, stays, face, BOX)

    def at(version):
        return {row.id for _, row in state_at(version)}

    before = make_version(project, alice)
    told = do(alice, project, "move", [item], project=archive.pk)
    away, there = make_version(project, alice), make_version(archive, alice)
    do(alice, project, "undo", [item], action=told["action"])

    assert (at(before), at(away), at(there)) == ({moved, kept}, {kept}, {moved})
    assert (at(make_version(project, alice)), at(make_version(archive, alice))) == ({moved, kept}, set())


def test_a_purge_erases_the_item_from_the_logs_of_all_projects_it_was_in(project, archive, alice, bob):
    item = text(project, alice, "Words.")
    do(bob, project, "status", [item], status="skipped", reason="Anna is in it")
    Item.objects.filter(pk=item.pk).update(name="anna.txt")
    do(alice, project, "move", [item], project=archive.pk)
    do(alice, archive, "trash", [item])

    purging.purge_item(alice, item.pk)

    left = "".join(str(record) for record in Change.objects.values_list("record", flat=True)).lower()
    assert "anna" not in left
    assert Sheet.objects.get(item=item).reason == ""


def define(label, *attributes):
    """As it is defined now, whatever values are there."""
    label.attributes = list(attributes)
    label.save()


def test_values_that_fit_nowhere_stay_under_the_label_that_is_made(project, archive, alice, face):
    item = photo(project, alice)
    value(alice, item, draw(alice, item, face, BOX), colour="red")
    define(face, {"id": "colour", "name": "Colour", "kind": "number"}, {**COLOUR, "id": "hue", "name": "Hue"})

    said = preview(alice, project, archive, [item]).json()
    do(alice, project, "move", [item], project=archive.pk)

    assert (said["made"], said["lost"]) == (["Face"], [])
    assert standing(item) == [("Face", archive.pk, {"colour": "red"})]


def test_a_label_is_made_of_the_living_one_and_what_does_not_fit_it_is_said_before(project, archive, alice, face):
    item = photo(project, alice)
    value(alice, item, draw(alice, item, face, BOX), colour="red")
    labels.remove(alice, face.pk)
    living = labels.add(alice, project.pk, name="Face", attributes=[{**COLOUR, "options": ["green"]}])
    value(alice, item, draw(alice, item, living, BOX), colour="green")

    said = preview(alice, project, archive, [item]).json()
    do(alice, project, "move", [item], project=archive.pk)

    assert said["lost"] == [{"label": "Face", "attribute": "Colour", "values": 1}]
    assert standing(item) == [("Face", archive.pk, {}), ("Face", archive.pk, {"colour": "green"})]


def test_a_value_of_a_removed_attribute_is_told_where_its_id_means_something_else(project, archive, alice, face):
    there, away = photo(project, alice), photo(project, alice)
    labels.add(alice, archive.pk, name="Face", attributes=[{"id": "colour", "name": "Tint", "kind": "text"}])
    value(alice, there, draw(alice, there, face, BOX), colour="red")
    define(face, {**COLOUR, "id": "hue", "name": "Hue"})
    value(alice, away, draw(alice, away, face, BOX), hue="blue")
    define(face)

    said = preview(alice, project, archive, [there, away]).json()
    do(alice, project, "move", [there, away], project=archive.pk)

    assert said["lost"] == [{"label": "Face", "attribute": "removed attribute", "values": 1}]
    assert standing(there) + standing(away) == [("Face", archive.pk, {}), ("Face", archive.pk, {"hue": "blue"})]


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


def elsewhere(change):
    try:
        return change()
    finally:
        connection.close()


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
    back = moving.take_back(alice, project.pk, ids, done, uuid4())

    assert gone == back == dict.fromkeys(ids)
    assert (there, where()) == ({(archive.pk, archive.pk): len(some)}, {(project.pk, project.pk): len(some)})


def test_sheets_of_several_people_go_along_in_a_blind_project(project, archive, alice, bob, rita, face):
    for one in (project, archive):
        one.blind = True
        one.save()
    item = photo(project, alice)
    drawn = {draw(who, item, face, BOX): who.pk for who in (bob, rita)}

    told = do(alice, project, "move", [item], project=archive.pk)

    rows = Annotation.objects.filter(label__project=archive).values_list("pk", "sheet__person")
    assert (told["done"], dict(rows)) == ([item.pk], drawn)
