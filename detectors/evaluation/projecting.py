"""Vectors as points in a plane: principal components."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from detectors.evaluation.things import Floats

COMPONENTS = 10
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
    sound = np.isfinite(vectors).all(axis=1)
    count = min(COMPONENTS, vectors.shape[1], int(sound.sum()))
    points = np.full((len(vectors), count), np.nan, np.float32)
    if not count:
        return Projection(points, np.zeros(0))
    some = vectors if sound.all() else vectors[sound]
    if (some == some[0]).all():
        points[sound] = 0
        return Projection(points, np.zeros(count))
    model = PCA(count, svd_solver="covariance_eigh").fit(some)
    largest = abs(model.components_).argmax(axis=1)
    signs = np.sign(model.components_[np.arange(count), largest])
    points[sound] = model.transform(some) * signs
    return Projection(points, np.asarray(model.explained_variance_ratio_, np.float64))
