"""Spans on a text whose file has other white space than its item: CoNLL keeps none."""

from array import array
from collections.abc import Iterable
from itertools import accumulate

import msgspec

from annotator.formats.found import Drawn
from annotator.shapes import Span


class Spacing:
    def __init__(self, read: str, there: str) -> None:
        self.read, self.there = read, there

    def placed(self, drawn: Iterable[Drawn]) -> list[Drawn]:
        """On the same words of the item. Spans begin and end with words."""
        before = array("I", accumulate((not character.isspace() for character in self.read), initial=0))
        places = array("I", (at for at, character in enumerate(self.there) if not character.isspace()))

        def place(shape: Span) -> Span:
            start, end = places[before[shape.start]], places[before[shape.end] - 1] + 1
            return Span(start, end, self.there[start:end])

        return [msgspec.structs.replace(one, shape=place(one.shape)) for one in drawn if isinstance(one.shape, Span)]
