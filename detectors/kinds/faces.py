"""Faces from the front, upright."""

from collections.abc import Sequence
from typing import ClassVar

from detectors.found import Found, Kind
from detectors.kinds.cascades import Cascade, load, look
from detectors.kinds.contract import Label, Picture


class Settings(Cascade, frozen=True):
    label: Label = "face"


class Faces:
    name = "faces"
    title = "Faces"
    takes: ClassVar[Kind] = "image"
    Config = Settings

    def __init__(self, config: Settings) -> None:
        self.config = config
        self.cascade = load("haarcascade_frontalface_default.xml")

    @property
    def finds(self) -> tuple[str, ...]:
        return (self.config.label,)

    def detect(self, batch: Sequence[Picture]) -> list[Found]:
        return look(self.cascade, self.config, batch)
