"""What the outputs of detection models of the YOLO kind say."""

from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.kinds.contract import MOST
from detectors.kinds.onnx.choosing import activated
from projects.errors import Invalid

Form = Literal["v8 to v12", "v5 to v7", "end to end"]
Floats = NDArray[np.float64]
BEFORE = {"v8 to v12": 4, "v5 to v7": 5}  # numbers that stand before those of the classes
ROUNDED = 1e-3  # more than what float16 loses of a score
END = 6  # left, top, right, bottom, score, class
NO_BOXES = (
    "The model's output is {shape}, in which there are no boxes of {classes} classes in the form {form}. Choose "
    "another form, or name all classes."
)


def rows(output: NDArray[Any], form: Form, classes: int) -> NDArray[Any]:
    """An image's output as (n, numbers of a box). Raises Invalid where it cannot be one."""
    least = END if form == "end to end" else BEFORE[form] + classes
    sides = output.shape
    output = output.reshape([side for side in sides if side != 1] or [1]) if output.ndim > 2 else output
    if output.ndim == 2:
        exact = [axis for axis in (1, 0) if output.shape[axis] == least]
        shorter = int(np.argmin(output.shape))
        if exact or (output.shape[shorter] > least and form != "end to end"):  # more are of masks or key points
            return output if (exact or [shorter])[0] == 1 else output.T
    raise Invalid(NO_BOXES.format(shape=" × ".join(map(str, sides)), classes=classes, form=form), code="no_boxes")


def told(output: NDArray[Any], form: Form, classes: int, activation: str, threshold: float) -> tuple[Floats, Floats]:
    """Corners (n, 4) in pixels of what the model was given, and scores (n, k) of its classes; without most of those
    rows that reach the threshold in no class."""
    some = rows(output, form, classes)
    if activation == "none" and form != "end to end":
        likely = some[:, BEFORE[form] : BEFORE[form] + classes].max(axis=1)
        some = some[likely >= threshold - ROUNDED]
    some = some[np.isfinite(some[:, :END]).all(axis=1)].astype(np.float64)
    if form == "end to end":
        kinds = np.rint(some[:, 5]).astype(int)
        some = some[(kinds >= 0) & (kinds < classes)]
        scores = np.zeros((len(some), classes))
        scores[np.arange(len(some)), np.rint(some[:, 5]).astype(int)] = activated(some[:, 4:5], activation)[:, 0]
        return some[:, :4], scores
    scores = activated(some[:, BEFORE[form] : BEFORE[form] + classes], activation)
    if form == "v5 to v7":
        scores *= activated(some[:, 4:5], activation)  # that there is anything at all
    half = some[:, 2:4] / 2
    return np.concatenate([some[:, :2] - half, some[:, :2] + half], axis=1), scores


def surest(corners: Floats, scores: Floats, labels: NDArray[np.intp], overlap: float) -> NDArray[np.intp]:
    """Rows of those that overlap (intersection over union) no surer one of the same class by more than `overlap`."""
    best = np.argsort(-scores, kind="stable")[:MOST]
    places = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1)[best]
    kept = [
        best[of][np.asarray(cv2.dnn.NMSBoxes(places[of].tolist(), scores[best][of].tolist(), 0.0, overlap), np.intp)]
        for kind in np.unique(labels[best])
        for of in [np.flatnonzero(labels[best] == kind)]
    ]
    return np.concatenate([np.empty(0, np.intp), *kept])
