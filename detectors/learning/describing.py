"""What images and parts of them look like, as vectors: gradients (HOG, Dalal and Triggs 2005) and colours; and what an
embedder of another kind has, such as a model of people's own."""

from collections.abc import Iterator
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.learning.packing import HOG_COLOUR

cv2.setNumThreads(1)  # as many look at items at once as there are processors

Pixels = NDArray[np.uint8]  # (height, width, 3), RGB
Vectors = NDArray[np.float32]
Places = NDArray[np.float64]  # (n, 4): x, y, width, height

WINDOWS = 3_000  # of an image
PART, WHOLE = 32, 64  # pixels of a side to which parts and images are brought
GRID, BINS = 4, 8
MARGIN = 0.12  # of its size that is seen around a part: where a thing ends tells as much as what is in it
AT_ONCE = 512


class Embedder(Protocol):
    """Makes vectors (d,) of images, and (n, d) of places (n, 4) in one. It brings parts to a `side` in pixels, and can
    look at so many `windows` of an image in good time. By its name it can be made anew."""

    @property
    def name(self) -> str: ...
    @property
    def side(self) -> int: ...
    @property
    def windows(self) -> int: ...
    def of_whole(self, picture: Pixels) -> Vectors: ...
    def of_parts(self, picture: Pixels, places: Places) -> Vectors: ...


class HogColour:
    """The one that is built in."""

    name = HOG_COLOUR
    side = PART
    windows = WINDOWS

    def of_whole(self, picture: Pixels) -> Vectors:
        return of_whole(picture)

    def of_parts(self, picture: Pixels, places: Places) -> Vectors:
        return of_parts(picture, places)


def hog(side: int) -> cv2.HOGDescriptor:
    return cv2.HOGDescriptor((side, side), (16, 16), (8, 8), (8, 8), 9)


def of_whole(picture: Pixels) -> Vectors:
    """(1836,)"""
    if not picture.size:
        picture = np.zeros((1, 1, 3), np.uint8)
    return described(brought(picture, WHOLE)[None])[0]


def of_parts(picture: Pixels, places: Places) -> Vectors:
    """(n, 396)"""
    found = [np.empty((0, 396), np.float32)]
    for at in range(0, len(places), AT_ONCE):
        parts = cut(picture, places[at : at + AT_ONCE])
        found.append(described(np.stack([brought(part, PART) for part in parts])))
    return np.concatenate(found)


def cut(picture: Pixels, places: Places) -> Iterator[Pixels]:
    """The parts at the places (n, 4), each with its margin."""
    height, width = picture.shape[:2]
    around = np.hstack([places[:, :2] - MARGIN * places[:, 2:], places[:, :2] + (1 + MARGIN) * places[:, 2:]])
    corners = np.rint(around).astype(int)
    starts = np.clip(corners[:, :2], 0, [max(width - 1, 0), max(height - 1, 0)])
    ends = np.maximum(np.clip(corners[:, 2:], 0, [width, height]), starts + 1)
    for (x, y), (to_x, to_y) in zip(starts.tolist(), ends.tolist(), strict=True):
        yield picture[y:to_y, x:to_x]


def brought(part: Pixels, side: int) -> Pixels:
    large = part.shape[0] > side and part.shape[1] > side
    return cv2.resize(part, (side, side), interpolation=cv2.INTER_AREA if large else cv2.INTER_LINEAR)


def described(squares: Pixels) -> Vectors:
    """Of squares (n, side, side, 3) the vectors (n, d)."""
    n, side = squares.shape[:2]
    strip = np.ascontiguousarray(squares).reshape(n * side, side, 3)
    gradients = hog(side).compute(strip, winStride=(side, side)).reshape(n, -1)
    cell = side // GRID
    means = squares.reshape(n, GRID, cell, GRID, cell, 3).mean(axis=(2, 4), dtype=np.float32).reshape(n, -1) / 255
    levels = (squares.reshape(n, -1, 3) // (256 // BINS)).astype(np.intp)
    numbered = levels + BINS * np.arange(3) + 3 * BINS * np.arange(n)[:, None, None]
    counts = np.bincount(numbered.ravel(), minlength=n * 3 * BINS).reshape(n, -1)
    shares = np.sqrt(counts / (side * side)).astype(np.float32)
    return np.hstack([gradients, means, shares]).astype(np.float32)
