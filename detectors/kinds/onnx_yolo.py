"""Things in images, by a model of one's own of the YOLO kind (Redmon et al. 2016; the forms are Ultralytics')."""

from dataclasses import replace
from typing import Annotated

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from detectors.found import Found, boxes, surest_first
from detectors.kinds.contract import MOST, Picture, WeightsDigest
from detectors.kinds.onnx.boxes import Form, surest, told
from detectors.kinds.onnx.choosing import Activation, Classes, Only, Threshold
from detectors.kinds.onnx.looking import Frame, Looks
from detectors.kinds.onnx.of_classes import OfClasses


class Settings(Looks, frozen=True, forbid_unknown_fields=True, kw_only=True):
    model: Annotated[WeightsDigest, Meta(title="Model", extra_json_schema={"of": "onnx_yolo"})]
    form: Annotated[
        Form,
        Meta(
            title="Form",
            description="What stands in a row of the output: v8 to v12 have four numbers of a box and one for each "
            "class, v5 to v7 one before those, end to end (v10, v26) six of what is left to be seen.",
        ),
    ] = "v8 to v12"
    classes: Classes
    activation: Activation = "none"
    threshold: Threshold = 0.25
    overlap: Annotated[
        float,
        Meta(
            title="Overlap",
            description="How much two of a class may overlap (intersection over union); of more the surest stays.",
            ge=0,
            le=1,
        ),
    ] = 0.45
    only: Only = []


class OnnxYolo(OfClasses):
    """Each box has the class of its highest score, and the scores of all; end to end there is only the one."""

    name = "onnx_yolo"
    title = "YOLO (ONNX)"
    Config = Settings

    def read(self, output: NDArray[np.float32], frame: Frame, picture: Picture) -> Found:
        settings, names = self.config, np.array(self.config.classes)
        corners, likely = told(output, settings.form, len(names), settings.activation, settings.threshold)
        labels, scores = likely.argmax(axis=1), likely.max(axis=1, initial=0)
        kept = np.flatnonzero((scores >= settings.threshold) & np.isin(names[labels], self.finds))
        corners = frame.back(corners)
        if settings.form != "end to end":
            kept = kept[surest(corners[kept], scores[kept], labels[kept], settings.overlap)]
        corners = np.clip(corners, 0, np.tile(picture.shape[1::-1], 2))
        kept = kept[(corners[kept, 2:] > corners[kept, :2]).all(axis=1)]
        places = np.concatenate([corners[kept, :2], corners[kept, 2:] - corners[kept, :2]], axis=1)
        found = boxes(places, names[labels[kept]], scores[kept])
        if settings.form != "end to end":
            found = replace(found, probabilities=likely[kept], classes=tuple(settings.classes))
        return surest_first(found, MOST)
