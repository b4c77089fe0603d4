"""Makes one of what several nodes have found."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

import msgspec
import numpy as np

from detectors.found import Found, Kind, joined
from detectors.pipelines.fusing import Scoring, fused, intersected
from detectors.pipelines.looking import Share
from detectors.pipelines.overlaps import Measure, Neighbours, corners, overlap
from detectors.pipelines.steps import Given, Labels, Made, Port, everything
from detectors.pipelines.suppressing import alike, merged, nms, surest


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    how: Annotated[
        Literal["union", "nms", "greedy", "fuse", "consensus", "intersect", "subtract"], msgspec.Meta(title="How")
    ] = "union"
    threshold: Annotated[Share, msgspec.Meta(title="Least overlap of what is the same")] = 0.5
    measure: Annotated[Measure, msgspec.Meta(title="Overlap of two, over both (iou) or the smaller (ios)")] = "iou"
    scoring: Annotated[Scoring, msgspec.Meta(title="Score of what is fused")] = "avg"
    at_least: Annotated[int, msgspec.Meta(ge=1, le=200, title="So many must agree")] = 2
    across_labels: Annotated[bool, msgspec.Meta(title="Whatever the label")] = False


class Combine:
    title = "Combine"
    Config = Settings
    ports = {"in": Port(many=True), "minus": Port(many=True)}
    looks = False

    def __init__(self, config: Settings, made: Made) -> None:
        self.config = config
        if config.how != "subtract":
            self.ports = {"in": Port(many=True)}

    def misfits(self, kind: Kind) -> dict[str, str]:
        return {}

    def labels(self, of: Mapping[str, Sequence[Labels]]) -> Labels:
        return everything(of["in"])

    def run(self, batch: Sequence[Given]) -> list[Found]:
        return [self.one(given) for given in batch]

    def one(self, given: Given) -> Found:
        said, some = self.config, given.found["in"]
        threshold, measure, across = said.threshold, said.measure, said.across_labels
        match said.how:
            case "nms":
                return nms(joined(some), threshold=threshold, measure=measure, across_labels=across)
            case "greedy":
                return merged(joined(some), threshold=threshold, measure=measure, across_labels=across)
            case "fuse" | "consensus":
                least = said.at_least if said.how == "consensus" else 1
                weights, scoring = given.weights["in"], said.scoring
                return fused(
                    some, weights=weights, threshold=threshold, scoring=scoring, at_least=least, across_labels=across
                )
            case "intersect":
                return intersected(some, threshold=threshold, across_labels=across)
            case "subtract":
                rest = joined(given.found["minus"])
                return subtracted(joined(some), rest, threshold=threshold, measure=measure, across_labels=across)
        return united(some)


def united(some: Sequence[Found]) -> Found:
    """All that any of them found, the surest first; of those in one place with one label and shape the surest."""
    every = joined(some)
    every = every.take(surest(every.scores))
    names = np.unique(np.char.add(np.char.add(every.labels, "\n"), every.shapes), return_inverse=True)[1]
    columns = np.concatenate([every.places.astype(np.float64), names[:, None]], axis=1)
    first = np.unique(columns, axis=0, return_index=True)[1]
    return every.take(np.sort(first))


def subtracted(
    found: Found, rest: Found, *, threshold: float = 0.5, measure: Measure = "iou", across_labels: bool = False
) -> Found:
    """Those of `found` (n) that overlap none of `rest` (m) of the same label by `threshold` or more, in their order."""
    of, others = corners(found.places), corners(rest.places)
    groups = alike(joined([found, rest]), across_labels=across_labels)
    mine, theirs = groups[: len(found)], groups[len(found) :]
    gone = np.zeros(len(found), bool)
    for rows, with_ in Neighbours(others).pairs(of):
        met = overlap(of[rows], others[with_], measure) >= threshold
        gone[rows[met & (mine[rows] == theirs[with_])]] = True
    return found.take(~gone)
