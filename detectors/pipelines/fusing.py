"""Makes one of what several detectors found in the same place."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from detectors.found import Found, joined
from detectors.pipelines.overlaps import Floats, Rows, areas, corners, overlap, places
from detectors.pipelines.suppressing import alike, surest

Scoring = Literal["avg", "max", "box_and_model_avg", "absent_model_aware_avg"]
Cluster = tuple[Floats, list[int]]  # corners (4,) and the rows that it is made of, the surest first

LEAST = 1e-12  # what a row without any score weighs


def fused(
    some: Sequence[Found],
    *,
    weights: Sequence[float] | None = None,
    threshold: float = 0.55,
    scoring: Scoring = "avg",
    at_least: int = 1,
    across_labels: bool = False,
) -> Found:
    """Weighted boxes fusion: boxes that overlap become one whose corners are their mean, weighted by their scores.

    `some` is what each of several detectors found, `weights` (one for each) how much they count. Those that agree to
    an IoU of `threshold` or more are fused; where fewer than `at_least` of them agree it is left out. By Solovyev,
    Wang and Gabruseva (Weighted boxes fusion, Image and Vision Computing 107, 2021, section 3); `scoring` as conf_type
    of ensemble-boxes. Scores stay at most 1. What was fused of several is a rectangle, whatever it was of.
    """
    rows, source, share = laid_out(some, weights)
    clusters = [one for one in grouped(rows, share, threshold, across_labels) if voices(one, source) >= at_least]
    everyone = np.ones(len(some)) if weights is None else np.asarray(weights, np.float64)
    scores = [rated(members, rows.scores, source, share, everyone, scoring) for _, members in clusters]
    return gathered(rows, clusters, np.minimum(scores, 1.0))


def intersected(some: Sequence[Found], *, threshold: float = 0.5, across_labels: bool = False) -> Found:
    """What all of them found: the part that is common to those that agree to an IoU of `threshold` or more.

    They are grouped as in `fused`; the score is the mean's.
    """
    rows, source, share = laid_out(some, None)
    of = corners(rows.places)
    clusters = []
    for one in grouped(rows, share, threshold, across_labels):
        together = np.concatenate([of[one[1], :2].max(axis=0), of[one[1], 2:].min(axis=0)])
        if voices(one, source) == len(some) and (together[2:] > together[:2]).all():
            clusters.append((together, one[1]))
    return gathered(rows, clusters, np.array([rows.scores[members].mean() for _, members in clusters]))


def laid_out(some: Sequence[Found], weights: Sequence[float] | None) -> tuple[Found, Rows, Floats]:
    """All rows, and of each (n,) which it came from and what that one weighs."""
    source = np.repeat(np.arange(len(some)), [len(one) for one in some])
    share = np.ones(len(source)) if weights is None else np.asarray(weights, np.float64)[source]
    return joined(some), source, share


def voices(cluster: Cluster, source: Rows) -> int:
    return len(np.unique(source[cluster[1]]))


def grouped(rows: Found, share: Floats, threshold: float, across_labels: bool) -> list[Cluster]:
    """From the surest on each row joins the cluster that it overlaps most, by `threshold` or more, or begins one."""
    of, pull = corners(rows.places), np.maximum(rows.scores * share, LEAST)
    groups = alike(rows, across_labels=across_labels)
    clusters: list[Cluster] = []
    for group in np.unique(groups):
        ordered = surest(np.where(groups == group, pull, -1))[: (groups == group).sum()]
        means, sums, members = np.empty((len(ordered), 4)), np.empty((len(ordered), 5)), list[list[int]]()
        for row in ordered.tolist():
            agreed = overlap(means[: len(members)], of[row])
            best = int(agreed.argmax()) if len(members) else 0
            pulled = np.append(of[row] * pull[row], pull[row])
            if len(members) and agreed[best] >= threshold:
                members[best].append(row)
                sums[best] += pulled
            else:
                best = len(members)
                members.append([row])
                sums[best] = pulled
            means[best] = sums[best, :4] / sums[best, 4] if len(members[best]) > 1 else of[row]
        clusters += zip(means, members, strict=False)
    return clusters


def rated(members: list[int], scores: Floats, source: Rows, share: Floats, everyone: Floats, scoring: Scoring) -> float:
    """A cluster's score: the fewer of the detectors found it, the lower, but for "max"."""
    pull, own, present = scores[members] * share[members], share[members], np.unique(source[members])
    match scoring:
        case "max":
            return pull.max() / everyone.max()
        case "box_and_model_avg":
            return pull.sum() / own.sum() * everyone[present].sum() / everyone.sum()
        case "absent_model_aware_avg":
            return pull.sum() / (own.sum() + everyone.sum() - everyone[present].sum())
    return pull.mean() * min(len(everyone), len(members)) / everyone.sum()


def gathered(rows: Found, clusters: list[Cluster], scores: Floats) -> Found:
    """A row for each cluster that has an area, the surest first; what it is and where it comes from its surest says."""
    of = np.array([mean for mean, _ in clusters]).reshape(-1, 4)
    kept = rows.take([members[0] for _, members in clusters])
    several = np.array([len(members) > 1 for _, members in clusters], bool)
    kept = replace(
        kept,
        places=np.where(several[:, None], places(of, rows.places), kept.places),
        shapes=np.where(several & (kept.shapes == "polygon"), "rectangle", kept.shapes),
        rings=kept.rings and tuple(None if many else ring for many, ring in zip(several, kept.rings, strict=True)),
        scores=np.asarray(scores, np.float64).reshape(-1),
    )
    there = (areas(corners(kept.places)) > 0) | (kept.shapes == "tag")
    order = surest(kept.scores)
    return kept.take(order[there[order]])
