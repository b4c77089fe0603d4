"""Removing a label that is in use asks what becomes of its annotations; nothing is lost without a word."""

from contextlib import closing
from functools import partial
from uuid import uuid4

import psycopg2
import pytest
from django.db import connection

from annotator import operations, relabelling, rewriting
from annotator.access import sheet_of
from annotator.alone import Work
from annotator.messages import Apply, Batch, Create, Delete, RestoreTo, Undo
from annotator.models import Annotation, Operation, Replacement
from annotator.shapes import Polygon, Rectangle, Tag
from projects.models import Label, Role
from projects.services import items, members, projects
from tests.cast import photo

pytestmark = pytest.mark.django_db


@pytest.fixture
def cup(project):
    attributes = [{"id": "full", "name": "Full", "kind": "checkbox"}]
    return project.labels.create(name="Cup", color="#336699", shapes=["rectangle", "tag"], attributes=attributes)


@pytest.fixture
def mug(project):
    return project.labels.create(name="Mug", color="#993366", shapes=["rectangle", "tag"])


def draw(item, user, label, shape=None, **more):
    sheet = sheet_of(item, user).pk
    shape = shape or Rectangle(x=1, y=1, width=5, height=5)
    create = Create(id=uuid4(), annotation=uuid4(), label=label.pk, shape=shape, **more)
    batch = Batch(id=uuid4(), action=uuid4(), operations=[create])
    operations.perform(sheet, [operations.Request(user.pk, Apply(sheet=sheet, batch=batch))])
    return create.annotation


def labels_of(*annotations):
    found = Annotation.objects.filter(deleted=False).in_bulk(annotations)
    return [found[pk].label.name if pk in found else None for pk in annotations]


@pytest.fixture
def answer(client, alice, cup):
    client.force_login(alice)
    return lambda **posted: client.post(f"/labels/{cup.pk}/removal/", posted)


def test_the_question_tells_how_many_have_it(client, alice, project, cup, mug):
    client.force_login(alice)
    unused = client.get(f"/labels/{cup.pk}/removal/").content.decode()
    draw(photo(project, alice), alice, cup)

    asked = client.get(f"/labels/{cup.pk}/removal/").content.decode()

    assert "Nothing has this label." in unused
    assert "1 annotation has this label. What becomes of it?" in asked
    assert f'<option value="{mug.pk}">Mug</option>' in asked


def test_two_labels_are_merged_by_an_entry_of_its_own(client, alice, project, cup, mug):
    client.force_login(alice)
    drawn = draw(photo(project, alice), alice, cup)
    address = f"/labels/{cup.pk}/removal/?merge=1"

    assert f'hx-get="{address}"' in client.get(f"/projects/{project.pk}/settings/").content.decode()
    asked = client.get(address).content.decode()
    assert "1 annotation gets the other label, and “<bdi>Cup</bdi>” disappears from the list." in asked
    assert "Merge “<bdi>Cup</bdi>” into another label" in asked and 'type="radio"' not in asked
    refused = client.post(address, {"then": "move"}).content.decode()
    assert "Choose the other label." in refused and "Merge “" in refused
    assert client.post(address, {"then": "move", "into": mug.pk}).headers["HX-Redirect"]

    assert labels_of(drawn) == ["Mug"]
    assert "There is no other label yet." in client.get(f"/labels/{mug.pk}/removal/?merge=1").content.decode()


def test_annotations_get_the_other_label_and_the_history_tells(answer, project, alice, bob, cup, mug):
    first, second = photo(project, alice), photo(project, alice)
    drawn = [draw(first, alice, cup, attributes={"full": True}), draw(first, bob, cup), draw(second, bob, cup)]

    told = answer(then="move", into=mug.pk)

    settings = told.headers["HX-Redirect"]
    assert settings == f"/projects/{project.pk}/settings/"
    assert "“Cup” is removed. 3 annotations have “Mug” now." in told.client.get(settings).content.decode()

    assert labels_of(*drawn) == ["Mug"] * 3
    assert Annotation.objects.get(pk=drawn[0]).attributes == {"full": True}
    assert Label.objects.get(pk=cup.pk).removed_at is not None
    written = Operation.objects.filter(kind="update")
    assert (written.count(), {one.actor_id for one in written}, len({one.action for one in written})) == (
        3,
        {alice.pk},
        1,
    )


def test_annotations_are_deleted_and_the_history_brings_them_back(answer, project, alice, bob, cup):
    item = photo(project, alice)
    drawn = draw(item, bob, cup)

    answer(then="delete")
    gone = labels_of(drawn)
    sheet = sheet_of(item, alice).pk
    operations.perform(sheet, [operations.Request(alice.pk, Undo(id=uuid4(), sheet=sheet))])
    assert (gone, labels_of(drawn)) == ([None], [None])  # it was not done on this sheet
    operations.perform(sheet, [operations.Request(alice.pk, RestoreTo(id=uuid4(), sheet=sheet, clock=1))])

    assert labels_of(drawn) == ["Cup"]


def test_annotations_may_keep_the_label(answer, project, alice, cup):
    drawn = draw(photo(project, alice), alice, cup)

    answer(then="keep")

    assert labels_of(drawn) == ["Cup"]
    assert Label.objects.get(pk=cup.pk).removed_at is not None


def test_a_tag_that_is_there_under_both_labels_stays_once(answer, project, alice, cup, mug):
    item = photo(project, alice)
    both = [draw(item, alice, label, Tag()) for label in (cup, mug)]
    box = draw(item, alice, cup)

    answer(then="move", into=mug.pk)

    assert labels_of(*both, box) == [None, "Mug", "Mug"]


def test_a_label_that_does_not_take_the_shapes_is_refused_and_nothing_changes(answer, project, alice, cup, mug):
    cup.shapes = ["polygon"]
    cup.save()
    drawn = draw(photo(project, alice), alice, cup, Polygon(points=[(1, 1), (9, 1), (5, 9)]))

    told = answer(then="move", into=mug.pk).content.decode()

    assert "“Mug” does not take the shape polygon, which 1 annotation of “Cup” has." in told
    assert labels_of(drawn) == ["Cup"]
    assert Label.objects.get(pk=cup.pk).removed_at is None


@pytest.mark.parametrize("posted", [{}, {"then": "burn"}, {"then": "move"}, {"then": "move", "into": "x"}])
def test_an_answer_that_is_none_changes_nothing(answer, cup, posted):
    wanted = "Choose the other label." if posted.get("then") == "move" else "Choose what becomes of the annotations."
    assert wanted in answer(**posted).content.decode()
    assert Label.objects.get(pk=cup.pk).removed_at is None


def test_a_label_is_not_merged_into_itself_nor_into_another_projects(answer, cup, other_project):
    foreign = other_project.labels.create(name="Mug", color="#993366", shapes=["rectangle"])

    assert "another label of this project" in answer(then="move", into=cup.pk).content.decode()
    assert answer(then="move", into=foreign.pk).status_code == 404


def test_what_people_keep_from_being_moved_is_moved_in_another_round(
    answer, project, alice, bob, cup, mug, monkeypatch
):
    """Three times somebody deletes one of the annotations between our looking and our writing."""
    crowded, quiet = photo(project, alice), photo(project, alice)
    deleted, drawn = [draw(crowded, bob, cup) for _ in range(3)], [draw(crowded, bob, cup), draw(quiet, bob, cup)]
    doomed, found = list(deleted), relabelling.changes

    def changes(into, sheet, annotations):
        wanted = list(found(into, sheet, annotations))
        if doomed and sheet == sheet_of(crowded, bob).pk:
            batch = Batch(id=uuid4(), action=uuid4(), operations=[Delete(id=uuid4(), annotation=doomed.pop())])
            operations.perform(sheet, [operations.Request(bob.pk, Apply(sheet=sheet, batch=batch))])
        return wanted

    monkeypatch.setattr(relabelling, "changes", changes)
    told = answer(then="move", into=mug.pk)

    assert told.headers["HX-Redirect"] == f"/projects/{project.pk}/settings/"
    assert labels_of(*drawn) == ["Cup", "Mug"]
    assert "are being seen to" in told.client.get(told.headers["HX-Redirect"]).content.decode()
    relabelling.carry_out_all()
    assert labels_of(*drawn) == ["Mug", "Mug"]
    assert labels_of(*deleted) == [None] * 3


def test_what_does_not_fit_keeps_its_label_and_keeps_nothing_else_from_being_moved(answer, project, alice, cup, mug):
    item = photo(project, alice)
    drawn = [draw(item, alice, cup) for _ in range(3)]
    Annotation.objects.filter(pk=drawn[1]).update(shape={"type": "polygon", "points": [[1, 1], [9, 1], [5, 9]]})
    Label.objects.filter(pk=mug.pk).update(shapes=["rectangle", "polygon"])
    relabelling.labels.remove(alice, cup.pk)
    Replacement.objects.create(label=cup, into=mug, person=alice)
    Label.objects.filter(pk=mug.pk).update(shapes=["rectangle"])

    relabelling.carry_out_all()

    assert labels_of(*drawn) == ["Mug", "Cup", "Mug"]
    assert Replacement.objects.get().done


def test_a_label_that_was_merged_into_one_that_is_merged_itself_ends_there(answer, project, alice, cup, mug):
    glass = project.labels.create(name="Glass", color="#336699", shapes=["rectangle"])
    drawn = draw(photo(project, alice), alice, cup)
    relabelling.labels.remove(alice, cup.pk)
    Replacement.objects.create(label=cup, into=mug, person=alice)  # and the server stops here
    relabelling.merge(alice, mug.pk, glass.pk)

    relabelling.carry_out_all()

    assert labels_of(drawn) == ["Glass"]


def test_items_that_come_back_from_the_trash_get_the_other_label_too(answer, project, alice, cup, mug):
    item = photo(project, alice)
    drawn = draw(item, alice, cup)
    items.trash(alice, item.pk)
    answer(then="move", into=mug.pk)

    items.restore(alice, item.pk)
    relabelling.carry_out_all()

    assert labels_of(drawn) == ["Mug"]


@pytest.mark.parametrize("fate", ["left", "lowered", "archived", "accepted"])
def test_it_is_carried_out_whatever_has_become_of_who_decided_it(project, alice, bob, cup, mug, fate):
    drawn = draw(item := photo(project, alice), alice, cup)
    relabelling.labels.remove(alice, cup.pk)
    Replacement.objects.create(label=cup, into=mug, person=bob)  # as manager, and the server stopped here
    role = project.memberships.get(user=bob)
    if fate == "left":
        members.remove(bob, role.pk)
    if fate == "lowered":
        members.change(alice, role.pk, role=Role.VIEWER)
    if fate == "accepted":
        item.sheets.update(status="accepted")
    if fate == "archived":
        projects.archive(alice, project.pk)
        relabelling.carry_out_all()
        assert labels_of(drawn) == ["Cup"]
        projects.bring_back(alice, project.pk)

    relabelling.carry_out_all()

    assert labels_of(drawn) == ["Mug"]
    assert Replacement.objects.get().done
    assert {(one.source, one.actor_id) for one in Operation.objects.filter(kind="update")} == {("label", bob.pk)}


def test_items_that_come_back_while_it_is_carried_out_are_not_forgotten(project, alice, cup, mug, monkeypatch):
    gone, there = photo(project, alice), photo(project, alice)
    drawn = [draw(gone, alice, cup), draw(there, alice, cup)]
    items.trash(alice, gone.pk)
    found = relabelling.changes

    def changes(*args):
        if gone.pk in items_in_trash():
            items.restore(alice, gone.pk)
        return found(*args)

    def items_in_trash():
        return set(project.items.exclude(trashed_at=None).values_list("pk", flat=True))

    monkeypatch.setattr(relabelling, "changes", changes)
    relabelling.merge(alice, cup.pk, mug.pk)
    assert labels_of(*drawn) == ["Cup", "Mug"]

    relabelling.carry_out_all()

    assert labels_of(*drawn) == ["Mug", "Mug"]


def test_one_that_somebody_is_at_is_left_to_them(project, alice, cup, mug):
    drawn = draw(photo(project, alice), alice, cup)
    parameters = connection.get_connection_params()
    with closing(psycopg2.connect(**parameters)) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [Work.A_LABEL, cup.pk])
        begun = relabelling.merge(alice, cup.pk, mug.pk)

    assert (begun, labels_of(drawn)) == (False, ["Cup"])
    relabelling.carry_out_all()
    assert labels_of(drawn) == ["Mug"]


def test_in_a_project_that_is_archived_meanwhile_it_waits(project, alice, cup, mug, monkeypatch):
    drawn = [draw(photo(project, alice), alice, cup) for _ in range(2)]
    found, looked = relabelling.changes, []

    def changes(into, sheet, annotations):
        looked.append(sheet)
        if len(looked) == 2:
            projects.archive(alice, project.pk)
        return found(into, sheet, annotations)

    monkeypatch.setattr(relabelling, "changes", changes)
    assert not relabelling.merge(alice, cup.pk, mug.pk)
    assert labels_of(*drawn) == ["Mug", "Cup"]

    projects.bring_back(alice, project.pk)
    relabelling.carry_out_all()

    assert labels_of(*drawn) == ["Mug", "Mug"]


def test_one_that_fails_keeps_no_other_from_being_carried_out(project, alice, cup, mug, monkeypatch):
    plate = project.labels.create(name="Plate", color="#123456", shapes=["rectangle"])
    drawn = [draw(photo(project, alice), alice, label) for label in (cup, plate)]
    for label in (cup, plate):
        relabelling.labels.remove(alice, label.pk)
        Replacement.objects.create(label=label, into=mug, person=alice)
    heir = relabelling.heir
    monkeypatch.setattr(relabelling, "heir", lambda one: 1 // 0 if one.label_id == cup.pk else heir(one))

    relabelling.carry_out_all()

    assert labels_of(*drawn) == ["Cup", "Mug"]


def test_what_is_taken_back_stays_taken_back(answer, project, alice, cup):
    item = photo(project, alice)
    drawn, sheet = draw(item, alice, cup), sheet_of(item, alice).pk
    answer(then="delete")
    operations.perform(sheet, [operations.Request(alice.pk, RestoreTo(id=uuid4(), sheet=sheet, clock=1))])

    relabelling.carry_out_all()

    assert labels_of(drawn) == ["Cup"]


def test_a_job_goes_on_where_it_stopped(project, alice, cup, mug, monkeypatch):
    monkeypatch.setattr(rewriting, "A_COMMIT", 2)
    item = photo(project, alice)
    drawn = [draw(item, alice, cup) for _ in range(5)]
    sheet, changes = sheet_of(item, alice).pk, partial(relabelling.changes, mug.pk)
    rewriting.write(alice.pk, sheet, cup.pk, uuid4(), changes, drawn[:2])

    relabelling.merge(alice, cup.pk, mug.pk)

    assert labels_of(*drawn) == ["Mug"] * 5
    assert Operation.objects.filter(kind="update").count() == 5
