"""COCO JSON: rectangles and polygons of images, with their attributes. Pixels of the upright image, as everywhere.

Read in whatever order its lists come.

Fields as in "COCO data format", section "Object detection"; `attributes` is what most tools have added to it.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import shapely
from django.utils.translation import gettext

from annotator.formats import Source
from annotator.formats.contents import Contents
from annotator.formats.files import File, Folder
from annotator.formats.found import Drawn, Found, ImageFound, LabelFound, Lost, Predicted, Problem, in_words
from annotator.messages import Value
from annotator.shapes import Shape, Tag
from annotator.shapes.polygon import Polygon
from annotator.shapes.rectangle import Rectangle
from projects.models import ItemKind, Label

TITLE = "COCO JSON"
EXTENSION = "json"
KIND = ItemKind.IMAGE
CONTENT_TYPE = "application/json"
IMAGES = True
BY_STEM = False

SHAPES = {"rectangle", "polygon"}
LISTS = re.compile(r'"(images|categories|annotations)"\s*:\s*\[')
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[{}\[\]]')

AT_ONCE = 500
LONGEST_INTEGER = 1_000  # bits: a float holds no longer one

encode = msgspec.json.Encoder().encode


def loses(contents: Contents) -> Iterator[str]:
    yield from contents.beside_shapes()
    yield from contents.copies()
    yield from contents.put_together(ItemKind.IMAGE)


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
    some: list[bytes] = []
    for value in values:
        some.append(encode(value))
        if len(some) == AT_ONCE:
            yield before + b",".join(some)
            before, some = b",", []
    yield before + b",".join(some) + b"]" if some or before == b"[" else b"]"


def annotations(contents: Contents) -> Iterator[dict[str, Any]]:
    number = 0
    for shown in contents.shapes(ItemKind.IMAGE):
        if isinstance(shown.shape, Rectangle | Polygon):
            number += 1
            yield {
                "id": number,
                "image_id": shown.item,
                "category_id": shown.label,
                **outline(shown.shape),
                "iscrowd": 0,
                "attributes": attributes(shown.attributes, contents.labels[shown.label]) if shown.attributes else {},
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


def attributes(values: dict[str, Value], label: Label) -> dict[str, Any]:
    """By name; one that the label no longer has keeps its id."""
    names = {attribute["id"]: attribute["name"] for attribute in label.attributes}
    return {names.get(key, key): value for key, value in values.items()}


# Reading --------------------------------------------------------------------------------------------------------------


class Category(msgspec.Struct):
    id: int | str
    name: str


class Image(msgspec.Struct):
    id: int | str
    file_name: str


class Annotation(msgspec.Struct):
    image_id: int | str
    category_id: int | str | None = None
    id: int | str | None = None
    bbox: list[float] | None = None
    segmentation: Any = None
    attributes: dict[str, Any] | None = None
    keypoints: Any = None
    caption: str | None = None
    segments_info: Any = None
    score: float | None = None
    iscrowd: Any = None


def recognise(folder: Folder) -> Iterator[Source]:
    for file in folder.with_suffix(".json"):
        if is_coco(file.beginning):
            yield Source([file.path])


def is_coco(beginning: str) -> bool:
    """Whether one of its lists stands at the top: others have lists of these names further down."""
    if not LISTS.search(beginning):
        return False
    depth = 0
    for token in TOKEN.finditer(beginning):
        if token[0] in "{[":
            depth += 1
        elif token[0] in "}]":
            depth -= 1
        elif depth == 1 and (found := LISTS.match(beginning, token.start())):
            return found[1] != "annotations" or '"image_id"' in beginning or '"images"' in beginning
    return False


def read(folder: Folder, source: Source) -> Iterator[Found]:
    for path in source.files:
        yield from Reading(folder.files[path]).all()


class Reading:
    """One file. Annotations wait for a second pass when they come before the images and categories they name."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.images: dict[int | str, str] = {}
        self.names: set[str] = set()
        self.categories: dict[int | str, str] = {}
        self.ids: set[int | str] = set()
        self.word = gettext("annotation")

    def all(self) -> Iterator[Found]:
        seen: set[str] = set()
        waiting = False
        for key, number, value in self.file.json():
            if key not in seen:
                seen.add(key)
                waiting = waiting or (key == "annotations" and not {"images", "categories"} <= seen)
            if key == "images":
                yield from self.image(number, value)
            elif key == "categories":
                yield from self.category(number, value)
            elif key == "annotations" and not waiting:
                yield from self.annotation(number, value)
        if waiting:
            for key, number, value in self.file.json():
                if key == "annotations":
                    yield from self.annotation(number, value)

    def problem(self, what: str, number: int, detail: str) -> Problem:
        return Problem(self.file.path, f"{what} {number}", detail)

    def image(self, number: int, value: Any) -> Iterator[Found]:
        try:
            image = msgspec.convert(value, Image)
        except msgspec.ValidationError as error:
            yield self.problem(
                gettext("image"), number, gettext("It needs an “id” and a “file_name”: %s.") % in_words(error)
            )
            return
        if image.id in self.images:
            yield self.problem(
                gettext("image"), number, gettext("Another image has the id %s. Give each its own.") % image.id
            )
            return
        self.images[image.id] = image.file_name
        if image.file_name not in self.names:
            self.names.add(image.file_name)
            yield ImageFound(self.file.path, image.file_name)

    def category(self, number: int, value: Any) -> Iterator[Found]:
        place = gettext("category")
        try:
            category = msgspec.convert(value, Category)
        except msgspec.ValidationError as error:
            yield self.problem(place, number, gettext("It needs an “id” and a “name”: %s.") % in_words(error))
            return
        if category.id in self.categories:
            yield self.problem(
                place, number, gettext("Another category has the id %s. Give each its own.") % category.id
            )
            return
        self.categories[category.id] = category.name
        yield LabelFound(category.name)

    def annotation(self, number: int, value: Any) -> Iterator[Found]:
        place = self.word
        try:
            annotation = msgspec.convert(value, Annotation)
        except msgspec.ValidationError as error:
            yield self.problem(place, number, gettext("It cannot be read: %s.") % in_words(error))
            return
        path = self.images.get(annotation.image_id)
        if path is None:
            detail = gettext("It is of the image %s, which the file does not list.") % annotation.image_id
            yield self.problem(place, number, detail)
        elif annotation.segments_info is not None:
            yield Lost("panoptic")
        elif annotation.caption is not None:
            yield Lost("captions")
        elif annotation.category_id not in self.categories:
            detail = gettext("Its category %s is not among the file's categories.") % annotation.category_id
            yield self.problem(place, number, detail)
        else:
            yield from self.repeated(annotation, number)
            yield from self.drawn(annotation, path, number)

    def repeated(self, annotation: Annotation, number: int) -> Iterator[Found]:
        if annotation.id is None:
            return
        if annotation.id in self.ids:
            detail = gettext("Another annotation has the id %s too. Both were taken.") % annotation.id
            yield self.problem(self.word, number, detail)
        self.ids.add(annotation.id)

    def drawn(self, annotation: Annotation, path: str, number: int) -> Iterator[Found]:
        if annotation.keypoints:
            yield Lost("keypoints")
        label = self.categories[annotation.category_id]  # type: ignore[index]
        place = f"{self.word} {number}"
        attributes: dict[str, Value] = {}
        if annotation.attributes:
            attributes = dict(plain(annotation.attributes))
            if lost := len(annotation.attributes) - len(attributes):
                yield Lost("values", lost)
        try:
            shapes = outlines(annotation)
        except (TypeError, ValueError) as error:
            yield self.problem(self.word, number, str(error))
            return
        if isinstance(annotation.segmentation, dict):
            yield Lost("masks")
        if annotation.iscrowd:
            yield Lost("crowds")
        if len(shapes) > 1:
            yield Lost("parts")
        for shape in shapes:
            if annotation.score is None:
                yield Drawn(self.file.path, place, path, label, shape, attributes)
            else:  # what people drew has none
                yield Predicted(self.file.path, place, path, label, shape, annotation.score)


def plain(values: dict[str, Any]) -> Iterator[tuple[str, Value]]:
    for name, value in values.items():
        if isinstance(value, str | float | bool):
            yield name, value
        elif isinstance(value, int) and value.bit_length() < LONGEST_INTEGER:
            yield name, float(value)  # as they are kept


def outlines(annotation: Annotation) -> list[Shape]:
    """A polygon for each ring; else the box; else the label is of the whole image. Raises a ValueError in words."""
    rings = annotation.segmentation
    if isinstance(rings, list) and any(rings):
        if not all(isinstance(ring, list) for ring in rings):
            raise ValueError(gettext("Its “segmentation” is no list of rings."))
        return [polygon(ring) for ring in rings if ring]
    if annotation.bbox:
        if len(annotation.bbox) != 4:
            raise ValueError(gettext("Its “bbox” has %d numbers, not four.") % len(annotation.bbox))
        return [Rectangle(*annotation.bbox)]
    if isinstance(rings, dict):
        raise ValueError(gettext("It is a mask without a “bbox”: masks cannot be kept."))
    return [Tag()]


def polygon(ring: list[Any]) -> Polygon:
    if len(ring) % 2 or not all(isinstance(number, int | float) for number in ring):
        raise ValueError(gettext("A ring of its “segmentation” is no list of x, y, x, y …"))
    points = list(zip(ring[::2], ring[1::2], strict=True))
    if len(points) > 3 and points[0] == points[-1]:
        points.pop()
    return Polygon(points)
