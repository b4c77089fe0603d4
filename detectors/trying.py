"""What children are asked about a model of somebody's own: what it is, and what it says of an image."""

from collections.abc import Iterator
from time import perf_counter
from typing import Any

import msgspec

from detectors import weights
from detectors.inside import picture
from detectors.kinds import registry
from detectors.kinds.contract import Picture
from detectors.kinds.decoding import decoded, schema
from detectors.kinds.onnx import embedding
from detectors.kinds.onnx.told import EMBEDDER, KINDS, Read, Seen, Tried

MOST = 200  # of what is found that is shown


def read(_: object, digest: str) -> Iterator[Any]:
    from detectors.kinds.onnx.guessing import guess  # in children alone ONNX Runtime is loaded
    from detectors.kinds.onnx.models import Model

    model = Model(weights.read(digest))
    yield msgspec.to_builtins(Read(model.described, model.outputs, *guess(model)))


def look(_: object, kind: str, config: dict[str, Any], image: bytes) -> Iterator[Any]:
    given = picture(image)
    saying(kind, config, given)  # the model is loaded, which counts once
    began = perf_counter()
    told = saying(kind, config, given)
    yield msgspec.to_builtins(msgspec.structs.replace(told, seconds=perf_counter() - began))


def saying(kind: str, config: dict[str, Any], image: Picture) -> Tried:
    if kind == EMBEDDER:
        return Tried(size=embedding.vectors(decoded(config, embedding.Settings), [image]).shape[1])
    (found,) = registry.made(kind, config).detect([image])
    rows = zip(found.labels.tolist(), found.scores.tolist(), found.places.tolist(), strict=True)
    return Tried(found=[Seen(*row) for _, row in zip(range(MOST), rows, strict=False)], count=len(found))


def schemas(_: object) -> Iterator[Any]:
    """Of what may be said of each kind."""
    for kind in KINDS:
        yield kind, schema(settings_of(kind))


def check(_: object, kind: str, config: dict[str, Any]) -> Iterator[Any]:
    """The whole configuration. Raises Invalid for what is wrong in it."""
    if kind != EMBEDDER:
        registry.made(kind, config)
    yield msgspec.to_builtins(decoded(config, settings_of(kind)))


def settings_of(kind: str) -> type[msgspec.Struct]:
    return embedding.Settings if kind == EMBEDDER else registry.load(kind).Config
