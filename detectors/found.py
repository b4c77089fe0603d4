"""What detectors and operators hand on: arrays, a row for each thing that was found."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["image", "text"]


@dataclass(frozen=True, slots=True)
class Found:
    """n things that were found in one image or one text, or in a region of it.

    `places` are float64 (n, 4) in an image: x, y, width and height in pixels, the origin top left; int64 (n, 2) in a
    text: start and end in code points, the end not among them. `labels` (n,) are names; `scores` float64 (n,) are from
    0 to 1. `shapes` (n,) say what each becomes: "rectangle", "polygon", "span", or "tag", whose place is all of what
    was looked at. `rings` are the corners of polygons, float64 (m, 2) each, None for others. `probabilities` float64
    (n, k) are those of `classes`, where the detector tells them of all its classes.
    """

    places: NDArray[Any]
    labels: NDArray[np.str_]
    scores: NDArray[np.float64]
    shapes: NDArray[np.str_]
    rings: tuple[NDArray[np.float64] | None, ...] | None = None
    probabilities: NDArray[np.float64] | None = None
    classes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.scores)

    def take(self, rows: Sequence[int] | NDArray[np.intp] | NDArray[np.bool_]) -> "Found":
        """Some of them, in the order given."""
        chosen = np.asarray(rows)
        chosen = np.flatnonzero(chosen) if chosen.dtype == bool else chosen.astype(np.intp)
        return replace(
            self,
            places=self.places[chosen],
            labels=self.labels[chosen],
            scores=self.scores[chosen],
            shapes=self.shapes[chosen],
            rings=None if self.rings is None else tuple(self.rings[row] for row in chosen),
            probabilities=None if self.probabilities is None else self.probabilities[chosen],
        )


def boxes(places: object, labels: object, scores: object) -> Found:
    """Rectangles of an image; one label may stand for all."""
    return of("rectangle", np.asarray(places, np.float64).reshape(-1, 4), labels, scores)


def spans(places: object, labels: object, scores: object) -> Found:
    """Stretches of a text; one label may stand for all."""
    return of("span", np.asarray(places, np.int64).reshape(-1, 2), labels, scores)


def polygons(rings: Sequence[NDArray[np.float64]], labels: object, scores: object) -> Found:
    """Regions of an image by their corners; the places are what holds them."""
    corners = [(*ring.min(axis=0), *np.ptp(ring, axis=0)) for ring in rings]
    found = of("polygon", np.asarray(corners, np.float64).reshape(-1, 4), labels, scores)
    return replace(found, rings=tuple(rings))


def surest_first(found: Found, most: int | None = None) -> Found:
    """Those of equal score by their places, so that the same things always come in the same order."""
    return found.take(np.lexsort((*found.places.T[::-1], -found.scores))[:most])


def of(shape: str, places: NDArray[Any], labels: object, scores: object) -> Found:
    n = len(places)
    return Found(
        places=places,
        labels=np.broadcast_to(np.asarray(labels, np.str_), n),
        scores=np.broadcast_to(np.asarray(scores, np.float64), n),
        shapes=np.full(n, shape),
    )
