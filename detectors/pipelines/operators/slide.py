"""A detector looks at tiles of an image, or windows of a long text, where the whole would be too large for it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Annotated, Literal

import msgspec
import numpy as np

from detectors.found import Found, Kind, joined
from detectors.kinds.contract import Detector
from detectors.pipelines import looking
from detectors.pipelines.looking import Inner, Share, Window
from detectors.pipelines.overlaps import Measure
from detectors.pipelines.steps import Content, Given, Labels, Made, Port
from detectors.pipelines.suppressing import merged, nms

MOST = 10_000  # tiles of an item


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    detector: Annotated[Inner, msgspec.Meta(title="Detector")]
    tile: Annotated[int, msgspec.Meta(ge=16, le=100_000, title="Size of a tile, in pixels or characters")] = 640
    overlap: Annotated[float, msgspec.Meta(ge=0, le=0.9, title="Overlap of tiles, of their size")] = 0.2
    whole: Annotated[bool, msgspec.Meta(title="Look at the whole, too")] = True
    merge: Annotated[Literal["greedy", "nms"], msgspec.Meta(title="Merge what tiles share")] = "greedy"
    measure: Annotated[Measure, msgspec.Meta(title="Overlap of two, over the smaller (ios) or both (iou)")] = "ios"
    threshold: Annotated[Share, msgspec.Meta(title="Least overlap of what is the same")] = 0.5
    across_labels: Annotated[bool, msgspec.Meta(title="Merge different labels, too")] = False


class Slide:
    title = "Slide over tiles"
    Config = Settings
    ports = {"in": Port("item")}
    looks = True

    def __init__(self, config: Settings, made: Made) -> None:
        self.detector = config.detector.made(made)
        self.config = looking.complete(config, self.detector)

    def misfits(self, kind: Kind) -> dict[str, str]:
        return looking.misfits(self.detector, kind, "detector")

    def labels(self, of: Mapping[str, Sequence[Labels]]) -> Labels:
        return looking.finds(self.detector)

    def run(self, batch: Sequence[Given]) -> list[Found]:
        return [self.slid(given.content) for given in batch if given.content is not None]

    def slid(self, content: Content) -> Found:
        said = self.config
        found = looked_over(self.detector, content, tile=said.tile, overlap=said.overlap, whole=said.whole)
        if len(found) == 1:
            return found[0]
        merge = merged if said.merge == "greedy" else nms
        return merge(joined(found), threshold=said.threshold, measure=said.measure, across_labels=said.across_labels)


def looked_over(detector: Detector, content: Content, *, tile: int, overlap: float, whole: bool) -> list[Found]:
    """What the detector finds in each tile, in the item's coordinates, row by row, and at last in the whole item.

    An item that one tile covers is looked at once. A tag of a tile becomes its rectangle, or its span. Raises
    ValueError for an item of more than 10,000 tiles, or when the detector's answer is not one.
    """
    windows = tiles(looking.size(content), tile=tile, overlap=overlap)
    found = looking.look(detector, [(content, window) for window in windows])
    if len(windows) == 1:
        return found
    found = [untagged(one) for one in found]
    return found + looking.look(detector, [(content, looking.whole(content))]) if whole else found


def tiles(size: Sequence[int], *, tile: int, overlap: float) -> list[Window]:
    """Windows of `tile` pixels or code points a side that cover an item of this size (width, height), or (length,).

    Neighbours share `overlap` of their side; the last of a row is moved back so that it ends where the item ends. As
    get_slice_bboxes of SAHI.
    """
    axes = [starts(length, tile=tile, overlap=overlap) for length in size]
    if np.prod([len(axis) for axis in axes]) > MOST:
        raise ValueError(f"The item needs more than {MOST:,} tiles. Make the tiles larger.")
    firsts = [tuple(reversed(place)) for place in product(*reversed(axes))]
    return [first + tuple(min(a + tile, end) for a, end in zip(first, size, strict=True)) for first in firsts]


def starts(length: int, *, tile: int, overlap: float) -> list[int]:
    if length <= tile:
        return [0]
    return [*range(0, length - tile, tile - int(overlap * tile)), length - tile]


def untagged(found: Found) -> Found:
    shape = "rectangle" if found.places.shape[1] == 4 else "span"
    return replace(found, shapes=np.where(found.shapes == "tag", shape, found.shapes))
