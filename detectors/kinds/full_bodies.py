"""People from head to foot, upright."""

from collections.abc import Sequence
from typing import ClassVar

from detectors.found import Found, Kind
from detectors.kinds.cascades import Cascade, load, look
from detectors.kinds.contract import Label, Picture


class Settings(Cascade, frozen=True):
    label: Label = "full body"


class FullBodies:
    name = "full_bodies"
    title = "Full bodies"
    takes: ClassVar[Kind] = "image"
    Config = Settings

    def __init__(self, config: Settings) -> None:
        self.config = config
        self.cascade = load("haarcascade_fullbody.xml")

    @property
    def finds(self) -> tuple[str, ...]:
        return (self.config.label,)

    def detect(self, batch: Sequence[Picture]) -> list[Found]:
        return look(self.cascade, self.config, batch)
