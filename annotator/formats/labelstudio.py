"""Label Studio's JSON and JSON-MIN: a list of tasks with their texts or images, and what people marked. Places are in
percent of the image's width and height; those in texts count as browsers do, in UTF-16.
"""

import json
import math
import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import unquote

from django.utils.translation import gettext

from annotator.formats import Source, foreign
from annotator.formats.cells import first_of, objects
from annotator.formats.files import File, Folder, named
from annotator.formats.found import Drawn, Found, ImageFound, Lost, Problem, TextFound
from annotator.shapes import Polygon, Rectangle, Shape, Span, Tag

TITLE = "Label Studio JSON"
RESULTS = ("annotations", "completions")
ABOUT = {"id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time"}
UPLOADED = re.compile(r"[0-9a-f]{8}-(.+)")  # how it calls what was uploaded to it
PERCENT = 100
PLACE = {"x", "y", "width", "height", "rotation", "points", "closed"}
PLACE |= {"start", "end", "text", "globalOffsets", "startOffset", "endOffset"}  # of words


class Task(NamedTuple):
    """`data` is what was labelled, `results` what was made of it."""

    data: dict[str, Any]
    results: list[dict[str, Any]]
    lost: list[Lost]


def recognise(folder: Folder) -> Iterator[Source]:
    for file in folder.with_suffix(".json"):
        if file.beginning.lstrip()[:1] == "[" and task_of(first_of(file)):
            yield Source([file.path])


def read(folder: Folder, source: Source) -> Iterator[Found]:
    for path in source.files:
        yield Lost("people")
        seen: set[object] = set()
        for number, (_, value) in enumerate(objects(folder.files[path]), 1):
            place = f"{gettext('task')} {number}"
            if task := task_of(value):
                if "annotation_id" in value and repr(value.get("id")) in seen:
                    yield Lost("sheets")  # of JSON-MIN, which has a row for each who annotated
                seen.add(repr(value.get("id")))
                yield from read_task(folder, folder.files[path], place, f"task {value.get('id', number)}", task)
            else:
                yield Problem(path, place, gettext("This is no task with “data” and “annotations”."))


def task_of(value: Any) -> Task | None:
    if not isinstance(value, dict):
        return None
    if {"annotation_id", "lead_time"} <= value.keys() or {"annotation_id", "annotator"} <= value.keys():
        return least(value)
    made = next((value[key] for key in RESULTS if isinstance(value.get(key), list)), None)
    data = value.get("data")
    if not isinstance(data, dict) or made is None:
        return None
    kept = [one for one in made if isinstance(one, dict) and not one.get("was_cancelled")]
    proposed = value.get("predictions")
    lost = [Lost("sheets")] * (len(kept) > 1) + [Lost("proposals")] * (isinstance(proposed, list) and bool(proposed))
    return Task(data, [one for some in kept for one in listed(some.get("result"))], lost)


def least(value: dict[str, Any]) -> Task:
    """Of JSON-MIN, where what was made has the names of its controls. Those come between the id and who did it."""
    names = list(value)
    between = names[names.index("id") : names.index("annotator")] if {"id", "annotator"} <= value.keys() else []
    data: dict[str, Any] = {}
    results: list[dict[str, Any]] = []
    for name, one in value.items():
        if name in ABOUT:
            continue
        if isinstance(one, str) and name in between and name not in foreign.TEXT and not foreign.is_image(address(one)):
            results.append({"value": {"choices": [one]} if one.count(" ") <= foreign.PROSE else {}})
        elif isinstance(one, dict | list):
            results += ({"value": part, **part} for part in listed(one if isinstance(one, list) else [one]))
        else:
            data[name] = one
    return Task(data, results, [])


def listed(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def read_task(folder: Folder, file: File, place: str, name: str, task: Task) -> Iterator[Found]:
    values = {key: one for key, one in task.data.items() if isinstance(one, str)}
    image = next((path for one in values.values() if foreign.is_image(path := image_of(one, folder))), "")
    text = "" if image else text_of(values)
    if not image and not text:
        yield Problem(file.path, place, gettext("It has no text and no image. Sounds and videos are not read."))
        return
    yield ImageFound(file.path, image) if image else TextFound(file.path, place, name, name, text)
    yield from task.lost
    labelled = {one["id"] for one in task.results if "id" in one and labels_of(one)}
    for one in task.results:
        shape = shape_of(one, text)
        if one.get("type") == "relation":
            yield Lost("relations")
        elif labels_of(one) and shape:
            if isinstance(shape, Polygon) and "points" not in one["value"]:
                yield Lost("turned")
            for label in labels_of(one):
                yield Drawn(file.path, place, image or name, label, shape, relative=bool(image))
        elif labels_of(one) or says_more(one) or one.get("id") not in labelled:
            yield Lost("results")


def address(url: str) -> str:
    return unquote(url.partition("?d=")[2] or url.partition("?")[0])


def image_of(url: str, folder: Folder) -> str:
    """The path of an image as others have it, who have not uploaded it to Label Studio."""
    path = address(url)
    found = UPLOADED.fullmatch(named(path))
    return found[1] if found and named(path) not in folder.image_names else path


def text_of(values: dict[str, str]) -> str:
    given = next((values[name] for name in foreign.TEXT if name in values), None)
    words = [one for one in values.values() if "://" not in one and not one.startswith("/data/")]
    return given or max(words, key=len, default="")


def labels_of(result: dict[str, Any]) -> list[str]:
    """What is chosen for a place is said of what has its label there: it is none of its own."""
    value = result.get("value")
    if not isinstance(value, dict):
        return []
    for key, given in value.items():
        names = key.endswith("labels") or (key == "choices" and not value.keys() & PLACE)
        if names and isinstance(given, list | str):
            return [one for one in ([given] if isinstance(given, str) else given) if isinstance(one, str)]
    return []


def says_more(result: dict[str, Any]) -> bool:
    """Than where it is."""
    value = result.get("value")
    return isinstance(value, dict) and bool(value.keys() - PLACE or isinstance(value.get("text"), list))


def shape_of(result: dict[str, Any], text: str) -> Shape | None:
    """None of what is not kept: brushes, key points, ellipses."""
    value = result.get("value")
    if not isinstance(value, dict):
        return None
    try:
        if "start" in value:
            return span(value, text)
        if "points" in value:
            return Polygon([(float(x) / PERCENT, float(y) / PERCENT) for x, y in value["points"]])
        if {"x", "y", "width", "height"} <= value.keys():
            return rectangle(result, value)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return Tag() if "choices" in value else None


def rectangle(result: dict[str, Any], value: dict[str, Any]) -> Shape:
    x, y, width, height = (float(value[key]) / PERCENT for key in ("x", "y", "width", "height"))
    turn = math.radians(float(value.get("rotation") or 0))
    if not math.isfinite(turn):
        raise ValueError("It is turned by no number.")
    if not turn:
        return Rectangle(x, y, width, height)
    ratio = float(result.get("original_width") or 1) / float(result.get("original_height") or 1)
    sine, cosine = math.sin(turn), math.cos(turn)
    corners = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)]
    return Polygon([(x + dx * cosine - dy / ratio * sine, y + dx * ratio * sine + dy * cosine) for dx, dy in corners])


def span(value: dict[str, Any], text: str) -> Span | None:
    """Older ones counted code points: what it says is there decides."""
    start, end, said = int(value["start"]), int(value["end"]), value.get("text")
    for first, last in ((points(text, start), points(text, end)), (start, end)):
        if 0 <= first < last <= len(text) and said in (None, text[first:last]):
            return Span(first, last, text[first:last])
    return None


def points(text: str, units: int) -> int:
    """Code points up to so many units of UTF-16."""
    return units - bisect_left(pairs(text), units)


@lru_cache(maxsize=1)  # a text has many spans
def pairs(text: str) -> list[int]:
    """Where, in units of UTF-16, the signs are that take two."""
    return [index + n for n, index in enumerate(index for index, sign in enumerate(text) if sign > "\uffff")]


def of_cell(cell: str, text: str) -> list[tuple[str, Shape]] | None:
    """The labels of a text as a table has them: a label, or what stands there as JSON. None when nothing of that can be
    read."""
    try:
        value = json.loads(cell) if cell[:1] in ("[", "{") else None
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, list | dict):
        return [(cell, Tag())]
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return [(one, Tag()) for one in value]
    results = [{"value": one} for one in listed(value if isinstance(value, list) else [value])]
    return [(label, shape) for one in results for label in labels_of(one) if (shape := shape_of(one, text))] or None
