"""COCO in: what a file says is what stands in the project, in whatever order it says it."""

import json

import pytest

from annotator.imports import drawing
from annotator.models import Annotation
from projects.models import Item
from tests.cast import photo
from tests.images import encoded, picture
from tests.imports import imported, looked_at, zipped

pytestmark = pytest.mark.django_db

CATEGORIES = [{"id": 1, "name": "Cup"}, {"id": 7, "name": "Spoon"}]
IMAGES = [
    {"id": 1, "file_name": "a.png", "width": 64, "height": 32},
    {"id": 2, "file_name": "sub/b.png", "width": 64, "height": 32},
]
BOX = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 10, 11], "segmentation": [], "area": 110, "iscrowd": 0}
OUTLINE = {"id": 2, "image_id": 2, "category_id": 7, "bbox": [0, 0, 9, 9], "segmentation": [[0, 0, 9, 0, 9, 9]]}


def coco(**changes: object) -> bytes:
    return json.dumps({"images": IMAGES, "categories": CATEGORIES, "annotations": [BOX, OUTLINE]} | changes).encode()


def dropped(body: bytes) -> dict[str, bytes]:
    """A zip, as most tools pack it; the two images differ."""
    one, other = encoded(picture(), "PNG"), encoded(picture().rotate(180), "PNG")
    return {"set.zip": zipped({"annotations/all.json": body, "images/a.png": one, "images/sub/b.png": other})}


def test_boxes_and_outlines_stand_on_their_images(alice, project):
    report = imported(alice, project, dropped(coco()))

    assert report["made"] == {"labels": 2, "images": 2, "annotations": 2}
    assert report["problems"] == []
    box, outline = Annotation.objects.order_by("sheet__item__name")
    assert (box.sheet.item.name, box.label.name) == ("a.png", "Cup")
    assert box.shape == {"type": "rectangle", "x": 1, "y": 2, "width": 10, "height": 11}
    assert (outline.sheet.item.name, outline.label.name) == ("b.png", "Spoon")
    assert outline.shape == {"type": "polygon", "points": [[0, 0], [9, 0], [9, 9]]}


def test_items_come_in_the_order_of_the_file_and_labels_get_keys(alice, project):
    named = [{**image, "id": n, "file_name": f"{n}.png"} for n, image in enumerate(IMAGES * 3)]
    pictures = {f"images/{n}.png": encoded(picture().rotate(n), "PNG") for n in range(6)}
    project.labels.create(name="Plate", color="#336699", shapes=["tag"], hotkey="1")

    imported(alice, project, {"set.zip": zipped({"all.json": coco(images=named, annotations=[]), **pictures})})

    assert list(Item.objects.order_by("pk").values_list("name", flat=True)) == [f"{n}.png" for n in range(6)]
    assert dict(project.labels.values_list("name", "hotkey")) == {"Plate": "1", "Cup": "2", "Spoon": "3"}


def test_annotations_may_come_before_what_they_name(alice, project):
    body = {"annotations": [BOX, OUTLINE], "images": IMAGES, "categories": CATEGORIES}

    report = imported(alice, project, dropped(json.dumps(body).encode()))

    assert report["made"]["annotations"] == 2


def test_the_preview_says_what_will_be_and_makes_nothing(alice, project):
    project.labels.create(name="Cup", color="#f4b740", shapes=["tag"])

    preview = looked_at(alice, project, dropped(coco())).preview

    assert (preview["images"], preview["annotations"]) == (2, 2)
    assert [(s["title"], s["file"], s["files"]) for s in preview["sources"]] == [
        ("COCO JSON", "annotations/all.json", 1)
    ]
    cup, spoon = preview["labels"]
    assert (cup["name"], cup["is_new"], cup["shapes"], cup["count"]) == ("Cup", False, ["rectangle"], 1)
    assert (spoon["name"], spoon["is_new"], spoon["shapes"], spoon["count"]) == ("Spoon", True, ["polygon"], 1)
    assert Item.objects.count() == 0


def test_an_existing_label_takes_the_missing_shape(alice, project):
    cup = project.labels.create(name="Cup", color="#f4b740", shapes=["tag"])

    imported(alice, project, dropped(coco()))

    cup.refresh_from_db()
    assert cup.shapes == ["tag", "rectangle"] or cup.shapes == ["rectangle", "tag"]
    assert cup.annotations.count() == 1


@pytest.mark.django_db(transaction=True)
def test_threads_write_what_is_more_than_a_commit(alice, project, monkeypatch):
    monkeypatch.setattr(drawing, "SHEETS_A_COMMIT", 2)
    project.labels.create(name="Cup", color="#f4b740", shapes=["rectangle"])
    for n in range(9):
        Item.objects.filter(pk=photo(project, alice).pk).update(name=f"{n}.png")
    listed = {
        "images": [{"id": n, "file_name": f"{n}.png"} for n in range(9)],
        "categories": [{"id": 1, "name": "Cup"}],
        "annotations": [{"image_id": n % 9, "category_id": 1, "bbox": [n, 0, 10, 10]} for n in range(30)]
        + [{"image_id": n, "category_id": 1, "bbox": [-50, -50, 10, 10]} for n in range(9)],
    }
    files = {"coco.json": json.dumps(listed).encode()}

    first, again = imported(alice, project, files), imported(alice, project, files)

    assert (first["made"], again["made"]) == ({"annotations": 30}, {})
    assert len(first["problems"]) == 9
    xs = Annotation.objects.values_list("sheet__item__name", "shape__x")
    assert sorted(xs) == sorted((f"{n % 9}.png", n) for n in range(30))
