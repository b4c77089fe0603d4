"""Long words: a detector to begin from."""

import re
from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from detectors.found import Found, spans, surest_first
from detectors.kinds.contract import MOST, Label

WORD = re.compile(r"\w+")


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What people choose: the form is drawn from the types, titles, descriptions and bounds."""

    letters: Annotated[int, Meta(title="Letters", description="A word with as many is a long one.", ge=1, le=100)] = 12
    label: Label = "long word"


class LongWords:
    name = "long_words"  # as in pyproject.toml
    title = "Long words"
    takes = "text"  # or "image"
    stamp = "1"  # counted up when it finds something else, or what it once found is taken for it
    Config = Settings

    def __init__(self, config: Settings) -> None:
        """Loads what it needs. What is wrong with the settings: raise detectors.kinds.contract.unfit(field="...")."""
        self.config = config

    @property
    def finds(self) -> tuple[str, ...]:
        return (self.config.label,)

    def detect(self, batch: Sequence[str]) -> list[Found]:
        """Of each what is found in it; of images boxes(...), polygons(...) of detectors.found."""
        return [self.look_at(text) for text in batch]

    def look_at(self, text: str) -> Found:
        places = [one.span() for one in WORD.finditer(text) if len(one[0]) >= self.config.letters]
        scores = [1 - self.config.letters / (self.config.letters + end - start) for start, end in places]
        return surest_first(spans(places, self.config.label, scores), MOST)
