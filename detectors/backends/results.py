"""What a back end answers, as Found; or else a sentence that says what is wrong with it."""

import math
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, Literal, NamedTuple

import numpy as np

from annotator.formats import labelstudio
from annotator.shapes import Polygon, Rectangle, Shape, Span, Tag
from detectors.backends.asking import Wrong
from detectors.backends.seen import Seen
from detectors.found import Found, boxes, joined, polygons, spans, surest_first
from detectors.kinds.contract import MOST

Others = Literal["refuse", "leave out", "take"]
SLACK = 1.0  # percent; what reaches out of the picture by no more is cut off
READ = {"rectanglelabels", "polygonlabels", "labels", "choices", "rectangle", "polygon"}
SAID = 60  # characters of what it says that are told again


class Asked(NamedTuple):
    """By which names it was asked: the controls and the labels; and what becomes of `others`."""

    controls: Collection[str]
    labels: Collection[str]
    others: Others = "refuse"


def answers(body: Any, count: int) -> list[Any]:
    """One for each thing that it was asked about."""
    found = body.get("results") if isinstance(body, dict) else None
    if not isinstance(found, list):
        raise Wrong("Its answer has no list “results”.")
    if len(found) != count:
        raise Wrong(f"It answered for {len(found)} of {count}.")
    return found


def found_in(answer: Any, thing: Seen, asked: Asked) -> Found:
    """Of several predictions of one thing the first counts."""
    first = (answer or [{}])[0] if isinstance(answer, list) else answer
    if not isinstance(first, dict) or not isinstance(first.get("result", []), list):
        raise Wrong("One of its “results” has no list “result”.")
    whole = number(first.get("score"), 1.0)
    some = [one for region in first.get("result", []) for one in regions(region, thing, whole, asked)]
    nothing = spans([], [], []) if isinstance(thing, str) else boxes([], [], [])
    return surest_first(joined([nothing, *some]), MOST)


def regions(region: Any, thing: Seen, whole: float, asked: Asked) -> list[Found]:
    if not isinstance(region, dict) or not isinstance(region.get("value"), dict):
        raise Wrong("One of the things in its “result” has no “value”.")
    kind, control = str(region.get("type", "")), str(region.get("from_name", ""))
    if kind == "brushlabels":
        raise Wrong("It gives masks (brushlabels), which are not read. Have it give rectangles or polygons.")
    if kind not in READ:
        raise Wrong(
            f"It gives “{short(kind)}”, which is not read. Have it give rectangles, polygons, words or choices."
        )
    if control not in asked.controls:
        raise Wrong(f"It names the control “{short(control)}”. It was asked for {', '.join(asked.controls)}.")
    shape = shape_in(region, thing)
    score = number(region.get("score"), whole)
    if not 0 <= score <= 1:
        raise Wrong(f"It gives the score {score:g}, which is not from 0 to 1.")
    names = labels_in(region, asked)
    return [placed(shape, thing, name, score) for name in names]


def labels_in(region: dict[str, Any], asked: Asked) -> Sequence[str]:
    names = labelstudio.labels_of(region)
    if not names:
        raise Wrong("It gives a place without a label.")
    other = next((name for name in names if name not in asked.labels), None)
    if other is not None and asked.others == "refuse":
        raise Wrong(
            f"It gives the label “{short(other)}”, which the project has not. Make it, or choose what becomes of other "
            "labels."
        )
    return names if asked.others == "take" else [name for name in names if name in asked.labels]


def shape_in(region: dict[str, Any], thing: Seen) -> Shape:
    """Of an image in shares of it."""
    value = region["value"]
    if isinstance(thing, str):
        shape = labelstudio.shape_of(region, thing)
        if not isinstance(shape, Span | Tag):
            raise Wrong("It gives a place that is none in this text: start and end must fit the words.")
        return shape
    check_percents(value)
    height, width = thing.shape[:2]
    shape = labelstudio.shape_of(region | {"original_width": width, "original_height": height}, "")
    if shape is None or isinstance(shape, Span) or (isinstance(shape, Polygon) and len(shape.points) < 3):
        raise Wrong("It gives a place that cannot be read.")
    return shape


def check_percents(value: dict[str, Any]) -> None:
    """Of what is turned, the corners may lie outside."""
    try:
        told = [float(value[key]) for key in ("x", "y", "width", "height") if key in value]
        told += [float(one) for point in value.get("points", []) for one in point]
        if {"x", "y", "width", "height"} <= value.keys() and not float(value.get("rotation") or 0):
            told += [told[0] + told[2], told[1] + told[3]]
    except (TypeError, ValueError, OverflowError):
        raise Wrong("It gives a place that cannot be read.") from None
    far = next((one for one in told if not -SLACK <= one <= 100 + SLACK), None)
    if far is not None:
        raise Wrong(f"It gives a place at {far:g} percent of the picture. Percents are from 0 to 100.")


def placed(shape: Shape, thing: Seen, label: str, score: float) -> Found:
    """In pixels of the image, within it; none where nothing of it is there."""
    if isinstance(thing, str):
        place = (shape.start, shape.end) if isinstance(shape, Span) else (0, len(thing))
        found = spans([place], label, score)
        return found if isinstance(shape, Span) else as_tag(found)
    size = np.array(thing.shape[1::-1], float)
    if isinstance(shape, Tag):
        return as_tag(boxes([[0, 0, *size]], label, score))
    if isinstance(shape, Polygon):
        ring = np.clip(np.array(shape.points, float) * size, 0, size)
        return polygons([ring], label, score) if np.ptp(ring, axis=0).all() else boxes([], [], [])
    assert isinstance(shape, Rectangle)  # noqa: S101
    start = np.clip(np.array([shape.x, shape.y]) * size, 0, size)
    end = np.clip(np.array([shape.x + shape.width, shape.y + shape.height]) * size, 0, size)
    return boxes([[*start, *(end - start)]] if (end > start).all() else [], label, score)


def as_tag(found: Found) -> Found:
    return replace(found, shapes=np.full(len(found), "tag"))


def number(value: Any, default: float) -> float:
    """What is no number is one that is refused."""
    if value is None:
        return default
    return float(value) if isinstance(value, int | float) and abs(value) < 1e9 else math.nan


def short(text: str) -> str:
    return text if len(text) <= SAID else f"{text[:SAID]}…"
