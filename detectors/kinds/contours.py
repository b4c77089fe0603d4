"""What stands out from its ground: by its edges, or by being darker or brighter."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

import cv2
import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from detectors.found import Found, Kind
from detectors.kinds.contract import Label, Picture, unfit
from detectors.kinds.outlines import Least, Shape, Simplify, regions
from detectors.kinds.seeing import Longest, grey, shrunk

Edge = Annotated[int, Meta(ge=0, le=2000)]


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    label: Label = "object"
    by: Annotated[
        Literal["edges", "dark", "bright"],
        Meta(
            title="By",
            description="edges: what they close in. dark, bright: what is darker or brighter than the threshold.",
        ),
    ] = "edges"
    threshold: Annotated[
        Annotated[int, Meta(ge=0, le=255)] | None,
        Meta(title="Threshold", description="For dark and bright; empty: chosen for each image (Otsu 1979)."),
    ] = None
    weak: Annotated[
        Edge, Meta(title="Weak edge", description="For edges (Canny 1986): this strong beside a strong one.")
    ] = 50
    strong: Annotated[Edge, Meta(title="Strong edge", description="For edges: this strong alone.")] = 150
    least: Least = 100
    shape: Shape = "polygon"
    simplify: Simplify = 1.0
    longest: Longest = 2000


class Contours:
    name = "contours"
    title = "Outlines of objects"
    takes: ClassVar[Kind] = "image"
    Config = Settings

    def __init__(self, config: Settings) -> None:
        if config.weak > config.strong:
            wrong = f"Weak edge: give at most {config.strong}, as strong edges have that."
            raise unfit(weak=wrong)
        self.config = config

    @property
    def finds(self) -> tuple[str, ...]:
        return (self.config.label,)

    def detect(self, batch: Sequence[Picture]) -> list[Found]:
        """Every score is 1: an outline is there or it is not."""
        return [self.look_at(picture) for picture in batch]

    def look_at(self, picture: Picture) -> Found:
        small, scale = shrunk(picture, self.config.longest)
        return regions(
            self.mask(grey(small)) if small.size else np.empty((0, 0), np.uint8),
            scale,
            shape=self.config.shape,
            least=self.config.least,
            simplify=self.config.simplify,
            label=self.config.label,
        )

    def mask(self, small: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if self.config.by == "edges":
            return closed_in(cv2.Canny(small, self.config.weak, self.config.strong))
        if small.min() == small.max():
            return np.zeros_like(small)  # of one colour nothing stands out
        side = cv2.THRESH_BINARY if self.config.by == "bright" else cv2.THRESH_BINARY_INV
        otsu = cv2.THRESH_OTSU if self.config.threshold is None else 0
        return cv2.threshold(small, self.config.threshold or 0, 1, side | otsu)[1]


def closed_in(edges: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The edges with what is inside of them; gaps of a pixel do not matter."""
    edges = cv2.morphologyEx(edges, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    lines, _ = cv2.findContours(edges, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return cv2.drawContours(np.zeros_like(edges), lines, -1, 1, cv2.FILLED)
