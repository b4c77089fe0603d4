"""Taking back, and going back. Marks like [U1] are the rules of docs/protocol.md."""

from uuid import uuid4

import pytest

from annotator import history, reading
from annotator.messages import (
    Ack,
    Apply,
    Batch,
    Create,
    Delete,
    RestoreTo,
    Undo,
    Update,
)
from annotator.models import Operation
from annotator.operations import Request, perform
from annotator.shapes import Rectangle, Tag
from tests.operations.door import BOX, MOVED, ask, code, do, draw, redo, standing, undo

pytestmark = pytest.mark.django_db


# Undo -----------------------------------------------------------------------------------------------------------------


def test_undo_takes_back_only_ones_own(sheet, label, alice, bob):  # [U1]
    mine, bobs = draw(sheet, alice, label), draw(sheet, bob, label)

    undo(sheet, alice)

    assert standing(sheet).keys() == {bobs}
    redo(sheet, alice)
    assert standing(sheet).keys() == {mine, bobs}


def test_undo_walks_back_through_create_update_and_delete(sheet, label, alice):  # [U2]
    box = draw(sheet, alice, label)
    do(sheet, alice, Update(uuid4(), box, shape=MOVED, attributes={"age": 3.0}))
    do(sheet, alice, Delete(uuid4(), box))

    undo(sheet, alice)
    assert standing(sheet)[box].shape == MOVED
    undo(sheet, alice)
    assert (standing(sheet)[box].shape, standing(sheet)[box].attributes) == (BOX, {})
    undo(sheet, alice)
    assert standing(sheet) == {}
    assert isinstance(undo(sheet, alice), Ack)  # [U5]


def test_a_change_in_the_same_commit_meets_the_label_that_the_undo_brought_back(sheet, label, alice, bob):
    other = sheet.item.project.labels.create(name="Dark", color="#000000", shapes=["rectangle"])
    box = draw(sheet, alice, label)
    do(sheet, alice, Update(uuid4(), box, label=other.pk))
    change = Batch(uuid4(), uuid4(), [Update(uuid4(), box, attributes={"age": 3.0})])

    requests = [Request(alice.pk, Undo(uuid4(), sheet.pk)), Request(bob.pk, Apply(sheet.pk, change))]
    perform(sheet.pk, requests)

    assert (standing(sheet)[box].label, standing(sheet)[box].attributes) == (label.pk, {"age": 3.0})


def test_what_someone_else_changed_since_is_left_alone_and_told(sheet, label, alice, bob):  # [U3]
    box = draw(sheet, alice, label)
    do(sheet, alice, Update(uuid4(), box, shape=MOVED, attributes={"age": 3.0}))
    do(sheet, bob, Update(uuid4(), box, shape=Rectangle(1, 1, 1, 1)))

    outcome = undo(sheet, alice)

    assert standing(sheet)[box].shape == Rectangle(1, 1, 1, 1)
    assert standing(sheet)[box].attributes == {}
    assert [(skip.property, skip.actor) for skip in outcome.skipped] == [("shape", bob.pk)]


def test_a_change_of_someone_else_stays_even_below_ones_own_later_one(sheet, label, alice, bob):  # [U3]
    box = draw(sheet, alice, label)
    do(sheet, alice, Update(uuid4(), box, shape=MOVED))
    do(sheet, bob, Update(uuid4(), box, shape=Rectangle(1, 1, 1, 1)))
    do(sheet, alice, Update(uuid4(), box, shape=Rectangle(2, 2, 2, 2)))

    undo(sheet, alice)
    assert standing(sheet)[box].shape == Rectangle(1, 1, 1, 1)
    undo(sheet, alice)
    assert standing(sheet)[box].shape == Rectangle(1, 1, 1, 1)


def test_a_box_that_someone_else_worked_on_is_not_undone_away(sheet, label, alice, bob):  # [U3]
    box = draw(sheet, alice, label)
    do(sheet, bob, Update(uuid4(), box, attributes={"smiles": True}))

    outcome = undo(sheet, alice)

    assert isinstance(outcome, Ack)
    assert outcome.skipped[0].annotation == box
    assert box in standing(sheet)


def test_a_new_action_clears_what_could_be_redone(sheet, label, alice):  # [U1]
    draw(sheet, alice, label)
    undo(sheet, alice)
    draw(sheet, alice, label)

    assert isinstance(redo(sheet, alice), Ack)


def test_one_action_over_many_shapes_is_undone_in_one_go(sheet, label, alice):
    do(sheet, alice, *[Create(uuid4(), uuid4(), label.pk, BOX) for _ in range(3)])

    undo(sheet, alice)

    assert standing(sheet) == {}


def test_undo_can_name_an_action(sheet, label, alice):  # [U1]
    first, second = draw(sheet, alice, label), draw(sheet, alice, label)
    action = Operation.objects.get(annotation=first).action

    ask(sheet, alice, Undo(uuid4(), sheet.pk, action))

    assert standing(sheet).keys() == {second}


def test_a_repeated_undo_undoes_once(sheet, label, alice):
    draw(sheet, alice, label)
    draw(sheet, alice, label)
    request = Undo(uuid4(), sheet.pk)

    ask(sheet, alice, request)
    again = ask(sheet, alice, request)

    assert isinstance(again, Ack)
    assert [record.deleted for record in again.records] == [True]
    assert len(standing(sheet)) == 1


def test_undo_passes_over_a_tag_that_stands_there_again(sheet, label, alice, bob):  # [W10]
    tag = draw(sheet, alice, label, Tag())
    do(sheet, alice, Delete(uuid4(), tag))
    again = draw(sheet, bob, label, Tag())

    outcome = undo(sheet, alice)

    assert standing(sheet).keys() == {again}
    assert outcome.skipped


def test_undo_passes_over_much_that_others_have_deleted_and_stops_looking(sheet, label, alice, bob):  # [U5]
    boxes = [draw(sheet, bob, label) for _ in range(120)]
    for box in boxes:
        do(sheet, alice, Delete(uuid4(), box))

    outcome = undo(sheet, bob)

    assert isinstance(outcome, Ack)
    assert len(outcome.skipped) == 100


def test_an_action_id_used_again_harms_nobody(sheet, label, alice):
    box = draw(sheet, alice, label)
    request = Undo(uuid4(), sheet.pk)
    ask(sheet, alice, request)
    redo(sheet, alice)
    again = Batch(uuid4(), request.id, [Update(uuid4(), box, shape=MOVED)])
    perform(sheet.pk, [Request(alice.pk, Apply(sheet.pk, again))])

    undo(sheet, alice)

    assert standing(sheet)[box].shape == BOX


# History --------------------------------------------------------------------------------------------------------------


def test_a_reviewer_restores_the_sheet_to_any_moment_and_can_undo_that(sheet, label, alice, rita):  # [U6]
    kept, gone = draw(sheet, alice, label), draw(sheet, alice, label)
    moment = reading.read(sheet.pk).clock
    then = {id_: record.shape for id_, record in standing(sheet).items()}
    do(sheet, alice, Update(uuid4(), kept, shape=MOVED, attributes={"age": 9.0}), Delete(uuid4(), gone))
    draw(sheet, alice, label)

    ask(sheet, rita, RestoreTo(uuid4(), sheet.pk, moment))

    assert {id_: record.shape for id_, record in standing(sheet).items()} == then
    assert standing(sheet)[kept].attributes == {}
    undo(sheet, rita)
    assert standing(sheet)[kept].shape == MOVED
    assert len(standing(sheet)) == 2


def test_an_annotator_may_not_restore_history(sheet, label, alice, bob):  # [U6]
    draw(sheet, alice, label)

    assert code(ask(sheet, bob, RestoreTo(uuid4(), sheet.pk, 0))) == "permission_denied"
    assert code(ask(sheet, alice, RestoreTo(uuid4(), sheet.pk, 99))) == "invalid"


def test_the_log_lists_who_did_what_newest_first(sheet, label, alice, bob):
    draw(sheet, alice, label)
    do(sheet, bob, *[Create(uuid4(), uuid4(), label.pk, BOX) for _ in range(7)])

    log = history.log(sheet.pk, None)

    assert [(entry.actor.id, entry.count, len(entry.parts)) for entry in log.entries] == [
        (bob.pk, 7, 5),
        (alice.pk, 1, 1),
    ]
    assert history.log(sheet.pk, log.entries[0].clock - 6).entries == log.entries[1:]
