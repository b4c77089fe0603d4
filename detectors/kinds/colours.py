"""Regions of about one colour."""

from collections.abc import Sequence
from typing import Annotated, ClassVar

import cv2
import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from detectors.found import Found, Kind
from detectors.kinds.contract import Label, Picture
from detectors.kinds.outlines import Least, Shape, Simplify, regions
from detectors.kinds.seeing import Longest, shrunk


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    label: Label = "region"
    colour: Annotated[
        str,
        Meta(
            title="Colour",
            description="Red, green and blue as #rrggbb, such as #ff8800.",
            pattern="^#[0-9a-fA-F]{6}$",
            extra_json_schema={"format": "color"},
        ),
    ] = "#ff0000"
    tolerance: Annotated[
        float,
        Meta(
            title="Tolerance",
            description="The distance in CIELAB (CIE 1976) up to which a pixel counts: 2 is hardly seen, from black to "
            "white it is 100.",
            ge=0,
            le=250,
        ),
    ] = 20.0
    least: Least = 100
    shape: Shape = "polygon"
    simplify: Simplify = 1.0
    longest: Longest = 2000


class Colours:
    name = "colours"
    title = "Regions of a colour"
    takes: ClassVar[Kind] = "image"
    Config = Settings

    def __init__(self, config: Settings) -> None:
        self.config = config
        self.wanted = lab(np.frombuffer(bytes.fromhex(config.colour[1:7]), np.uint8).reshape(1, 1, 3))

    @property
    def finds(self) -> tuple[str, ...]:
        return (self.config.label,)

    def detect(self, batch: Sequence[Picture]) -> list[Found]:
        """A score is how near the region's pixels are to the colour in the mean: 1 for the very colour, 0 for what is
        as far as the tolerance lets it."""
        return [self.look_at(picture) for picture in batch]

    def look_at(self, picture: Picture) -> Found:
        small, scale = shrunk(picture, self.config.longest)
        distances = np.linalg.norm(lab(small) - self.wanted, axis=2) if small.size else np.empty((0, 0))
        tolerance = max(self.config.tolerance, 0.01)  # below that the conversion itself is not exact
        return regions(
            (distances <= tolerance).astype(np.uint8),
            scale,
            shape=self.config.shape,
            least=self.config.least,
            simplify=self.config.simplify,
            label=self.config.label,
            sureness=1 - distances / tolerance,
        )


def lab(picture: Picture) -> NDArray[np.float32]:
    """CIELAB under D65: lightness from 0 to 100, a and b about from -127 to 127."""
    return cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
