"""People from head to foot, upright (histograms of oriented gradients: Dalal and Triggs 2005; trained by OpenCV)."""

from collections.abc import Sequence
from typing import Annotated, ClassVar

import cv2
import msgspec
import numpy as np
from msgspec import Meta

from detectors.found import Found, Kind
from detectors.kinds.contract import Label, Picture
from detectors.kinds.seeing import Longest, found_boxes, shrunk, squashed

WINDOW = (64, 128)  # OpenCV 4.14 reads out of bounds in a picture that is smaller


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    label: Label = "person"
    threshold: Annotated[
        float,
        Meta(title="Threshold", description="More finds less, and fewer wrong ones.", ge=-1, le=3),
    ] = 0.0
    step: Annotated[
        float,
        Meta(
            title="Step",
            description="From one size that is looked for to the next, as a factor. Less finds more and takes longer.",
            ge=1.02,
            le=2,
        ),
    ] = 1.05
    longest: Longest = 1200


class People:
    name = "people"
    title = "People"
    takes: ClassVar[Kind] = "image"
    Config = Settings

    def __init__(self, config: Settings) -> None:
        self.config = config
        self.windows = cv2.HOGDescriptor()
        self.windows.setSVMDetector(cv2.HOGDescriptor.getDefaultPeopleDetector())

    @property
    def finds(self) -> tuple[str, ...]:
        return (self.config.label,)

    def detect(self, batch: Sequence[Picture]) -> list[Found]:
        """As OpenCV's detectMultiScale has them, which takes nobody of less than 128 pixels. The score is the distance
        from the margin, squashed: 1 / (1 + exp(-distance))."""
        return [self.look_at(picture) for picture in batch]

    def look_at(self, picture: Picture) -> Found:
        small, scale = shrunk(picture, self.config.longest)
        if small.shape[1] < WINDOW[0] or small.shape[0] < WINDOW[1]:
            return found_boxes([], scale, picture, self.config.label, [])
        bgr = cv2.cvtColor(small, cv2.COLOR_RGB2BGR)
        places, distances = self.windows.detectMultiScale(
            bgr, hitThreshold=self.config.threshold, winStride=(8, 8), scale=self.config.step
        )
        scores = squashed(np.asarray(distances, np.float64).ravel(), 1.0)
        return found_boxes(places, scale, picture, self.config.label, scores)
