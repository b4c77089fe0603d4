"""Vectors as points, beside scikit-learn's PCA."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

from detectors.evaluation.projecting import projected


def test_digits_lie_where_scikit_learn_puts_them():
    images = load_digits().data

    ours = projected(images)

    model = PCA(10, svd_solver="full").fit(images)
    theirs = model.transform(images)
    signs = np.sign((ours.points * theirs).sum(axis=0))
    np.testing.assert_allclose(ours.points, theirs * signs, atol=1e-4)  # points are float32
    np.testing.assert_allclose(ours.explained, model.explained_variance_ratio_, atol=1e-6)


def test_the_same_vectors_in_another_order_come_to_the_same_points():
    images = load_digits().data[:300]
    order = np.random.default_rng(0).permutation(300)

    np.testing.assert_allclose(projected(images).points[order], projected(images[order]).points, atol=1e-3)


def test_what_is_not_finite_has_no_place_and_moves_nothing():
    images = load_digits().data[:100].astype(np.float32)
    spoiled = np.insert(images, 50, np.nan, axis=0)

    ours = projected(spoiled)

    assert np.isnan(ours.points[50]).all()
    np.testing.assert_array_equal(np.delete(ours.points, 50, axis=0), projected(images).points)


@pytest.mark.parametrize(
    ("vectors", "shape"),
    [
        (np.empty((0, 5)), (0, 0)),
        (np.full((3, 5), np.nan), (3, 0)),
        (np.ones((1, 5)), (1, 1)),
        (np.full((4, 20), 0.1), (4, 4)),
        (np.eye(3, 2), (3, 2)),
    ],
    ids=["nothing", "nothing finite", "one", "all alike", "few"],
)
def test_of_little_there_are_few_components_or_none(vectors, shape):
    ours = projected(vectors.astype(np.float32))

    assert ours.points.shape == shape
    assert ours.explained.shape == shape[1:]
    assert np.isfinite(ours.explained).all()
    assert np.isfinite(ours.points).all() or np.isnan(vectors).all()
