"""What pycocotools makes of labelled boxes and predictions."""

import contextlib
import io
from typing import Any

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from detectors.evaluation.things import Things


def judged(truth: Things, predicted: Things, classes: int = 3, **params: Any) -> COCOeval:
    """Ids are rows, from 1."""
    there = zip(*(one.tolist() for one in (truth.items, truth.classes, truth.places, truth.crowds)), strict=True)
    found = zip(*(one.tolist() for one in (predicted.items, predicted.classes, predicted.places)), strict=True)
    coco = COCO()
    coco.dataset = {
        "images": [{"id": item} for item in sorted({*truth.items.tolist(), *predicted.items.tolist()})],
        "categories": [{"id": one} for one in range(classes)],
        "annotations": [
            {"id": n, "image_id": i, "category_id": c, "bbox": b, "area": b[2] * b[3], "iscrowd": int(crowd)}
            for n, (i, c, b, crowd) in enumerate(there, 1)
        ],
    }
    with contextlib.redirect_stdout(io.StringIO()):
        coco.createIndex()
        judge = COCOeval(coco, coco.loadRes(rows_of(found, predicted)), "bbox")
        vars(judge.params).update(params)
        judge.evaluate()
        judge.accumulate()
    return judge


def rows_of(found: Any, predicted: Things) -> list[dict[str, Any]]:
    scores = predicted.scores.tolist() if predicted.scores is not None else []
    return [
        {"image_id": i, "category_id": c, "bbox": b, "score": score}
        for (i, c, b), score in zip(found, scores, strict=True)
    ]
