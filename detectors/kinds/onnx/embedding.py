"""Vectors of images by a model of one's own: what looks alike to it lies near."""

from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from detectors.kinds.contract import Picture, WeightsDigest
from detectors.kinds.onnx.looking import Looks
from detectors.kinds.onnx.running import answers


class Settings(Looks, frozen=True, forbid_unknown_fields=True, kw_only=True):
    model: Annotated[WeightsDigest, Meta(title="Model", extra_json_schema={"of": "onnx_embedder"})]
    pooling: Annotated[
        Literal["first", "mean"],
        Meta(
            title="Pooling", description="Where the model gives a vector for each part: the first, or the mean of all."
        ),
    ] = "first"


def vectors(settings: Settings, batch: Sequence[Picture]) -> NDArray[np.float32]:
    """(n, d), each of length 1; of a picture without pixels zeros."""
    found = [None if one is None else pooled(one[0], settings) for one in answers(settings.model, settings, batch)]
    size = next((len(one) for one in found if one is not None), 1)
    return np.stack([np.zeros(size, np.float32) if one is None else one for one in found])


def pooled(output: NDArray[np.float32], settings: Settings) -> NDArray[np.float32]:
    if output.ndim == 2 and len(output) > 1:
        output = output[0] if settings.pooling == "first" else output.mean(axis=0)
    vector = np.nan_to_num(output.astype(np.float32).ravel())
    return vector / max(float(np.linalg.norm(vector)), 1e-12)
