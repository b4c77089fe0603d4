"""What was learned from people's spans or tags on texts."""

from collections.abc import Sequence
from typing import Annotated, ClassVar

import msgspec
import numpy as np
from msgspec import Meta

from detectors.found import Found, Kind
from detectors.kinds import files
from detectors.kinds.contract import WeightsDigest
from detectors.kinds.learned import Sure, tags
from detectors.learning.packing import unpacked
from detectors.learning.spans import Spans
from detectors.learning.texts import counted, weighed
from detectors.packing import array


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    weights: Annotated[WeightsDigest, Meta(title="Learned", extra_json_schema={"of": "learned_texts"})]
    least: Sure = 0.5


class LearnedTexts:
    name = "learned_texts"
    title = "Learned from labels of texts"
    takes: ClassVar[Kind] = "text"
    Config = Settings

    def __init__(self, config: Settings) -> None:
        self.config = config
        self.learned = unpacked(files.read("weights", config.weights))
        self.linear = self.learned.linear
        if self.learned.what == "tags":
            self.idf = array(self.learned.extra["idf"])

    @property
    def finds(self) -> tuple[str, ...]:
        return self.learned.classes

    def detect(self, batch: Sequence[str]) -> list[Found]:
        return [self.look_at(text) for text in batch]

    def look_at(self, text: str) -> Found:
        if self.learned.what == "spans":
            return Spans(self.learned.classes, self.linear).find(text, self.config.least)
        shares = self.linear.probabilities(weighed(counted([text]), self.idf))[0]
        return tags(np.array([[0, len(text)]]), shares, self.learned, self.config.least)
