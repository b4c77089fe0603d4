"""Spans: a classifier tells of each token of a text, by what stands around it, to which class of span it belongs, or to
none. Adjoining tokens of a class are one span."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.found import Found, spans, surest_first
from detectors.learning.linear import Floats, Linear, Rows, fitted, folds
from detectors.learning.tokens import Ends, tokens, vectors

DOUBTFUL = 0.3  # this sure of a thing, and nobody has said that there is none: it may be one that waits for its label
NOTHINGS = 2.0  # how much the tokens of none count together, to one of a span each
STRENGTH = 30.0


@dataclass(frozen=True)
class Read:
    """A text with what people said of it: spans (n, 2) and their classes (n,), and places (m, 2) where they rejected
    one. In one that is `finished` everything is labelled."""

    text: str
    places: Ends
    classes: Rows
    rejected: Ends
    finished: bool = False


@dataclass(frozen=True)
class Spans:
    """What was learned. Class 0 of the classifier is none."""

    classes: tuple[str, ...]
    linear: Linear

    def find(self, text: str, least: float) -> Found:
        """What is at least so sure, the surest first."""
        ends = tokens(text)
        shares = np.clip(self.linear.probabilities(vectors(text, ends)), 0, 1)[:, 1:]
        best = shares.argmax(axis=1) if len(shares) else np.empty(0, np.intp)
        best = np.where(shares.max(axis=1, initial=0) >= least, best, -1)
        borders = np.flatnonzero(np.diff(best, prepend=-2, append=-2))
        runs = [(one, end) for one, end in pairwise(borders) if best[one] >= 0]
        told = np.array([shares[one:end].mean(axis=0) for one, end in runs]).reshape(-1, len(self.classes))
        names = np.array([self.classes[best[one]] for one, _ in runs], np.str_)
        found = spans([(ends[one, 0], ends[end - 1, 1]) for one, end in runs], names, told.max(axis=1, initial=0))
        return surest_first(replace(found, probabilities=told, classes=self.classes))


@dataclass(frozen=True)
class Tokens:
    """Those of all texts together: where each is (n, 2), its class, of what text and of what span of all it is (or -1),
    and which may belong to spans that nobody has labelled yet."""

    vectors: Any
    ends: Ends
    classes: Rows
    texts: Rows
    things: Rows
    doubted: NDArray[np.bool_]

    def within(self, text: int, place: NDArray[np.int64]) -> Rows:
        """The rows of a span's own tokens; some of them may be another span's, too."""
        start, end = place
        return np.flatnonzero((self.texts == text) & (self.ends[:, 0] < end) & (self.ends[:, 1] > start))


def learned(names: tuple[str, ...], read: Sequence[Read]) -> tuple[Spans, Floats, NDArray[np.bool_]]:
    """What to look for; of each labelled span, in their order, the probabilities (n, k) of the classes that one tells
    who has not seen its text (or, where all are in one, the span), NaN of one that is too far behind to be read; and
    whether that one finds it, from end to end."""
    every = together(read)
    of = np.repeat(np.arange(len(read)), [len(one.places) for one in read])
    classes = np.concatenate([one.classes for one in read])
    apart = len(np.unique(of)) == 1
    shares, right = np.zeros((len(of), len(names))), np.zeros(len(of), bool)
    for held in folds((np.arange(len(of)) if apart else of).tolist(), classes):
        out = np.isin(every.things, held) if apart else np.isin(every.texts, of[held])
        judge = Spans(names, taught(every, ~out, len(names) + 1))
        for row in held:
            own = every.within(of[row], read[of[row]].places[row - np.searchsorted(of, of[row])])
            told = judge.linear.probabilities(every.vectors[own])[:, 1:]
            shares[row] = told.mean(axis=0) if len(own) else np.nan
        for text in np.unique(of[held]):
            found = judge.find(read[text].text, 0.5)
            there = {(*place, label) for place, label in zip(found.places.tolist(), found.labels, strict=True)}
            for row in held[of[held] == text]:
                place = read[text].places[row - np.searchsorted(of, text)]
                right[row] = (*place.tolist(), names[classes[row]]) in there
    return Spans(names, taught(every, np.ones(len(every.classes), bool), len(names) + 1)), shares, right


def together(read: Sequence[Read]) -> Tokens:
    from scipy.sparse import vstack

    parts, before = [], 0
    for number, one in enumerate(read):
        ends = tokens(one.text)
        thing = np.full(len(ends), -1)
        for at, (start, end) in enumerate(one.places.tolist()):
            thing[(ends[:, 0] < end) & (ends[:, 1] > start)] = at
        classes = np.where(thing < 0, 0, np.append(one.classes, 0)[thing] + 1)
        refused = np.zeros(len(ends), bool)
        for start, end in one.rejected.tolist():
            refused |= (ends[:, 0] < end) & (ends[:, 1] > start)
        doubted = (thing < 0) & ~refused & (not one.finished)
        things = np.where(thing < 0, -1, thing + before)
        parts.append((ends, classes, np.full(len(ends), number), things, doubted))
        before += len(one.places)
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return Tokens(vstack([vectors(one.text, tokens(one.text)) for one in read]).tocsr(), *columns)


def taught(every: Tokens, kept: NDArray[np.bool_], count: int) -> Linear:
    """Twice: the second time without what looks like a span where spans may wait for their labels."""
    first = weighed(every, kept, count)
    shares = first.probabilities(every.vectors)[:, 1:].max(axis=1)
    like = every.doubted & (shares > DOUBTFUL)
    return weighed(every, kept & ~like, count) if (kept & like).any() else first


def weighed(every: Tokens, kept: NDArray[np.bool_], count: int) -> Linear:
    rows = np.flatnonzero(kept)
    classes = every.classes[rows]
    none = classes == 0
    share = NOTHINGS * max(int((~none).sum()), 1) / max(int(none.sum()), 1)
    weights = np.where(none, min(share, 1.0), 1.0)
    vectors = every.vectors[rows]
    return fitted(vectors, classes, count, weights, strength=STRENGTH, standardised=False)
