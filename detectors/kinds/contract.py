"""What a detector is."""

from collections.abc import Sequence
from typing import ClassVar, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from detectors.found import Found, Kind

Picture = NDArray[np.uint8]  # (height, width, 3), RGB, upright


class Detector(Protocol):
    """Looks at images or texts, or regions of them, and says what it finds. The same batch gives the same every time.

    It is made of its configuration, `Config`, whose fields' types and `Meta` (title, description, bounds) also make the
    form in the page. What is wrong with the configuration it says at once, by raising projects.errors.Invalid with the
    field's name.
    """

    name: ClassVar[str]  # as in the registry
    title: ClassVar[str]
    takes: ClassVar[Kind]
    Config: ClassVar[type[msgspec.Struct]]

    def __init__(self, config: msgspec.Struct) -> None: ...

    @property
    def finds(self) -> tuple[str, ...]:
        """The labels that it gives."""

    def detect(self, batch: Sequence[Picture] | Sequence[str]) -> list[Found]:
        """Of each of the batch what is found in it, the surest first."""
