"""Regions of an image, from a mask of its pixels."""

from typing import Annotated, Literal

import cv2
import numpy as np
import shapely
from msgspec import Meta
from numpy.typing import NDArray

from detectors.found import Found, boxes, polygons, surest_first
from detectors.kinds.contract import MOST

Shape = Annotated[
    Literal["polygon", "rectangle"], Meta(title="Shape", description="What each region becomes: polygon or rectangle.")
]
Least = Annotated[int, Meta(title="Least area", description="Pixels of the image.", ge=1, le=100_000_000)]
Simplify = Annotated[
    float,
    Meta(title="Simplify", description="How many pixels a polygon's side may be off, to have fewer.", ge=0, le=100),
]
MOST_CORNERS = 10_000  # of a polygon: more a sheet does not take
BRIDGE = 0.05  # of a pixel


def regions(
    mask: NDArray[np.uint8],
    scale: NDArray[np.float64],
    *,
    shape: str,
    least: int,
    simplify: float,
    label: str,
    sureness: NDArray[np.float64] | None = None,
) -> Found:
    """The 8-connected regions of `mask` (height, width), which is of the shrunk picture, as rectangles or polygons
    in pixels of the picture. A score is the mean of `sureness` (height, width) over the region, or 1. Polygons run
    along the sides of the pixels and know no holes. Of more than MOST the largest stay."""
    if not mask.size:
        return boxes([], label, [])
    count, parts, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    areas = stats[:, cv2.CC_STAT_AREA]
    kept = 1 + np.flatnonzero(areas[1:] * scale.prod() >= least)
    kept = np.sort(kept[np.argsort(-areas[kept], kind="stable")[:MOST]])
    scores = np.ones(count)
    if sureness is not None:
        scores = np.clip(np.bincount(parts.ravel(), sureness.ravel(), count) / np.maximum(areas, 1), 0, 1)
    if shape == "rectangle":
        return surest_first(boxes(stats[kept, :4] * np.tile(scale, 2), label, scores[kept]))
    rings = outlines(parts, kept, simplify / scale.max())
    return surest_first(polygons([ring * scale for ring in rings], label, scores[kept]))


def outlines(parts: NDArray[np.int32], kept: NDArray[np.intp], simplify: float) -> list[NDArray[np.float64]]:
    """The outer corners of each of the `kept` parts, none of which cross themselves."""
    height, width = parts.shape
    chosen = np.zeros(int(parts.max()) + 1, np.uint8)
    chosen[kept] = 1
    lines, _ = cv2.findContours(with_sides(chosen[parts]), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    by_part = {}
    for line in lines:  # OpenCV's tree of them took 25 s for noise
        if cv2.contourArea(line, oriented=True) < 0:  # the outer ones run that way, those of holes the other
            column, row = min(line[:, 0].tolist(), key=lambda corner: (corner[1], corner[0]))
            by_part[parts[row // 2, column // 2]] = simplified(line, 2 * simplify)[:, 0] / 2
    rings = [by_part[part] for part in kept]
    for index in np.flatnonzero(~shapely.is_valid([shapely.Polygon(ring) for ring in rings])):
        rings[index] = uncrossed(rings[index], width, height)
    return rings


def with_sides(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Twice the size and one more: of each pixel its middle, sides and corners, where OpenCV's contours can run. The
    first of a part, from the top and then the left, is the upper left corner of its first pixel."""
    sides = np.zeros((2 * mask.shape[0] + 1, 2 * mask.shape[1] + 1), np.uint8)
    sides[1::2, 1::2] = mask
    return cv2.dilate(sides, np.ones((3, 3), np.uint8))


def simplified(line: NDArray[np.int32], tolerance: float) -> NDArray[np.int32]:
    simple = cv2.approxPolyDP(line, tolerance, closed=True)
    while len(simple) > MOST_CORNERS // 2:
        tolerance = max(1.0, 2 * tolerance)
        simple = cv2.approxPolyDP(line, tolerance, closed=True)
    return simple if cv2.contourArea(simple) else line


def uncrossed(ring: NDArray[np.float64], width: int, height: int) -> NDArray[np.float64]:
    """Where pixels meet at their corners alone, the ring touches itself: it is made a little wider there."""
    wide = largest(shapely.LinearRing(ring).buffer(BRIDGE, join_style="mitre", mitre_limit=2))
    inside = largest(shapely.Polygon(wide.exterior).intersection(shapely.box(0, 0, width, height)))
    return shapely.get_coordinates(inside.exterior)[:-1]


def largest(region: shapely.Geometry) -> shapely.Polygon:
    return max(shapely.get_parts(region), key=shapely.area)
