"""Which labels are said to be mistakes, beside cleanlab."""

import numpy as np
import pytest
from cleanlab.count import compute_confident_joint, get_confident_thresholds
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_normalized_margin_for_each_label, get_self_confidence_for_each_label
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from detectors.evaluation import mistakes


def flipped(labels, count, seed):
    """The labels with so many of them wrong."""
    random = np.random.RandomState(seed)
    rows = random.choice(len(labels), count, replace=False)
    wrong = labels.copy()
    wrong[rows] = (wrong[rows] + random.randint(1, 10, count)) % 10
    return wrong


@pytest.fixture(scope="module")
def digits():
    """Labels of which 100 are wrong, probabilities of who had not seen them, and which are wrong."""
    images, truth = load_digits(return_X_y=True)
    labels = flipped(truth, 100, 477)
    model = LogisticRegression(max_iter=500)
    return labels, cross_val_predict(model, images / 16, labels, cv=5, method="predict_proba"), labels != truth


def test_of_a_hundred_wrong_digits_most_are_found(digits):
    labels, told, wrong = digits

    found = mistakes.likely(labels, told)

    theirs = find_label_issues(labels, told, n_jobs=1)
    assert wrong[found].sum() >= 85
    assert wrong[found].mean() >= 0.53
    assert wrong[found].sum() >= wrong[theirs].sum()
    assert (found & theirs).sum() >= 0.9 * theirs.sum()


@pytest.mark.parametrize("order", [mistakes.self_confidence, mistakes.margin])
def test_of_the_fifty_likeliest_mistakes_at_least_forty_five_are_mistakes(digits, order):
    labels, told, wrong = digits

    assert wrong[np.argsort(order(labels, told))[:50]].sum() >= 45


def random_labels(seed, count=400, classes=5):
    random = np.random.default_rng(seed)
    told = random.dirichlet(np.full(classes, 0.4), count)
    labels = np.where(random.random(count) < 0.7, told.argmax(axis=1), random.integers(0, classes, count))
    return labels, told


@pytest.mark.parametrize("seed", range(4))
def test_the_parts_agree_with_cleanlab(seed):
    labels, told = random_labels(seed)

    np.testing.assert_allclose(mistakes.thresholds(labels, told), get_confident_thresholds(labels, told), atol=1e-9)
    np.testing.assert_allclose(
        mistakes.self_confidence(labels, told), get_self_confidence_for_each_label(labels, told), atol=1e-9
    )
    np.testing.assert_allclose(
        (mistakes.margin(labels, told) + 1) / 2, get_normalized_margin_for_each_label(labels, told), atol=1e-9
    )
    ours, theirs = mistakes.joint(labels, told), compute_confident_joint(labels, told)
    assert abs(ours - theirs).max() <= 1  # equal shares may be rounded this way or that
    np.testing.assert_array_equal(ours.sum(axis=1), theirs.sum(axis=1))
    apart = find_label_issues(labels, told, filter_by="confident_learning", n_jobs=1)
    guess = mistakes.guessed(labels, told)
    np.testing.assert_array_equal((guess >= 0) & (guess != labels) & (told.argmax(axis=1) != labels), apart)


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ([], np.empty((0, 3))),
        ([0, 0, 0], [[0.2], [0.2], [1.0]]),
        ([1, 1], [[0.9, 0.1], [0.8, 0.2]]),
        ([0, 1, 2], np.full((3, 3), 1 / 3)),
    ],
    ids=["nothing", "one class", "a class without labels", "all alike"],
)
def test_where_little_is_known_nothing_breaks(labels, told):
    labels, told = np.array(labels, np.intp), np.asarray(told, float)

    assert mistakes.likely(labels, told).shape == labels.shape
    assert np.isfinite(mistakes.margin(labels, told)).all()
