"""Texts as vectors: how often they have which words and pairs of words (TF-IDF), by numbers made of the words, so that
no word of anybody's text is kept."""

import re
import zlib
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

NUMBERS = 2**14
DIMENSIONS = 100
WORD = re.compile(r"\w+")
LONGEST = 20_000  # words of a text that are looked at


def counted(texts: Sequence[str]) -> Any:
    """A sparse matrix (n, NUMBERS)."""
    from scipy.sparse import csr_matrix

    rows, columns, values = [], [], []
    for row, text in enumerate(texts):
        counts = Counter(numbers_of(text))
        rows += [row] * len(counts)
        columns += list(counts)
        values += list(counts.values())
    return csr_matrix((np.array(values, np.float64), (rows, columns)), (len(texts), NUMBERS))


def numbers_of(text: str) -> list[int]:
    words = WORD.findall(text.casefold())[:LONGEST]
    pairs = [f"{one} {other}" for one, other in pairwise(words)]
    return [zlib.crc32(word.encode(errors="surrogatepass")) % NUMBERS for word in (*words, *pairs)]


def rarity(counts: Any) -> NDArray[np.float64]:
    """How much each number counts (NUMBERS,): what is in few of the texts tells more (as TfidfTransformer has it)."""
    from sklearn.feature_extraction.text import TfidfTransformer

    found: NDArray[np.float64] = TfidfTransformer().fit(counts).idf_
    return found


def weighed(counts: Any, idf: NDArray[np.floating[Any]]) -> Any:
    """Rows of length 1, or 0 where there is no word."""
    rows = counts.multiply(idf).tocsr()
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    from scipy.sparse import diags

    return diags(1 / np.where(lengths > 0, lengths, 1)) @ rows


def directions(rows: Any) -> NDArray[np.float64] | None:
    """The directions (d, NUMBERS) along which the texts differ most (truncated SVD). None where there are few texts."""
    from sklearn.decomposition import TruncatedSVD

    dimensions = min(DIMENSIONS, rows.shape[0] - 1)
    if dimensions < 2:
        return None
    found: NDArray[np.float64] = TruncatedSVD(dimensions, random_state=0).fit(rows).components_
    return found
