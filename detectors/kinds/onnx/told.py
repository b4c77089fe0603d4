"""What is told of a model, also where no model is ever loaded."""

from typing import Any

import msgspec

EMBEDDER = "onnx_embedder"
KINDS = {"onnx_classifier": "Classifier", "onnx_yolo": "YOLO", EMBEDDER: "Embedder"}


class Read(msgspec.Struct, frozen=True):
    """What a model takes and answers, and what it may be: a kind with its settings beside the model itself."""

    takes: str
    outputs: list[str]
    kind: str
    settings: dict[str, Any]


class Seen(msgspec.Struct, frozen=True, array_like=True):
    label: str
    score: float
    place: list[float]


class Tried(msgspec.Struct, frozen=True):
    """What it says of an image: what it finds there, or how many numbers its vector has."""

    seconds: float = 0
    found: list[Seen] = []
    count: int = 0
    size: int = 0
