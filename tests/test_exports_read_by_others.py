"""Libraries that others train and measure with read our downloads as we meant them: globox boxes, seqeval spans."""

import io
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from globox import AnnotationSet
from seqeval.metrics.sequence_labeling import get_entities

from annotator.shapes.rectangle import Rectangle
from projects.services import items
from tests.cast import text
from tests.exports import download, draw, mark
from tests.images import encoded, picture

pytestmark = pytest.mark.django_db(transaction=True)

NAMES = ("Cup", "Spoon 🥄")
BOXES = {
    "one.png": [("Cup", (1.25, 2.5, 10.0, 8.125)), ("Spoon 🥄", (0.0, 0.0, 40.0, 30.0))],
    "two.png": [("Cup", (7.0625, 3.0, 0.5, 20.75))],
    "empty.png": [],
}


@pytest.fixture
def unpacked(client, project, alice, tmp_path):
    """A function that downloads a format with its images, and gives the folder and the names of the labels."""
    body = encoded(picture(40, 30), "PNG")
    labels = {name: project.labels.create(name=name, color="#336699", shapes=["rectangle"]) for name in NAMES}
    for item in items.add_files(alice, project.pk, [SimpleUploadedFile(name, body) for name in BOXES]).created:
        if BOXES[item.name]:
            draw(item, alice, *((labels[label], Rectangle(*box)) for label, box in BOXES[item.name]))

    def unpack(name: str) -> Path:
        with zipfile.ZipFile(io.BytesIO(download(client, alice, project, name, media=1)[1])) as archive:
            archive.extractall(tmp_path / name)
        return tmp_path / name

    return unpack


def seen(found: AnnotationSet) -> dict[str, list]:
    return {
        Path(one.image_id).stem: sorted((str(box.label), *box.ltwh) for box in one.boxes) for one in found if one.boxes
    }


def meant(names: dict[str, str]) -> dict[str, list]:
    return {
        Path(name).stem: [(names[label], *map(approximately, box)) for label, box in sorted(boxes)]
        for name, boxes in BOXES.items()
        if boxes
    }


def approximately(number: float):
    return pytest.approx(number, abs=1e-6)


def test_globox_reads_our_coco_yolo_and_voc(unpacked):
    coco = AnnotationSet.from_coco(unpacked("coco") / "annotations.json")
    yolo = unpacked("yolo")
    numbered = AnnotationSet.from_yolo_v5(yolo / "labels", image_folder=yolo / "images", image_extension=".png")
    voc = AnnotationSet.from_pascal_voc(unpacked("voc") / "Annotations")

    assert seen(coco) == seen(voc) == meant({name: name for name in NAMES})
    assert seen(numbered) == meant({name: str(number) for number, name in enumerate(NAMES)})
    assert {one.image_size for one in (*coco, *numbered, *voc)} == {(40, 30)}


def test_seqeval_reads_our_conll(client, project, alice):
    labels = {name: project.labels.create(name=name, color="#336699", shapes=["span"]) for name in ("PER", "LOC")}
    letter = text(project, alice, "Ada Lovelace of London met 旅行 in Paris Paris\nNew York 🚀 calls")
    marks = [("PER", "Ada Lovelace"), ("LOC", "London"), ("LOC", "旅行"), ("LOC", "Paris"), ("LOC", "New York")]
    draw(letter, alice, *((labels[name], mark(letter, quote)) for name, quote in marks))

    lines = download(client, alice, project, "conll")[1].decode().splitlines()
    rows = [line.split(" ") for line in lines if line and not line.startswith("-DOCSTART-")]

    words = [word for word, *_ in rows]
    spans = [(kind, " ".join(words[first : last + 1])) for kind, first, last in get_entities([row[-1] for row in rows])]
    assert spans == [(kind, "旅 行" if quote == "旅行" else quote) for kind, quote in marks]
