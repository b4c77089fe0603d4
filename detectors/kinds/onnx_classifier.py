"""What an image is, by a model of one's own: a tag with how likely each class is."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, ClassVar

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from detectors.found import Found, Kind, of, surest_first
from detectors.kinds.contract import MOST, Picture, WeightsDigest
from detectors.kinds.onnx import choosing
from detectors.kinds.onnx.choosing import Activation, Classes, Only, Threshold
from detectors.kinds.onnx.looking import Looks
from detectors.kinds.onnx.running import answers


class Settings(Looks, frozen=True, forbid_unknown_fields=True, kw_only=True):
    model: Annotated[WeightsDigest, Meta(title="Model", extra_json_schema={"of": "onnx_classifier"})]
    classes: Classes
    activation: Activation = "softmax"
    threshold: Threshold = 0.5
    only: Only = []


class OnnxClassifier:
    name = "onnx_classifier"
    title = "Classifier (ONNX)"
    takes: ClassVar[Kind] = "image"
    Config = Settings

    def __init__(self, config: Settings) -> None:
        choosing.check(config.classes, config.only)
        self.config = config
        self.finds = tuple(config.only or config.classes)

    def detect(self, batch: Sequence[Picture]) -> list[Found]:
        """Of a softmax, or what comes as one, the likeliest class if it is likely enough; of a sigmoid each that is."""
        found = answers(self.config.model, self.config, batch)
        return [
            nothing() if one is None else self.tags(one[0], picture) for one, picture in zip(found, batch, strict=True)
        ]

    def tags(self, output: NDArray[np.float32], picture: Picture) -> Found:
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


def nothing() -> Found:
    return of("tag", np.empty((0, 4)), [], [])
