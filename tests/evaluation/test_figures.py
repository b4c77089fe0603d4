"""How good predictions are said to be, beside scikit-learn."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import average_precision_score, confusion_matrix, precision_recall_fscore_support

from detectors.evaluation.calibration import reliability
from detectors.evaluation.cost import costs, together
from detectors.evaluation.figures import accuracy, average_precision, confusion, rates
from detectors.evaluation.matching import match
from detectors.evaluation.measures import boxes, tags
from detectors.evaluation.things import Things
from tests.evaluation.random_things import predictions, truths


def tagged(seed, count=300, classes=4):
    """Of each item one tag in truth and one that is predicted."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, classes, count)
    said = np.where(random.random(count) < 0.7, truth, random.integers(0, classes, count))
    items, nowhere = np.arange(count), np.empty((count, 0))
    return Things(items, truth, nowhere), Things(items, said, nowhere, random.random(count))


@pytest.mark.parametrize("seed", range(3))
def test_of_one_tag_an_item_the_figures_are_those_of_scikit_learn(seed):
    truth, said = tagged(seed)

    matrix = confusion(truth, said, match(truth, said, tags.measure, 1.0, "same first"), 4)

    np.testing.assert_array_equal(matrix[:4, :4], confusion_matrix(truth.classes, said.classes))
    assert matrix[4].sum() == matrix[:, 4].sum() == 0
    theirs = precision_recall_fscore_support(truth.classes, said.classes, zero_division=0)
    ours = rates(matrix)
    for one, other in zip((ours.precision, ours.recall, ours.f1, ours.support), theirs, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-9)
    assert accuracy(matrix) == pytest.approx((truth.classes == said.classes).mean())


def test_all_that_is_there_and_all_that_is_predicted_is_counted_once():
    truth, said = truths(1, 150, crowds=0), predictions(2, 200)
    matches = match(truth, said, boxes.measure, 0.4, "any")

    for least in (0.0, 0.3, 0.9, 1.1):
        matrix = confusion(truth, said, matches, 3, least)
        assert matrix[:3].sum() == 150
        assert matrix[:, :3].sum() == (said.scores >= least).sum()
        assert matrix[3, 3] == 0


def test_crowds_and_what_is_of_one_are_not_counted():
    place = np.array([(0, 0, 10, 10), (20, 20, 10, 10)], float)
    truth = Things(np.zeros(2, int), np.zeros(2, int), place, crowd=np.array([True, False]))
    said = Things(np.zeros(3, int), np.zeros(3, int), place[[0, 0, 1]], np.array([0.9, 0.8, 0.7]))

    matrix = confusion(truth, said, match(truth, said, boxes.measure, 0.5, "same"), 1)

    assert matrix.tolist() == [[1, 0], [0, 0]]


def test_a_class_that_nobody_labelled_or_predicted_has_no_figures():
    assert rates(np.zeros((3, 3), int)).f1.tolist() == [0, 0]
    assert accuracy(np.zeros((3, 3), int)) == 0


@pytest.mark.parametrize("ties", [5, 10_000])
def test_average_precision_is_that_of_scikit_learn(ties):
    random = np.random.default_rng(ties)
    scores, right = random.integers(0, ties, 400) / ties, random.random(400) < 0.3

    assert average_precision(scores, right, int(right.sum())) == pytest.approx(
        average_precision_score(right, scores), abs=1e-9
    )
    assert average_precision(scores, right, int(right.sum()) * 2) == pytest.approx(
        average_precision_score(right, scores) / 2, abs=1e-9
    )


@pytest.mark.parametrize(("scores", "there"), [([], 3), ([0.5], 0), ([], 0)])
def test_of_nothing_the_average_precision_is_nothing(scores, there):
    assert average_precision(np.array(scores), np.zeros(len(scores), bool), there) == 0


def test_reliability_is_that_of_scikit_learn():
    random = np.random.default_rng(0)
    scores = np.append(random.random(500), [0.0, 0.1, 0.2, 0.5, 1.0])
    right = random.random(505) < scores**2

    ours = reliability(scores, right)

    accuracies, confidences = calibration_curve(right, scores, n_bins=10)
    np.testing.assert_allclose(ours.accuracy, accuracies, atol=1e-9)
    np.testing.assert_allclose(ours.confidence, confidences, atol=1e-9)
    assert ours.counts.sum() == 505
    assert ours.error == pytest.approx((ours.counts * abs(accuracies - confidences)).sum() / 505)


def test_who_is_always_as_sure_as_right_makes_no_error_of_calibration():
    assert reliability(np.full(4, 0.75), np.array([1, 1, 1, 0], bool)).error == pytest.approx(0)
    assert reliability(np.empty(0), np.empty(0, bool)).error == 0


def test_the_best_threshold_is_where_mistakes_cost_least():
    scores, right = np.array([0.9, 0.8, 0.6, 0.6, 0.3]), np.array([True, True, False, True, False])

    cheap = costs(scores, right, 4, false_alarm=1, miss=10)
    dear = costs(scores, right, 4, false_alarm=100, miss=10)

    assert cheap.costs.tolist() == [40, 30, 20, 11, 12]
    assert cheap.best == (0.6, 11)
    assert dear.best == (0.8, 20)
    assert costs(scores, right, 4, false_alarm=0, miss=0).best[1] == 0


def test_what_labels_cost_together_is_their_sum_at_each_threshold():
    random = np.random.default_rng(1)
    said = [(random.integers(0, 10, n) / 10, random.random(n) < 0.5) for n in (7, 12)]
    each = [costs(*one, 20, false_alarm=1, miss=3) for one in said]

    for threshold, cost in zip(*vars(together(each)).values(), strict=True):
        expected = 0
        for scores, right in said:
            taken = scores >= threshold
            expected += (taken & ~right).sum() + 3 * (20 - (taken & right).sum())
        assert cost == expected
