"""What to label next: which of the unlabelled helps a model most, and how a model would have grown by each choice."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.evaluation.things import Floats, Rows

AT_ONCE = 2_000  # rows that are held against all others at a time
Fit = Callable[[NDArray[Any], Rows, NDArray[Any]], Floats]  # vectors, labels, others: the probabilities (m, k) of these
Choose = Callable[[Floats, NDArray[Any], NDArray[Any]], Floats]  # probabilities, vectors and labelled ones: the worth


def uncertainty(probabilities: Floats) -> Floats:
    """Of each (n,) the entropy of its probabilities (n, k), from 0 to 1: what is told of nothing is wholly unsure."""
    sums = probabilities.sum(axis=1, keepdims=True)
    shares = np.clip(np.divide(probabilities, sums, out=np.ones_like(probabilities), where=sums > 0), 1e-12, None)
    shares = shares / shares.sum(axis=1, keepdims=True)
    return -(shares * np.log(shares)).sum(axis=1) / np.log(max(shares.shape[1], 2))


def disagreement(votes: NDArray[np.intp], count: int) -> Floats:
    """Of each (n,) how little several models say the same (vote entropy; Dagan and Engelson, 1995), from 0 to 1: their
    votes (n, m) are labels below `count`."""
    shares = np.stack([(votes == label).mean(axis=1) for label in range(count)], axis=1)
    return uncertainty(shares)


def distance(vectors: NDArray[Any], labelled: NDArray[Any]) -> Floats:
    """Of each (n,) how far its direction is from that of the nearest labelled one (core set; Sener and Savarese, 2018),
    from 0 to 1. Where nothing is labelled all are as far."""
    if not len(labelled):
        return np.ones(len(vectors))
    ours, theirs = unit(vectors), unit(labelled)
    found = np.empty(len(vectors))
    for start in range(0, len(vectors), AT_ONCE):
        found[start : start + AT_ONCE] = (ours[start : start + AT_ONCE] @ theirs.T).max(axis=1)
    return np.clip((1 - found) / 2, 0, 1)


def unit(vectors: NDArray[Any]) -> NDArray[Any]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.where(lengths > 0, lengths, 1)


def mixture(several: Sequence[Floats]) -> Floats:
    """Of each (n,) its mean rank among several orders, from 0 to 1, so that none of them outweighs another."""
    ranks = [np.argsort(np.argsort(one, kind="stable"), kind="stable") for one in several]
    return np.mean(ranks, axis=0) / max(len(several[0]) - 1, 1)


def curve(
    vectors: NDArray[Any], labels: Rows, begin: Rows, *, step: int, rounds: int, fit: Fit, choose: Choose
) -> list[tuple[int, float]]:
    """How many labels there were, and how much of what was not labelled was told right, round by round, had one begun
    with some rows and always labelled the `step` rows of the greatest worth next."""
    known = np.zeros(len(vectors), bool)
    known[begin] = True
    found = []
    for _ in range(rounds):
        others = np.flatnonzero(~known)
        if not len(others):
            break
        shares = fit(vectors[known], labels[known], vectors[others])
        found.append((int(known.sum()), float((shares.argmax(axis=1) == labels[others]).mean())))
        worth = choose(shares, vectors[others], vectors[known])
        known[others[np.argsort(-worth, kind="stable")[:step]]] = True
    return found
