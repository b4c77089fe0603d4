"""Tags: they are of their item as a whole."""

import numpy as np

from detectors.evaluation.things import Floats, Things


def measure(truth: Things, predicted: Things) -> Floats:
    """Truths (n,) and predictions (n,) of the same item cover each other, row by row."""
    return np.ones(len(truth))
