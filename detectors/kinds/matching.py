"""Regular expressions on RE2, which takes no more than linear time for a match, whatever the expression."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import re2
from numpy.typing import NDArray

from detectors.kinds.contract import unfit

SECONDS = 5.0  # for one text: where each match is looked for up to the text's end, all of them take quadratic time
TOO_LONG = (
    f"This takes more than {SECONDS:.0f} seconds for one of the texts. Say more exactly what is looked for: .* and the "
    "like that may go on to the end of the text take long."
)


def compiled(expression: str, *, ignore_case: bool = False) -> Any:
    """Raises re2.error, which says in English what RE2 does not take."""
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = not ignore_case
    return re2.compile(expression, options)


def matches(expression: Any, text: str, field: str, group: int = 0) -> Iterator[tuple[int, int]]:
    """Start and end in code points of what a group of each match holds; none of it empty. Raises Invalid where they
    take all too long."""
    encoded = text.encode(errors="surrogatepass")  # half a character, which no expression matches
    numbers = character_numbers(text, encoded)
    late = time.monotonic() + SECONDS
    for match in expression.finditer(encoded):
        if time.monotonic() > late:
            raise unfit(**{field: TOO_LONG})
        start, end = match.span(group)
        if start < end:
            yield int(numbers[start]), int(numbers[end - 1]) + 1  # of half a character, which \C matches, all


def character_numbers(text: str, encoded: bytes) -> Sequence[int] | NDArray[np.int64]:
    """Of each byte, of which character it is."""
    if len(text) == len(encoded):
        return range(len(text))
    return np.cumsum((np.frombuffer(encoded, np.uint8) & 0xC0) != 0x80) - 1
