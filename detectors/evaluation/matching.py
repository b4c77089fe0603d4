"""Which prediction is which truth: as COCO does it, the surest takes first what it covers best.

That is the one stable matching where truths prefer the surer prediction and predictions what they cover best, so it is
found by deferred acceptance (Gale and Shapley, 1962), in rounds over arrays instead of one prediction at a time. As no
less sure one takes anything from a surer one, the same matching serves every threshold of confidence, unless classes
come first.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from detectors.evaluation.things import Flags, Floats, Rows, Things

AT_ONCE = 2_000_000  # pairs
Classes = Literal["same", "any", "same first"]
Measure = Callable[[Things, Things], Floats]  # of truths (n) and predictions (n), row by row, from 0 to 1


@dataclass(frozen=True)
class Pairs:
    """Rows of truths and of predictions that cover each other enough, and how much."""

    truths: Rows
    predictions: Rows
    overlaps: Floats


@dataclass(frozen=True)
class Matches:
    """Of each prediction (n,) the row of its truth, or -1; of each truth (m,) that of its prediction, or -1. What only
    a crowd has taken (n,) is neither right nor wrong."""

    truths: Rows
    predictions: Rows
    ignored: Flags


def match(truth: Things, predicted: Things, measure: Measure, least: float, classes: Classes) -> Matches:
    """The matching of what covers each other by `least` or more. It is of the "same" class only, or of "any"; or those
    of the "same first", and then what is left."""
    first = settled(truth, predicted, pairs(truth, predicted, measure, least, aware=classes != "any"))
    if classes != "same first":
        return first
    truths = np.flatnonzero(first.predictions < 0)
    predictions = np.flatnonzero((first.truths < 0) & ~first.ignored)
    rest = match(truth.take(truths), predicted.take(predictions), measure, least, "any")
    matched, taken = rest.truths >= 0, rest.predictions >= 0
    first.truths[predictions[matched]] = truths[rest.truths[matched]]
    first.predictions[truths[taken]] = predictions[rest.predictions[taken]]
    first.ignored[predictions[rest.ignored]] = True
    return first


def pairs(truth: Things, predicted: Things, measure: Measure, least: float, *, aware: bool) -> Pairs:
    found = [Pairs(np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0))]
    least = min(least, 1 - 1e-10)  # as pycocotools: what rounding made of 1 is 1
    for truths, predictions in together(groups(truth, aware), groups(predicted, aware)):
        overlaps = measure(truth.take(truths), predicted.take(predictions))
        enough = overlaps >= least
        found.append(Pairs(truths[enough], predictions[enough], overlaps[enough]))
    return Pairs(*(np.concatenate([getattr(one, name) for one in found]) for name in vars(found[0])))


def groups(things: Things, aware: bool) -> Rows:
    """A number (n,) for each, the same for those that may be each other."""
    numbers = things.items.astype(np.intp)
    return numbers * (1 << 20) + things.classes if aware else numbers


def together(ones: Rows, others: Rows) -> Iterator[tuple[Rows, Rows]]:
    """All pairs of rows (k,) whose numbers are the same, some at a time, so that memory stays bounded."""
    by_number = np.argsort(ones, kind="stable")
    numbers = ones[by_number]
    starts = np.searchsorted(numbers, others, "left")
    counts = np.searchsorted(numbers, others, "right") - starts
    rows = np.flatnonzero(counts)
    ends = np.cumsum(counts[rows])
    done = 0
    while done < len(rows):
        before = ends[done - 1] if done else 0
        upto = max(int(np.searchsorted(ends, before + AT_ONCE, "right")), done + 1)
        some = rows[done:upto]
        n = counts[some]
        within = np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n)
        yield by_number[np.repeat(starts[some], n) + within], np.repeat(some, n)
        done = upto


def settled(truth: Things, predicted: Things, found: Pairs) -> Matches:
    crowd = truth.crowds[found.truths]
    matches = deferred(len(truth), predicted, found, ~crowd)
    alone = crowd & (matches.truths[found.predictions] < 0)
    best, crowds = proposals(found, alone, len(predicted))
    ignored = np.zeros(len(predicted), bool)
    ignored[best] = True
    matches.truths[best] = crowds
    return Matches(matches.truths, matches.predictions, ignored)


def ordered(found: Pairs, chosen: Flags) -> Rows:
    """The pairs by prediction, each one's best first; of equal ones the later truth, as pycocotools takes it."""
    rows = np.flatnonzero(chosen)
    return rows[np.lexsort((-found.truths[rows], -found.overlaps[rows], found.predictions[rows]))]


def proposals(found: Pairs, chosen: Flags, count: int) -> tuple[Rows, Rows]:
    """Of each prediction that has a pair among those the row, and that of what it covers best."""
    rows = ordered(found, chosen)
    first = np.flatnonzero(np.diff(found.predictions[rows], prepend=-1))
    return found.predictions[rows][first], found.truths[rows][first]


def deferred(truths: int, predicted: Things, found: Pairs, chosen: Flags) -> Matches:
    rows = ordered(found, chosen)
    wanted, by = found.truths[rows], found.predictions[rows]
    rank = np.empty(len(predicted), np.intp)
    rank[predicted.order] = np.arange(len(predicted))
    ends = np.searchsorted(by, np.arange(len(predicted)), "right")
    at = np.searchsorted(by, np.arange(len(predicted)), "left")
    holds = np.full(truths, len(predicted))  # the rank of whom each truth has taken
    of_rank = predicted.order
    asking = np.flatnonzero(at < ends)
    while len(asking):
        asked = wanted[at[asking]]
        before = holds[np.unique(asked)]
        np.minimum.at(holds, asked, rank[asking])
        refused = asking[holds[asked] != rank[asking]]
        left = of_rank[before[before < len(predicted)]]
        left = left[holds[wanted[at[left]]] != rank[left]]
        again = np.concatenate([refused, left])
        at[again] += 1
        asking = again[at[again] < ends[again]]
    mine, taken = np.full(len(predicted), -1), np.flatnonzero(holds < len(predicted))
    of_truth = np.full(truths, -1)
    of_truth[taken] = of_rank[holds[taken]]
    mine[of_truth[taken]] = taken
    return Matches(mine, of_truth, np.zeros(len(predicted), bool))
