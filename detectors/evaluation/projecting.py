"""Vectors as points in a plane: principal components."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn import config_context
from sklearn.decomposition import PCA

from detectors.evaluation.things import Flags, Floats

COMPONENTS = 10
AT_FIRST = 100  # rows: mostly these are not all alike, and the others need not be looked at
Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Projection:
    """Points (n, c) by up to ten principal components, and how much of the variance each component explains (c,), from
    0 to 1. A vector that is not finite has a point of NaN. Where all vectors are alike they lie in one place, and
    nothing is explained."""

    points: Vectors
    explained: Floats


def projected(vectors: Vectors) -> Projection:
    """Of vectors (n, d). A component's direction is such that its largest weight is positive, so that the same vectors
    come to the same points."""
    sound = finite(vectors)
    count = min(COMPONENTS, vectors.shape[1], int(sound.sum()))
    points = np.full((len(vectors), count), np.nan, np.float32)
    if not count:
        return Projection(points, np.zeros(0))
    some = vectors if sound.all() else vectors[sound]
    if (some[:AT_FIRST] == some[0]).all() and (some == some[0]).all():
        points[sound] = 0
        return Projection(points, np.zeros(count))
    model = PCA(count, svd_solver="covariance_eigh")
    with config_context(assume_finite=True):  # that was looked at
        found = model.fit_transform(some)
    largest = abs(model.components_).argmax(axis=1)
    points[sound] = found * np.sign(model.components_[np.arange(count), largest])
    return Projection(points, np.asarray(model.explained_variance_ratio_, np.float64))


def finite(vectors: Vectors) -> Flags:
    """Which rows (n,) hold neither NaN nor infinity: a sum tells, unless it is too large itself."""
    with np.errstate(all="ignore"):
        sound: Flags = np.isfinite(vectors @ np.ones(vectors.shape[1], vectors.dtype))
    doubtful = np.flatnonzero(~sound)
    sound[doubtful] = np.isfinite(vectors[doubtful]).all(axis=1)
    return sound
