"""How much places have in common. A span is reckoned with as a box of height 1, so that what holds for boxes holds in
one dimension, too: its area is its length."""

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

Measure = Literal["iou", "ios"]
Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

AT_ONCE = 128  # rows that are compared with all others at a time


def corners(places: NDArray[Any]) -> Floats:
    """Places (n, 4) of x, y, width, height or (n, 2) of start, end as float64 (n, 4): left, top, right, bottom."""
    if places.shape[1] == 2:
        zeros = np.zeros(len(places))
        return np.stack([places[:, 0], zeros, places[:, 1], zeros + 1], axis=1).astype(np.float64)
    return np.concatenate([places[:, :2], places[:, :2] + places[:, 2:]], axis=1).astype(np.float64)


def places(of: Floats, like: NDArray[Any]) -> NDArray[Any]:
    """The way back from corners to places of the kind of `like`; ends of spans come to the nearest code point."""
    if like.shape[1] == 2:
        return np.rint(of[:, [0, 2]]).astype(np.int64)
    return np.concatenate([of[:, :2], of[:, 2:] - of[:, :2]], axis=1)


def areas(of: Floats) -> Floats:
    """Of corners (..., 4) the areas (...), in square pixels or code points."""
    return (of[..., 2] - of[..., 0]) * (of[..., 3] - of[..., 1])


def common(a: Floats, b: Floats) -> Floats:
    """The areas that corners a (..., 4) and b (..., 4) have in common, element by element, broadcast."""
    widths = np.minimum(a[..., 2], b[..., 2]) - np.maximum(a[..., 0], b[..., 0])
    heights = np.minimum(a[..., 3], b[..., 3]) - np.maximum(a[..., 1], b[..., 1])
    return np.maximum(widths, 0) * np.maximum(heights, 0)


def overlap(a: Floats, b: Floats, measure: Measure = "iou") -> Floats:
    """The overlap of corners a (..., 4) and b (..., 4), element by element, broadcast, from 0 to 1.

    "iou" is the common area over that of both together (Jaccard, 1912), "ios" over the smaller's, as SAHI measures
    what tiles have cut (Akyon, Altinuc and Temizel, 2022). Where there is no area at all it is 0.
    """
    both, one, other = common(a, b), areas(a), areas(b)
    of = np.minimum(one, other) if measure == "ios" else one + other - both
    return np.divide(both, of, out=np.zeros_like(both), where=of > 0)


def covered(a: Floats, b: Floats) -> Floats:
    """How much of a (..., 4) lies inside b (..., 4), element by element, broadcast, from 0 to 1."""
    both, one = common(a, b), areas(a)
    return np.divide(both, one, out=np.zeros_like(both), where=one > 0)


def gap(a: Floats, b: Floats) -> Floats:
    """The shortest way from corners a (..., 4) to b (..., 4) in pixels or code points; 0 where they touch."""
    across = np.maximum(a[..., 0] - b[..., 2], b[..., 0] - a[..., 2])
    down = np.maximum(a[..., 1] - b[..., 3], b[..., 1] - a[..., 3])
    return np.hypot(np.maximum(across, 0), np.maximum(down, 0))


class Neighbours:
    """Finds which of the corners (n, 4) others meet, by a tree: most of many boxes are far from each other."""

    def __init__(self, of: Floats) -> None:
        self.tree = shapely.STRtree(shapely.box(*of.T))

    def of(self, some: Floats) -> tuple[Rows, Rows]:
        """The pairs that meet: rows of `some` (m, 4), in order, and rows of the corners that the tree was made of."""
        mine, theirs = self.tree.query(shapely.box(*some.T))
        return mine, theirs

    def pairs(self, some: Floats) -> Iterator[tuple[Rows, Rows]]:
        """The same for many, block by block, so that memory stays small."""
        for start in range(0, len(some), AT_ONCE):
            mine, theirs = self.of(some[start : start + AT_ONCE])
            yield mine + start, theirs
