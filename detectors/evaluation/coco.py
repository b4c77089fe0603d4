"""COCO's figures, reckoned by faster-coco-eval on overlaps of our own."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from faster_coco_eval import COCOeval_faster
from faster_coco_eval import faster_eval_api_cpp as engine

from detectors.evaluation.matching import Measure, groups, together
from detectors.evaluation.things import Floats, Rows, Things

MOST = (1, 10, 100)  # predictions of a label on an image, as COCO has it


@dataclass(frozen=True)
class Coco:
    """Average precision from 0 to 1: over overlaps from 0.5 to 0.95, and at two of them; of things smaller than 32 x 32
    pixels, than 96 x 96, and of larger ones; of each class (k,). It is NaN where there is nothing to find."""

    ap: float
    ap50: float
    ap75: float
    small: float
    medium: float
    large: float
    by_class: Floats


def coco(truth: Things, predicted: Things, measure: Measure, classes: int, areas: tuple[Floats, Floats]) -> Coco:
    """`areas` are those of truths (n,) and predictions (m,) in square pixels."""
    of_truths, of_predictions = by_group(truth), by_group(predicted)
    truth, predicted = truth.take(of_truths), predicted.take(of_predictions)
    judge = COCOeval_faster(iouType="bbox", print_function=lambda *_: None)
    items = np.union1d(truth.items, predicted.items)
    params = judge.params
    params.imgIds, params.catIds, params.maxDets = items.tolist(), list(range(classes)), list(MOST)
    crowd = truth.crowds.astype(int)
    fill(judge.gt_dataset, truth, iscrowd=crowd, ignore=crowd, area=areas[0][of_truths])
    fill(judge.dt_dataset, predicted, score=scores(predicted), area=areas[1][of_predictions])
    table = dict(tables(truth, predicted, measure))
    ious: list[list[Any]] = [[table.get((item, one), []) for one in params.catIds] for item in params.imgIds]
    judge.eval = engine.COCOevalEvaluateAccumulate(
        params, ious, judge.gt_dataset, judge.dt_dataset, params.imgIds, params.catIds, True
    )
    judge.summarize()
    precision = judge.eval["precision"][:, :, :, 0, -1]  # overlaps, recalls, classes
    told = np.where((precision > -1).any(axis=(0, 1)), precision.mean(axis=(0, 1)), np.nan)
    ap, ap50, ap75, small, medium, large = (float(one) if one > -1 else np.nan for one in judge.stats[:6])
    return Coco(ap, ap50, ap75, small, medium, large, told)


def by_group(things: Things) -> Rows:
    """The rows by item and class; within them the surest first, of equal ones the earlier."""
    return np.lexsort((-scores(things), things.classes, things.items))


def scores(things: Things) -> Floats:
    return np.zeros(len(things)) if things.scores is None else things.scores


def fill(dataset: "engine.Dataset", things: Things, **columns: Floats) -> None:
    names = ("id", *columns)
    rows = zip(range(1, len(things) + 1), *(column.tolist() for column in columns.values()), strict=True)
    for item, one, row in zip(things.items.tolist(), things.classes.tolist(), rows, strict=True):
        dataset.append_ref(item, one, dict(zip(names, row, strict=True)))


def tables(truth: Things, predicted: Things, measure: Measure) -> Iterator[tuple[tuple[int, int], Floats]]:
    """By item and class how much predictions, in rows, as many as count, and truths, in columns, cover of each other.
    Both come by group, the surest first."""
    ours, theirs = groups(truth, True), groups(predicted, True)
    counts = np.flatnonzero(np.arange(len(theirs)) - np.searchsorted(theirs, theirs) < MOST[-1])
    shares = [np.empty(0)]
    for truths, predictions in together(ours, theirs[counts]):
        shares.append(measure(truth.take(truths), predicted.take(counts[predictions])))
    every = np.concatenate(shares)
    both, at, width = np.unique(ours, return_index=True, return_counts=True)
    starts, ends = (np.searchsorted(theirs[counts], both, side) for side in ("left", "right"))
    heights = ends - starts
    upto = np.cumsum(width * heights)
    for row, columns, rows, end in zip(*(one.tolist() for one in (at, width, heights, upto)), strict=True):
        if rows:
            table = every[end - rows * columns : end].reshape(rows, columns)
            yield (int(truth.items[row]), int(truth.classes[row])), table
