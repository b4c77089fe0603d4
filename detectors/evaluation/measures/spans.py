"""Spans of texts: by the code points that two have in common over those of both. From end to end that is 1."""

from detectors.evaluation.things import Floats, Things
from detectors.pipelines.overlaps import corners, overlap

EXACT = 1.0
PARTIAL = 1e-9  # whatever two have in common


def measure(truth: Things, predicted: Things) -> Floats:
    """How much truths (n,) and predictions (n,) cover of each other, row by row, from 0 to 1."""
    return overlap(corners(truth.places), corners(predicted.places))
