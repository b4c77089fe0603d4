"""Spans told token by token: of each word or sign what it is of, in truth and as predicted."""

import numpy as np

from detectors.evaluation.figures import Counts, counted
from detectors.evaluation.matching import together
from detectors.evaluation.things import Rows, Things


def confusion(tokens: Things, truth: Things, predicted: Things, classes: int, least: float = 0.0) -> Counts:
    """Counts of tokens (classes + 1, classes + 1): truths in rows, predictions of that confidence at `least` in
    columns, "none" last; tokens that are of none in both are not counted. The classes of `tokens` do not matter."""
    if predicted.scores is not None:
        predicted = predicted.take(predicted.scores >= least)
    rows, columns = (of(tokens, spans, classes) for spans in (truth, predicted))
    some = (rows < classes) | (columns < classes)
    return counted(rows[some], columns[some], classes)


def of(tokens: Things, spans: Things, none: int) -> Rows:
    """Of each token (n,) the class of the span it lies in, of several that of the shortest, of equally short ones that
    of the later; `none` where it lies in none. A token lies in a span that has its first code point."""
    classes = np.full(len(tokens), none)
    lengths = spans.places[:, 1] - spans.places[:, 0]
    for within, at in together(spans.items.astype(np.intp), tokens.items.astype(np.intp)):
        starts = tokens.places[at, 0]
        inside = (spans.places[within, 0] <= starts) & (starts < spans.places[within, 1])
        within, at = within[inside], at[inside]
        longest_first = np.lexsort((within, -lengths[within]))
        classes[at[longest_first]] = spans.classes[within[longest_first]]  # the last one stays
    return classes
