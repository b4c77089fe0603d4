"""COCO results: what a model proposes, as a list of {image_id, category_id, bbox or segmentation, score}.

The ids are those of the COCO file beside it; without one, those of our own download, whose images and categories have
the ids of items and labels. An image that goes by a name is the one whose file is called that.
"""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

import msgspec
from django.utils.translation import gettext

from annotator.formats import Source, coco
from annotator.formats.files import File, Folder, folders_shared
from annotator.formats.found import Found, Lost, Predicted, Problem, in_words

TITLE = "COCO results"
RESULT = re.compile(r'\s*\[\s*\{[^{}]*"(image_id|category_id)"\s*:')


class Listed(NamedTuple):
    """What the ids of a COCO file stand for."""

    file: str
    images: dict[int | str, str]
    categories: dict[int | str, str]


def recognise(folder: Folder) -> Iterator[Source]:
    for file in folder.with_suffix(".json"):
        if RESULT.match(file.beginning):
            yield Source([file.path])


def read(folder: Folder, source: Source) -> Iterator[Found]:
    beside = folder.kept.setdefault(TITLE, Beside(folder))
    for path in source.files:
        listed = beside.nearest(path)
        for _, number, value in folder.files[path].json():
            yield from read_one(path, f"{gettext('prediction')} {number}", value, listed)


class Beside:
    """The COCO files that were dropped as well. What the latest one lists is kept, as many results may go by it."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.latest: Listed | None = None

    @cached_property
    def paths(self) -> list[str]:
        return [path for one in coco.recognise(self.folder) for path in one.files]

    def nearest(self, path: str) -> Listed | None:
        nearest = max(self.paths, key=lambda one: folders_shared(one, path), default=None)
        if nearest and (self.latest is None or self.latest.file != nearest):
            self.latest = listed_in(self.folder.files[nearest])
        return self.latest


def listed_in(file: File) -> Listed:
    listed = Listed(file.path, {}, {})
    for key, _, value in file.json():
        try:
            if key == "images":
                image = msgspec.convert(value, coco.Image)
                listed.images[image.id] = image.file_name
            elif key == "categories":
                category = msgspec.convert(value, coco.Category)
                listed.categories[category.id] = category.name
        except msgspec.ValidationError:  # reading the file itself says so
            continue
    return listed


def read_one(path: str, place: str, value: Any, listed: Listed | None) -> Iterator[Found]:
    try:
        result = msgspec.convert(value, coco.Annotation)
        shapes = coco.outlines(result) if result.bbox or result.segmentation else []
    except msgspec.ValidationError as error:
        yield Problem(path, place, gettext("It cannot be read: %s.") % in_words(error))
        return
    except (TypeError, ValueError) as error:
        yield Problem(path, place, str(error))
        return
    if not shapes:
        yield Lost("captions" if result.caption is not None else "keypoints" if result.keypoints else "boxless")
        return
    item: int | str | None = result.image_id
    label: int | str | None = result.category_id
    if listed:
        item = listed.images.get(result.image_id)
        label = listed.categories.get(label) if label is not None else None
        if item is None or label is None:
            detail = gettext("Its image %(image)s or its category %(category)s is not among those of %(file)s.")
            values = {"image": result.image_id, "category": result.category_id, "file": listed.file}
            yield Problem(path, place, detail % values)
            return
    elif isinstance(item, str):
        item = f"{item}.*"
    if label is None or result.score is None:
        yield Problem(path, place, gettext("It needs a “category_id” and a “score”."))
        return
    if isinstance(result.segmentation, dict):
        yield Lost("masks")
    for shape in shapes:
        yield Predicted(path, place, item or 0, label, shape, result.score)
