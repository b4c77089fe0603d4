"""Other tools' files in: the right counts, on the right items, at the right places."""

import json

import pytest

from annotator.imports import importing, telling
from annotator.models import Annotation
from tests.images import encoded, picture
from tests.imports import imported, looked_at

pytestmark = pytest.mark.django_db

PNG = encoded(picture(100, 50), "PNG")
OTHER = encoded(picture(100, 50).rotate(180), "PNG")


def drawn() -> list[tuple[str, str, dict]]:
    rows = Annotation.objects.order_by("sheet__item__name", "clock").select_related("sheet__item", "label")
    return [(row.sheet.item.name, row.label.name, row.shape) for row in rows]


def rectangle(x: float, y: float, width: float, height: float) -> dict:
    return {"type": "rectangle", "x": x, "y": y, "width": width, "height": height}


@pytest.mark.parametrize("names", [b"names: [Cup, Spoon]", b"names:\n  0: Cup\n  1: Spoon\n"])
def test_yolo_in_folders_with_its_classes(alice, project, names):
    dropped = {
        "set/data.yaml": names,
        "set/train/images/a.png": PNG,
        "set/train/labels/a.txt": b"1 0.5 0.5 0.2 0.4\n0 0.1 0.2 0.3 0.2 0.3 0.6\n",
        "set/val/images/a.png": OTHER,
        "set/val/labels/a.txt": b"0 0.5 0.5 1 1\n7 0.5 0.5 1 1\nwords\n",
    }

    report = imported(alice, project, dropped)

    assert drawn() == [
        ("train/images/a.png", "Spoon", rectangle(40, 15, 20, 20)),
        ("train/images/a.png", "Cup", {"type": "polygon", "points": [[10, 10], [30, 10], [30, 30]]}),
        ("val/images/a.png", "Cup", rectangle(0, 0, 100, 50)),
    ]
    assert [(one["file"], one["place"]) for one in report["problems"]] == [
        ("set/val/labels/a.txt", "line 2"),
        ("set/val/labels/a.txt", "line 3"),
    ]


def test_yolo_beside_its_images_and_images_that_the_project_has(alice, project):
    imported(alice, project, {"a.png": PNG})

    report = imported(alice, project, {"classes.txt": b"Cup\n", "a.txt": b"0 0.5 0.5 0.2 0.4\n"})

    assert drawn() == [("a.png", "Cup", rectangle(40, 15, 20, 20))]
    assert report["made"] == {"labels": 1, "annotations": 1}


def test_pascal_voc_with_what_was_ticked(alice, project):
    xml = (
        b"<annotation><filename>a.png</filename><object><name>Cup</name><difficult>1</difficult><truncated>0</truncated>"
        b"<bndbox><xmin>1</xmin><ymin>2</ymin><xmax>11.5</xmax><ymax>22</ymax></bndbox></object></annotation>"
    )

    imported(
        alice, project, {"VOC/Annotations/a.xml": xml, "VOC/JPEGImages/a.png": PNG, "VOC/ImageSets/Main/x.txt": b"a"}
    )

    assert drawn() == [("a.png", "Cup", rectangle(1, 2, 10.5, 20))]
    assert Annotation.objects.get().attributes == {"difficult": True}
    assert project.items.count() == 1


def test_conll_gives_a_text_a_document_or_else_a_sentence(alice, project):
    imported(alice, project, {"a.conll": "JAPAN B-LOC\nGET O\n\n日本 S-LOC\nNew I-LOC\nYork E-LOC\n".encode()})

    texts = list(project.items.order_by("name").values_list("name", "text"))
    assert texts == [("a.conll 1", "JAPAN GET"), ("a.conll 2", "日本 New York")]
    assert [(label, shape["quote"]) for _, label, shape in drawn()] == [
        ("LOC", "JAPAN"),
        ("LOC", "日本"),
        ("LOC", "New York"),
    ]


def test_doccano_in_each_of_its_spellings(alice, project):
    lines = [
        {"text": "Ana 👋 in Rom", "label": [[0, 3, "Person"], [9, 12, "Place"]]},
        {
            "text": "Bob",
            "entities": [{"id": 1, "label": "Person", "start_offset": 0, "end_offset": 3}],
            "relations": [{}],
        },
        {"text": "fine", "labels": ["good"], "meta": {"page": 3}},
        {"text": "short", "label": [[2, 90, "Place"]]},
        {"label": ["good"]},
    ]

    report = imported(alice, project, {"d.jsonl": "\n".join(map(json.dumps, lines)).encode()})

    found = [(label, shape.get("quote")) for _, label, shape in drawn()]
    assert found == [("Person", "Ana"), ("Place", "Rom"), ("Person", "Bob"), ("good", None)]
    assert report["lost"] == ["1 relation is left out.", "Further data of 1 text is left out."]
    assert [one["detail"] for one in report["problems"]] == [
        "The span 2 to 90 leaves the text of 5 characters.",
        "It has no “text”.",
    ]


def test_folders_that_look_like_classes_become_tags_unless_that_is_left_out(owner, alice, project):
    dropped = {"f/cats/a.png": PNG, "f/dogs/b.png": OTHER, "f/b.txt": "Grüße".encode(), "f/README.md": b"about"}
    row = looked_at(alice, project, dropped)
    card = owner.get(f"/imports/{row.pk}/").content.decode()

    owner.post(f"/imports/{row.pk}/start/", {"0-tags": ""})
    importing.run(row.pk)
    before, there = drawn(), telling.there(looked_at(alice, project, dropped).preview)
    report = imported(alice, project, dropped)

    assert "The folders look like classes: <bdi>cats</bdi>, <bdi>dogs</bdi>." in card
    assert set(project.items.values_list("name", "text")) == {("a.png", None), ("b.png", None), ("b.txt", "Grüße")}
    assert there == "In the project already: 2 of 2 images, 1 of 1 text."
    assert (before, drawn()) == ([], [("a.png", "cats", {"type": "tag"}), ("b.png", "dogs", {"type": "tag"})])
    assert (report["made"], report["classes"]) == ({"labels": 2, "annotations": 2}, ["cats", "dogs"])
    assert [one["file"] for one in report["problems"]] == ["f/README.md"]
