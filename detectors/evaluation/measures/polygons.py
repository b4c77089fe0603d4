"""Polygons, and boxes among them: by the areas that they enclose."""

import numpy as np
import shapely

from detectors.evaluation.measures import boxes
from detectors.evaluation.things import Flags, Floats, Things
from detectors.pipelines.overlaps import common, corners


def measure(truth: Things, predicted: Things) -> Floats:
    """How much truths (n,) and predictions (n,) cover of each other, row by row, from 0 to 1."""
    shares = boxes.measure(truth, predicted)
    near = common(corners(truth.places), corners(predicted.places)) > 0
    of_rings = near & (has_ring(truth) | has_ring(predicted))
    if not of_rings.any():
        return shares
    ours, theirs = (enclosed(each.take(of_rings)) for each in (truth, predicted))
    both = shapely.area(shapely.intersection(ours, theirs))
    one, other = shapely.area(ours), shapely.area(theirs)
    of = np.where(truth.crowds[of_rings], other, one + other - both)
    shares[of_rings] = np.divide(both, of, out=np.zeros_like(both), where=of > 0)
    return shares


def has_ring(things: Things) -> Flags:
    if things.rings is None:
        return np.zeros(len(things), bool)
    return np.array([ring is not None for ring in things.rings], bool)


def enclosed(things: Things) -> np.ndarray:
    """What each encloses: by its ring, whatever way it crosses itself, or else its box."""
    made = shapely.box(*corners(things.places).T)
    rows = np.flatnonzero(has_ring(things))
    if things.rings is not None and len(rows):
        made[rows] = shapely.make_valid([shapely.Polygon(things.rings[row]) for row in rows])
    return made
