"""Lets some of what was found through."""

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated

import msgspec
import numpy as np
from numpy.typing import NDArray

from detectors.found import Found, Kind
from detectors.pipelines import looking
from detectors.pipelines.overlaps import areas, corners
from detectors.pipelines.steps import Given, Labels, Made, Port
from detectors.pipelines.suppressing import surest

Part = Annotated[float, msgspec.Meta(ge=0, le=1)]
Length = Annotated[float, msgspec.Meta(ge=0)]
Bounds = tuple[Length, Length | None]  # None: no upper one


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    labels: Annotated[tuple[str, ...], msgspec.Meta(title="Only these labels", max_length=1_000)] = ()
    not_labels: Annotated[tuple[str, ...], msgspec.Meta(title="None of these labels", max_length=1_000)] = ()
    scores: Annotated[tuple[Part, Part], msgspec.Meta(title="Least and highest score")] = (0, 1)
    widths: Annotated[Bounds, msgspec.Meta(title="Width, in pixels or characters")] = (0, None)
    heights: Annotated[Bounds, msgspec.Meta(title="Height, in pixels")] = (0, None)
    areas: Annotated[Bounds, msgspec.Meta(title="Area, in square pixels")] = (0, None)
    aspects: Annotated[Bounds, msgspec.Meta(title="Width over height")] = (0, None)
    position: Annotated[
        tuple[Part, Part, Part, Part] | None,
        msgspec.Meta(title="Middle within left, top, right, bottom of the item, as parts of it"),
    ] = None
    most: Annotated[int, msgspec.Meta(title="At most so many, the surest", ge=1)] | None = None


class Filter:
    title = "Filter"
    Config = Settings
    ports = {"in": Port()}

    def __init__(self, config: Settings, made: Made) -> None:
        self.config = config
        self.looks = config.position is not None

    def misfits(self, kind: Kind) -> dict[str, str]:
        only_images = ("heights", "areas", "aspects") if kind == "text" else ()
        free = Settings()
        set_ = [name for name in only_images if getattr(self.config, name) != getattr(free, name)]
        return {name: f"Texts have no {name}. Leave them out, or filter by widths." for name in set_}

    def labels(self, of: Mapping[str, Sequence[Labels]]) -> Labels:
        (given,), only = of["in"], frozenset(self.config.labels)
        if only:
            given = only if given is None else only & given
        return None if given is None else given - frozenset(self.config.not_labels)

    def run(self, batch: Sequence[Given]) -> list[Found]:
        return [self.one(given.found["in"][0], given) for given in batch]

    def one(self, found: Found, given: Given) -> Found:
        said = self.config
        fit = labelled(found, said.labels, said.not_labels)
        fit &= (found.scores >= said.scores[0]) & (found.scores <= said.scores[1])
        fit &= sized(found, widths=said.widths, heights=said.heights, areas_=said.areas, aspects=said.aspects)
        if said.position is not None and given.content is not None:
            fit &= positioned(found, looking.size(given.content), said.position)
        return found.take(fit if said.most is None else top(found.scores, fit, said.most))


def labelled(found: Found, labels: Collection[str], not_labels: Collection[str]) -> NDArray[np.bool_]:
    """Which rows (n,) have one of `labels` (any, when there are none), and none of `not_labels`."""
    fit = np.isin(found.labels, list(labels)) if labels else np.ones(len(found), bool)
    return fit & ~np.isin(found.labels, list(not_labels))


def sized(found: Found, *, widths: Bounds, heights: Bounds, areas_: Bounds, aspects: Bounds) -> NDArray[np.bool_]:
    """Which rows (n,) have sizes within all bounds (both included): pixels, square pixels, width over height. Of a span
    the width is its length in code points, and so is its area; its height is 1. Without a height an aspect is infinite.
    """
    of = corners(found.places)
    width, height = of[:, 2] - of[:, 0], of[:, 3] - of[:, 1]
    aspect = np.divide(width, height, out=np.full(len(width), np.inf), where=height > 0)
    measured = ((width, widths), (height, heights), (areas(of), areas_), (aspect, aspects))
    return np.logical_and.reduce([within(values, bounds) for values, bounds in measured])


def within(values: NDArray[np.float64], bounds: Bounds) -> NDArray[np.bool_]:
    low, high = bounds
    return (values >= low) & (values <= (np.inf if high is None else high))


def positioned(found: Found, size: Sequence[int], part: tuple[float, float, float, float]) -> NDArray[np.bool_]:
    """Which rows (n,) have their middle in a part of an item of this size (width, height) or (length,). Of the part of
    a text, left and right alone count."""
    of = corners(found.places)
    ends = np.array([size[0], size[1] if len(size) == 2 else 1], np.float64)
    middle = (of[:, :2] + of[:, 2:]) / 2
    if len(size) == 1:
        part = (part[0], 0, part[2], 1)
    inside = (middle >= np.array(part[:2]) * ends) & (middle <= np.array(part[2:]) * ends)
    return np.logical_and.reduce(inside, axis=1)


def top(scores: NDArray[np.float64], fit: NDArray[np.bool_], most: int) -> NDArray[np.intp]:
    """The `most` surest of the rows that fit, in their own order; of equal scores the first."""
    order = surest(scores)
    return np.sort(order[fit[order]][:most])
