"""Where in an image things may be: windows of the sizes that people drew, and what stands out from its ground."""

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.learning.describing import Pixels, Places

Sizes = NDArray[np.float64]  # (n, 2): width, height

MOST_SIZES = 8
FEW = 20  # boxes: of fewer, somewhat smaller and larger ones are looked for, too
APART = 0.7  # of two sizes, what both cover
STEP = 3  # windows to a window's length
STANDING_OUT = 10  # of so many places one at most is of what stands out


def sizes_of(boxes: Places) -> Sizes:
    """Sizes (n, 2) that stand for those of the boxes."""
    sizes = boxes[np.lexsort((boxes[:, 3], boxes[:, 2])), 2:]
    if len(sizes) < FEW:
        sizes = np.concatenate([sizes, sizes * 0.8, sizes * 1.25])
    kept: list[NDArray[np.float64]] = []
    middle = np.median(sizes, axis=0)
    for size in sizes[np.argsort(np.abs(np.log(sizes / middle)).sum(axis=1), kind="stable")]:
        if len(kept) < MOST_SIZES and all(alike(size, other) < APART for other in kept):
            kept.append(size)
    return np.array(kept)


def alike(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    both = float(np.minimum(one, other).prod())
    return both / float(one.prod() + other.prod() - both)


def windows(picture: Pixels, sizes: Sizes, most: int) -> Places:
    """Of an image (height, width, 3) the places (n, 4) to look at, about `most`."""
    height, width = picture.shape[:2]
    if min(height, width) < 2:
        return np.empty((0, 4))
    return np.concatenate([sliding(width, height, sizes, most), standing_out(picture, sizes)[: most // STANDING_OUT]])


def sliding(width: int, height: int, sizes: Sizes, most: int) -> Places:
    sizes = np.minimum(sizes, [width, height])
    wanted = sum(float(np.prod(np.ceil((np.array([width, height]) - size) / (size / STEP)) + 1)) for size in sizes)
    wider = max(1.0, (wanted / most) ** 0.5)
    found = []
    for size in sizes:
        across, down = (
            np.linspace(0, whole - part, int(np.ceil((whole - part) / (part / STEP * wider))) + 1)
            for whole, part in zip((width, height), size, strict=True)
        )
        x, y = (grid.ravel() for grid in np.meshgrid(across, down))
        found.append(np.column_stack([x, y, np.full(len(x), size[0]), np.full(len(x), size[1])]))
    return np.concatenate(found)


def standing_out(picture: Pixels, sizes: Sizes) -> Places:
    """Boxes around what is darker, brighter or more colourful than what is around it, where their size is one that is
    looked for."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    colour = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)[:, :, 1]
    masks = []
    for layer in (grey, np.ascontiguousarray(colour)):
        smooth = cv2.GaussianBlur(layer, (5, 5), 0)
        _, bright = cv2.threshold(smooth, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        masks += [bright, 1 - bright]
    boxes = [cv2.connectedComponentsWithStats(mask, connectivity=8)[2][1:, :4] for mask in masks]
    found = np.concatenate(boxes).astype(np.float64)
    least, largest = sizes.min(axis=0) * 0.7, sizes.max(axis=0) * 1.4
    fits = ((found[:, 2:] >= least) & (found[:, 2:] <= largest)).all(axis=1)
    return np.unique(found[fits], axis=0)


def around(places: Places) -> Places:
    """Each of the places (n, 4) moved and sized a little in eight ways: (8n, 4), one way after the other."""
    x, y, width, height = places.T
    ways = []
    for dx, dy, dw, dh in SHIFTS:
        ways.append(np.column_stack([x + dx * width, y + dy * height, width * (1 + dw), height * (1 + dh)]))
    return np.concatenate(ways)


def overlaps(some: Places, others: Places) -> NDArray[np.float64]:
    """(n, m): what two cover together, over what either covers."""
    both = common(some, others)
    either = areas(some)[:, None] + areas(others)[None] - both
    return np.divide(both, either, out=np.zeros_like(both), where=either > 0)


def within(some: Places, others: Places) -> NDArray[np.float64]:
    """(n, m): what two cover together, over what the smaller one covers."""
    both = common(some, others)
    smaller = np.minimum(areas(some)[:, None], areas(others)[None])
    return np.divide(both, smaller, out=np.zeros_like(both), where=smaller > 0)


def common(some: Places, others: Places) -> NDArray[np.float64]:
    ends, of_others = some[:, None, :2] + some[:, None, 2:], others[None, :, :2] + others[None, :, 2:]
    sides = np.minimum(ends, of_others) - np.maximum(some[:, None, :2], others[None, :, :2])
    shared: NDArray[np.float64] = np.clip(sides, 0, None).prod(axis=2)
    return shared


def areas(places: Places) -> NDArray[np.float64]:
    return np.asarray(places[:, 2:].prod(axis=1))


SHIFTS = (
    (-0.12, 0, 0, 0),
    (0.12, 0, 0, 0),
    (0, -0.12, 0, 0),
    (0, 0.12, 0, 0),
    (-0.06, 0, 0.12, 0),
    (0.06, 0, -0.12, 0),
    (0, -0.06, 0, 0.12),
    (0, 0.06, 0, -0.12),
)
