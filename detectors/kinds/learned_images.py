"""What was learned from people's boxes or tags on images."""

from collections.abc import Sequence
from typing import Annotated, ClassVar

import msgspec
import numpy as np
from msgspec import Meta

from detectors.found import Found, Kind, boxes
from detectors.kinds import files
from detectors.kinds.contract import Picture, WeightsDigest
from detectors.kinds.learned import Sure, tags
from detectors.kinds.onnx.embedding import embedder
from detectors.learning.boxes import Boxes
from detectors.learning.describing import WINDOWS
from detectors.learning.packing import unpacked
from detectors.packing import array


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    weights: Annotated[WeightsDigest, Meta(title="Learned", extra_json_schema={"of": "learned_images"})]
    least: Sure = 0.5


class LearnedImages:
    name = "learned_images"
    title = "Learned from labels of images"
    takes: ClassVar[Kind] = "image"
    Config = Settings

    def __init__(self, config: Settings) -> None:
        self.config = config
        self.learned = unpacked(files.read("weights", config.weights))
        self.linear = self.learned.linear
        extra = self.learned.extra
        self.embedder = embedder(self.learned.embedder, int(array(extra["windows"])) if "windows" in extra else WINDOWS)
        if self.learned.what == "boxes":
            sizes, factor = array(extra["sizes"]), float(array(extra["factor"]))
            self.boxes = Boxes(self.learned.classes, self.linear, sizes, factor, self.embedder)

    @property
    def finds(self) -> tuple[str, ...]:
        return self.learned.classes

    def detect(self, batch: Sequence[Picture]) -> list[Found]:
        return [self.look_at(picture) for picture in batch]

    def look_at(self, picture: Picture) -> Found:
        if self.learned.what == "boxes":
            return self.boxes.find(picture, self.config.least)
        if not picture.size:
            return boxes([], [], [])
        place = np.array([[0.0, 0.0, picture.shape[1], picture.shape[0]]])
        shares = self.linear.probabilities(self.embedder.of_whole(picture)[None])[0]
        return tags(place, shares, self.learned, self.config.least)
