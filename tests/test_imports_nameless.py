"""Texts that a file names not: the project knows them by what they say, as often as it has them."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotator.formats import load
from annotator.formats.contents import Contents
from annotator.imports import telling
from annotator.models import Annotation
from projects.models import Project, Role
from projects.services import items
from tests.cast import text
from tests.exports import draw, make_label, mark
from tests.imports import imported, looked_at

pytestmark = pytest.mark.django_db

LETTER = "Dear Ana,\n\n  see you in Rom!\t"


@pytest.fixture
def filled(alice, project):
    """Two texts that are alike and marked otherwise, and another."""
    place, person = make_label(project, "Place", "span"), make_label(project, "Person", "span")
    for label, words in ((place, "Rom"), (person, "Ana")):
        letter = text(project, alice, LETTER)
        draw(letter, alice, (label, mark(letter, words)))
    text(project, alice, "東京 👍🏽")
    return project


def downloaded(project, user, name):
    kind = load(name)
    return {f"out.{kind.EXTENSION}": b"".join(kind.write(Contents(project, user)))}


def lines(*texts):
    return {"d.jsonl": "\n".join(json.dumps({"text": one, "label": []}) for one in texts).encode()}


def marked():
    rows = Annotation.objects.order_by("sheet__item", "shape").select_related("label", "sheet__item")
    return [(row.sheet.item.pk, row.label.name, row.shape) for row in rows]


@pytest.mark.parametrize("name", ["doccano", "conll"])
def test_a_download_is_nothing_new_to_its_own_project(alice, filled, name):
    files, before = downloaded(filled, alice, name), marked()

    told = telling.there(looked_at(alice, filled, files).preview)
    report = imported(alice, filled, files)

    assert told == "Nothing new: all of it is in the project already."
    assert (report["made"], report["there"], report["problems"]) == ({}, {"texts": 3, "annotations": 2}, [])
    assert marked() == before


@pytest.mark.parametrize("name", ["doccano", "conll"])
def test_what_is_new_in_a_download_is_drawn_on_the_text_that_stands_there(alice, filled, name):
    files = downloaded(filled, alice, name)
    Annotation.objects.all().delete()

    report = imported(alice, filled, files)

    assert report["made"] == {"annotations": 2}
    first, second, _ = filled.items.order_by("pk")
    assert [(pk, label, shape["quote"]) for pk, label, shape in marked()] == [
        (first.pk, "Place", "Rom"),
        (second.pk, "Person", "Ana"),
    ]
    assert all(LETTER[shape["start"] : shape["end"]] == shape["quote"] for _, _, shape in marked())


@pytest.mark.parametrize("name", ["doccano", "conll"])
def test_another_project_gets_all_of_it_once(alice, filled, name):
    other = Project.objects.create(name="Other")
    other.memberships.create(user=alice, role=Role.OWNER)
    files = downloaded(filled, alice, name)

    assert imported(alice, other, files)["made"] == {"texts": 3, "labels": 2, "annotations": 2}
    assert imported(alice, other, files)["made"] == {}


def test_a_label_whose_name_has_spaces_is_known_by_the_tag_that_conll_makes_of_it(alice, project):
    for name in ("tea cup", "tea  cup", "Place of birth"):
        label = make_label(project, name, "span")
        draw(letter := text(project, alice, f"Ana in Rom, {name}"), alice, (label, mark(letter, "Rom")))

    assert imported(alice, project, downloaded(project, alice, "conll"))["made"] == {}
    assert imported(alice, project, {"d.jsonl": b'{"text": "x", "label": [[0, 1, "Place_of_birth"]]}'})["made"] == {
        "texts": 1,
        "labels": 1,
        "annotations": 1,
    }


def test_a_text_that_comes_more_often_than_it_stands_there_is_new_as_often(alice, project):
    items.add_texts(alice, project.pk, [("a", "fine"), ("b", "fine"), ("c", "bad")])
    files = lines("fine", "bad", "fine", "fine", "fine")

    assert looked_at(alice, project, files).preview["there"] == {"texts": 3}
    assert imported(alice, project, files)["made"] == {"texts": 2}
    assert imported(alice, project, files)["made"] == {}
    assert imported(alice, project, {"e.csv": b"text\nfine\nbad\nnew\n"})["made"] == {"texts": 1}


def test_white_space_counts_where_the_format_keeps_it(alice, project):
    items.add_text(alice, project.pk, name="a", text="two  words")

    assert imported(alice, project, lines("two words"))["made"] == {"texts": 1}


def test_what_is_in_the_trash_or_another_project_is_not_meant(alice, project, other_project):
    text(other_project, alice, "fine")
    items.trash(alice, text(project, alice, "fine").pk)

    assert imported(alice, project, lines("fine"))["made"] == {"texts": 1}


def test_many_texts_are_looked_for_at_once(alice, project):
    files = lines(*map(str, range(250)))
    imported(alice, project, files)

    with CaptureQueriesContext(connection) as queries:
        report = imported(alice, project, files)

    assert (report["made"], report["there"]) == ({}, {"texts": 250})
    looks = [one["sql"] for one in queries if "md5(" in one["sql"].lower()]
    assert len(looks) == 2  # for the preview, and for the import
