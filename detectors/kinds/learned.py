"""What the learned detectors share."""

from dataclasses import replace
from typing import Annotated, Any

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from detectors.found import Found, of
from detectors.learning.packing import Packed

Sure = Annotated[
    float,
    Meta(title="How sure at least", description="From 0 to 1. More finds less, and fewer wrong ones.", ge=0, le=1),
]


def tags(place: NDArray[Any], shares: NDArray[np.float64], learned: Packed, least: float) -> Found:
    """Of one item, all of which is `place` (1, d): the likeliest tag, or each where an item may have several, if it is
    sure enough. `shares` (k,) are the probabilities of the classes."""
    order = np.argsort(-shares, kind="stable")
    chosen = order[:1] if learned.exclusive else order
    chosen = chosen[shares[chosen] >= least]
    found = of("tag", np.repeat(place, len(chosen), axis=0), np.asarray(learned.classes)[chosen], shares[chosen])
    return replace(found, probabilities=np.tile(shares, (len(chosen), 1)), classes=learned.classes)
