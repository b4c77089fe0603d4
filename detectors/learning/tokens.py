"""Texts as tokens in context: each as numbers made of what it is and of what stands around it, so that no word of
anybody's text is kept."""

import re
import unicodedata
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

NAME = "tokens-1"
NUMBERS = 2**14
AROUND = 2  # tokens on either side that tell of one
MOST = 20_000  # of a text
UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")  # written without spaces

Ends = NDArray[np.int64]  # (n, 2): start and end in code points


def tokens(text: str) -> Ends:
    """Words, and each sign by itself; so, too, each character of what is written without spaces."""
    found: list[tuple[int, int]] = []
    in_word = False
    for at, character in enumerate(text):
        mark = unicodedata.category(character).startswith("M")
        word = (character.isalnum() or character == "_" or mark) and not UNSPACED.match(character)
        if character.isspace():
            in_word = False
        elif found and found[-1][1] == at and (mark or (word and in_word)):
            found[-1] = (found[-1][0], at + 1)
        else:
            found.append((at, at + 1))
            in_word = word
        if len(found) > MOST:
            found.pop()
            break
    return np.array(found, np.int64).reshape(-1, 2)


def vectors(text: str, ends: Ends) -> Any:
    """A sparse matrix (n, NUMBERS), each row of length 1 or less."""
    from scipy.sparse import csr_matrix

    words = [text[start:end] for start, end in ends.tolist()]
    own = [[*of_one(word)] for word in words]
    rows = []
    for at in range(len(words)):
        told = list(own[at])
        for step in (*range(-AROUND, 0), *range(1, AROUND + 1)):
            there = 0 <= at + step < len(words)
            told += [f"{step} {one}" for one in (own[at + step][:2] if there else ["none"])]
        rows.append([zlib.crc32(one.encode(errors="surrogatepass")) % NUMBERS for one in told])
    columns = [column for row in rows for column in row]
    values = [len(row) ** -0.5 for row in rows for _ in row]
    starts = np.concatenate([[0], np.cumsum([len(row) for row in rows])]).astype(np.int64)
    return csr_matrix((values, columns, starts), (len(words), NUMBERS))


def of_one(word: str) -> list[str]:
    folded = word.casefold()
    several = [f"begins {folded[:size]}" for size in (1, 2, 3)] + [f"ends {folded[-size:]}" for size in (1, 2, 3)]
    return [f"word {folded}", f"shape {shape(word)}", *several]


def shape(word: str) -> str:
    """Ada and Robert are Xx, A is X, 2024 is 0000, 7b is 0x."""
    signs = "".join(
        "0" if one.isdigit() else "X" if one.isupper() else "x" if one.isalpha() else one for one in word[:40]
    )
    return re.sub(r"(X|x)\1+", r"\1", signs)
