"""What is compared: labelled things of many items as columns, a row for each."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Things:
    """n things. `items` int64 (n,) say of which item each is, `classes` (n,) are rows of the list of labels, `places`
    are (n, 4) of x, y, width and height in pixels, (n, 2) of start and end in code points, or (n, 0) of tags.

    Predictions have `scores` (n,) from 0 to 1; of truths those of a `crowd` (n,) stand for many at once, as COCO has
    it. `rings` (n,) are the corners (m, 2) of polygons, None for boxes.
    """

    items: NDArray[np.int64]
    classes: Rows
    places: NDArray[Any]
    scores: Floats | None = None
    crowd: Flags | None = None
    rings: NDArray[np.object_] | None = None

    def __len__(self) -> int:
        return len(self.items)

    def take(self, rows: Rows | Flags) -> "Things":
        """Some of them, in the order given."""
        columns = {name: column[rows] for name, column in vars(self).items() if column is not None}
        return replace(self, **columns)

    @property
    def crowds(self) -> Flags:
        return np.zeros(len(self), bool) if self.crowd is None else self.crowd

    @property
    def order(self) -> Rows:
        """The rows, the surest first; of equal ones the earlier."""
        scores = np.ones(len(self)) if self.scores is None else self.scores
        return np.argsort(-scores, kind="stable")
