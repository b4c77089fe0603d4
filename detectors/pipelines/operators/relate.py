"""Lets through what stands in a relation to something else that was found."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from detectors.found import Found, Kind, joined
from detectors.pipelines.looking import Share
from detectors.pipelines.overlaps import Floats, Neighbours, corners, covered, gap, overlap
from detectors.pipelines.steps import Given, Labels, Made, Port

Relation = Literal["near", "inside", "contains", "overlaps"]


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    relation: Annotated[Relation, msgspec.Meta(title="Relation")]
    at_least: Annotated[int, msgspec.Meta(ge=1, title="To at least so many")] = 1
    without: Annotated[bool, msgspec.Meta(title="Those without it instead")] = False
    labels: Annotated[tuple[str, ...], msgspec.Meta(title="Only to these labels", max_length=1_000)] = ()
    distance: Annotated[float, msgspec.Meta(ge=0, le=1e9, title="Near: at most so far, in pixels or characters")] = 50
    share: Annotated[
        Share, msgspec.Meta(title="Inside, contains: how much lies inside; overlaps: the overlap over both (iou)")
    ] = 0.5


class Relate:
    title = "Relate"
    Config = Settings
    ports = {"in": Port(), "to": Port(many=True)}
    looks = False

    def __init__(self, config: Settings, made: Made) -> None:
        self.config = config

    def misfits(self, kind: Kind) -> dict[str, str]:
        return {}

    def labels(self, of: Mapping[str, Sequence[Labels]]) -> Labels:
        return of["in"][0]

    def run(self, batch: Sequence[Given]) -> list[Found]:
        return [self.one(given.found["in"][0], joined(given.found["to"])) for given in batch]

    def one(self, found: Found, to: Found) -> Found:
        said = self.config
        if said.labels:
            to = to.take(np.isin(to.labels, said.labels))
        counts = related(found, to, relation=said.relation, distance=said.distance, share=said.share)
        return found.take((counts >= said.at_least) != said.without)


def related(
    found: Found, to: Found, *, relation: Relation, distance: float = 50, share: float = 0.5
) -> NDArray[np.intp]:
    """To how many of `to` (m) each of `found` (n) stands in the relation; int (n,). None counts for itself.

    "near": the gap is at most `distance` pixels or code points. "inside": `share` or more of it lies in the other.
    "contains": the other lies inside it so. "overlaps": their IoU is `share` or more.
    """
    of, others = corners(found.places), corners(to.places)
    reach = np.array([-distance, -distance, distance, distance]) if relation == "near" else np.zeros(4)
    counts = np.zeros(len(found), np.intp)
    for rows, with_ in Neighbours(others).pairs(of + reach):
        meets = holds(of[rows], others[with_], relation, distance, share)
        if found.keys is not None and to.keys is not None:
            meets &= found.keys[rows] != to.keys[with_]
        counts += np.bincount(rows[meets], minlength=len(found))
    return counts


def holds(a: Floats, b: Floats, relation: Relation, distance: float, share: float) -> NDArray[np.bool_]:
    match relation:
        case "near":
            return gap(a, b) <= distance
        case "inside":
            return covered(a, b) >= share
        case "contains":
            return covered(b, a) >= share
    return overlap(a, b) >= share
