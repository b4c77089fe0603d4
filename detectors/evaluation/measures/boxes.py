"""Boxes: by the area that two have in common over that of both; of a crowd over that of the prediction."""

import numpy as np

from detectors.evaluation.things import Floats, Things
from detectors.pipelines.overlaps import corners, covered, overlap


def measure(truth: Things, predicted: Things) -> Floats:
    """How much truths (n,) and predictions (n,) cover of each other, row by row, from 0 to 1."""
    ours, theirs = corners(truth.places), corners(predicted.places)
    shares = overlap(ours, theirs)
    return np.where(truth.crowd, covered(theirs, ours), shares) if truth.crowd is not None else shares
