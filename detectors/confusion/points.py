"""Points of things: each truth with what the model says of it, and each prediction that is of no truth."""

from collections.abc import Collection
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from detectors.confusion import gathering
from detectors.confusion.columns import Column, Columns, Ids
from detectors.confusion.gathering import Labels, Told
from detectors.evaluation.matching import Classes, match
from detectors.models import Evaluation

NONE = np.nan
KINDS = {
    "ids": "V16",
    "items": np.int64,
    "truth": np.int32,
    "predicted": np.int32,
    "score": np.float32,
    "overlap": np.float32,
    "entropy": np.float32,
    "authors": np.int32,
}


class Paired(NamedTuple):
    """n points without what they look like. `told` (n,) are rows of what was told, -1 where nothing was."""

    columns: Columns
    told: Column


def none() -> Columns:
    empty = {name: np.empty(0, kind) for name, kind in KINDS.items()}
    return Columns(**empty, places=np.empty((0, 4), np.float32), components=np.empty((0, 0), np.float32))


def of(evaluation: Evaluation, labels: Labels) -> Columns:
    """All points, as the labels were at the version, or are now."""
    said = gathering.truth if evaluation.follows else gathering.truth_at
    truth = said(evaluation, labels)
    if evaluation.weights_id:
        return held_out(truth, gathering.held_out(evaluation, labels), labels)
    return of_run(evaluation, labels, truth)


def of_run(evaluation: Evaluation, labels: Labels, truth: Told, items: Collection[int] | None = None) -> Columns:
    """Of some items, or of all that both the run and people have looked at."""
    there = gathering.looked_at(evaluation, labels, items)
    truth = some(truth, np.isin(truth.things.items, there))
    said = gathering.said(evaluation, labels, there.tolist())
    classes: Classes = evaluation.classes  # type: ignore[assignment]
    measure = gathering.MEASURES[evaluation.subject]
    found = match(truth.things, said.things, measure, evaluation.least, classes)
    matched, k = found.predictions >= 0, len(labels.ids)
    alone = np.flatnonzero((found.truths < 0) & ~found.ignored)
    by = np.where(matched, found.predictions, -1)
    overlap = np.zeros(len(truth))
    mine = np.flatnonzero(matched)
    overlap[mine] = measure(truth.things.take(mine), said.things.take(by[mine]))
    rows = np.concatenate([by, alone])
    scores = np.append(np.asarray(said.things.scores), NONE)[rows].astype(np.float32)
    shares = (
        None if said.probabilities is None else np.append(said.probabilities, said.probabilities[:1] * NONE, 0)[rows]
    )
    columns = Columns(
        ids=np.concatenate([truth.ids, said.ids[alone]]),
        items=np.concatenate([truth.things.items, said.things.items[alone]]),
        truth=np.concatenate([truth.things.classes, np.full(len(alone), k)]).astype(np.int32),
        predicted=np.append(said.things.classes, k)[rows].astype(np.int32),
        score=scores,
        overlap=np.concatenate([overlap, np.zeros(len(alone))]).astype(np.float32),
        entropy=unsure(scores, shares),
        places=np.concatenate([truth.places, said.places[alone]]),
        authors=np.concatenate([truth.authors, np.zeros(len(alone), np.int32)]),
        components=np.empty((len(rows), 0), np.float32),
        probabilities=shares,
    )
    return columns.take(ordered(columns))


def held_out(truth: Told, held: gathering.Held, labels: Labels) -> Columns:
    """Of each labelled thing what the likeliest label is. What was labelled since has no point."""
    by_id = {annotation.bytes: row for row, annotation in enumerate(held.annotations)}
    rows = np.array([by_id.get(bytes(one), -1) for one in truth.ids], np.intp)
    known = np.flatnonzero(rows >= 0)
    own, shares = some(truth, known), held.probabilities[rows[known]]
    predicted = shares.argmax(axis=1).astype(np.int32) if len(known) else np.empty(0, np.int32)
    scores = shares.max(axis=1, initial=0)
    return Columns(
        ids=own.ids,
        items=own.things.items,
        truth=own.things.classes.astype(np.int32),
        predicted=predicted,
        score=scores,
        overlap=np.ones(len(known), np.float32),
        entropy=unsure(scores, shares),
        places=own.places,
        authors=own.authors,
        components=np.empty((len(known), 0), np.float32),
        probabilities=shares,
    )


def some(told: Told, rows: NDArray[Any]) -> Told:
    """Some of them."""
    shares = None if told.probabilities is None else told.probabilities[rows]
    return Told(told.things.take(rows), told.ids[rows], told.authors[rows], told.places[rows], shares)


def ordered(columns: Columns) -> Column:
    """By items, and by ids within one, so that the same things always come in the same order."""
    pairs = columns.ids.view(">u8").reshape(-1, 2)
    return np.lexsort((pairs[:, 1], pairs[:, 0], columns.items))


def unsure(scores: Column, shares: Column | None) -> Column:
    """How unsure a model is (n,): the entropy of its probabilities (n, k) over that of a mere guess. Where it tells how
    sure it is alone, that or not; where it says nothing, 0."""
    sure = np.clip(np.nan_to_num(scores, nan=1.0), 0, 1).astype(np.float64)
    found = entropy(np.stack([sure, 1 - sure], axis=1))
    if shares is not None and shares.shape[1] > 1:
        told = ~np.isnan(shares).any(axis=1)
        found[told] = entropy(shares[told])
    return found.astype(np.float32)


def entropy(shares: Column) -> Column:
    """Of rows (n, k), from 0 to 1. What is missing from 1 is of none of them."""
    whole = np.maximum(shares.sum(axis=1, keepdims=True), 1e-12)
    parts = np.clip(shares / whole, 1e-12, 1)
    return -(parts * np.log(parts)).sum(axis=1) / np.log(max(shares.shape[1], 2))


def index(ids: Ids) -> dict[bytes, int]:
    return {bytes(one): row for row, one in enumerate(ids)}
