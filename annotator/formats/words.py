"""Our tokeniser: where the words of a text in any script begin and end. Plain rules after Unicode's categories.

A word is a run of letters, digits, their marks and "_"; an ideograph, a kana, a punctuation mark or a symbol stands for
itself. What a reader sees as one character stays whole: marks, joiners, emoji of several parts, flags.
"""

import unicodedata
from collections.abc import Iterator
from functools import cache

TOKENISER = "unicode-words-1"

SPACE, WORD, ALONE, JOINER, FLAG = range(5)
ZERO_WIDTH_JOINER = "\u200d"
ALONE_LETTERS = (  # written without spaces, so that a run of them is no word
    (0x3040, 0x30FF),  # kana
    (0x3400, 0x9FFF),  # ideographs
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)


@cache
def kind_of(character: str) -> int:
    if character.isspace():
        return SPACE
    point = ord(character)
    if 0x1F1E6 <= point <= 0x1F1FF:
        return FLAG
    category = unicodedata.category(character)
    if category[0] == "M" or category == "Cf" or 0x1F3FB <= point <= 0x1F3FF:  # the last are skin tones
        return JOINER
    if any(first <= point <= last for first, last in ALONE_LETTERS):
        return ALONE
    return WORD if category[0] in "LN" or category == "Pc" else ALONE


def words(text: str, cuts: set[int]) -> Iterator[tuple[int, int]]:
    """(start, end) of each word, in code points. Words are cut at `cuts` too: a span may begin or end inside one."""
    start, base, flags = 0, SPACE, 0
    for at, character in enumerate(text):
        kind = kind_of(character)
        joins = kind == JOINER or base == JOINER or text[at - 1] == ZERO_WIDTH_JOINER
        joins = joins or (kind == base == WORD) or (kind == base == FLAG and flags % 2 == 1)
        if base != SPACE and (kind == SPACE or not joins or at in cuts):
            yield start, at
            base = SPACE
        if base == SPACE:
            start, flags = at, 0
        base = base if kind == JOINER and base != SPACE else kind
        flags += kind == FLAG
    if base != SPACE:
        yield start, len(text)
