"""Boxes: a classifier tells of windows of an image which class of thing they hold, or none."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from detectors.found import Found, boxes, joined, surest_first
from detectors.learning.describing import WINDOWS, Embedder, HogColour, Pixels, Places, Vectors
from detectors.learning.linear import Floats, Linear, Rows, fitted, folds
from detectors.learning.windows import FEW, Sizes, around, overlaps, sizes_of, windows, within

NOTHING = 0.45  # a window that covers less of any labelled thing, over both, holds none
DOUBTFUL = 0.3  # this sure of a thing, and nobody has said that there is none: it may be one that waits for its label
MOST_NOTHING = 6_000  # windows
NOTHINGS = 3.0  # how much they count together, to one thing each
STRENGTH = 0.03
TOGETHER = 0.2  # that two things cover at most, over both
WITHIN = 0.35  # of the smaller one, that lies in the other
AGREE = 0.5  # two windows that cover so much, over both, tell together where their thing is
SURER = 4  # to which power the surer of them counts
ALIKE = 0.6  # two windows that cover so much, over both, hold the same thing
FOLLOWED = 0.1  # probability from which a window is moved about
REFINED = 75  # of so many windows one at most is moved about
MOST_MOVED = 2_000  # labelled things; where there are more, they alone say what they look like
NOT_YET = Linear(np.empty((0, 0), np.float32), np.empty(0, np.float32), exclusive=True)


@dataclass(frozen=True)
class Seen:
    """An image, to be had by `look`, as many are not held at once, with what people said of it: things (n, 4) and their
    classes (n,), and places (m, 4) where they rejected one. In one that is `finished` everything is labelled."""

    look: Callable[[], Pixels]
    places: Places
    classes: Rows
    rejected: Places
    finished: bool = False


@dataclass(frozen=True)
class Boxes:
    """What was learned. Class 0 of the classifier is none. Images are shrunk by `factor` first."""

    classes: tuple[str, ...]
    linear: Linear
    sizes: Sizes
    factor: float
    embedder: Embedder = field(default_factory=HogColour)

    def windows(self, small: Pixels) -> Places:
        """Of a shrunk image the places to look at."""
        return windows(small, self.sizes * self.factor, self.embedder.windows)

    def find(self, picture: Pixels, least: float) -> Found:
        """What is at least so sure, the surest first."""
        small, scale = shrunk(picture, self.factor)
        places = self.windows(small)
        if not len(places):
            return self.found(np.empty((0, 4)), np.empty((0, len(self.classes))), scale, picture)
        shares = self.linear.probabilities(self.embedder.of_parts(small, places))[:, 1:]
        followed = apart(places, shares.max(axis=1), ALIKE, FOLLOWED)[: max(self.embedder.windows // REFINED, 1)]
        moved = around(places[followed])
        told = self.linear.probabilities(self.embedder.of_parts(small, moved))[:, 1:]
        return self.found(np.concatenate([places, moved]), np.concatenate([shares, told]), scale, picture, least)

    def found(self, places: Places, shares: Floats, scale: Floats, picture: Pixels, least: float = 0.0) -> Found:
        height, width = picture.shape[:2]
        starts, ends = places[:, :2] * scale, (places[:, :2] + places[:, 2:]) * scale
        starts, ends = np.clip(starts, 0, [width, height]), np.clip(ends, 0, [width, height])
        sure = (shares.max(axis=1, initial=0) >= least) & (ends > starts).all(axis=1)
        shares = np.clip(shares[sure], 0, 1)
        names = np.asarray(self.classes)[shares.argmax(axis=1)] if len(shares) else np.empty(0, np.str_)
        rows = np.hstack([starts, ends - starts])[sure]
        scores = shares.max(axis=1, initial=0)
        kept, settled = one_each(rows, scores)
        every = boxes(settled, names[kept], scores[kept])
        return surest_first(replace(every, probabilities=shares[kept], classes=self.classes))


def one_each(places: Places, scores: Floats) -> tuple[Rows, Places]:
    """Of windows that fall on the same thing the surest row, and where the thing is: amid those that agree with it.
    Others go that overlap that place, or of which much lies within it, as of a window on a thing's rim."""
    left = np.argsort(-scores, kind="stable")
    kept, settled = [], [np.empty((0, 4))]
    while len(left):
        alike = left[overlaps(places[left[:1]], places[left])[0] >= AGREE]
        place = np.average(places[alike], axis=0, weights=scores[alike] ** SURER)[None]
        rest = left[1:]
        apart = (overlaps(place, places[rest])[0] <= TOGETHER) & (within(place, places[rest])[0] <= WITHIN)
        kept.append(left[0])
        settled.append(place)
        left = rest[apart]
    return np.array(kept, np.intp), np.concatenate(settled)


def apart(places: Places, scores: Floats, most: float, least: float) -> Rows:
    """The rows that are at least so sure and overlap no surer one by more than `most`, the surest first."""
    if not len(places):
        return np.empty(0, np.intp)
    return np.asarray(cv2.dnn.NMSBoxes(places.tolist(), scores.tolist(), least, most), np.intp).ravel()


@dataclass(frozen=True)
class Part:
    """Vectors of parts of one image: class, how much each counts, and of what labelled thing of it each was made, or
    -1. `doubted` ones may be things that nobody has labelled yet."""

    vectors: Vectors
    classes: Rows
    weights: Floats
    things: Rows
    doubted: NDArray[np.bool_]


def shrunk(picture: Pixels, factor: float) -> tuple[Pixels, Floats]:
    """The picture, and how many of its pixels one of it is."""
    height, width = picture.shape[:2]
    if factor >= 1 or not picture.size:
        return picture, np.ones(2)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.divide((width, height), size)


def learned(
    names: tuple[str, ...], seen: Sequence[Seen], embedder: Embedder | None = None
) -> tuple[Boxes, Floats, list[Found]]:
    """What to look for; of each labelled thing, in their order, the probabilities (n, k) of the classes that one tells
    who has not seen the image; and of each image what such a one finds there."""
    embedder = embedder or HogColour()
    every = np.concatenate([one.places for one in seen])
    factor = float(min(1.0, embedder.side / max(np.percentile(every[:, 2:].min(axis=1), 20), 1)))
    model = Boxes(names, NOT_YET, sizes_of(every), factor, embedder)
    parts = [part_of(model, one, number, seen) for number, one in enumerate(seen)]
    whole = replace(model, linear=taught(parts, len(names) + 1))
    shares = [np.zeros((len(one.places), len(names))) for one in seen]
    found: list[Found] = [boxes([], [], [])] * len(seen)
    several = sum(len(one.places) > 0 for one in seen) > 1
    for held, kept in splits(parts, seen) if several else splits_of_one(parts, seen):
        judge = replace(model, linear=taught(kept, len(names) + 1), sizes=sizes_without(held, seen, model.sizes))
        for at, things in held:
            picture = seen[at].look()
            small, scale = shrunk(picture, factor)
            if len(things):
                places = seen[at].places[things] / np.tile(scale, 2)
                shares[at][things] = judge.linear.probabilities(embedder.of_parts(small, places))[:, 1:]
            found[at] = joined([found[at], judge.find(picture, 0.05)]) if several else found[at]
    return whole, np.concatenate(shares), found


def sizes_without(held: list[tuple[int, Rows]], seen: Sequence[Seen], sizes: Sizes) -> Sizes:
    """Those of the other images: who has not seen one does not know how large its things are, either."""
    out = {at for at, _ in held}
    others = np.concatenate([np.empty((0, 4)), *(one.places for at, one in enumerate(seen) if at not in out)])
    return sizes_of(others) if len(others) else sizes


def splits(parts: list[Part], seen: Sequence[Seen]) -> Iterator[tuple[list[tuple[int, Rows]], list[Part]]]:
    """What is held out, by image, and what is learned from instead: images stay whole."""
    first = np.array([one.classes[0] if len(one.classes) else 0 for one in seen])
    for held in folds(range(len(parts)), first):
        kept = [part for at, part in enumerate(parts) if at not in held]
        yield [(int(at), np.arange(len(seen[at].places))) for at in held], kept


def splits_of_one(parts: list[Part], seen: Sequence[Seen]) -> Iterator[tuple[list[tuple[int, Rows]], list[Part]]]:
    """Where all things are on one image one after the other is held out."""
    at = max(range(len(seen)), key=lambda number: len(seen[number].places))
    part = parts[at]
    for things in folds(range(len(seen[at].places)), seen[at].classes):
        rows = ~np.isin(part.things, things)
        rest = Part(part.vectors[rows], part.classes[rows], part.weights[rows], part.things[rows], part.doubted[rows])
        yield [(at, things)], [*parts[:at], rest, *parts[at + 1 :]]


def part_of(model: Boxes, one: Seen, number: int, seen: Sequence[Seen]) -> Part:
    of_parts = model.embedder.of_parts
    small, scale = shrunk(one.look(), model.factor)
    factor = np.tile(scale, 2)
    places, rejected = one.places / factor, one.rejected / factor
    if len(places):  # who rejects one of two on the same thing, or its label, does not say that nothing is there
        rejected = rejected[(overlaps(rejected, places) < NOTHING).all(axis=1)]
    moves = sum(len(each.places) for each in seen) <= MOST_MOVED * model.embedder.windows / WINDOWS
    examples = np.concatenate([places, around(places)]) if moves else places
    things = np.tile(np.arange(len(places)), len(examples) // max(len(places), 1))
    vectors = [of_parts(small, examples)]
    if len(places) < FEW:
        mirrored = examples.copy()
        mirrored[:, 0] = small.shape[1] - examples[:, 0] - examples[:, 2]
        vectors.append(of_parts(np.ascontiguousarray(small[:, ::-1]), mirrored))
        things = np.tile(things, 2)
    others = model.windows(small)
    if len(places):
        others = others[(overlaps(others, places) < NOTHING).all(axis=1)]
    random = np.random.default_rng(number)
    most = max(MOST_NOTHING // len(seen), 100)
    if len(others) > most:
        others = others[np.sort(random.choice(len(others), most, replace=False))]
    refused = np.concatenate([rejected, around(rejected)])
    vectors += [of_parts(small, others), of_parts(small, refused)]
    counts = [len(things), len(others), len(refused)]
    each = len(things) / max(len(places), 1)
    return Part(
        np.concatenate(vectors),
        np.concatenate([one.classes[things] + 1, np.zeros(len(others) + len(refused), np.intp)]),
        np.repeat([1 / max(each, 1), 0.0, 1 / 9], counts),  # what the windows count is known when all are there
        np.concatenate([things, np.full(len(others) + len(refused), -1)]),
        np.repeat([False, not one.finished, False], counts),
    )


def taught(parts: list[Part], count: int) -> Linear:
    """Twice: the second time without what looks like a thing where things may wait for their labels."""
    vectors, classes, weights, doubted = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("vectors", "classes", "weights", "doubted")
    )
    of_windows = weights == 0
    total = NOTHINGS * max(float(weights[classes > 0].sum()), 1.0)
    weights = np.where(of_windows, total / max(of_windows.sum(), 1), weights)
    first = fitted(vectors, classes, count, weights, strength=STRENGTH)
    like = doubted & (first.probabilities(vectors)[:, 1:].max(axis=1) > DOUBTFUL)
    if not like.any():
        return first
    return fitted(vectors[~like], classes[~like], count, weights[~like], strength=STRENGTH)
