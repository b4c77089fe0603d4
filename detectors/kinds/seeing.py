"""What the detectors of images share."""

from typing import Annotated

import cv2
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from detectors.found import Found, boxes, surest_first
from detectors.kinds.contract import MOST, Picture

cv2.setNumThreads(1)  # as many look at items at once as there are processors

Longest = Annotated[
    int,
    Meta(
        title="Look at no more than",
        description="Pixels of the longer side: a larger image is shrunk to this first, which bounds time and memory. "
        "Cut it into tiles to find what is small in it.",
        ge=100,
        le=4000,
    ),
]


def shrunk(picture: Picture, longest: int) -> tuple[Picture, NDArray[np.float64]]:
    """The picture with its longer side at most so long, and how many of the picture's pixels one of it is, (x, y)."""
    height, width = picture.shape[:2]
    factor = longest / max(height, width, 1)
    if factor >= 1:
        return picture, np.ones(2)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.divide((width, height), size)


def grey(picture: Picture) -> NDArray[np.uint8]:
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)


def squashed(sums: NDArray[np.float64], width: float) -> NDArray[np.float64]:
    """Sums of any size to 0..1, so that the larger stays the larger: 1 / (1 + exp(-sum / width))."""
    return 1 / (1 + np.exp(-np.clip(sums / width, -500, 500)))


def found_boxes(places: object, scale: NDArray[np.float64], picture: Picture, label: str, scores: object) -> Found:
    """Rectangles that were found in a shrunk picture, in pixels of the picture and within it."""
    starts, sizes = np.split(np.asarray(places, np.float64).reshape(-1, 4) * np.tile(scale, 2), 2, axis=1)
    limits = (picture.shape[1], picture.shape[0])
    ends = np.clip(starts + sizes, 0, limits)
    starts = np.clip(starts, 0, limits)
    found = boxes(np.hstack([starts, ends - starts]), label, scores)
    return surest_first(found.take(np.flatnonzero((ends > starts).all(axis=1))), MOST)
