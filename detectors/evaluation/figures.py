"""How good predictions are, from which of them is which truth."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.evaluation.matching import Matches
from detectors.evaluation.things import Flags, Floats, Rows, Things

Counts = NDArray[np.int64]


def confusion(truth: Things, predicted: Things, matches: Matches, classes: int, least: float = 0.0) -> Counts:
    """Counts (classes + 1, classes + 1): truths in rows, predictions of that confidence at `least` in columns, "none"
    last. Crowds, and what is of one, are not counted."""
    return counted(*told(truth, predicted, matches, classes, least), classes)


def told(truth: Things, predicted: Things, matches: Matches, classes: int, least: float = 0.0) -> tuple[Rows, Rows]:
    """What is counted, one each: the class of the truth, and that of the prediction; `classes` stands for none."""
    sure = np.ones(len(predicted), bool) if predicted.scores is None else predicted.scores >= least
    found = np.flatnonzero(sure & (matches.truths >= 0) & ~matches.ignored)
    alone = np.flatnonzero(sure & (matches.truths < 0))
    by = matches.predictions
    missed = np.flatnonzero(~truth.crowds & ~((by >= 0) & np.append(sure, False)[by]))
    none = np.full(len(alone) + len(missed), classes)
    rows = np.concatenate([truth.classes[matches.truths[found]], none[: len(alone)], truth.classes[missed]])
    columns = np.concatenate([predicted.classes[found], predicted.classes[alone], none[: len(missed)]])
    return rows, columns


def counted(rows: Rows, columns: Rows, classes: int) -> Counts:
    side = classes + 1
    return np.bincount(rows * side + columns, minlength=side * side).reshape(side, side).astype(np.int64)


@dataclass(frozen=True)
class Rates:
    """By class (k,), from 0 to 1. Where there is nothing to divide by it is 0."""

    precision: Floats
    recall: Floats
    f1: Floats
    support: Counts


def rates(matrix: Counts) -> Rates:
    """Of a confusion matrix (k + 1, k + 1) whose last row and column are "none"."""
    right = np.diagonal(matrix)[:-1]
    told, there = matrix[:, :-1].sum(axis=0), matrix[:-1].sum(axis=1)
    return Rates(share(right, told), share(right, there), share(2 * right, told + there), there)


def accuracy(matrix: Counts) -> float:
    """Of all that is counted how much is on the diagonal."""
    return float(share(np.trace(matrix), matrix.sum()))


def share(part: NDArray[np.int64], of: NDArray[np.int64]) -> Floats:
    return np.divide(part, of, out=np.zeros(np.shape(part)), where=np.asarray(of) > 0)


def average_precision(scores: Floats, right: Flags, there: int) -> float:
    """The precision at each threshold, weighed by how much recall it adds, without interpolation, as scikit-learn has
    it; of things that are `there` some may not be among those (n,) that were found."""
    if not there or not len(scores):
        return 0.0
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(right[order])
    ends = np.flatnonzero(np.diff(scores[order], append=-np.inf))  # equal ones come at once
    precision = hits[ends] / (ends + 1)
    return float((np.diff(hits[ends], prepend=0) * precision).sum() / there)
