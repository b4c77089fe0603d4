"""A project as YOLO: a zip with a text file an image, as annotator.formats.yolo describes them, and data.yaml."""

from collections.abc import Iterator
from pathlib import PurePosixPath

import yaml
from django.utils.translation import gettext, ngettext

from annotator.formats.archives import written
from annotator.formats.contents import Contents, Shown
from annotator.shapes import Rectangle
from annotator.shapes.polygon import Polygon
from projects.models import Item, ItemKind

TITLE = "YOLO"
EXTENSION = "zip"
KIND = ItemKind.IMAGE
CONTENT_TYPE = "application/zip"
IMAGES = True
BY_STEM = True

SHAPES = {"rectangle", "polygon"}


def loses(contents: Contents) -> Iterator[str]:
    yield from contents.beside_shapes()
    if n := contents.count(ItemKind.IMAGE, *SHAPES, filled=True):
        yield ngettext("The attributes of %d shape are left out.", "The attributes of %d shapes are left out.", n) % n
    if contents.count(ItemKind.IMAGE, "rectangle") and contents.count(ItemKind.IMAGE, "polygon"):
        yield gettext("Boxes and polygons stand in the same files; a model is trained on one of the two.")
    yield from contents.copies()
    yield from contents.put_together(ItemKind.IMAGE)


def write(contents: Contents) -> Iterator[bytes]:
    return written(files(contents))


def files(contents: Contents) -> Iterator[tuple[str, bytes]]:
    labels = contents.used_labels(SHAPES)
    numbers = {label.pk: number for number, label in enumerate(labels)}
    yield "data.yaml", described(contents, [label.name for label in labels])
    for item, file, drawn in contents.drawn():
        rows = [row for shown in drawn if (row := line(item, shown, numbers))]
        yield f"labels/{PurePosixPath(file).stem}.txt", "".join(rows).encode()


def described(contents: Contents, names: list[str]) -> bytes:
    """For training, all images are for both; what the format cannot keep stands above."""
    values = {"path": ".", "train": "images", "val": "images", "names": dict(enumerate(names))}
    notes = [f"# {note}\n" for note in loses(contents)]
    return "".join([*notes, yaml.safe_dump(values, allow_unicode=True, sort_keys=False)]).encode()


def line(item: Item, shown: Shown, numbers: dict[int, int]) -> str | None:
    width, height = item.width or 1, item.height or 1
    shape = shown.shape
    if isinstance(shape, Rectangle):
        middle = (shape.x + shape.width / 2) / width, (shape.y + shape.height / 2) / height
        values = [*middle, shape.width / width, shape.height / height]
    elif isinstance(shape, Polygon):
        values = [number for x, y in shape.points for number in (x / width, y / height)]
    else:
        return None
    return f"{numbers[shown.label]} {' '.join(map(plain, values))}\n"


def plain(number: float) -> str:
    """Twelve digits: a billionth of a pixel, and never an exponent."""
    return f"{number:.12f}".rstrip("0").rstrip(".") or "0"
