"""What the detectors share that run a model which tells classes."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from detectors.found import Found, Kind, boxes
from detectors.kinds.contract import Picture
from detectors.kinds.onnx import choosing
from detectors.kinds.onnx.looking import Frame
from detectors.kinds.onnx.running import answers


class OfClasses(ABC):
    takes: ClassVar[Kind] = "image"

    def __init__(self, config: Any) -> None:
        choosing.check(config.classes, config.only)
        self.config = config
        self.finds = tuple(config.only or config.classes)

    def detect(self, batch: Sequence[Picture]) -> list[Found]:
        found = answers(self.config.model, self.config, batch)
        return [
            boxes([], [], []) if one is None else self.read(*one, picture)
            for one, picture in zip(found, batch, strict=True)
        ]

    @abstractmethod
    def read(self, output: NDArray[np.float32], frame: Frame, picture: Picture) -> Found:
        """What the model answers for an image, and where that lay in what it was given."""
