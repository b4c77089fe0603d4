"""Found as bytes: as it is kept, and as it goes between processes."""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from detectors.found import Found

Array = tuple[str, tuple[int, ...], bytes]


class Packed(msgspec.Struct, frozen=True, array_like=True):
    """Found, as it is kept: arrays by their type, shape and bytes."""

    places: Array
    labels: list[str]
    scores: Array
    shapes: list[str]
    rings: list[Array | None] | None
    probabilities: Array | None
    classes: tuple[str, ...]
    keys: Array | None
    parents: Array | None


ENCODE = msgspec.msgpack.Encoder().encode
DECODE = msgspec.msgpack.Decoder(Packed).decode


def packed(found: Found) -> bytes:
    rings = None if found.rings is None else [as_bytes(ring) for ring in found.rings]
    return ENCODE(
        Packed(
            as_bytes(found.places),
            found.labels.tolist(),
            as_bytes(found.scores),
            found.shapes.tolist(),
            rings,
            as_bytes(found.probabilities),
            found.classes,
            as_bytes(found.keys),
            as_bytes(found.parents),
        )
    )


def unpacked(data: bytes) -> Found:
    one = DECODE(data)
    return Found(
        places=array(one.places),
        labels=np.array(one.labels, np.str_),
        scores=array(one.scores),
        shapes=np.array(one.shapes, np.str_),
        rings=None if one.rings is None else tuple(ring and array(ring) for ring in one.rings),
        probabilities=one.probabilities and array(one.probabilities),
        classes=one.classes,
        keys=one.keys and array(one.keys),
        parents=one.parents and array(one.parents),
    )


def as_bytes(values: NDArray[Any] | None) -> Any:
    return None if values is None else (values.dtype.str, values.shape, np.ascontiguousarray(values).tobytes())


def array(kept: Array) -> NDArray[Any]:
    kind, shape, data = kept
    return np.frombuffer(data, np.dtype(kind)).reshape(shape)
