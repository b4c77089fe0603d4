"""Detectors that need the database are not made in children: a child asks its parent what they find."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from detectors.found import Found
from detectors.kinds.contract import Picture
from detectors.packing import unpacked
from detectors.sandbox.inside import Parent


class Outside:
    """One of them, as the child has it."""

    Config = dict[str, Any]

    def __init__(self, parent: Parent, name: str, config: dict[str, Any]) -> None:
        self.parent, self.name, self.config = parent, name, config
        self.title, self.takes, finds, self.stamp = parent.ask("about", name, config)
        self.finds = tuple(finds)

    def detect(self, batch: Sequence[Picture] | Sequence[str]) -> list[Found]:
        things = [one if isinstance(one, str) else [written(one), one.shape[:2]] for one in batch]
        return [unpacked(one) for one in self.parent.ask("detect", self.name, self.config, things)]


def written(picture: Picture) -> bytes:
    """As a JPEG; nothing, of what is empty."""
    data = BytesIO()
    if picture.size:
        Image.fromarray(np.ascontiguousarray(picture)).save(data, "JPEG", quality=95, subsampling=0)
    return data.getvalue()
