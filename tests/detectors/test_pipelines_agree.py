"""Our arithmetic gives what the libraries give from which people know it: ensemble-boxes and SAHI."""

import sys
from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pytest

from detectors.found import boxes, spans
from detectors.pipelines.fusing import fused
from detectors.pipelines.operators.slide import tiles
from detectors.pipelines.suppressing import merged, nms

SIDE = 1_000.0
LABELS = np.array(["cat", "dog", "owl"])


@pytest.fixture(scope="module")
def ensemble():
    """The library without its compiler, which takes longer than our tests: the same code, run by Python."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "numba", SimpleNamespace(jit=lambda **_: lambda function: function))
        return import_module("ensemble_boxes")


@pytest.fixture(scope="module")
def sahi():
    names = ("prediction", "postprocess.combine", "slicing")
    return SimpleNamespace(**{name.split(".")[-1]: import_module(f"sahi.{name}") for name in names})


def scattered(seed: int, n: int, *, whole: bool = False):
    """Boxes in heaps, so that many overlap, with different scores."""
    random = np.random.default_rng(seed)
    heaps = random.uniform(0, SIDE * 0.8, (max(n // 8, 1), 2))
    at = heaps[random.integers(0, len(heaps), n)] + random.uniform(0, 40, (n, 2))
    sizes = random.uniform(20, 120, (n, 2))
    places = np.concatenate([at, sizes], axis=1)
    if whole:
        places = np.rint(places)
    return boxes(places, LABELS[random.integers(0, 3, n)], random.permutation(np.linspace(0.01, 1, n)))


def theirs(found):
    """As ensemble-boxes wants them: corners from 0 to 1, labels as numbers."""
    corners = np.concatenate([found.places[:, :2], found.places[:, :2] + found.places[:, 2:]], axis=1) / SIDE
    return corners, found.scores.copy(), np.searchsorted(LABELS, found.labels)


def same(found, corners, scores, labels, tolerance=1e-3):
    mine = np.column_stack([np.searchsorted(LABELS, found.labels), theirs(found)[0] * SIDE, found.scores])
    other = np.column_stack([labels, corners * SIDE, scores])
    np.testing.assert_allclose(mine[np.lexsort(mine.T[::-1])], other[np.lexsort(other.T[::-1])], atol=tolerance)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("threshold", [0.1, 0.5, 0.8])
def test_suppression_is_that_of_ensemble_boxes(ensemble, seed, threshold):
    found = scattered(seed, 150)

    kept = nms(found, threshold=threshold)

    same(kept, *ensemble.nms(*[[part] for part in theirs(found)], iou_thr=threshold), tolerance=1e-9)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("scoring", ["avg", "max", "box_and_model_avg", "absent_model_aware_avg"])
def test_fusion_is_that_of_ensemble_boxes(ensemble, seed, scoring):
    some = [scattered(seed * 10 + at, 40 + 20 * at) for at in range(3)]
    weights = [1.0, 1.0, 1.0] if seed % 2 else [2.0, 1.0, 0.5]

    ours = fused(some, weights=weights, threshold=0.4, scoring=scoring)

    columns = zip(*map(theirs, some), strict=True)
    corners, scores, labels = ensemble.weighted_boxes_fusion(
        *map(list, columns), weights=weights, iou_thr=0.4, conf_type=scoring
    )
    same(ours, corners, np.minimum(scores, 1), labels)


@pytest.mark.parametrize("seed", range(6))
def test_fusion_of_spans_is_that_of_ensemble_boxes(ensemble, seed):
    random = np.random.default_rng(seed)
    some = []
    for n in (30, 50):
        start = random.integers(0, 1_000_000, n // 5)[random.integers(0, n // 5, n)] + random.integers(0, 9_000, n)
        ends = start + random.integers(5_000, 30_000, n)
        some.append(spans(np.column_stack([start, ends]), "name", random.permutation(np.linspace(0.1, 1, n))))

    ours = fused(some, threshold=0.4)

    of = [(one.places / 2e6, one.scores, np.zeros(len(one))) for one in some]
    ends, scores, _ = ensemble.weighted_boxes_fusion_1d(*map(list, zip(*of, strict=True)), iou_thr=0.4)
    order = np.argsort(-scores, kind="stable")
    np.testing.assert_allclose(ours.places, ends[order] * 2e6, atol=2)
    np.testing.assert_allclose(ours.scores, scores[order], atol=1e-6)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("measure", "threshold"), [("ios", 0.5), ("iou", 0.3)])
@pytest.mark.parametrize("across", [True, False])
def test_merging_what_tiles_share_is_that_of_sahi(sahi, seed, measure, threshold, across):
    found = scattered(seed, 120, whole=True)
    corners, scores, labels = theirs(found)
    predictions = [
        sahi.prediction.ObjectPrediction(bbox=np.rint(box * SIDE).tolist(), category_id=int(label), score=score)
        for box, label, score in zip(corners, labels, scores, strict=True)
    ]

    ours = merged(found, threshold=threshold, measure=measure, across_labels=across)
    ours_kept = nms(found, threshold=threshold, measure=measure, across_labels=across)

    for way, mine in ((sahi.combine.GreedyNMMPostprocess, ours), (sahi.combine.NMSPostprocess, ours_kept)):
        kept = way(threshold, measure.upper(), class_agnostic=across)(list(predictions))
        boxes_ = np.array([one.bbox.to_xyxy() for one in kept]) / SIDE
        values = np.array([one.score.value for one in kept])
        same(mine, boxes_, values, [one.category.id for one in kept], tolerance=1e-9)


@pytest.mark.parametrize("size", [(100, 80), (640, 480), (641, 1280), (1000, 33), (2000, 1500)])
@pytest.mark.parametrize(("tile", "overlap"), [(640, 0.2), (100, 0), (64, 0.5), (77, 0.33)])
def test_tiles_are_those_of_sahi(sahi, size, tile, overlap):
    width, height = size

    ours = tiles(size, tile=tile, overlap=overlap)

    assert [list(window) for window in ours] == sahi.slicing.get_slice_bboxes(
        height, width, tile, tile, overlap_height_ratio=overlap, overlap_width_ratio=overlap
    )
