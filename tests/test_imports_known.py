"""What an import finds on the sheets already: what it drew there before, whatever became of labels and projects since,
and what stands there just so, whoever drew it."""

import json
from uuid import uuid4

import pytest

from annotator import moving
from annotator.formats import load
from annotator.formats.contents import Contents
from annotator.imports import telling
from annotator.models import Annotation
from annotator.shapes import Polygon, Rectangle, Tag
from projects.models import Item
from projects.services import labels, projects
from tests.cast import photo
from tests.exports import draw, make_car, make_label
from tests.images import encoded, picture
from tests.imports import imported, looked_at

pytestmark = pytest.mark.django_db

BOX = {"category_id": 1, "image_id": 1, "bbox": [1, 1, 2, 2]}
COCO = {
    "images": [{"id": 1, "file_name": "a.png"}],
    "categories": [{"id": 1, "name": "Car"}],
    "annotations": [BOX | {"id": n, "attributes": {"Colour": "red", "Made": "1970"}} for n in range(2)],
}
IMAGE = {"a.png": encoded(picture(8, 4), "PNG")}
FILES = IMAGE | {"all.json": json.dumps(COCO).encode()}
DONE = {"annotations": 2, "images": 1}


@pytest.fixture
def label(alice, project):
    """Of two boxes that lie on each other, and came from a file."""
    imported(alice, project, FILES)
    return project.labels.get()


@pytest.mark.parametrize(
    "change", [{"name": "Vehicle"}, {"attributes": []}, {"attributes": [], "name": "Vehicle", "shapes": ["rectangle"]}]
)
def test_a_label_that_was_changed_meanwhile_makes_nothing_new(alice, project, label, change):
    labels.change(alice, label.pk, **change)

    there = looked_at(alice, project, FILES).preview["there"]
    report = imported(alice, project, FILES)

    assert there == report["there"] == DONE
    assert report["made"] == {}
    assert list(project.labels.values_list("name", flat=True)) == [change.get("name", "Car")]
    assert Annotation.objects.count() == 2


def test_a_label_that_nothing_new_has_comes_with_what_is_new_and_one_whose_annotations_are_there_does_not(
    alice, project, label
):
    labels.change(alice, label.pk, name="Vehicle")
    more = COCO | {"categories": [*COCO["categories"], {"id": 2, "name": "Van"}]}
    nothing = looked_at(alice, project, IMAGE | {"all.json": json.dumps(more).encode()}).preview

    drawn = [*COCO["annotations"], BOX | {"id": 9, "category_id": 3}]
    more["categories"] = [*more["categories"], {"id": 3, "name": "Bus"}]
    files = IMAGE | {"all.json": json.dumps(more | {"annotations": drawn}).encode()}
    preview, report = looked_at(alice, project, files).preview, imported(alice, project, files)

    assert (nothing["labels"], telling.there(nothing)) == ([], "Nothing new: all of it is in the project already.")
    assert [one["name"] for one in preview["labels"]] == ["Van", "Bus"]
    assert report["made"] == {"labels": 2, "annotations": 1}


def test_tags_of_several_new_labels_are_none_of_them_there(alice, project):
    files = [{"d.jsonl": json.dumps({"text": "a", "cats": cats}).encode()} for cats in ([], ["hot", "cold"])]
    imported(alice, project, files[0])
    draw(project.items.get(), alice, (make_label(project, "Old", "tag"), Tag()))

    assert looked_at(alice, project, files[1]).preview["there"] == {"texts": 1}


def test_an_item_that_was_moved_is_known_where_it_is_and_where_it_comes_back_to(alice, project, label):
    other = projects.create(alice, name="Archive")
    item = project.items.get()

    moving.carry_out(alice, project.pk, other.pk, [item.pk], uuid4())
    there = imported(alice, other, FILES)
    moving.carry_out(alice, other.pk, project.pk, [item.pk], uuid4())
    back = imported(alice, project, FILES)

    assert (there["made"], there["there"]) == (back["made"], back["there"]) == ({}, DONE)
    assert Annotation.objects.count() == 2


def test_images_that_came_first_get_their_annotations_once(alice, project):
    imported(alice, project, IMAGE)

    assert imported(alice, project, FILES)["made"] == {"annotations": 2, "labels": 1}
    assert imported(alice, project, FILES)["made"] == {}


@pytest.mark.parametrize("name", ["coco", "yolo", "voc", "jsonl"])
def test_what_a_project_gave_out_is_nothing_new_to_it(alice, project, name):
    item = photo(project, alice, width=800, height=600)
    Item.objects.filter(pk=item.pk).update(name="a.png")
    car = make_car(project)
    boxes = [(car, Rectangle(10.3 + n // 2, 20.7, 33.1, 7.9)) for n in range(4)]
    outline = (car, Polygon([(0.1, 0.7), (101.3, 0.1), (77.7, 99.9)]))
    draw(item, alice, (*boxes[0], {"colour": "red"}), *boxes[1:], *([] if name == "voc" else [outline]))
    before = Annotation.objects.count()
    body = b"".join(load(name).write(Contents(project, alice)))
    files = {f"out.{load(name).EXTENSION}": body}

    told = telling.there(looked_at(alice, project, files).preview)
    report = imported(alice, project, files)

    assert told == "Nothing new: all of it is in the project already."
    assert (report["made"], report["there"]["annotations"]) == ({}, before)
    assert Annotation.objects.count() == before


def test_labels_that_differ_only_in_capital_letters_or_spaces_are_told_and_made(alice, project):
    labels.add(alice, project.pk, name="car")
    files = {"d.jsonl": b'{"text": "a", "cats": ["Car", "Van", "tea cup", "Teacup"]}'}

    preview = looked_at(alice, project, files).preview

    assert preview["near"].endswith("only in capital letters or spaces: “Car” / “car”, “Teacup” / “tea cup”.")
    assert imported(alice, project, files)["made"]["labels"] == 4
    assert looked_at(alice, project, files).preview["near"] == ""


def test_of_two_that_are_alike_the_second_is_new_where_one_stands(alice, project):
    imported(alice, project, IMAGE)
    draw(project.items.get(), alice, (make_car(project), Rectangle(1, 1, 2, 2), {"colour": "red"}))

    report = imported(alice, project, FILES)

    assert (report["made"], report["there"]) == ({"annotations": 1}, {"images": 1, "annotations": 1})
    assert imported(alice, project, FILES)["made"] == {}


def test_that_boxes_come_beside_outlines_is_told_before(owner, alice, project):
    item = photo(project, alice, width=800, height=600)
    Item.objects.filter(pk=item.pk).update(name="a.png")
    draw(item, alice, (make_car(project), Polygon([(0, 0), (9, 0), (9, 9)])))
    files = {"out.zip": b"".join(load("voc").write(Contents(project, alice)))}

    said = "1 item has annotations already: they stay, and the new ones are put beside them."
    row = looked_at(alice, project, files)
    assert said in owner.get(f"/imports/{row.pk}/").content.decode()

    assert imported(alice, project, files)["made"] == {"annotations": 1}
    again = looked_at(alice, project, files)
    assert said not in owner.get(f"/imports/{again.pk}/").content.decode()
