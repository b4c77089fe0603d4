"""Several sheets in one commit."""

from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from annotator.messages import Ack, Applied, Apply, Batch, Create, Refused, SetStatus
from annotator.models import Annotation, Sheet
from annotator.operations import Request, perform_many
from annotator.shapes import Rectangle, Tag
from projects.models import Change, Project
from tests.cast import photo
from tests.operations.door import BOX, draw, standing, undo

OUTSIDE = Rectangle(-50, 20, 30, 40)


@pytest.fixture
def sheets(project, alice):
    return [Sheet.objects.create(item=photo(project, alice)) for _ in range(3)]


def batch(sheet, actor, *operations) -> Request:
    return Request(actor.pk, Apply(sheet.pk, Batch(uuid4(), uuid4(), list(operations))))


def create(label, shape=BOX, annotation: UUID | None = None) -> Create:
    return Create(uuid4(), annotation or uuid4(), label.pk, shape)


@pytest.mark.django_db
def test_each_sheet_gets_its_own_and_a_refusal_touches_no_other(sheets, label, alice):
    asked = {
        sheet.pk: [batch(sheet, alice, create(label, shape))]
        for sheet, shape in zip(sheets, (BOX, OUTSIDE, BOX), strict=True)
    }

    outcomes = perform_many(asked)

    assert [type(outcomes[sheet.pk][0]) for sheet in sheets] == [Applied, Refused, Applied]
    assert [len(standing(sheet)) for sheet in sheets] == [1, 0, 1]
    # the annotation, and that the item is in progress
    assert list(Sheet.objects.order_by("pk").values_list("clock", "status")) == [
        (2, "in_progress"),
        (0, "todo"),
        (2, "in_progress"),
    ]


@pytest.mark.django_db
def test_an_id_is_for_one_of_the_sheets_only(sheets, label, alice):
    one, other, third = sheets
    id_ = uuid4()
    taken = draw(third, alice, label)
    asked = {sheet.pk: [batch(sheet, alice, create(label, annotation=id_))] for sheet in (one, other)}
    asked[third.pk] = [batch(third, alice, create(label))]
    asked[one.pk] = [*asked[one.pk], batch(one, alice, create(label, annotation=taken))]

    outcomes = perform_many(asked)

    codes = [[getattr(outcome, "code", None) for outcome in outcomes[sheet.pk]] for sheet in sheets]
    assert codes == [[None, "id_taken"], ["id_taken"], [None]]
    assert Annotation.objects.get(pk=id_).sheet == one


@pytest.mark.django_db
def test_a_key_used_on_one_sheet_is_used_for_the_others(sheets, label, alice):
    one, other, _ = sheets
    operation = create(label)
    asked = {sheet.pk: [batch(sheet, alice, operation)] for sheet in (one, other)}

    outcomes = perform_many(asked)

    assert [outcomes[one.pk][0].__class__, outcomes[other.pk][0].code] == [Applied, "key_reused"]


@pytest.mark.django_db
def test_what_was_created_before_is_told_so_beside_what_is_new(sheets, label, alice):
    done, other, third = sheets
    repeated = batch(done, alice, create(label))
    perform_many({done.pk: [repeated]})
    taken = repeated.message.batch.operations[0].annotation
    reused = repeated.message.batch.operations[0].id
    asked = {
        done.pk: [repeated],
        other.pk: [batch(other, alice, create(label, annotation=taken))],
        third.pk: [batch(third, alice, create(label)), batch(third, alice, Create(reused, uuid4(), label.pk, BOX))],
    }

    outcomes = perform_many(asked)

    assert [type(outcomes[done.pk][0]), outcomes[other.pk][0].code] == [Ack, "id_taken"]
    assert [type(outcomes[third.pk][0]), outcomes[third.pk][1].code] == [Applied, "key_reused"]
    assert [len(standing(sheet)) for sheet in sheets] == [1, 0, 1]


@pytest.mark.django_db
def test_what_was_created_before_is_acknowledged_though_it_would_be_refused_by_now(sheets, label, alice):
    """Its answer was lost, and the label has gone since."""
    sheet = sheets[0]
    repeated = batch(sheet, alice, create(label))
    perform_many({sheet.pk: [repeated]})
    type(label).objects.filter(pk=label.pk).update(removed_at=timezone.now())

    outcomes = perform_many({sheet.pk: [repeated, batch(sheet, alice, create(label))]})

    assert [type(outcome) for outcome in outcomes[sheet.pk]] == [Ack, Refused]
    assert len(standing(sheet)) == 1


@pytest.mark.django_db
def test_what_was_done_at_once_is_undone_sheet_by_sheet(sheets, label, alice):
    perform_many({sheet.pk: [batch(sheet, alice, create(label), create(label, Tag()))] for sheet in sheets})

    assert isinstance(undo(sheets[1], alice), Applied)

    assert [len(standing(sheet)) for sheet in sheets] == [2, 0, 2]


@pytest.mark.django_db
def test_statuses_of_many_are_logged_each_in_its_turn(sheets, alice):
    asked = {
        sheet.pk: [Request(alice.pk, SetStatus(uuid4(), sheet.pk, status)) for status in ("done", "todo")]
        for sheet in sheets
    }

    outcomes = perform_many(asked)

    assert all(isinstance(outcome, Ack) for several in outcomes.values() for outcome in several)
    for sheet in sheets:
        said = Change.objects.filter(kind="status", target=sheet.pk).order_by("pk")
        assert [change.record["status"] for change in said] == ["done", "todo"]
        sheet.refresh_from_db()
        assert (sheet.status, sheet.clock) == ("todo", 2)


@pytest.mark.django_db
def test_a_sheet_that_is_not_there_or_of_another_project_is_not_found(sheets, label, alice):
    elsewhere = Project.objects.create(name="Another")
    other = Sheet.objects.create(item=photo(elsewhere, alice))
    asked = {pk: [Request(alice.pk, SetStatus(uuid4(), pk, "done"))] for pk in (sheets[0].pk, other.pk, 10**15, 2**63)}

    outcomes = perform_many(asked)

    assert [getattr(outcome, "code", None) for several in outcomes.values() for outcome in several] == [
        None,
        "not_found",
        "not_found",
        "not_found",
    ]
