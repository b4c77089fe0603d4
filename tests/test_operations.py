"""The one door for writes. Marks like [W5] are the rules of docs/protocol.md."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from annotator import history, reading
from annotator.messages import (
    Ack,
    Applied,
    Apply,
    Batch,
    Create,
    Delete,
    Record,
    Redo,
    Refused,
    Restore,
    RestoreTo,
    SetStatus,
    Undo,
    Update,
)
from annotator.models import Annotation, Operation, Sheet
from annotator.operations import Outcome, Request, perform
from annotator.shapes import Polygon, Rectangle, Span, Tag
from projects.models import Item, Label, Project, User
from tests.cast import photo, text

pytestmark = pytest.mark.django_db

BOX = Rectangle(10, 20, 30, 40)
MOVED = Rectangle(50, 60, 30, 40)


@pytest.fixture
def sheet(project: Project, alice: User) -> Sheet:
    return Sheet.objects.create(item=photo(project, alice))


@pytest.fixture
def label(project: Project) -> Label:
    return project.labels.create(
        name="Face",
        color="#f4b740",
        shapes=["rectangle", "polygon", "tag"],
        attributes=[
            {"id": "occluded", "name": "Occluded", "kind": "choice", "options": ["No", "Partly"]},
            {"id": "age", "name": "Age", "kind": "number"},
            {"id": "note", "name": "Note", "kind": "text"},
            {"id": "smiles", "name": "Smiles", "kind": "checkbox"},
        ],
        position=90,
    )


def do(sheet: Sheet, actor: User, *operations: object, queued: bool = False) -> Outcome:
    batch = Batch(id=uuid4(), action=uuid4(), operations=list(operations), queued=queued)
    return perform(sheet.pk, [Request(actor.pk, Apply(sheet=sheet.pk, batch=batch))])[0]


def ask(sheet: Sheet, actor: User, message: Undo | Redo | RestoreTo | SetStatus) -> Outcome:
    return perform(sheet.pk, [Request(actor.pk, message)])[0]


def undo(sheet: Sheet, actor: User) -> Outcome:
    return ask(sheet, actor, Undo(id=uuid4(), sheet=sheet.pk))


def redo(sheet: Sheet, actor: User) -> Outcome:
    return ask(sheet, actor, Redo(id=uuid4(), sheet=sheet.pk))


def draw(sheet: Sheet, actor: User, label: Label, shape: object = BOX, **attributes: object) -> UUID:
    annotation = uuid4()
    outcome = do(sheet, actor, Create(uuid4(), annotation, label.pk, shape, attributes))
    assert isinstance(outcome, Applied), outcome
    return annotation


def standing(sheet: Sheet) -> dict[UUID, Record]:
    return {record.id: record for record in reading.read(sheet.pk).records}


def closing(function):
    """For a thread: the function, and then the thread's connection is closed."""

    def call(*arguments):
        try:
            return function(*arguments)
        finally:
            connection.close()

    return call


def code(outcome: Outcome) -> str:
    assert isinstance(outcome, Refused), outcome
    return outcome.code


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


# Bad input ------------------------------------------------------------------------------------------------------------

CROSSING = Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])


@pytest.mark.parametrize(
    "shape",
    [
        Rectangle(-5, 0, 10, 10),
        Rectangle(795, 0, 10, 10),
        Rectangle(0, 0, -1, 10),
        Rectangle(0, 0, 0, 10),
        Rectangle(float("nan"), 0, 10, 10),
        Rectangle(0, 0, float("inf"), 10),
        Polygon([(0, 0), (10, 10)]),
        Polygon([(0, 0), (900, 10), (5, 5)]),
        Polygon([(0.0, 0.0)] * 10_001),
        CROSSING,
        Span(0, 3, "abc"),
    ],
)
def test_a_shape_that_does_not_fit_the_image_is_refused(sheet, label, alice, shape):
    assert code(do(sheet, alice, Create(uuid4(), uuid4(), label.pk, shape))) == "invalid"


@pytest.mark.parametrize("span", [Span(0, 99, "x"), Span(3, 3, ""), Span(-1, 2, "x"), Span(0, 2, "Hu"), BOX])
def test_a_span_that_does_not_fit_the_text_is_refused(project, alice, label, span):
    label.shapes = ["span", "rectangle"]
    label.save()
    sheet = Sheet.objects.create(item=text(project, alice, "👋🏽 Hi"))

    assert code(do(sheet, alice, Create(uuid4(), uuid4(), label.pk, span))) == "invalid"


def test_a_span_counts_code_points(project, alice, label):
    label.shapes = ["span"]
    label.save()
    sheet = Sheet.objects.create(item=text(project, alice, "👋🏽 שלום"))

    span = draw(sheet, alice, label, Span(3, 7, "שלום"))

    assert standing(sheet)[span].shape.quote == "שלום"


@pytest.mark.parametrize(
    "attributes",
    [
        {"occluded": "Perhaps"},
        {"age": "four"},
        {"age": True},
        {"note": "nul \0"},
        {"note": "x" * 1_001},
        {"smiles": "yes"},
        {"hat": True},
    ],
)
def test_an_attribute_that_does_not_fit_is_refused(sheet, label, alice, attributes):  # [W9] [W12]
    outcome = do(sheet, alice, Create(uuid4(), uuid4(), label.pk, BOX, attributes))

    assert code(outcome) == "invalid"
    assert next(iter(outcome.fields)).startswith("attributes.")


def test_a_label_must_be_of_the_project_stand_and_take_the_shape(sheet, label, alice, other_project):  # [W9]
    foreign = other_project.labels.create(name="Foreign", color="#000000", shapes=["rectangle"])
    assert code(do(sheet, alice, Create(uuid4(), uuid4(), foreign.pk, BOX))) == "invalid"

    label.shapes = ["polygon"]
    label.save()
    assert code(do(sheet, alice, Create(uuid4(), uuid4(), label.pk, BOX))) == "invalid"

    label.shapes, label.removed_at = ["rectangle"], label.project.created_at
    label.save()
    assert code(do(sheet, alice, Create(uuid4(), uuid4(), label.pk, BOX))) == "invalid"


def test_the_same_tag_twice_is_refused(sheet, label, alice, bob):  # [W10]
    tag = draw(sheet, alice, label, Tag())
    assert code(do(sheet, bob, Create(uuid4(), uuid4(), label.pk, Tag()))) == "already_tagged"

    do(sheet, alice, Delete(uuid4(), tag))
    draw(sheet, bob, label, Tag())

    assert code(do(sheet, alice, Restore(uuid4(), tag))) == "already_tagged"


def test_a_tag_does_not_become_one_that_stands_there(sheet, label, project, alice, bob):  # [W10]
    other = project.labels.create(name="Dark", color="#000000", shapes=["tag"])
    draw(sheet, alice, label, Tag())
    tag = draw(sheet, alice, other, Tag())

    assert code(do(sheet, alice, Update(uuid4(), tag, label=label.pk))) == "already_tagged"


def test_undo_does_not_bring_a_tag_back_beside_its_like(sheet, label, project, alice, bob):  # [W10]
    other = project.labels.create(name="Dark", color="#000000", shapes=["tag"])
    tag = draw(sheet, alice, label, Tag())
    do(sheet, alice, Update(uuid4(), tag, label=other.pk))
    bobs = draw(sheet, bob, label, Tag())

    outcome = undo(sheet, alice)

    assert [skip.annotation for skip in outcome.skipped] == [tag]
    assert standing(sheet).keys() == {bobs}  # the relabelling was passed over, the tag itself taken back


def test_an_attribute_of_an_earlier_label_can_be_taken_off(sheet, label, project, alice):
    other = project.labels.create(name="Dark", color="#000000", shapes=["rectangle"])
    box = draw(sheet, alice, label, age=4.0)
    do(sheet, alice, Update(uuid4(), box, label=other.pk))

    assert code(do(sheet, alice, Update(uuid4(), box, attributes={"age": 5.0}))) == "invalid"
    do(sheet, alice, Update(uuid4(), box, attributes={"age": None}))

    assert standing(sheet)[box].attributes == {}


def test_a_shape_keeps_its_kind(sheet, label, alice):
    box = draw(sheet, alice, label)

    assert code(do(sheet, alice, Update(uuid4(), box, shape=Polygon([(0, 0), (9, 0), (9, 9)])))) == "invalid"


def test_an_update_of_nothing_is_refused(sheet, label, alice):
    box = draw(sheet, alice, label)

    assert code(do(sheet, alice, Update(uuid4(), box))) == "invalid"


def test_a_full_sheet_says_so(sheet, label, alice, monkeypatch):  # [W11]
    monkeypatch.setattr("annotator.operations.writing.MAX_ANNOTATIONS", 2)
    first = draw(sheet, alice, label)
    draw(sheet, alice, label)

    assert code(do(sheet, alice, Create(uuid4(), uuid4(), label.pk, BOX))) == "sheet_full"

    do(sheet, alice, Delete(uuid4(), first))
    draw(sheet, alice, label)


# Access ---------------------------------------------------------------------------------------------------------------


def test_a_viewer_may_not_write_and_a_stranger_finds_nothing(sheet, label, vera, mallory):
    assert code(do(sheet, vera, Create(uuid4(), uuid4(), label.pk, BOX))) == "permission_denied"
    assert code(do(sheet, mallory, Create(uuid4(), uuid4(), label.pk, BOX))) == "not_found"
    assert code(undo(sheet, vera)) == "permission_denied"
    assert code(undo(sheet, mallory)) == "not_found"


def test_a_refusal_shows_a_stranger_nothing(sheet, label, alice, mallory):
    box = draw(sheet, alice, label, note="private")

    outcome = do(sheet, mallory, Delete(uuid4(), box))

    assert code(outcome) == "not_found"
    assert outcome.records == []


@pytest.mark.django_db(transaction=True)
def test_a_role_that_ended_while_one_waited_writes_nothing(sheet, label, bob):
    waiting = ThreadPoolExecutor(1)
    with transaction.atomic():
        Sheet.objects.select_for_update().get(pk=sheet.pk)
        asked = waiting.submit(closing(do), sheet, bob, Create(uuid4(), uuid4(), label.pk, BOX))
        with pytest.raises(TimeoutError):
            asked.result(0.5)
        sheet.item.project.memberships.filter(user=bob).delete()

    assert code(asked.result(10)) == "not_found"


def test_in_a_blind_project_a_sheet_is_its_persons_and_the_reviewers(project, alice, bob, rita, label):
    project.memberships.filter(user=alice).update(role=20)
    own = Sheet.objects.create(item=photo(project, alice), person=alice)

    draw(own, alice, label)
    draw(own, rita, label)

    assert code(do(own, bob, Create(uuid4(), uuid4(), label.pk, BOX))) == "not_found"


def test_a_trashed_item_takes_no_work(sheet, label, alice):
    Item.objects.update(trashed_at=label.project.created_at)

    assert code(do(sheet, alice, Create(uuid4(), uuid4(), label.pk, BOX))) == "not_found"


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
