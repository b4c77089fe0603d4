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
    (n, k) are those of `classes`, where the detector tells them of all its classes; a row of NaN tells none.

    In a pipeline, `keys` int64 (n,) are what each is known by from where it was found on, whatever passes it on;
    `parents` (n,) are the keys of the regions in which they were found, -1 for those of the whole item.
    """

    places: NDArray[Any]
    labels: NDArray[np.str_]
    scores: NDArray[np.float64]
    shapes: NDArray[np.str_]
    rings: tuple[NDArray[np.float64] | None, ...] | None = None
    probabilities: NDArray[np.float64] | None = None
    classes: tuple[str, ...] = ()
    keys: NDArray[np.int64] | None = None
    parents: NDArray[np.int64] | None = None

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
            keys=None if self.keys is None else self.keys[chosen],
            parents=None if self.parents is None else self.parents[chosen],
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


def joined(some: Sequence[Found]) -> Found:
    """All that several (at least one) of the same kind of item found, in their order."""
    if len(some) == 1:
        return some[0]
    sizes = [len(one) for one in some]
    classes = tuple(dict.fromkeys(name for one in some for name in one.classes))
    rings = [one.rings or (None,) * len(one) for one in some]
    return Found(
        places=np.concatenate([one.places for one in some]),
        labels=np.concatenate([one.labels for one in some]),
        scores=np.concatenate([one.scores for one in some]),
        shapes=np.concatenate([one.shapes for one in some]),
        rings=tuple(ring for of_one in rings for ring in of_one) if any(one.rings for one in some) else None,
        probabilities=np.concatenate([told(one, classes) for one in some]) if classes else None,
        classes=classes,
        keys=numbers([one.keys for one in some], sizes),
        parents=numbers([one.parents for one in some], sizes),
    )


def told(found: Found, classes: tuple[str, ...]) -> NDArray[np.float64]:
    """Its probabilities of these classes: 0 of those that it doesn't know, NaN where it tells none."""
    if found.probabilities is None:
        return np.full((len(found), len(classes)), np.nan)
    wide = np.zeros((len(found), len(classes)))
    wide[:, [classes.index(name) for name in found.classes]] = found.probabilities
    return wide


def numbers(columns: Sequence[NDArray[np.int64] | None], sizes: Sequence[int]) -> NDArray[np.int64] | None:
    if all(column is None for column in columns):
        return None
    filled = [np.full(n, -1) if column is None else column for column, n in zip(columns, sizes, strict=True)]
    return np.concatenate(filled)
