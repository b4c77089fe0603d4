"""What the detectors of texts share."""

import unicodedata
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

CODE_POINTS = 0x110000


def of_each(text: str, say: Callable[[str], int]) -> NDArray[np.int64]:
    """What a function says of each character; it is asked once of each that there is."""
    table = np.zeros(CODE_POINTS, np.uint8)
    for character in set(text):
        table[ord(character)] = say(character)
    return table[np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)].astype(np.int64)


def borders(text: str) -> NDArray[np.bool_]:
    """Before each character, and after the last, whether a word may begin or end there: not between two of its letters,
    digits, marks or _."""
    inside = of_each(text, of_word)
    return np.concatenate([[True], inside[:-1] + inside[1:] < 2, [True]])[: len(text) + 1]


def of_word(character: str) -> bool:
    return character.isalnum() or character == "_" or unicodedata.category(character).startswith("M")
