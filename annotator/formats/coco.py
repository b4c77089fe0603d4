"""COCO JSON: rectangles and polygons of images, with their attributes. Pixels of the upright image, as everywhere.

Fields as in "COCO data format", section "Object detection"; `attributes` is what most tools have added to it.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import shapely
from django.utils.translation import gettext, ngettext

from annotator.formats.contents import Contents
from annotator.rows import Row
from annotator.shapes.polygon import Polygon
from annotator.shapes.rectangle import Rectangle
from projects.models import ItemKind, Label

TITLE = "COCO JSON"
EXTENSION = "json"
CONTENT_TYPE = "application/json"
IMAGES = True

SHAPES = {"rectangle", "polygon"}

encode = msgspec.json.Encoder().encode


def loses(contents: Contents) -> Iterator[str]:
    if n := contents.rows(ItemKind.TEXT).count():
        yield ngettext("%d text is left out.", "%d texts are left out.", n) % n
    if n := contents.annotations(ItemKind.IMAGE).exclude(shape__type__in=SHAPES).count():
        yield ngettext("%d tag of an image is left out.", "%d tags of images are left out.", n) % n
    yield from contents.copies()
    if contents.project.blind:
        yield gettext("What different people drew on an image is put together.")
    if contents.annotations(ItemKind.IMAGE).exists():
        yield gettext("Who drew what and when, and which items are done, is left out.")


def write(contents: Contents) -> Iterator[bytes]:
    """Written in pieces, as the whole may not fit into memory; images and annotations are a pass each."""
    info = {"description": contents.project.name, "version": "1.0", "year": contents.at.year}
    yield b'{"info":' + encode(info | {"date_created": contents.at}) + b',"licenses":[],"categories":'
    yield from array(
        {"id": label.pk, "name": label.name, "supercategory": ""} for label in contents.used_labels(SHAPES)
    )
    yield b',"images":'
    yield from array(
        {"id": item.pk, "file_name": file, "width": item.width, "height": item.height}
        for item, file in contents.images()
    )
    yield b',"annotations":'
    yield from array(annotations(contents))
    yield b"}"


def array(values: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    before = b"["
    for value in values:
        yield before + encode(value)
        before = b","
    yield b"]" if before == b"," else b"[]"


def annotations(contents: Contents) -> Iterator[dict[str, Any]]:
    number = 0
    for sheet in contents.filled_sheets(ItemKind.IMAGE):
        for row in sheet.annotations:
            if isinstance(row.shape, Rectangle | Polygon):
                number += 1
                yield {
                    "id": number,
                    "image_id": sheet.item,
                    "category_id": row.label,
                    **outline(row.shape),
                    "iscrowd": 0,
                    "attributes": attributes(row, contents.labels[row.label]),
                }


def outline(shape: Rectangle | Polygon) -> dict[str, Any]:
    if isinstance(shape, Rectangle):
        box = [shape.x, shape.y, shape.width, shape.height]
        return {"bbox": box, "area": shape.width * shape.height, "segmentation": []}
    xs, ys = zip(*shape.points, strict=True)
    return {
        "bbox": [min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)],
        "area": shapely.Polygon(shape.points).area,
        "segmentation": [[number for point in shape.points for number in point]],
    }


def attributes(row: Row, label: Label) -> dict[str, Any]:
    """By name; one that the label no longer has keeps its id."""
    names = {attribute["id"]: attribute["name"] for attribute in label.attributes}
    return {names.get(key, key): value for key, value in row.attributes.items()}
