"""Vectors of images by a model of one's own: what looks alike to it lies near."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter
from typing import Annotated, Literal

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from detectors.kinds.contract import Picture, WeightsDigest
from detectors.kinds.onnx.looking import Looks
from detectors.kinds.onnx.running import answers
from detectors.learning import describing
from detectors.learning.describing import Places, cut

AT_ONCE = 16  # parts that the model is given
FEWEST = 30  # windows of an image


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


@dataclass(frozen=True)
class Model:
    """As describing.Embedder: parts of images by a model of one's own."""

    settings: Settings
    windows: int = describing.WINDOWS

    @property
    def name(self) -> str:
        return msgspec.json.encode(self.settings, order="sorted").decode()

    @property
    def side(self) -> int:
        return min(self.settings.width, self.settings.height)

    @cached_property
    def size(self) -> int:
        """How many numbers its vectors have."""
        return vectors(self.settings, [np.zeros((8, 8, 3), np.uint8)]).shape[1]

    def of_whole(self, picture: Picture) -> NDArray[np.float32]:
        return vectors(self.settings, [picture])[0] if picture.size else np.zeros(self.size, np.float32)

    def of_parts(self, picture: Picture, places: Places) -> NDArray[np.float32]:
        some = [places[at : at + AT_ONCE] for at in range(0, len(places), AT_ONCE)]
        found = [vectors(self.settings, list(cut(picture, one))) for one in some]
        return np.concatenate([np.empty((0, self.size), np.float32), *found])

    def within(self, seconds: float) -> "Model":
        """With as many windows of an image as it can look at in that time."""
        places = np.tile([[0.0, 0.0, self.side, self.side]], (AT_ONCE, 1))
        picture = np.zeros((self.side, self.side, 3), np.uint8)
        self.of_parts(picture, places)  # the model is loaded
        began = perf_counter()
        self.of_parts(picture, places)
        many = int(seconds * AT_ONCE / max(perf_counter() - began, 1e-6))
        return Model(self.settings, min(max(many, FEWEST), describing.WINDOWS))


def embedder(name: str, windows: int = describing.WINDOWS) -> describing.Embedder:
    """By its name, as weights keep it."""
    if not name.startswith("{"):
        return describing.HogColour()
    return Model(msgspec.json.decode(name, type=Settings), windows)
