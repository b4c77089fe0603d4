"""Downloads of what fits a filter of the grid, or was selected: in every format these items and no others."""

import csv
import io
import json
import zipfile

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from annotator.models import Sheet
from annotator.shapes import Rectangle, Tag
from projects.models import Item
from tests.cast import photo, text
from tests.exports import download, draw, losses, make_car, make_label, mark

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def kitchen(project, alice):
    """Two photos and two texts, of which the second ones are done."""
    car, place = make_car(project), make_label(project, "Place", "span", "tag")
    made = [photo(project, alice), photo(project, alice), text(project, alice, "Paris"), text(project, alice, "Rome")]
    for item, name in zip(made, ("a.png", "b.png", "a.txt", "b.txt"), strict=True):
        Item.objects.filter(pk=item.pk).update(name=name)
        draw(item, alice, (car, Rectangle(1, 2, 3, 4)) if item.kind == "image" else (place, mark(item, item.text)))
        draw(item, alice, (place, Tag()))
    Sheet.objects.filter(item__in=made[1::2]).update(status="done")
    return made


def held(name: str, body: bytes) -> list[str]:
    """Names of items, or the words of texts where a format has no names."""
    match name:
        case "jsonl":
            return [json.loads(line)["name"] for line in body.splitlines()[1:]]
        case "coco":
            coco = json.loads(body)
            assert {one["image_id"] for one in coco["annotations"]} == {one["id"] for one in coco["images"]}
            return [one["file_name"] for one in coco["images"]]
        case "conll":
            return [word for word in ("Paris", "Rome") if word.encode() in body]
        case "tags":
            return [row["name"] for row in csv.DictReader(io.StringIO(body.decode()))]
        case "doccano":
            return [json.loads(line)["text"] for line in body.splitlines()]
    return sorted(zipfile.ZipFile(io.BytesIO(body)).namelist())


@pytest.mark.parametrize(
    ("name", "done"),
    [
        ("jsonl", ["b.png", "b.txt"]),
        ("coco", ["b.png"]),
        ("tags", ["b.png", "b.txt"]),
        ("conll", ["Rome"]),
        ("doccano", ["Rome"]),
        ("voc", ["Annotations/b.xml"]),
    ],
)
def test_every_format_holds_what_fits_or_was_selected(client, project, vera, kitchen, name, done):
    filtered, selected, both = (
        held(name, download(client, vera, project, name, **asked)[1])
        for asked in (
            {"status": "done", "sort": "newest"},
            {"ids": f"{kitchen[1].pk},{kitchen[3].pk}"},
            {"status": "done", "ids": ",".join(str(item.pk) for item in kitchen)},
        )
    )

    assert filtered == selected == both
    assert [one for one in filtered if one != "ImageSets/Main/default.txt"] == done
    assert len(held(name, download(client, vera, project, name, sort="name")[1])) > len(filtered)


def test_the_file_of_a_part_is_called_otherwise_than_that_of_all(client, project, alice, kitchen):
    asked = [("jsonl", {"status": "done"}), ("coco", {"ids": kitchen[0].pk}), ("coco", {"media": 1, "q": ".png"})]
    named = [download(client, alice, project, name, **one)[0]["Content-Disposition"] for name, one in asked]

    assert [name.removeprefix("attachment; filename=") for name in named] == [
        '"Kitchen safety (2 items) JSON Lines.jsonl"',
        '"Kitchen safety (1 item) COCO JSON.json"',
        '"Kitchen safety (2 items) COCO JSON.zip"',
    ]


def test_words_labels_and_people_choose_as_in_the_grid(client, project, alice, kitchen):
    place = project.labels.get(name="Place")

    for asked, names in (
        ({"q": "paris"}, ["a.txt"]),
        ({"label": place.pk, "q": "b."}, ["b.txt", "b.png"]),
        ({"author": alice.pk}, ["a.png", "b.png", "a.txt", "b.txt"]),
    ):
        assert sorted(held("jsonl", download(client, alice, project, "jsonl", **asked)[1])) == sorted(names)


def test_a_zip_holds_the_images_that_fit(client, project, alice, kitchen):
    default_storage.save(kitchen[1].media.path, ContentFile(b"pixels"))

    _, body = download(client, alice, project, "coco", media=1, status="done")

    assert zipfile.ZipFile(io.BytesIO(body)).namelist() == ["annotations.json", "images/b.png"]
    assert held("coco", zipfile.ZipFile(io.BytesIO(body)).read("annotations.json")) == ["b.png"]


def test_what_a_format_leaves_out_is_told_of_what_fits(client, project, alice, kitchen):
    client.force_login(alice)
    told = client.get(f"/api/projects/{project.pk}/formats/", {"status": "done"}).json()
    page = client.get(f"/projects/{project.pk}/download/", {"status": "done"}).content.decode()
    whole = client.get(f"/projects/{project.pk}/download/", {"sort": "name"}).content.decode()

    loses = {one["id"]: one["loses"] for one in told}
    assert (
        "1 text is left out." in loses["coco"]
        and "1 tag of an image is left out: JSON Lines and CSV hold it." in loses["coco"]
    )
    assert "2 texts are left out." in losses(client, alice, project, "coco")
    assert "Only the 2 items of this filter" in page and "All 4 items" in page
    assert f"/api/projects/{project.pk}/export/?format=coco&amp;media=1&amp;status=done" in page
    assert "Only the" not in whole


def test_what_nothing_fits_or_is_too_much_or_of_others_is_refused(client, project, alice, mallory, kitchen):
    other = text(type(project).objects.create(name="Other"), mallory, "Oslo")

    for asked, said in (
        ({"q": "nowhere"}, "No item fits what was asked for."),
        ({"ids": other.pk}, "No item fits what was asked for."),
        ({"ids": ",".join(map(str, range(1_001)))}, "“ids” are at most 1,000 at a time."),
        ({"ids": "1,x"}, "“ids” are whole numbers with commas between them."),
        ({"status": "lost"}, "“status” is one of"),
    ):
        client.force_login(alice)
        refused = client.get(f"/api/projects/{project.pk}/export/", {"format": "jsonl", **asked})
        assert (refused.status_code, said in refused.json()["detail"]) == (400, True), asked
