"""What mistakes cost, against how sure one must be."""

from dataclasses import dataclass

import numpy as np

from detectors.evaluation.things import Flags, Floats


@dataclass(frozen=True)
class Costs:
    """At each threshold (t,), from the highest, what it costs where predictions of that confidence or more are taken.
    The first one takes none."""

    thresholds: Floats
    costs: Floats

    @property
    def best(self) -> tuple[float, float]:
        """The threshold that costs least, of equal ones the highest, and that cost."""
        at = int(np.argmin(self.costs))
        return float(self.thresholds[at]), float(self.costs[at])


def costs(scores: Floats, right: Flags, there: int, *, false_alarm: float, miss: float) -> Costs:
    """Of the predictions (n,) of one label, of which `there` are in truth. Each is in the currency of its cost."""
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.diff(scores[order], append=-np.inf))
    hits, taken = np.cumsum(right[order])[ends], ends + 1
    each = (taken - hits) * false_alarm + (there - hits) * miss
    above = np.nextafter(1.0, 2.0)  # so sure is nothing
    return Costs(np.append(above, scores[order][ends]), np.append(there * miss, each))


def together(some: list[Costs]) -> Costs:
    """Of several labels at the same threshold."""
    thresholds = np.unique(np.concatenate([one.thresholds for one in some]))[::-1]
    total = np.zeros(len(thresholds))
    for one in some:
        total += one.costs[np.searchsorted(-one.thresholds, -thresholds, "right") - 1]
    return Costs(thresholds, total)
