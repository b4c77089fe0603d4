"""A linear classifier: made by scikit-learn, kept as arrays and applied without it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

FOLDS = 5
ROUNDS = 300


@dataclass(frozen=True)
class Linear:
    """Of vectors (n, d) it tells the probabilities (n, k): of `k` classes of which one holds, or of each by itself."""

    coefficients: NDArray[np.float32]  # (k, d)
    intercepts: NDArray[np.float32]  # (k,)
    exclusive: bool

    def probabilities(self, vectors: Any) -> Floats:
        sums = np.asarray(vectors @ self.coefficients.T.astype(np.float64)) + self.intercepts
        if not self.exclusive:
            return 1 / (1 + np.exp(-np.clip(sums, -500, 500)))
        powers = np.exp(sums - sums.max(axis=1, keepdims=True))
        shares: Floats = powers / powers.sum(axis=1, keepdims=True)
        return shares


def fitted(
    vectors: Any,
    classes: Rows,
    count: int,
    weights: Floats | None = None,
    *,
    strength: float = 1.0,
    standardised: bool = True,
) -> Linear:
    """By LogisticRegression on vectors (n, d) whose classes are numbers below `count`; they may be standardised
    first, which goes into the coefficients. A class without an example gets no probability; where there is none
    at all, each is as likely."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler
    from threadpoolctl import threadpool_limits

    there = np.unique(classes)
    coefficients = np.zeros((count, vectors.shape[1]))
    intercepts = np.full(count, -50.0)
    if len(there) < 2:
        intercepts[there] = 50.0
        return Linear(coefficients.astype(np.float32), intercepts.astype(np.float32), exclusive=True)
    scale = StandardScaler().fit(vectors, sample_weight=weights) if standardised else None
    model = LogisticRegression(C=strength, max_iter=ROUNDS, random_state=0)
    with threadpool_limits(1):  # as many learn and look at once as there are processors
        model.fit(vectors if scale is None else scale.transform(vectors), classes, sample_weight=weights)
    told, began = model.coef_, model.intercept_
    if len(there) == 2:  # of two scikit-learn tells one: the other is its opposite
        told, began = np.concatenate([-told, told]) / 2, np.concatenate([-began, began]) / 2
    if scale is not None:
        began = began - (told / scale.scale_) @ scale.mean_
        told = told / scale.scale_
    coefficients[there], intercepts[there] = told, began
    return Linear(coefficients.astype(np.float32), intercepts.astype(np.float32), exclusive=True)


def folds(groups: Sequence[Any], classes: Rows) -> list[Rows]:
    """Rows to be held out together, so that each is held out once: groups stay whole, and each fold has some of each
    class where that can be."""
    numbers = {group: n for n, group in enumerate(dict.fromkeys(groups))}
    of = np.array([numbers[group] for group in groups])
    count = min(FOLDS, len(numbers))
    first = np.array([classes[of == group].min() for group in range(len(numbers))])
    fold = np.empty(len(numbers), np.intp)
    fold[np.argsort(first, kind="stable")] = np.arange(len(numbers)) % count
    return [np.flatnonzero(fold[of] == one) for one in range(count)]
