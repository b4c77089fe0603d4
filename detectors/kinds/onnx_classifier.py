"""What an image is, by a model of one's own: a tag with how likely each class is."""

from dataclasses import replace
from typing import Annotated

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from detectors.found import Found, of, surest_first
from detectors.kinds.contract import MOST, Picture, WeightsDigest
from detectors.kinds.onnx import choosing
from detectors.kinds.onnx.choosing import Activation, Classes, Only, Threshold
from detectors.kinds.onnx.looking import Frame, Looks
from detectors.kinds.onnx.of_classes import OfClasses


class Settings(Looks, frozen=True, forbid_unknown_fields=True, kw_only=True):
    model: Annotated[WeightsDigest, Meta(title="Model", extra_json_schema={"of": "onnx_classifier"})]
    classes: Classes
    activation: Activation = "softmax"
    threshold: Threshold = 0.5
    only: Only = []


class OnnxClassifier(OfClasses):
    """Of a softmax, or what comes as one, the likeliest class if it is likely enough; of a sigmoid each that is."""

    name = "onnx_classifier"
    title = "Classifier (ONNX)"
    Config = Settings

    def read(self, output: NDArray[np.float32], frame: Frame, picture: Picture) -> Found:
        names = np.array(self.config.classes)
        choosing.count(output.size, self.config.classes)
        likely = choosing.activated(output.reshape(1, -1), self.config.activation)[0]
        wanted = (likely >= self.config.threshold) & np.isin(names, self.finds)
        if self.config.activation != "sigmoid":
            wanted &= np.arange(len(likely)) == likely.argmax()
        chosen = np.flatnonzero(wanted)
        places = np.tile([0.0, 0.0, picture.shape[1], picture.shape[0]], (len(chosen), 1))
        found = of("tag", places, names[chosen], likely[chosen])
        told = replace(found, probabilities=np.tile(likely, (len(chosen), 1)), classes=tuple(self.config.classes))
        return surest_first(told, MOST)
