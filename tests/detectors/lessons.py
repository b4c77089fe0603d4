"""Small things to learn from: pictures with blots of a colour on noise, and what was learned from some."""

from collections.abc import Callable

import numpy as np

from detectors.kinds.contract import Picture
from detectors.learning import boxes, packing, spans, tags, texts, tokens
from detectors.learning.boxes import Boxes, Seen

SIDE = 36  # of a blot


def blotted(seed: int, *, blots: int = 2, width: int = 200, height: int = 150) -> tuple[Picture, np.ndarray]:
    """A noisy picture, with striped red discs at the places (n, 4) that are given back."""
    random = np.random.default_rng(seed)
    picture = random.integers(90, 170, (height, width, 3), np.uint8)
    places: list[tuple[int, int, int, int]] = []
    while len(places) < blots:
        x, y = int(random.integers(4, width - SIDE - 4)), int(random.integers(4, height - SIDE - 4))
        if all(abs(x - a) > SIDE or abs(y - b) > SIDE for a, b, *_ in places):
            places.append((x, y, SIDE, SIDE))
            down, across = np.mgrid[:SIDE, :SIDE]
            inside = (down - SIDE / 2) ** 2 + (across - SIDE / 2) ** 2 < (SIDE / 2) ** 2
            part = picture[y : y + SIDE, x : x + SIDE]
            part[inside] = np.where((down // 5 % 2)[..., None], (200, 30, 40), (250, 200, 60))[inside]
    return picture, np.array(places, float).reshape(-1, 4)


def seen(seed: int, *, blots: int = 2, **about: object) -> Seen:
    picture, places = blotted(seed, blots=blots)
    return Seen(still(picture), places, np.zeros(len(places), np.intp), np.empty((0, 4)), **about)


def still(picture: Picture) -> Callable[[], Picture]:
    return lambda: picture


def packed_boxes(model: Boxes) -> bytes:
    return packing.packed("boxes", "", model.classes, model.linear, sizes=model.sizes, factor=np.float64(model.factor))


def learned_boxes() -> bytes:
    return packed_boxes(boxes.learned(("blot",), [seen(0), seen(1)])[0])


def learned_tags() -> bytes:
    counts = texts.counted(["one cup of tea", "a bowl of rice", "two cups", "bowls"])
    idf = texts.rarity(counts)
    given = np.array([[1, 0], [0, 1], [1, 0], [0, 1]], bool)
    told = tags.Told(given, np.zeros_like(given), np.zeros(4, bool))
    linear, _ = tags.learned(texts.weighed(counts, idf), told)
    return packing.packed("tags", packing.TEXTS, ("cup", "bowl"), linear, idf=idf)


def read(text: str, *words: str, number: int = 0, finished: bool = False) -> spans.Read:
    """A text in which these words are spans of a class."""
    places = np.array([(text.index(word), text.index(word) + len(word)) for word in words], np.int64).reshape(-1, 2)
    return spans.Read(text, places, np.full(len(words), number), np.empty((0, 2), np.int64), finished)


def learned_spans() -> bytes:
    some = [read("On 2024-05-31 Ada paid.", "Ada"), read("😀 שלום Bob", "שלום"), read("é família 7", "7", number=1)]
    return packing.packed("spans", tokens.NAME, ("name", "number"), spans.learned(("name", "number"), some)[0].linear)
