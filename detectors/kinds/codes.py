"""QR codes and bar codes (EAN, UPC)."""

from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar

import cv2
import msgspec
import numpy as np
import shapely
from msgspec import Meta
from numpy.typing import NDArray

from detectors.found import Found, Kind, polygons, surest_first
from detectors.kinds.contract import Picture, unfit
from detectors.kinds.seeing import Longest, grey, shrunk

QR, BAR = "QR code", "bar code"
READERS = {QR: cv2.QRCodeDetector, BAR: cv2.barcode.BarcodeDetector}
READ, UNREAD = 1.0, 0.5


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    qr: Annotated[bool, Meta(title="QR codes")] = True
    bars: Annotated[bool, Meta(title="Bar codes", description="EAN and UPC, as on goods.")] = True
    longest: Longest = 2000


class Codes:
    name = "codes"
    title = "QR and bar codes"
    takes: ClassVar[Kind] = "image"
    Config = Settings

    def __init__(self, config: Settings) -> None:
        if not (config.qr or config.bars):
            raise unfit(qr="Choose QR codes, bar codes, or both.")
        self.config = config

    @property
    def finds(self) -> tuple[str, ...]:
        return (QR,) * self.config.qr + (BAR,) * self.config.bars

    def detect(self, batch: Sequence[Picture]) -> list[Found]:
        """The corners of each code as OpenCV has them. The score is 1 where the code could be read, so that it is one
        for sure, and 0.5 where it could not."""
        return [self.look_at(picture) for picture in batch]

    def look_at(self, picture: Picture) -> Found:
        small, scale = shrunk(picture, self.config.longest)
        edge = shapely.box(0, 0, picture.shape[1], picture.shape[0])
        rings, labels, scores = [], [], []
        for label in self.finds if small.size else ():
            for corners, score in codes_of(READERS[label](), grey(small)):
                if len(ring := within(corners * scale, edge)):
                    rings.append(ring)
                    labels.append(label)
                    scores.append(score)
        return surest_first(polygons(rings, np.asarray(labels, np.str_), scores))


def codes_of(
    reader: cv2.GraphicalCodeDetector, picture: NDArray[np.uint8]
) -> Iterator[tuple[NDArray[np.float64], float]]:
    """Four corners each, and how sure it is."""
    there, corners = reader.detectMulti(picture)
    if not there:
        return
    try:
        _, texts, _ = reader.decodeMulti(picture, corners)
    except cv2.error:  # it stumbles over some that are none
        texts = ("",) * len(corners)
    for code, text in zip(corners, texts, strict=True):
        yield code.astype(np.float64), READ if text else UNREAD


def within(corners: NDArray[np.float64], edge: shapely.Polygon) -> NDArray[np.float64]:
    """The corners of what lies on the picture; none where nothing does."""
    part = shapely.MultiPoint(corners).convex_hull.intersection(edge)
    return shapely.get_coordinates(part)[:-1] if part.area >= 1 else np.empty((0, 2))
