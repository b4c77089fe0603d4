"""Tags: a classifier over whole items, images or texts alike."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.learning.linear import Floats, Linear, fitted, folds

# Of few labels, numbers brought to the same spread say more about these few than about images.
OPTIONS: dict[str, Any] = {"strength": 30.0, "standardised": False}


@dataclass(frozen=True)
class Told:
    """What people said of n items: `given` (n, k) tags, and `refused` (n, k) ones. An item that is `finished` (n,) has
    no others."""

    given: NDArray[np.bool_]
    refused: NDArray[np.bool_]
    finished: NDArray[np.bool_]

    @property
    def exclusive(self) -> bool:
        """Each item has one of several: nobody has finished one without."""
        counts = self.given.sum(axis=1)
        return self.given.shape[1] > 1 and bool((counts <= 1).all() and (counts[self.finished] == 1).all())

    def take(self, rows: NDArray[np.intp]) -> "Told":
        return Told(self.given[rows], self.refused[rows], self.finished[rows])


def learned(vectors: Any, told: Told) -> tuple[Linear, Floats]:
    """From vectors (n, d), dense or sparse. Also the probabilities (n, k) that one tells of each item who has not seen
    it."""
    shares = np.zeros(told.given.shape)
    first = np.where(told.given.any(axis=1), told.given.argmax(axis=1), told.given.shape[1])
    for held in folds(range(len(first)), first):
        kept = np.setdiff1d(np.arange(len(first)), held)
        shares[held] = taught(vectors[kept], told.take(kept), told.exclusive).probabilities(vectors[held])
    return taught(vectors, told, told.exclusive), shares


def taught(vectors: Any, told: Told, exclusive: bool) -> Linear:
    if exclusive:
        return of_one(vectors, told)
    each = [of_each(vectors, told, label) for label in range(told.given.shape[1])]
    coefficients = np.concatenate([one.coefficients[1:] - one.coefficients[:1] for one in each])
    intercepts = np.concatenate([one.intercepts[1:] - one.intercepts[:1] for one in each])
    return Linear(coefficients, intercepts, exclusive=False)


def of_one(vectors: Any, told: Told) -> Linear:
    """One tag an item. Who refuses one says that it is any of the others."""
    count = told.given.shape[1]
    given, classes = np.nonzero(told.given)
    only_refused = np.flatnonzero(told.refused.any(axis=1) & ~told.given.any(axis=1))
    at, of_others = np.nonzero(~told.refused[only_refused])
    others = only_refused[at]
    rows = np.concatenate([given, others])
    left = np.maximum((~told.refused).sum(axis=1), 1)
    weights = np.concatenate([np.ones(len(given)), 1 / left[others]])
    numbers = np.concatenate([classes, of_others])
    return fitted(vectors[rows], numbers, count, weights, **OPTIONS)


def of_each(vectors: Any, told: Told, label: int) -> Linear:
    """Whether an item has the tag. Those that have another, or are finished without it, have not."""
    given = told.given[:, label]
    rows = np.flatnonzero(given | told.refused[:, label] | told.finished | told.given.any(axis=1))
    return fitted(vectors[rows], given[rows].astype(np.intp), 2, **OPTIONS)
