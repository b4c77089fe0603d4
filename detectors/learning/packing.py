"""What was learned, as bytes: arrays by their type, shape and content."""

from typing import Any, Literal

import msgspec
import numpy as np

from detectors.learning.linear import Linear
from detectors.packing import Array, array, as_bytes

What = Literal["boxes", "tags", "spans"]

HOG_COLOUR = "hog-colour-1"  # the vectors of images that are built in; another name when what comes out changes
TEXTS = "tfidf-svd-1"  # those of texts


class Packed(msgspec.Struct, frozen=True):
    """`embedder` names by what vectors it goes; `extra` are the arrays and numbers that else belong to it."""

    what: What
    embedder: str
    classes: tuple[str, ...]
    coefficients: Array
    intercepts: Array
    exclusive: bool
    extra: dict[str, Array] = {}
    v: int = 1

    @property
    def linear(self) -> Linear:
        return Linear(array(self.coefficients), array(self.intercepts), self.exclusive)


DECODE = msgspec.msgpack.Decoder(Packed).decode


def packed(what: What, embedder: str, classes: tuple[str, ...], linear: Linear, **extra: Any) -> bytes:
    arrays = {name: as_bytes(np.asarray(value)) for name, value in extra.items()}
    told = (as_bytes(linear.coefficients), as_bytes(linear.intercepts), linear.exclusive)
    return msgspec.msgpack.encode(Packed(what, embedder, classes, *told, arrays))


def unpacked(data: bytes) -> Packed:
    return DECODE(data)
