"""Numbers what a pipeline proposes, the same way every time: predictions are known by node and index."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.found import Found
from detectors.pipelines.checking import Outline, Plan
from detectors.pipelines.executing import Outcome


@dataclass(frozen=True, slots=True)
class Proposed:
    """One of an item's results. `place` is x, y, width, height in pixels, or start, end in code points; `parent` names,
    by node and index, the result in whose region it was found, if that is a result too. `probabilities` are those of
    all classes of the detector, if it tells them."""

    node: str
    index: int
    shape: str
    label: str
    score: float
    place: tuple[float, ...]
    ring: NDArray[np.float64] | None
    parent: tuple[str, int] | None
    probabilities: dict[str, float] | None = None


def proposed(plan: Plan | Outline, outcome: Outcome) -> Iterator[Proposed]:
    """An item's results: node by node in the order of their names, each in the order in which it gives them."""
    results = [(id_, outcome.found[id_]) for id_ in plan.results if id_ in outcome.found]
    known: dict[int, tuple[str, int]] = {}
    for id_, found in results:
        for index, key in enumerate([] if found.keys is None else found.keys.tolist()):
            known.setdefault(key, (id_, index))
    for id_, found in results:
        columns: list[list[Any]] = [
            column.tolist() for column in (found.shapes, found.labels, found.scores, found.places)
        ]
        parents = [-1] * len(found) if found.parents is None else found.parents.tolist()
        rings = found.rings or (None,) * len(found)
        for index, (shape, label, score, place) in enumerate(zip(*columns, strict=True)):
            parent = known.get(parents[index])
            yield Proposed(id_, index, shape, label, score, tuple(place), rings[index], parent, shares(found, index))


def shares(found: Found, index: int) -> dict[str, float] | None:
    if found.probabilities is None or np.isnan(found.probabilities[index]).any():
        return None
    return dict(zip(found.classes, found.probabilities[index].round(4).tolist(), strict=True))
