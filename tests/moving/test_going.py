"""Items that go to another project: with their annotations, comments and history, under the labels of that project."""

from uuid import uuid4

import pytest
from django.utils import timezone
from redis import Redis

from annotator import moving
from annotator.access import sheet_of
from annotator.live import presence
from annotator.models import Annotation, Lease, Sheet
from annotator.operations import purging
from annotator.shapes import Polygon, Tag
from annotator.versions import make_version, state_at
from projects.models import Change, Item, Project, Role
from projects.services import labels, projects
from tests.cast import photo, text
from tests.clients import client_of
from tests.grid import do, draw, found
from tests.moving.desk import BOX, COLOUR, define, preview, standing, value

pytestmark = pytest.mark.django_db


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


def test_sheets_of_several_people_go_along_in_a_blind_project(project, archive, alice, bob, rita, face):
    for one in (project, archive):
        one.blind = True
        one.save()
    item = photo(project, alice)
    drawn = {draw(who, item, face, BOX): who.pk for who in (bob, rita)}

    told = do(alice, project, "move", [item], project=archive.pk)

    rows = Annotation.objects.filter(label__project=archive).values_list("pk", "sheet__person")
    assert (told["done"], dict(rows)) == ([item.pk], drawn)
