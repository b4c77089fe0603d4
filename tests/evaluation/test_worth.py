"""What to label next: the orders, and scikit-learn's published example of active learning."""

import numpy as np
import pytest
from scipy.stats import entropy
from sklearn.datasets import load_digits
from sklearn.semi_supervised import LabelSpreading

from detectors.evaluation import worth


def test_active_learning_on_digits_grows_as_in_the_published_example():
    """`plot_label_propagation_digits_active_learning`: 330 digits, 40 labelled, five more a round by entropy."""
    digits = load_digits()
    order = np.arange(len(digits.data))
    np.random.RandomState(0).shuffle(order)
    vectors, labels = digits.data[order[:330]], digits.target[order[:330]]

    def spread(known, said, others):
        model = LabelSpreading(gamma=0.25, max_iter=20)
        model.fit(np.concatenate([known, others]), np.concatenate([said, np.full(len(others), -1)]))
        return model.label_distributions_[len(known) :]

    found = worth.curve(
        vectors,
        labels,
        np.arange(40),
        step=5,
        rounds=5,
        fit=spread,
        choose=lambda shares, *_: worth.uncertainty(shares),
    )

    assert [count for count, _ in found] == [40, 45, 50, 55, 60]
    published = [0.87, 0.90, 0.92, 0.95, 0.96]
    assert all(ours >= theirs - 0.005 for (_, ours), theirs in zip(found, published, strict=True)), found


def test_what_is_even_is_wholly_unsure_and_what_is_sure_is_not():
    shares = np.array([[0.25] * 4, [1, 0, 0, 0], [0.5, 0.5, 0, 0], [0, 0, 0, 0]])

    found = worth.uncertainty(shares)

    np.testing.assert_allclose(found, [1, 0, 0.5, 1], atol=1e-6)
    np.testing.assert_allclose(found[:3], entropy(shares[:3].T) / np.log(4), atol=1e-6)


def test_models_that_say_the_same_do_not_disagree():
    votes = np.array([[1, 1, 1, 1], [0, 1, 0, 1], [0, 1, 2, 3]])

    np.testing.assert_allclose(worth.disagreement(votes, 4), [0, 0.5, 1], atol=1e-6)


def test_the_farthest_is_what_looks_least_like_anything_labelled():
    labelled = np.array([[1.0, 0.0], [0.0, 2.0]])

    found = worth.distance(np.array([[3.0, 0.0], [1.0, 1.0], [-1.0, -1.0], [0.0, 0.0]]), labelled)

    assert found.argmax() == 2
    assert found[0] == pytest.approx(0)
    assert worth.distance(np.ones((2, 2)), np.empty((0, 2))).tolist() == [1, 1]


def test_in_a_mixture_none_outweighs_another():
    one, other = np.array([0.0, 0.5, 1.0]), np.array([1e9, 2e9, 0.0])

    np.testing.assert_allclose(worth.mixture([one, other]), [0.25, 0.75, 0.5])
