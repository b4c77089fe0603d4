"""What the detectors with a Haar cascade share (Viola and Jones 2001; the trained files come with OpenCV)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import cv2
import msgspec
import numpy as np
from msgspec import Meta

from detectors.found import Found
from detectors.kinds.contract import Label, Picture
from detectors.kinds.seeing import Longest, found_boxes, grey, shrunk, squashed

WIDTH = 3.0  # of the sums of the last stage: what is doubtful has 1 or less, what is clear 6 and more


class Cascade(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    label: Label
    smallest: Annotated[
        int, Meta(title="Smallest", description="Pixels of the image; nothing smaller is found.", ge=1, le=10_000)
    ] = 30
    neighbours: Annotated[
        int,
        Meta(
            title="Neighbours",
            description="How many overlapping finds make one. More finds less, and fewer wrong ones.",
            ge=1,
            le=50,
        ),
    ] = 5
    step: Annotated[
        float,
        Meta(
            title="Step",
            description="From one size that is looked for to the next, as a factor. Less finds more and takes longer.",
            ge=1.02,
            le=2,
        ),
    ] = 1.1
    longest: Longest = 1600


def load(file: str) -> cv2.CascadeClassifier:
    return cv2.CascadeClassifier(str(Path(cv2.data.haarcascades, file)))


def look(cascade: cv2.CascadeClassifier, config: Cascade, batch: Sequence[Picture]) -> list[Found]:
    """As OpenCV's detectMultiScale has them. The score is the sum of the cascade's last stage, the highest of the finds
    that were made one, squashed: 1 / (1 + exp(-sum / 3)). It ranks what one cascade finds; it is no probability."""
    return [look_at(cascade, config, picture) for picture in batch]


def look_at(cascade: cv2.CascadeClassifier, config: Cascade, picture: Picture) -> Found:
    small, scale = shrunk(picture, config.longest)
    if not small.size:
        return found_boxes([], scale, picture, config.label, [])
    least = round(config.smallest / scale.min())
    places, _, sums = cascade.detectMultiScale3(
        grey(small),
        scaleFactor=config.step,
        minNeighbors=config.neighbours,
        minSize=(least, least),
        outputRejectLevels=True,
    )
    return found_boxes(places, scale, picture, config.label, squashed(np.asarray(sums, np.float64), WIDTH))
