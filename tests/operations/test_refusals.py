"""What the door refuses, of whom and why. Marks like [W9] are the rules of docs/protocol.md."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import transaction

from annotator.messages import (
    Create,
    Delete,
    Restore,
    Update,
)
from annotator.models import Sheet
from annotator.shapes import Polygon, Rectangle, Span, Tag
from projects.models import Item
from tests.cast import photo, text
from tests.operations.door import BOX, closing, code, do, draw, standing, undo

pytestmark = pytest.mark.django_db


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
    monkeypatch.setattr("annotator.operations.checks.MAX_ANNOTATIONS", 2)
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
