"""Attributes of a label change after work began; the values of its annotations come along."""

from uuid import uuid4

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from annotator import attributes, operations
from annotator.access import sheet_of
from annotator.messages import Apply, Batch, Create
from annotator.models import Annotation, Operation
from annotator.shapes import Tag
from projects.services import items, labels
from tests.cast import photo

pytestmark = pytest.mark.django_db

HOW = {"id": "how", "name": "How", "kind": "choice", "options": ["Dry", "Wet"]}
AGE = {"id": "age", "name": "Age", "kind": "number"}
NOTE = {"id": "note", "name": "Note", "kind": "text"}


@pytest.fixture
def cup(project):
    return project.labels.create(name="Cup", color="#336699", shapes=["tag"], attributes=[HOW, AGE, NOTE])


@pytest.fixture
def tagged(project, alice, bob, cup):
    """`tagged(**values)`: an annotation of Bob's with these attributes."""

    def tag(**values):
        sheet = sheet_of(photo(project, alice), bob).pk
        create = Create(id=uuid4(), annotation=uuid4(), label=cup.pk, shape=Tag(), attributes=values)
        batch = Batch(id=uuid4(), action=uuid4(), operations=[create])
        operations.perform(sheet, [operations.Request(bob.pk, Apply(sheet=sheet, batch=batch))])
        return create.annotation

    return tag


@pytest.fixture
def define(alice, cup, django_capture_on_commit_callbacks):
    def change(*attributes):
        with django_capture_on_commit_callbacks(execute=True):
            labels.change(alice, cup.pk, attributes=list(attributes))

    return change


def values(annotation):
    return Annotation.objects.get(pk=annotation).attributes


def test_an_option_that_gets_another_name_keeps_its_annotations(tagged, define):
    dry, wet = tagged(how="Dry", age=3), tagged(how="Wet")

    define({**HOW, "options": ["Dry", "Damp", "Soaked"]}, AGE, NOTE)

    assert values(wet) == {"how": "Damp"}
    assert values(dry) == {"how": "Dry", "age": 3}
    assert Operation.objects.filter(kind="update").count() == 1


def test_options_that_only_change_places_rename_nothing(tagged, define):
    wet = tagged(how="Wet")

    define({**HOW, "options": ["Wet", "Dry"]})

    assert values(wet) == {"how": "Wet"}


@pytest.mark.parametrize(
    ("before", "attribute", "after"),
    [
        ({"note": " 2,5 "}, {**NOTE, "kind": "number"}, {"note": 2.5}),
        ({"note": "some"}, {**NOTE, "kind": "number"}, {"note": "some"}),
        ({"note": "nan"}, {**NOTE, "kind": "number"}, {"note": "nan"}),
        ({"note": "1,234"}, {**NOTE, "kind": "number"}, {"note": "1,234"}),
        ({"note": "007"}, {**NOTE, "kind": "number"}, {"note": "007"}),
        ({"note": "1_000"}, {**NOTE, "kind": "number"}, {"note": "1_000"}),
        ({"note": "12345678901234567890"}, {**NOTE, "kind": "number"}, {"note": "12345678901234567890"}),
        ({"age": 20261122.0}, {**AGE, "kind": "text"}, {"age": "20261122"}),
        ({"note": "yes"}, {**NOTE, "kind": "checkbox"}, {"note": True}),
        ({"note": "wet"}, {**NOTE, "kind": "choice", "options": ["Wet", "Dry"]}, {"note": "Wet"}),
        ({"age": 3}, {**AGE, "kind": "text"}, {"age": "3"}),
        ({"how": "Dry"}, {**HOW, "kind": "text", "options": []}, {"how": "Dry"}),
    ],
)
def test_a_value_becomes_what_it_says_under_another_kind_and_is_never_thrown_away(
    tagged, define, before, attribute, after
):
    annotation = tagged(**before)

    define(attribute)

    assert values(annotation) == after


def test_the_page_asks_before_values_of_another_kind_are_put_aside(tagged, alice, cup, client):
    one, other = tagged(note="2"), tagged(note="high")
    client.force_login(alice)
    form = {"name": "Cup", "color": "#336699", "shapes": "tag", "attribute_id": "note", "attribute_name": "Note"}
    form |= {"attribute_kind": "number", "attribute_options": ""}

    asked = client.post(reverse("change-label", args=[cup.pk]), form).context["refusal"].detail

    assert asked.startswith("“Note”: 1 of 2 values is not a number. It stays with its annotation")
    assert values(one) == {"note": "2"}
    answer = client.post(reverse("change-label", args=[cup.pk]), form | {"told": asked, "version": cup.version})
    assert answer.context["saved"]
    attributes.carry_out_all()
    assert (values(one), values(other)) == ({"note": 2}, {"note": "high"})


@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_that_became_a_text_becomes_the_same_number_again(value):
    text = attributes.converted(AGE, {**AGE, "kind": "text"}, value)

    assert attributes.converted({**AGE, "kind": "text"}, AGE, text) == value


def test_an_attribute_that_is_removed_and_defined_again_has_its_values(tagged, define):
    annotation = tagged(how="Dry", age=3)

    define(AGE)
    define(HOW, AGE)

    assert values(annotation) == {"how": "Dry", "age": 3}


def test_values_that_could_not_be_brought_along_at_once_follow_as_the_label_then_is(tagged, alice, cup):
    """The server stopped, or people were at work; and the option has got yet another name since."""
    wet = tagged(how="Wet")
    labels.change(alice, cup.pk, attributes=[{**HOW, "options": ["Dry", "Damp"]}])
    labels.change(alice, cup.pk, attributes=[{**HOW, "options": ["Dry", "Soaked"]}])
    assert values(wet) == {"how": "Wet"}

    attributes.carry_out_all()

    assert values(wet) == {"how": "Soaked"}
    assert not cup.fittings.filter(done=False).exists()


def test_values_of_items_that_come_back_from_the_trash_are_brought_along(tagged, define, alice, project):
    wet = tagged(how="Wet")
    item = project.items.get()
    items.trash(alice, item.pk)
    define({**HOW, "options": ["Dry", "Damp"]})

    items.restore(alice, item.pk)
    attributes.carry_out_all()

    assert values(wet) == {"how": "Damp"}
