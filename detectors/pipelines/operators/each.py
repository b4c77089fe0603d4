"""Chains detectors: one looks at each region that others have found."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated

import msgspec
import numpy as np

from detectors.found import Found, Kind, joined
from detectors.kinds.contract import Detector
from detectors.pipelines import looking
from detectors.pipelines.looking import Inner, Window
from detectors.pipelines.overlaps import corners
from detectors.pipelines.steps import Content, Given, Labels, Made, Port


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    detector: Annotated[Inner, msgspec.Meta(title="Detector")]
    margin: Annotated[float, msgspec.Meta(ge=0, le=10, title="Margin around the region, of its size")] = 0


class Each:
    title = "On each region"
    Config = Settings
    ports = {"in": Port()}
    looks = True

    def __init__(self, config: Settings, made: Made) -> None:
        self.detector = config.detector.made(made)
        self.margin = config.margin
        self.config = looking.complete(config, self.detector)

    def misfits(self, kind: Kind) -> dict[str, str]:
        return looking.misfits(self.detector, kind, "detector")

    def labels(self, of: Mapping[str, Sequence[Labels]]) -> Labels:
        return looking.finds(self.detector)

    def run(self, batch: Sequence[Given]) -> list[Found]:
        regions = [(given.content, given.found["in"][0]) for given in batch if given.content is not None]
        return on_each(self.detector, regions, margin=self.margin)


def on_each(detector: Detector, regions: Sequence[tuple[Content, Found]], *, margin: float = 0) -> list[Found]:
    """Of each item (an image (height, width, 3) or a text) what the detector finds in its regions.

    Each region is grown by `margin` (of its own width and height, or length) on every side, cut to the item, and looked
    at as an item of its own. What is found is told in the item's coordinates, with the region's key as its parent,
    region by region. A tag of a region becomes the region itself with the tag's label. Raises ValueError when the
    detector's answer is not one.
    """
    windows = [
        (at, row, window) for at, (content, of) in enumerate(regions) for row, window in around(content, of, margin)
    ]
    answers = looking.look(detector, [(regions[at][0], window) for at, _, window in windows])
    found: list[list[Found]] = [[] for _ in regions]
    for (at, row, _), answer in zip(windows, answers, strict=True):
        found[at].append(of_region(answer, regions[at][1].take([row])))
    return [joined(some) if some else looking.nothing(detector.takes) for some in found]


def around(content: Content, regions: Found, margin: float) -> list[tuple[int, Window]]:
    """Row and window of those regions that lie in the item."""
    size = looking.size(content)
    of = corners(regions.places)[:, [0, 2] if len(size) == 1 else [0, 1, 2, 3]]
    half = of.shape[1] // 2
    low, high = of[:, :half], of[:, half:]
    grown = np.maximum(margin * (high - low), 0)
    low = np.clip(np.floor(low - grown), 0, size).astype(int)
    high = np.clip(np.ceil(high + grown), 0, size).astype(int)
    inside = np.flatnonzero((high > low).all(axis=1))
    return [(int(row), (*low[row].tolist(), *high[row].tolist())) for row in inside]


def of_region(found: Found, region: Found) -> Found:
    parents = None if region.keys is None else np.repeat(region.keys, len(found))
    tags = found.shapes == "tag"
    if not tags.any():
        return replace(found, parents=parents)
    rings = found.rings or (None,) * len(found)
    ring = None if region.rings is None else region.rings[0]
    return replace(
        found,
        places=np.where(tags[:, None], region.places, found.places),
        shapes=np.where(tags, region.shapes[0], found.shapes),
        rings=tuple(ring if tag else own for tag, own in zip(tags, rings, strict=True)),
        parents=parents,
    )
