"""Of things that were found more than once, the surest stays, or takes the others in."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from detectors.found import Found
from detectors.pipelines.overlaps import Floats, Measure, Neighbours, Rows, corners, overlap, places

FEWEST, AT_ONCE = 8, 256  # rows that are compared with all others at a time
PAIRS = 200_000  # so many pairs are looked at about then


def surest(scores: Floats) -> Rows:
    """Rows of scores (n,), the highest first; of equal ones the first."""
    return np.argsort(-scores, kind="stable")


def alike(found: Found, *, across_labels: bool) -> Rows:
    """A number (n,) for each, the same for those that may stand for each other: of one label, and tags for tags."""
    tags = (found.shapes == "tag").astype(np.intp)
    if across_labels:
        return tags
    return np.unique(found.labels, return_inverse=True)[1] * 2 + tags


def nms(found: Found, *, threshold: float = 0.5, measure: Measure = "iou", across_labels: bool = False) -> Found:
    """Non-maximum suppression: the surest first, without those that overlap a surer one by `threshold` or more.

    `threshold` is above 0 and at most 1; `measure` as in overlaps.overlap. Of equal scores the earlier row counts as
    surer. Greedy, as by Neubeck and Van Gool, Efficient Non-Maximum Suppression (ICPR 2006).
    """
    return found.take([keeper for keeper, _ in taken(found, threshold, measure, across_labels)])


def merged(found: Found, *, threshold: float = 0.5, measure: Measure = "ios", across_labels: bool = False) -> Found:
    """Greedy non-maximum merging: the surest first, each grown around those that it overlaps by `threshold` or more.

    So what the edges of tiles have cut in pieces becomes one again. As GREEDYNMM of SAHI (Akyon, Altinuc and Temizel,
    Slicing Aided Hyper Inference, ICIP 2022): who overlaps a surer one goes, and what that one has grown to takes in
    those that it overlaps still. Label and score are the surest's. Polygons become the outline of all of them together.
    """
    grown = corners(found.places)
    keepers, rings = list[int](), dict[int, NDArray[np.float64] | None]()
    for keeper, others in taken(found, threshold, measure, across_labels):
        keepers.append(keeper)
        inside = [keeper]
        for row in others:
            if overlap(grown[keeper], grown[row], measure) >= threshold:
                np.minimum(grown[keeper, :2], grown[row, :2], out=grown[keeper, :2])
                np.maximum(grown[keeper, 2:], grown[row, 2:], out=grown[keeper, 2:])
                inside.append(row)
        if found.rings is not None and len(inside) > 1:
            rings[keeper] = outline([ring for row in inside if (ring := found.rings[row]) is not None])
    kept = found.take(keepers)
    whole = None if kept.rings is None else tuple(map(rings.get, keepers, kept.rings))
    return replace(kept, places=places(grown[keepers], found.places), rings=whole)


def outline(rings: list[NDArray[Any]]) -> NDArray[np.float64] | None:
    """The corners (m, 2) of all of them together; of the hull around them where they don't hang together."""
    if not rings:
        return None
    together = shapely.union_all([shapely.make_valid(shapely.Polygon(ring)) for ring in rings])
    if not isinstance(together, shapely.Polygon):
        together = together.convex_hull
    straight = together.exterior.normalize().simplify(0)  # without the corners at which one side goes on as another
    return np.asarray(straight.coords[:-1], np.float64)


def taken(found: Found, threshold: float, measure: Measure, across_labels: bool) -> Iterator[tuple[int, Rows]]:
    """Row by row those that stay, the surest first, with the rows that they outdo, the surest first."""
    of, groups, order = corners(found.places), alike(found, across_labels=across_labels), surest(found.scores)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    cores = core(of, threshold) if measure == "iou" else of
    alive = np.ones(len(order), bool)
    known, neighbours, many = order, Neighbours(of[order]), FEWEST
    while len(order):
        block, order = order[:many], order[many:]
        mine, others = neighbours.of(cores[block])
        many = min(max(PAIRS * len(block) // (len(mine) + 1), FEWEST), AT_ONCE)
        mine, others = block[mine], known[others]
        able = alive[others] & (rank[others] > rank[mine]) & (groups[others] == groups[mine])
        mine, others = mine[able], others[able]
        hit = overlap(of[mine], of[others], measure) >= threshold
        mine, others = mine[hit], others[hit]
        by_rank = np.lexsort((rank[others], rank[mine]))
        others = others[by_rank]
        bounds = np.searchsorted(rank[mine[by_rank]], np.append(rank[block], len(rank)))
        for at, row in enumerate(block.tolist()):
            if alive[row]:
                outdone = others[bounds[at] : bounds[at + 1]]
                outdone = outdone[alive[outdone]]
                alive[outdone] = False
                yield row, outdone
        order = order[alive[order]]
        if len(order) < len(known) // 2:
            known, neighbours = order, Neighbours(of[order])


def core(of: Floats, threshold: float) -> Floats:
    """The part of each that every other meets which overlaps it by the threshold or more: that one covers as much of
    its width and of its height."""
    inset = (of[:, 2:] - of[:, :2]) * min(threshold, 0.5) * (1 - 1e-9)
    return np.concatenate([of[:, :2] + inset, of[:, 2:] - inset], axis=1)
