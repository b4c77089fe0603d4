"""Which prediction is which truth, beside pycocotools."""

import numpy as np
import pytest

from detectors.evaluation import matching
from detectors.evaluation.matching import match
from detectors.evaluation.measures import boxes, polygons, spans, tags
from detectors.evaluation.things import Things
from tests.evaluation.pycoco import judged
from tests.evaluation.random_things import predictions, truths

RING = np.array([(0, 0), (10, 0), (10, 10)], float)


def by_class(things):
    """As pycocotools looks at them where classes do not count."""
    return things.take(np.argsort(things.classes, kind="stable"))


def of_pycocotools(truth, predicted, least, *, aware):
    """Of each prediction the row of its truth, or -1, and whether it is ignored."""
    about = {"iouThrs": np.array([least]), "useCats": int(aware), "maxDets": [10_000]}
    judge = judged(truth, predicted, **about, areaRng=[[0, 1e10]], areaRngLbl=["all"])
    matched, ignored = np.full(len(predicted), -1), np.zeros(len(predicted), bool)
    for one in filter(None, judge.evalImgs):
        of = np.array(one["dtIds"], int) - 1
        matched[of] = one["dtMatches"][0].astype(int) - 1
        ignored[of] = one["dtIgnore"][0]
    return matched, ignored


@pytest.mark.parametrize("aware", [True, False], ids=["of the same class", "of any class"])
@pytest.mark.parametrize("least", [0.1, 0.5, 0.75, 1.0])
@pytest.mark.parametrize("seed", range(6))
def test_boxes_are_matched_as_pycocotools_matches_them(seed, least, aware):
    truth, predicted = (by_class(each) for each in (truths(seed, 120), predictions(seed + 50, 200)))

    ours = match(truth, predicted, boxes.measure, least, "same" if aware else "any")

    matched, ignored = of_pycocotools(truth, predicted, least, aware=aware)
    np.testing.assert_array_equal(ours.truths, matched)
    np.testing.assert_array_equal(ours.ignored, ignored)


def test_what_is_less_sure_changes_nothing_for_the_surer():
    truth, predicted = truths(1, 200), predictions(2, 300, ties=300)
    sure = predicted.scores >= 0.5

    of_all = match(truth, predicted, boxes.measure, 0.5, "same")
    of_sure = match(truth, predicted.take(sure), boxes.measure, 0.5, "same")

    np.testing.assert_array_equal(of_all.truths[sure], of_sure.truths)


def test_many_pairs_are_looked_at_some_at_a_time(monkeypatch):
    truth, predicted = truths(3, 200, items=2), predictions(4, 200, items=2)
    at_once = match(truth, predicted, boxes.measure, 0.3, "any")

    monkeypatch.setattr(matching, "AT_ONCE", 150)
    bit_by_bit = match(truth, predicted, boxes.measure, 0.3, "any")

    np.testing.assert_array_equal(at_once.truths, bit_by_bit.truths)
    np.testing.assert_array_equal(at_once.predictions, bit_by_bit.predictions)


@pytest.mark.parametrize(("count", "others"), [(0, 0), (0, 3), (3, 0)])
def test_where_there_is_nothing_nothing_is_matched(count, others):
    matches = match(truths(0, count, crowds=0), predictions(0, others), boxes.measure, 0.5, "same")

    assert matches.predictions.tolist() == [-1] * count
    assert matches.truths.tolist() == [-1] * others


def test_a_polygon_is_compared_by_what_it_encloses():
    rings = np.array([RING, None], object)
    place = np.array([(0, 0, 10, 10)] * 2, float)
    truth = Things(np.zeros(2, np.int64), np.zeros(2, np.intp), place, rings=rings)
    predicted = Things(np.zeros(2, np.int64), np.zeros(2, np.intp), place, np.array([0.5, 0.5]))

    assert polygons.measure(truth, predicted).tolist() == [0.5, 1.0]
    assert polygons.measure(predicted, truth).tolist() == [0.5, 1.0]
    assert polygons.measure(predicted, predicted).tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("least", "expected"), [(spans.EXACT, [0, -1, -1]), (spans.PARTIAL, [0, 1, -1])], ids=["exact", "partial"]
)
def test_spans_are_matched_from_end_to_end_or_by_any_part(least, expected):
    truth = Things(np.zeros(2, np.int64), np.zeros(2, np.intp), np.array([(0, 5), (10, 20)]))
    predicted = Things(
        np.zeros(3, np.int64), np.zeros(3, np.intp), np.array([(0, 5), (18, 30), (5, 10)]), np.array([0.9, 0.8, 0.7])
    )

    assert match(truth, predicted, spans.measure, least, "same").truths.tolist() == expected


def test_a_tag_is_its_own_class_first_and_then_what_is_left_in_its_item():
    truth = Things(np.array([1, 1, 2]), np.array([0, 1, 0]), np.empty((3, 0)))
    predicted = Things(np.array([1, 1, 3]), np.array([2, 1, 0]), np.empty((3, 0)), np.array([0.9, 0.5, 1.0]))

    assert match(truth, predicted, tags.measure, 1.0, "same").truths.tolist() == [-1, 1, -1]
    assert match(truth, predicted, tags.measure, 1.0, "same first").truths.tolist() == [0, 1, -1]
