"""A detector that works with a file: it finds what the file says."""

from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta

from detectors.found import Found, spans
from detectors.kinds import files
from detectors.kinds.contract import WeightsDigest


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    words: Annotated[WeightsDigest, Meta(title="Words", description="A file.", extra_json_schema={"of": "words"})]


class Weighted:
    name = "weighted"
    title = "What a file says"
    takes: ClassVar = "text"
    Config = Settings
    finds = ("cup",)

    def __init__(self, config: Settings) -> None:
        self.word = files.read("words", config.words).decode()

    def detect(self, batch: list[str]) -> list[Found]:
        starts = [(text, text.find(self.word)) for text in batch]
        return [spans([(at, at + len(self.word))] if at >= 0 else [], "cup", 1.0) for _, at in starts]
