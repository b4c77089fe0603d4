"""Labelled boxes at random, where many meet, many are equally sure, and some stand for a crowd."""

from dataclasses import replace

import numpy as np

from detectors.evaluation.things import Things


def things(seed: int, count: int, *, items: int = 5, classes: int = 3) -> Things:
    random = np.random.default_rng(seed)
    starts, sizes = random.integers(0, 30, (count, 2)), random.integers(1, 30, (count, 2))
    return Things(
        items=np.sort(random.integers(0, items, count)).astype(np.int64),
        classes=random.integers(0, classes, count).astype(np.intp),
        places=np.hstack([starts, sizes]).astype(np.float64),
    )


def predictions(seed: int, count: int, *, ties: int = 20, **about: int) -> Things:
    scores = np.random.default_rng(seed + 1_000).integers(1, ties + 1, count) / ties
    return replace(things(seed, count, **about), scores=scores)


def truths(seed: int, count: int, *, crowds: float = 0.1, **about: int) -> Things:
    crowd = np.random.default_rng(seed + 2_000).random(count) < crowds
    return replace(things(seed, count, **about), crowd=crowd)
