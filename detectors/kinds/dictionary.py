"""Phrases of a list, thousands of them in one pass (Aho and Corasick 1975)."""

from collections.abc import Sequence
from itertools import islice
from typing import Annotated, ClassVar

import ahocorasick
import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from detectors.found import Found, Kind, spans
from detectors.kinds.contract import MOST, Label, unfit
from detectors.kinds.reading import borders, of_each

MOST_CHARACTERS = 2_000_000  # of all phrases: a hundred bytes of memory each
FOLLOWED = 1_000_000  # matches in one text before any is left out: a list of a, aa, aaa and so on matches without end


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    phrases: Annotated[
        list[Annotated[str, Meta(max_length=500)]],
        Meta(title="Phrases", description="What to find, one a line.", min_length=1, max_length=100_000),
    ]
    label: Label = "term"
    whole_words: Annotated[
        bool,
        Meta(
            title="Whole words",
            description="Not inside of longer words. Off for scripts without spaces, such as Chinese or Thai.",
        ),
    ] = True
    ignore_case: Annotated[bool, Meta(title="Ignore case")] = True
    longest: Annotated[
        bool,
        Meta(
            title="Only the longest", description="Of phrases that overlap, only the first, and of these the longest."
        ),
    ] = True


class Dictionary:
    name = "dictionary"
    title = "List of phrases"
    takes: ClassVar[Kind] = "text"
    Config = Settings

    def __init__(self, config: Settings) -> None:
        self.config = config
        if sum(map(len, config.phrases)) > MOST_CHARACTERS:
            detail = f"Phrases: give at most {MOST_CHARACTERS:,} characters in all, and the rest to a second list."
            raise unfit(phrases=detail)
        self.automaton = ahocorasick.Automaton()
        for phrase in config.phrases:
            if key := self.folded(phrase.strip()):
                self.automaton.add_word(key, len(key))
        if not len(self.automaton):
            raise unfit(phrases="Phrases: write at least one.")
        self.automaton.make_automaton()

    @property
    def finds(self) -> tuple[str, ...]:
        return (self.config.label,)

    def detect(self, batch: Sequence[str]) -> list[Found]:
        """The matches from left to right; every score is 1."""
        return [self.look_at(text) for text in batch]

    def look_at(self, text: str) -> Found:
        folded = self.folded(text)
        ends: NDArray[np.int64] = np.fromiter(islice(self.automaton.iter(folded), FOLLOWED), np.dtype((np.int64, 2)))
        places = np.column_stack([ends[:, 0] + 1 - ends[:, 1], ends[:, 0] + 1])
        if len(folded) != len(text):
            places = unfolded(places, text)
        if self.config.whole_words:
            places = places[borders(text)[places].all(axis=1)]
        places = places[np.lexsort((-places[:, 1], places[:, 0]))]
        if self.config.longest:
            places = first_longest(places)
        return spans(places[:MOST], self.config.label, 1.0)

    def folded(self, text: str) -> str:
        return text.casefold() if self.config.ignore_case else text


def unfolded(places: NDArray[np.int64], text: str) -> NDArray[np.int64]:
    """Places in the casefolded text as places in the text, without those that begin or end inside of a character: ß is
    folded to ss, of which one s is nothing in the text."""
    sizes = of_each(text, lambda character: len(character.casefold()))
    begins = np.concatenate([[0], np.cumsum(sizes)])
    found = np.searchsorted(begins, places)
    return found[(begins[found] == places).all(axis=1)]


def first_longest(places: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of places that are sorted by start and then from the longest, those that overlap none that is kept before."""
    kept, last = [], 0
    _, longest = np.unique(places[:, 0], return_index=True)
    for row in longest.tolist():
        if places[row, 0] >= last:
            kept.append(row)
            last = places[row, 1]
    return places[kept]
