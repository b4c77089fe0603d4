"""COCO's figures, beside pycocotools."""

import contextlib
import io
from dataclasses import replace

import numpy as np
import pytest

from detectors.evaluation.coco import coco
from detectors.evaluation.measures import boxes
from tests.evaluation.pycoco import judged
from tests.evaluation.random_things import predictions, truths


def areas(things):
    return things.places[:, 2] * things.places[:, 3]


def larger(things):
    """Of all three sizes that COCO tells apart."""
    return replace(things, places=things.places * (1 + 6 * (things.items[:, None] % 3)))


def ours(truth, predicted):
    return coco(truth, predicted, boxes.measure, 3, (areas(truth), areas(predicted)))


@pytest.mark.parametrize("count", [30, 400])
@pytest.mark.parametrize("seed", range(4))
def test_the_figures_are_those_of_pycocotools(seed, count):
    truth, predicted = larger(truths(seed, 120)), larger(predictions(seed + 50, count))
    predicted = replace(predicted, places=np.concatenate([truth.places[: count // 2], predicted.places])[:count])

    told = ours(truth, predicted)

    judge = judged(truth, predicted)
    with contextlib.redirect_stdout(io.StringIO()):
        judge.summarize()
    expected = np.where(judge.stats[:6] > -1, judge.stats[:6], np.nan)
    figures = [told.ap, told.ap50, told.ap75, told.small, told.medium, told.large]
    np.testing.assert_allclose(figures, expected, atol=1e-6)
    by_class = judge.eval["precision"][:, :, :, 0, -1].mean(axis=(0, 1))
    np.testing.assert_allclose(told.by_class, np.where(by_class > -1, by_class, np.nan), atol=1e-6)


def test_of_many_predictions_on_an_image_a_hundred_of_a_label_count():
    truth, predicted = truths(1, 40, items=1, classes=1), predictions(2, 300, items=1, classes=1)

    judge = judged(truth, predicted)
    with contextlib.redirect_stdout(io.StringIO()):
        judge.summarize()

    assert ours(truth, predicted).ap == pytest.approx(judge.stats[0], abs=1e-6)


@pytest.mark.parametrize(("count", "others"), [(5, 0), (0, 5)])
def test_where_nothing_is_found_or_is_there_the_figures_say_so(count, others):
    told = ours(truths(0, count, crowds=0), predictions(0, others))

    assert told.ap == 0 if count else np.isnan(told.ap)
