"""What is brought in at once: no more than memory takes."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from annotator.formats.found import TextFound

TEXTS_AT_ONCE = 100
CHARACTERS_AT_ONCE = 2_000_000  # of texts

T = TypeVar("T")


def by_length(texts: Iterable[tuple[str, TextFound]]) -> Iterator[list[tuple[str, TextFound]]]:
    """As many at once as memory takes."""
    some: list[tuple[str, TextFound]] = []
    length = 0
    for one in texts:
        if some and (len(some) >= TEXTS_AT_ONCE or length + len(one[1].text) > CHARACTERS_AT_ONCE):
            yield some
            some, length = [], 0
        some.append(one)
        length += len(one[1].text)
    if some:
        yield some


def in_pieces(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(rows)
    while piece := list(islice(iterator, size)):
        yield piece
