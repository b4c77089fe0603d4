"""How good it is, from what was told of things by who had not seen them."""

from collections.abc import Sequence

import numpy as np

from detectors.found import Found
from detectors.learning.describing import Places
from detectors.learning.windows import overlaps

SAME = 0.5  # of what both cover together


def average_precision(found: Sequence[Found], places: Sequence[Places], label: str) -> float:
    """Of what was found (an image each), the surest first, how much is right, on average over the labelled things
    `places` (n, 4) of each: the mean precision at each of them that is found, 0 for each that is not."""
    rows = []
    total = sum(map(len, places))
    for one, there in zip(found, places, strict=True):
        mine = one.take(one.labels == label)
        rows += list(zip(mine.scores.tolist(), matched(mine.places, there), strict=True))
    rows.sort(key=lambda row: -row[0])
    right = np.array([is_right for _, is_right in rows], bool)
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    return float(precision[right].sum() / total) if total else 0.0


def matched(found: Places, there: Places) -> list[bool]:
    """Which of the found ones, the surest first, is one of those that are there and that no surer one is."""
    left = set(range(len(there)))
    rights = []
    for shares in overlaps(found, there) if len(there) else np.zeros((len(found), 0)):
        best = max(left, key=lambda at: shares[at], default=None)
        rights.append(best is not None and bool(shares[best] >= SAME))
        if rights[-1] and best is not None:
            left.remove(best)
    return rights
