"""The same import twice changes nothing, whatever the format; and the columns of tables are chosen before."""

import json

import pytest

from annotator.imports import importing, jobs, telling
from annotator.models import Annotation, Operation, Sheet
from projects.models import Change, Item, Label
from tests.images import encoded, picture
from tests.imports import imported, looked_at

pytestmark = pytest.mark.django_db

PNG = encoded(picture(8, 4), "PNG")
BOX = "<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>3</xmax><ymax>3</ymax></bndbox>"
COCO = {
    "images": [{"id": 1, "file_name": "a.png"}],
    "categories": [{"id": 1, "name": "Cup"}],
    "annotations": [{"id": n, "image_id": 1, "category_id": 1, "bbox": [n, 1, 2, 2]} for n in range(2)],
}
OURS = [
    {"type": "project", "labels": [{"id": 1, "name": "Cup", "shapes": ["tag"]}], "guidelines": "Look twice."},
    {
        "type": "item",
        "kind": "text",
        "name": "a",
        "text": "A cup",
        "sheets": [
            {"status": "done", "annotations": [{"label": 1, "label_name": "Cup", "shape": {"type": "tag"}}]},
        ],
    },
]
DOCCANO = {"text": "Ana in Rom", "entities": [[0, 3, "Person"]], "cats": ["good"]}


@pytest.mark.parametrize(
    ("files", "annotations"),
    [
        ({"a.png": PNG, "b/a.png": encoded(picture(9, 9), "PNG")}, 0),
        ({"train/cats/a.png": PNG, "val/dogs/a.png": encoded(picture(9, 9), "PNG"), "c.csv": b"text\nfine\n"}, 2),
        ({"a.txt": b"Ana in Rom", "pos/a.txt": b"Bob in Bonn", "neg/b.txt": b"Cleo in Kiel"}, 2),
        ({"t.csv": b"text,label,name\nfine,good,a\nfine,good,b\nfine,good,b\n"}, 2),
        ({"t.jsonl": b'{"text": "fine", "label": "good"}\n{"text": "bad"}\n'}, 1),
        ({"a.png": PNG, "all.json": json.dumps(COCO).encode()}, 2),
        ({"a.png": PNG, "a.txt": b"0 .5 .5 .2 .2\n0 .5 .5 .2 .2\n0 .1 .1 .4 .1 .4 .4\n", "classes.txt": b"Cup\n"}, 3),
        ({"a.png": PNG, "a.xml": f"<annotation><object><name>Cup</name>{BOX}</object></annotation>".encode()}, 1),
        ({"a.conll": b"Ana B-PER\nin O\nRom B-LOC\n\nAna B-PER\n"}, 3),
        ({"d.jsonl": json.dumps(DOCCANO).encode()}, 2),
        ({"ours.jsonl": "\n".join(json.dumps(line, separators=(",", ":")) for line in OURS).encode()}, 1),
    ],
    ids=["images", "folders", "texts", "csv", "table", "coco", "yolo", "voc", "conll", "doccano", "ours"],
)
def test_the_same_import_twice_changes_nothing(alice, project, files, annotations):
    first = imported(alice, project, files)
    assert first["made"].get("annotations", 0) == annotations
    before = everything()

    row = looked_at(alice, project, files)
    there = telling.there(row.preview)
    jobs.start(alice, row.pk)
    importing.run(row.pk)
    row.refresh_from_db()
    report = row.report

    assert there == "Nothing new: all of it is in the project already."
    assert (report["made"], report["problems"]) == ({}, [])
    assert report["there"].get("annotations", 0) == annotations + first["there"].get("annotations", 0)
    assert everything() == before


def test_the_columns_of_json_lines_are_chosen(alice, project):
    body = b'{"id": "x", "said": "Ana in Rom", "mood": "good", "note": "longer than what was said"}\n{"said": "Bob"}\n'
    row = looked_at(alice, project, {"t.jsonl": body})
    assert row.preview["sources"][0]["choices"] == {"text": "note", "label": "", "name": "id"}

    imported(alice, project, {"t.jsonl": body}, {"t.jsonl": {"text": "said", "label": "mood"}})

    assert list(project.items.order_by("pk").values_list("name", "text")) == [("x", "Ana in Rom"), ("t.jsonl 2", "Bob")]
    assert list(project.labels.values_list("name", flat=True)) == ["good"]


def test_a_table_without_texts_offers_no_column_before_one_is_chosen(owner, alice, project):
    body = b"id,label\n1,good\n2,bad\n"
    row = looked_at(alice, project, {"t.csv": body})

    card = owner.get(f"/imports/{row.pk}/").content.decode()
    report = imported(alice, project, {"t.csv": body}, {"t.csv": {"text": "label", "label": ""}})

    assert card.count('<option value="">–</option>') == 3
    assert report["made"] == {"texts": 2}


def everything() -> list[list[dict]]:
    return [
        list(model.objects.order_by("pk").values()) for model in (Item, Label, Sheet, Annotation, Operation, Change)
    ]
