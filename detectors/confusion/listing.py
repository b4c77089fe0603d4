"""Likely mistakes, the likeliest first, each with a sentence that says why."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from detectors.confusion.columns import Column
from detectors.confusion.standing import Standing
from detectors.evaluation import mistakes

MOST = 60
POORLY = 0.75  # of what both cover together that both cover, below which it is badly placed
SAME = 0.15  # of the distance that the nearest have in the middle, below which two are nearly the same


class Likely(NamedTuple):
    """A point by its number, the label that it may have instead (a row, k for none, -1 where that is not known), how
    sure that is from 0 to 1, and why. `twin` is the number of the point that it is compared with."""

    number: int
    guess: int
    sure: float
    why: str
    twin: int = -1


def listed(standing: Standing, by: str, left_out: Column) -> list[Likely]:
    """Without those (n,) that are left out."""
    found = ORDERS[by](standing)
    return [one for one, _ in zip((one for one in found if not left_out[one.number]), range(MOST), strict=False)]


def held(standing: Standing) -> tuple[Column, Column, Column]:
    """The numbers (m,) of labelled points of which probabilities are told, their labels, and these (m, k)."""
    now = standing.now
    if now.probabilities is None or standing.k < 2:
        return np.empty(0, np.intp), np.empty(0, np.intp), np.empty((0, standing.k))
    told = (now.truth < standing.k) & ~np.isnan(now.probabilities).any(axis=1)
    numbers = np.flatnonzero(told)
    return numbers, now.truth[numbers].astype(np.intp), now.probabilities[numbers].astype(np.float64)


def confident(standing: Standing) -> Iterator[Likely]:
    """Confident learning."""
    numbers, labels, shares = held(standing)
    if not len(numbers):
        return
    usual = mistakes.thresholds(labels, shares)
    rows = np.flatnonzero(mistakes.likely(labels, shares))
    for row in rows[np.argsort(mistakes.margin(labels[rows], shares[rows]), kind="stable")].tolist():
        own, guess = int(labels[row]), int(shares[row].argmax())
        name, other = standing.labels.names[own], standing.labels.names[guess]
        why = f"“{other}” is {percent(shares[row, guess])} likely and “{name}” {percent(shares[row, own])};"
        why += f" what is labelled “{name}” is usually {percent(usual[own])} so."
        yield Likely(int(numbers[row]), guess, float(shares[row, guess]), why)


def by_margin(standing: Standing) -> Iterator[Likely]:
    numbers, labels, shares = held(standing)
    if not len(numbers):
        return
    margins = mistakes.margin(labels, shares)
    for row in np.argsort(margins, kind="stable").tolist():
        if margins[row] >= 0:
            return
        guess, own = int(shares[row].argmax()), int(labels[row])
        name, other = standing.labels.names[own], standing.labels.names[guess]
        why = f"“{other}” is likelier than “{name}” by {round(-100 * margins[row])} of 100."
        yield Likely(int(numbers[row]), guess, float(shares[row, guess]), why)


def unlikely(standing: Standing) -> Iterator[Likely]:
    """Self-confidence."""
    numbers, labels, shares = held(standing)
    own = mistakes.self_confidence(labels, shares) if len(numbers) else np.empty(0)
    for row in np.argsort(own, kind="stable").tolist():
        guess = int(shares[row].argmax())
        if guess == labels[row]:
            continue
        why = f"“{standing.labels.names[int(labels[row])]}” is only {percent(own[row])} likely."
        yield Likely(int(numbers[row]), guess, float(shares[row, guess]), why)


def neighbours(standing: Standing) -> Iterator[Likely]:
    """What most of those that look most alike are labelled otherwise."""
    near = nearest(standing)
    if near is None:
        return
    now, (others, _) = standing.now, near
    of_them = np.where(others >= 0, now.truth[others], standing.k)
    known = of_them < standing.k
    differ = (known & (of_them != now.truth[:, None])).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    differ[now.truth >= standing.k] = 0
    for row in np.argsort(-differ, kind="stable").tolist():
        if differ[row] <= 0.5:
            return
        counts = np.bincount(of_them[row][known[row]], minlength=standing.k)
        guess, total = int(counts.argmax()), int(known[row].sum())
        if guess == now.truth[row]:
            continue
        why = f"{counts[guess]} of the {total} that look most alike are labelled “{standing.labels.names[guess]}”."
        yield Likely(row, guess, float(counts[guess] / total), why)


def duplicates(standing: Standing) -> Iterator[Likely]:
    """Pairs that look nearly the same and are labelled differently, each told once."""
    near = nearest(standing)
    if near is None:
        return
    now, (others, apart) = standing.now, near
    usual = float(np.nanmedian(apart[:, 0])) if len(apart) else 0.0
    first = others[:, 0]
    both = (first >= 0) & (now.truth < standing.k) & (now.truth[first] < standing.k)
    close = both & (apart[:, 0] <= SAME * usual) & (now.truth != now.truth[first])
    told = set[tuple[int, int]]()
    for row in np.flatnonzero(close)[np.argsort(apart[close, 0], kind="stable")].tolist():
        twin = int(first[row])
        pair = (min(row, twin), max(row, twin))
        if pair not in told:
            told.add(pair)
            guess = int(now.truth[twin])
            why = f"It looks nearly the same as another that is labelled “{standing.labels.names[guess]}”."
            yield Likely(row, guess, 1.0, why, twin)


def missing(standing: Standing) -> Iterator[Likely]:
    """What only the model sees."""
    now = standing.now
    rows = np.flatnonzero(now.truth == standing.k)
    for row in rows[np.argsort(-now.score[rows], kind="stable")].tolist():
        guess, sure = int(now.predicted[row]), float(now.score[row])
        why = f"The model sees “{standing.labels.names[guess]}” ({percent(sure)}), and nothing is labelled there."
        yield Likely(row, guess, sure, why)


def spurious(standing: Standing) -> Iterator[Likely]:
    """What only people see: of labels that the model knows the best, first."""
    now, k = standing.now, standing.k
    rows = np.flatnonzero((now.predicted == k) & (now.truth < k))
    found = np.bincount(now.truth[(now.predicted < k) & (now.truth < k)], minlength=k)
    recall = found / np.maximum(np.bincount(now.truth[now.truth < k], minlength=k), 1)
    for row in rows[np.argsort(-recall[now.truth[rows]], kind="stable")].tolist():
        label = int(now.truth[row])
        why = f"The model sees nothing here; of what is labelled “{standing.labels.names[label]}” it finds"
        yield Likely(row, k, float(recall[label]), f"{why} {percent(recall[label])}.")


def misplaced(standing: Standing) -> Iterator[Likely]:
    """Both see it, and not in the same place."""
    now, k = standing.now, standing.k
    both = (now.truth < k) & (now.predicted < k) & (now.overlap < POORLY)
    rows = np.flatnonzero(both)
    for row in rows[np.argsort(now.overlap[rows], kind="stable")].tolist():
        why = f"Of what the label and the model's {percent(now.score[row])} sure shape cover, both cover only"
        yield Likely(row, int(now.predicted[row]), float(now.score[row]), f"{why} {percent(now.overlap[row])}.")


def nearest(standing: Standing) -> tuple[Column, Column] | None:
    """Of each point (n, m) the numbers of those that look most alike as they stand now, -1 of what is gone or new, and
    how far they are."""
    before = standing.before
    if before.neighbours is None or before.apart is None:
        return None
    number = np.full(len(before) + 1, -1, np.intp)  # the last one for -1
    known = standing.rows >= 0
    number[standing.rows[known]] = np.flatnonzero(known)
    others = np.full((len(standing.rows), before.neighbours.shape[1]), -1, np.intp)
    apart = np.full(others.shape, np.nan, np.float32)
    others[known] = number[before.neighbours[standing.rows[known]]]
    apart[known] = before.apart[standing.rows[known]]
    return others, apart


def percent(share: float) -> str:
    if share < 0.001:
        return "under 0.1 %"
    if share > 0.999:
        return "over 99.9 %"
    return f"{100 * share:.0f} %" if 0.01 <= share <= 0.99 else f"{100 * share:.1f} %"


ORDERS: dict[str, Callable[[Standing], Iterator[Likely]]] = {
    "confident": confident,
    "unlikely": unlikely,
    "margin": by_margin,
    "neighbours": neighbours,
    "duplicates": duplicates,
    "missing": missing,
    "spurious": spurious,
    "misplaced": misplaced,
}
