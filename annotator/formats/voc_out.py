"""A project as Pascal VOC: a zip with an XML file an image, as annotator.formats.voc describes them."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from django.utils.translation import ngettext

from annotator.formats.archives import written
from annotator.formats.contents import Contents, Shown
from annotator.formats.voc import TICKED
from annotator.shapes import Rectangle
from annotator.shapes.polygon import Polygon
from projects.models import Item, ItemKind, Label

TITLE = "Pascal VOC"
EXTENSION = "zip"
KIND = ItemKind.IMAGE
CONTENT_TYPE = "application/zip"
IMAGES = True
BY_STEM = True

SHAPES = {"rectangle", "polygon"}
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def loses(contents: Contents) -> Iterator[str]:
    yield from contents.beside_shapes()
    if n := contents.count(ItemKind.IMAGE, "polygon"):
        yield ngettext("%d polygon is kept as its box.", "%d polygons are kept as their boxes.", n) % n
    if n := contents.count(ItemKind.IMAGE, *SHAPES, filled=True):
        yield (
            ngettext(
                "Of the attributes of %d shape only ticks called “difficult”, “truncated” or “occluded” are kept.",
                "Of the attributes of %d shapes only ticks called “difficult”, “truncated” or “occluded” are kept.",
                n,
            )
            % n
        )
    yield from contents.copies()
    yield from contents.put_together(ItemKind.IMAGE)


def write(contents: Contents) -> Iterator[bytes]:
    return written(files(contents))


def files(contents: Contents) -> Iterator[tuple[str, bytes]]:
    for item, file, drawn in contents.drawn():
        root = described(item, file)
        for shown in drawn:
            if box := box_of(shown):
                root.append(element(box, shown, contents.labels[shown.label]))
        indent(root)
        yield f"Annotations/{PurePosixPath(file).stem}.xml", tostring(root, encoding="utf-8")


def described(item: Item, file: str) -> Element:
    root = Element("annotation")
    write_all(root, folder="images", filename=file)
    write_all(SubElement(root, "size"), width=item.width, height=item.height, depth=3)
    write_all(root, segmented=0)
    return root


def box_of(shown: Shown) -> tuple[float, float, float, float] | None:
    """Its edges, left, top, right and bottom; as they stand, in pixels."""
    if isinstance(shape := shown.shape, Rectangle):
        return shape.x, shape.y, shape.x + shape.width, shape.y + shape.height
    if isinstance(shape, Polygon):
        xs, ys = zip(*shape.points, strict=True)
        return min(xs), min(ys), max(xs), max(ys)
    return None


def element(box: tuple[float, float, float, float], shown: Shown, label: Label) -> Element:
    ids = {one["name"]: one["id"] for one in label.attributes}
    marks = {mark: int(shown.attributes.get(ids.get(mark, "")) is True) for mark in TICKED}
    found = Element("object")
    write_all(found, name=label.name, pose="Unspecified", **marks)
    write_all(SubElement(found, "bndbox"), **dict(zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True)))
    return found


def write_all(parent: Element, **values: object) -> None:
    for name, value in values.items():
        SubElement(parent, name).text = NOT_IN_XML.sub("\ufffd", str(value))
