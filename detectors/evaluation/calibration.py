"""Whether of what a model is 80 % sure of 80 % is right (Guo et al., 2017)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.evaluation.things import Flags, Floats

BINS = 10


@dataclass(frozen=True)
class Reliability:
    """By bin (b,) of confidence, those that hold something: how sure it was on average, how much was right, of how
    many. `error` is the expected calibration error: how far the two are from each other, on average over all."""

    confidence: Floats
    accuracy: Floats
    counts: NDArray[np.int64]
    error: float


def reliability(scores: Floats, right: Flags, bins: int = BINS) -> Reliability:
    """Of scores (n,) from 0 to 1, in bins of equal width, as scikit-learn's `calibration_curve` takes them."""
    of = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], scores)
    counts = np.bincount(of, minlength=bins)
    some = counts > 0
    confidence = np.bincount(of, scores, bins)[some] / counts[some]
    accuracy = np.bincount(of, right, bins)[some] / counts[some]
    shares = counts[some] / max(len(scores), 1)
    return Reliability(confidence, accuracy, counts[some], float((shares * abs(confidence - accuracy)).sum()))
