"""The files that people download: images beside annotations, and the names of both."""

import io
import json
import zipfile
from xml.etree import ElementTree

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from annotator.shapes.polygon import Polygon
from annotator.shapes.rectangle import Rectangle
from projects import media
from projects.models import Project, Role
from projects.services import items
from tests.cast import photo
from tests.exports import download, draw, losses, make_car, make_label
from tests.images import encoded, picture, turned
from tests.imports import imported

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def car(project):
    return make_car(project)


def png(colour):
    file = io.BytesIO()
    Image.new("RGB", (8, 6), colour).save(file, "PNG")
    return file.getvalue()


def test_the_zip_holds_the_images_under_the_names_that_the_annotations_say(client, project, car, alice):
    uploads = [("same.png", png("red")), ("Same.png", png("blue")), ('a"b;c.png', png("green"))]
    items.add_files(alice, project.pk, [SimpleUploadedFile(name, data, "image/png") for name, data in uploads])
    for item in project.items.all():
        draw(item, alice, (car, Rectangle(1, 1, 2, 2)))

    response, body = download(client, alice, project, "coco", media=1)
    archive = zipfile.ZipFile(io.BytesIO(body))
    coco = json.loads(archive.read("annotations.json"))

    assert archive.testzip() is None
    assert response["Content-Disposition"] == 'attachment; filename="Kitchen safety COCO JSON.zip"'
    assert [image["file_name"] for image in coco["images"]] == ["same.png", "Same (2).png", "a_b;c.png"]
    contents = [archive.read(f"images/{image['file_name']}") for image in coco["images"]]
    assert contents == [data for _, data in uploads]


@pytest.mark.parametrize("name", ["coco", "yolo", "voc", "jsonl"])
def test_an_image_whose_file_is_missing_is_named_in_the_zip_which_comes_in_again_without_it(
    client, project, car, alice, name
):
    uploads = [SimpleUploadedFile(f"{color}.png", png(color), "image/png") for color in ("red", "blue")]
    red, _ = items.add_files(alice, project.pk, uploads).created
    draw(red, alice, (car, Rectangle(1, 1, 2, 2)))
    media.discard(red.media)

    _, body = download(client, alice, project, name, media=1)
    archive = zipfile.ZipFile(io.BytesIO(body))

    assert archive.testzip() is None
    images = {one for one in archive.namelist() if one.endswith(".png")}
    assert images == {"images/blue.png"}
    assert archive.read("images/README.missing.txt").decode().splitlines()[-1] == "images/red.png"
    elsewhere = Project.objects.create(name="Elsewhere")
    elsewhere.memberships.create(user=alice, role=Role.OWNER)
    imported(alice, elsewhere, {"export.zip": body})
    assert list(elsewhere.items.values_list("name", flat=True)) == ["blue.png"]


def test_yolo_knows_images_by_their_stems_and_says_in_its_file_what_it_leaves_out(client, project, car, alice):
    uploads = [("cup.png", png("red")), ("Cup.jpg", png("blue"))]
    items.add_files(alice, project.pk, [SimpleUploadedFile(name, data, "image/png") for name, data in uploads])
    for item in project.items.all():
        draw(item, alice, (car, Rectangle(1, 1, 2, 4), {"colour": "red"}), (car, Polygon([(0, 0), (8, 0), (0, 6)])))

    archive = zipfile.ZipFile(io.BytesIO(download(client, alice, project, "yolo", media=1)[1]))

    assert archive.namelist() == [
        "data.yaml",
        "labels/cup.txt",
        "labels/Cup (2).txt",
        "images/cup.png",
        "images/Cup (2).jpg",
    ]
    assert archive.read("labels/cup.txt") == b"0 0.25 0.5 0.25 0.666666666667\n0 0 0 1 0 0 1\n"
    assert [archive.read(name) for name in archive.namelist()[3:]] == [data for _, data in uploads]
    said = archive.read("data.yaml").decode()
    assert "names:\n  0: Car\n" in said
    for note in losses(client, alice, project, "yolo"):
        assert f"# {note}\n" in said
    assert "# The attributes of 2 shapes are left out.\n" in said


def test_voc_counts_what_it_keeps_as_boxes_and_every_name_is_good_xml(client, project, alice):
    label = make_label(project, "Cup <b>&\x01", "rectangle", "polygon")
    item = photo(project, alice)
    draw(item, alice, (label, Polygon([(10, 20), (40, 20), (10, 60)])))

    archive = zipfile.ZipFile(io.BytesIO(download(client, alice, project, "voc")[1]))

    [found] = ElementTree.fromstring(archive.read(archive.namelist()[0])).iter("object")
    assert found.findtext("name") == "Cup <b>&\ufffd"
    assert [float(edge.text) for edge in found.find("bndbox")] == [10, 20, 40, 60]
    assert losses(client, alice, project, "voc")[0] == "1 polygon is kept as its box."


def test_the_images_of_the_zip_are_those_that_the_coordinates_are_of(client, project, alice):
    uploads = [("held.jpg", turned(6)), ("scan.tiff", encoded(picture(), "TIFF"))]
    items.add_files(alice, project.pk, [SimpleUploadedFile(name, data) for name, data in uploads])

    body = download(client, alice, project, "coco", media=1)[1]
    alone = json.loads(download(client, alice, project, "coco")[1])

    archive = zipfile.ZipFile(io.BytesIO(body))
    told = json.loads(archive.read("annotations.json"))["images"]
    seen = [Image.open(archive.open(f"images/{image['file_name']}")) for image in told]
    assert (
        [(image["width"], image["height"]) for image in told] == [image.size for image in seen] == [(32, 64), (64, 32)]
    )
    assert [image["file_name"] for image in told] == ["held.jpg", "scan.tiff.png"]
    assert [image["file_name"] for image in alone["images"]] == ["held.jpg", "scan.tiff"]
    assert [image.format for image in seen] == ["JPEG", "PNG"]
    for name in ("coco", "jsonl"):
        assert (
            "2 images were turned or converted: coordinates and zip are of the copies"
            in losses(client, alice, project, name)[0]
        )


def test_hostile_names_of_projects_and_items_stay_names(client, project, alice):
    project.name = '../..\\evil"\r\nSet-Cookie: a=b;/נ.\u202ezip'
    project.save()
    item = photo(project, alice)
    item.name = "../../etc/pass\nwd"
    item.save()

    response, body = download(client, alice, project, "coco")

    assert "\n" not in response["Content-Disposition"]
    assert "Set-Cookie" not in response
    assert json.loads(body)["images"][0]["file_name"] == "_.._etc_pass wd"
