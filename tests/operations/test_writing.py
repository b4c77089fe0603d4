"""The one door for writes. Marks like [W5] are the rules of docs/protocol.md."""

from uuid import uuid4

import pytest

from annotator import reading
from annotator.messages import (
    Ack,
    Applied,
    Apply,
    Batch,
    Create,
    Delete,
    Refused,
    Restore,
    SetStatus,
    Update,
)
from annotator.models import Annotation, Operation, Sheet
from annotator.operations import Request, perform
from annotator.shapes import Rectangle
from tests.cast import photo
from tests.operations.door import BOX, MOVED, ask, code, do, draw, standing

pytestmark = pytest.mark.django_db


# Properties and conflicts ---------------------------------------------------------------------------------------------


def test_two_people_change_different_properties_and_both_keep_their_work(sheet, label, alice, bob):  # [W5]
    box = draw(sheet, alice, label)

    do(sheet, alice, Update(uuid4(), box, shape=MOVED))
    do(sheet, bob, Update(uuid4(), box, attributes={"occluded": "Partly"}))

    assert standing(sheet)[box].shape == MOVED
    assert standing(sheet)[box].attributes == {"occluded": "Partly"}


def test_the_last_writer_of_a_property_wins(sheet, label, alice, bob):  # [W5]
    box = draw(sheet, alice, label)

    do(sheet, alice, Update(uuid4(), box, shape=MOVED))
    do(sheet, bob, Update(uuid4(), box, shape=Rectangle(1, 1, 2, 2)))

    assert standing(sheet)[box].shape == Rectangle(1, 1, 2, 2)


def test_a_batch_is_applied_whole_or_not_at_all(sheet, label, alice):  # [W1]
    good = Create(uuid4(), uuid4(), label.pk, BOX)
    bad = Create(uuid4(), uuid4(), label.pk, Rectangle(0, 0, -1, 5))

    assert code(do(sheet, alice, good, bad)) == "invalid"
    assert standing(sheet) == {}


def test_one_refusal_never_touches_another_persons_batch(sheet, label, alice, bob):  # [W1]
    mine, bobs = uuid4(), uuid4()
    refused = Batch(uuid4(), uuid4(), [Create(uuid4(), bobs, label.pk, Rectangle(0, 0, 0, 0))])
    applied = Batch(uuid4(), uuid4(), [Create(uuid4(), mine, label.pk, BOX)])

    outcomes = perform(
        sheet.pk,
        [Request(bob.pk, Apply(sheet.pk, refused)), Request(alice.pk, Apply(sheet.pk, applied))],
    )

    assert [type(outcome) for outcome in outcomes] == [Refused, Applied]
    assert standing(sheet).keys() == {mine}


def test_an_operation_sees_those_before_it_in_its_batch(sheet, label, alice):
    box = uuid4()

    do(sheet, alice, Create(uuid4(), box, label.pk, BOX), Update(uuid4(), box, shape=MOVED), Delete(uuid4(), box))

    assert standing(sheet) == {}
    assert [operation.clock for operation in Operation.objects.filter(annotation=box).order_by("clock")] == [1, 2, 3]


def test_everyone_is_told_once_after_the_commit(sheet, label, alice, bob, django_capture_on_commit_callbacks):  # [W3]
    told = []
    requests = [
        Request(person.pk, Apply(sheet.pk, Batch(uuid4(), uuid4(), [Create(uuid4(), uuid4(), label.pk, BOX)])))
        for person in (alice, bob)
    ]

    with django_capture_on_commit_callbacks(execute=True):
        perform(sheet.pk, requests, publish=told.append)
        assert told == []

    ((changes, _status),) = told
    assert changes.after == 0
    assert [batch.actor for batch in changes.batches] == [alice.pk, bob.pk]


# Ids ------------------------------------------------------------------------------------------------------------------


def test_a_repeated_operation_gets_the_old_answer_and_changes_nothing(sheet, label, alice):  # [W4]
    create = Create(uuid4(), uuid4(), label.pk, BOX)
    do(sheet, alice, create)

    again = do(sheet, alice, create)

    assert isinstance(again, Ack)
    assert [record.id for record in again.records] == [create.annotation]
    assert Operation.objects.count() == 1


def test_a_repeat_in_the_same_commit_is_found_too(sheet, label, alice):  # [W4]
    batch = Batch(uuid4(), uuid4(), [Create(uuid4(), uuid4(), label.pk, BOX)])

    outcomes = perform(sheet.pk, [Request(alice.pk, Apply(sheet.pk, batch))] * 2)

    assert [type(outcome) for outcome in outcomes] == [Applied, Ack]


def test_an_id_used_again_with_another_body_or_by_another_person_is_refused(sheet, label, alice, bob):  # [W4]
    create = Create(uuid4(), uuid4(), label.pk, BOX)
    do(sheet, alice, create)

    assert code(do(sheet, bob, create)) == "key_reused"
    assert code(do(sheet, alice, Create(create.id, create.annotation, label.pk, MOVED))) == "key_reused"


def test_an_annotation_id_that_exists_anywhere_is_taken(sheet, label, project, alice):  # [W4]
    box = draw(sheet, alice, label)
    other = Sheet.objects.create(item=photo(project, alice))

    assert code(do(sheet, alice, Create(uuid4(), box, label.pk, BOX))) == "id_taken"
    assert code(do(other, alice, Create(uuid4(), box, label.pk, BOX))) == "id_taken"
    assert code(do(other, alice, Update(uuid4(), box, shape=MOVED))) == "invalid"


# Deleting -------------------------------------------------------------------------------------------------------------


def test_delete_beats_a_later_update_and_the_record_comes_back(sheet, label, alice, bob):  # [W6]
    box = draw(sheet, alice, label)
    do(sheet, alice, Delete(uuid4(), box))

    outcome = do(sheet, bob, Update(uuid4(), box, shape=MOVED))

    assert code(outcome) == "deleted"
    assert outcome.records[0].deleted


def test_a_restored_annotation_is_as_it_was(sheet, label, alice):  # [W8]
    box = draw(sheet, alice, label, occluded="No")
    do(sheet, alice, Delete(uuid4(), box))

    do(sheet, alice, Restore(uuid4(), box))

    assert standing(sheet)[box].attributes == {"occluded": "No"}
    assert code(do(sheet, alice, Restore(uuid4(), box))) == "not_deleted"


# Offline --------------------------------------------------------------------------------------------------------------


def test_a_queued_change_whose_base_has_moved_on_asks_the_person(sheet, label, alice, bob):  # [W7]
    box = draw(sheet, alice, label)
    seen = standing(sheet)[box].clocks
    do(sheet, bob, Update(uuid4(), box, shape=MOVED))

    outcome = do(sheet, alice, Update(uuid4(), box, shape=BOX, base=seen), queued=True)

    assert code(outcome) == "conflict"
    assert outcome.records[0].shape == MOVED


def test_a_queued_change_of_another_property_is_applied(sheet, label, alice, bob):  # [W7]
    box = draw(sheet, alice, label)
    seen = standing(sheet)[box].clocks
    do(sheet, bob, Update(uuid4(), box, shape=MOVED))

    do(sheet, alice, Update(uuid4(), box, attributes={"age": 4.0}, base=seen), queued=True)

    assert standing(sheet)[box].attributes == {"age": 4.0}


def test_a_queued_deletion_of_what_someone_changed_asks_the_person(sheet, label, alice, bob):  # [W7]
    box = draw(sheet, alice, label)
    seen = standing(sheet)[box].clocks
    do(sheet, bob, Update(uuid4(), box, attributes={"smiles": True}))

    assert code(do(sheet, alice, Delete(uuid4(), box, base=seen), queued=True)) == "conflict"


# Status ---------------------------------------------------------------------------------------------------------------


def test_work_puts_a_sheet_in_progress_and_done_is_reopened_by_reviewers_only(sheet, label, alice, bob, rita):
    draw(sheet, bob, label)
    assert reading.read(sheet.pk).status == "in_progress"

    ask(sheet, bob, SetStatus(uuid4(), sheet.pk, "done"))
    assert code(ask(sheet, bob, SetStatus(uuid4(), sheet.pk, "in_progress"))) == "permission_denied"
    assert reading.read(sheet.pk).status == "done"

    ask(sheet, rita, SetStatus(uuid4(), sheet.pk, "in_progress"))
    assert reading.read(sheet.pk).status == "in_progress"


def test_a_repeated_status_does_not_come_back_over_a_newer_one(sheet, alice, bob):
    skip = SetStatus(uuid4(), sheet.pk, "skipped", "too dark")
    ask(sheet, bob, skip)
    ask(sheet, alice, SetStatus(uuid4(), sheet.pk, "in_progress"))

    assert isinstance(ask(sheet, bob, skip), Ack)

    assert reading.read(sheet.pk).status == "in_progress"
    assert code(ask(sheet, alice, skip)) == "key_reused"


def test_skipping_needs_a_reason(sheet, bob):
    assert code(ask(sheet, bob, SetStatus(uuid4(), sheet.pk, "skipped"))) == "invalid"
    ask(sheet, bob, SetStatus(uuid4(), sheet.pk, "skipped", "too dark"))

    assert reading.read(sheet.pk).reason == "too dark"


# Reading --------------------------------------------------------------------------------------------------------------


def test_what_changed_since_a_clock_holds_tombstones(sheet, label, alice):  # [C3]
    box = draw(sheet, alice, label)
    clock = reading.read(sheet.pk).clock
    do(sheet, alice, Delete(uuid4(), box))

    since = reading.read(sheet.pk, clock)

    assert not since.snapshot
    assert [(record.id, record.deleted) for record in since.records] == [(box, True)]


def test_below_the_floor_or_beyond_the_clock_comes_a_snapshot(sheet, label, alice):  # [C3]
    draw(sheet, alice, label)
    Sheet.objects.update(floor=2)

    assert reading.read(sheet.pk, 1).snapshot
    assert reading.read(sheet.pk, 99).snapshot
    assert not reading.read(sheet.pk, 2).snapshot


def test_a_row_knows_who_wrote_each_property_last(sheet, label, alice, bob):
    box = draw(sheet, alice, label)
    do(sheet, bob, Update(uuid4(), box, attributes={"age": 1.0}))

    stamps = Annotation.objects.get(pk=box).stamps

    assert stamps["shape"][1] == alice.pk
    assert stamps["attributes.age"][1] == bob.pk
