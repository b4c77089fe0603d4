"""Labels that are likely to be mistakes, from probabilities that were told by who had not seen them: confident learning
(Northcutt, Jiang and Chuang, 2021)."""

import numpy as np
from numpy.typing import NDArray

from detectors.evaluation.things import Flags, Floats, Rows

Counts = NDArray[np.int64]
NEVER = 2.0  # a probability that no class has


def self_confidence(labels: Rows, probabilities: Floats) -> Floats:
    """Of each (n,) the probability of its label: the lower, the likelier a mistake."""
    return probabilities[np.arange(len(labels)), labels]


def margin(labels: Rows, probabilities: Floats) -> Floats:
    """Of each (n,) by how much its label is likelier than any other, from -1 to 1."""
    others = probabilities.copy()
    others[np.arange(len(labels)), labels] = -np.inf
    best = others.max(axis=1, initial=-np.inf)
    return self_confidence(labels, probabilities) - np.where(np.isfinite(best), best, 0.0)


def thresholds(labels: Rows, probabilities: Floats) -> Floats:
    """Of each class (k,) how sure one is of it on average where it is the label."""
    count = probabilities.shape[1]
    sums = np.bincount(labels, self_confidence(labels, probabilities), count)
    there = np.bincount(labels, minlength=count)
    return np.where(there > 0, np.maximum(sums / np.maximum(there, 1), 2e-6), NEVER)


def guessed(labels: Rows, probabilities: Floats) -> Rows:
    """Of each (n,) the class that one is as sure of as of those that carry it, or -1; of several the likeliest."""
    sure = probabilities >= thresholds(labels, probabilities) - 1e-6
    several = sure.sum(axis=1) > 1
    guess = np.where(several, probabilities.argmax(axis=1), sure.argmax(axis=1))
    return np.where(sure.any(axis=1), guess, -1)


def joint(labels: Rows, probabilities: Floats) -> Counts:
    """How many (k, k) carry a label, in rows, and are in truth of a class, in columns, as far as that can be told."""
    count = probabilities.shape[1]
    guess = guessed(labels, probabilities)
    sure = guess >= 0
    seen = np.bincount(labels[sure] * count + guess[sure], minlength=count * count).reshape(count, count)
    np.fill_diagonal(seen, np.maximum(np.diagonal(seen), 1))
    return rounded(seen / seen.sum(axis=1, keepdims=True) * np.bincount(labels, minlength=count)[:, None])


def rounded(shares: Floats) -> Counts:
    """To whole numbers, such that each row keeps its sum: those come up that lack the least."""
    whole = np.floor(shares)
    left = np.rint((shares - whole).sum(axis=1)).astype(np.intp)
    rank = np.argsort(np.argsort(whole - shares, axis=1, kind="stable"), axis=1)
    return (whole + (rank < left[:, None])).astype(np.int64)


def likely(labels: Rows, probabilities: Floats) -> Flags:
    """Which (n,) are mistakes: of each label as many as are in truth of another class, those that are by far likelier
    that. What is likeliest what it says is none, nor is the only one of its label."""
    found = np.zeros(len(labels), bool)
    counts = joint(labels, probabilities)
    for label, other in np.argwhere((counts > 0) & ~np.eye(len(counts), dtype=bool)):
        rows = np.flatnonzero(labels == label)
        if len(rows) > 1:
            likelier = probabilities[rows, label] - probabilities[rows, other]
            found[rows[np.argsort(likelier, kind="stable")[: counts[label, other]]]] = True
    return found & (probabilities.argmax(axis=1) != labels)
