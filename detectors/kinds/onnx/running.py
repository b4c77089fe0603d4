"""Has a model look at images."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detectors.kinds import files
from detectors.kinds.contract import Picture
from detectors.kinds.onnx.looking import Frame, Looks, given

if TYPE_CHECKING:
    from detectors.kinds.onnx.models import Model


@lru_cache(maxsize=2)
def model_of(digest: str) -> "Model":
    """Models are large, and a pipeline has few of them. Who only sets up a detector does without ONNX Runtime."""
    from detectors.kinds.onnx.models import Model

    return Model(files.read("model", digest))


def answers(digest: str, looks: Looks, batch: Sequence[Picture]) -> list[tuple[NDArray[Any], Frame] | None]:
    """Of each picture what the model answers, and where the picture lay in what it was given; None for one without
    pixels. Raises Invalid."""
    there = [number for number, picture in enumerate(batch) if picture.size]
    found: list[tuple[NDArray[Any], Frame] | None] = [None] * len(batch)
    if there:
        model = model_of(digest)
        inputs, frames = zip(*(given(batch[number], looks) for number in there), strict=True)
        (outputs,) = model.run(np.stack(inputs), [looks.output or model.outputs[0]])
        for number, output, frame in zip(there, outputs, frames, strict=True):
            found[number] = output, frame
    return found
