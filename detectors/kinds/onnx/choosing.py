"""What the models that tell classes have in common: names, what their numbers mean, and which classes are wanted."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from detectors.kinds.contract import Label, unfit
from projects.errors import Invalid

MOST_CLASSES = 30_000
Activation = Annotated[
    Literal["none", "softmax", "sigmoid"],
    Meta(
        title="Activation",
        description="What makes probabilities of the model's numbers: softmax where one class of all is right, sigmoid "
        "where several may be, none where they are probabilities already.",
    ),
]
Classes = Annotated[
    list[Label],
    Meta(
        title="Classes",
        description="Their names in the model's order, a line each.",
        min_length=1,
        max_length=MOST_CLASSES,
    ),
]
Only = Annotated[
    list[Label],
    Meta(title="Only these", description="Which classes are wanted, a line each; empty: all.", max_length=MOST_CLASSES),
]
Threshold = Annotated[
    float, Meta(title="Threshold", description="From 0 to 1. More finds less, and fewer wrong ones.", ge=0, le=1)
]
FEW = "The model tells {told} classes, and {named} are named. Name them all, in its order."


def check(classes: Sequence[str], only: Sequence[str]) -> None:
    """Raises Invalid."""
    wrong, known = {}, set(classes)
    if len(known) < len(classes):
        twice = next(name for name, count in Counter(classes).items() if count > 1)
        wrong["classes"] = f"Classes: “{twice}” is named twice. Give each class a name of its own."
    if unknown := sorted(set(only) - known):
        wrong["only"] = f"Only these: the model has no class “{unknown[0]}”. Choose among those it has."
    if wrong:
        raise unfit(**wrong)


def activated(numbers: NDArray[Any], how: str) -> NDArray[np.float64]:
    """Probabilities (n, k) of a model's numbers (n, k); what is no number counts as 0."""
    values = np.nan_to_num(numbers.astype(np.float64), nan=0.0, posinf=1e9, neginf=-1e9)
    if how == "softmax":
        powers = np.exp(values - values.max(axis=1, keepdims=True, initial=-1e9))
        return powers / powers.sum(axis=1, keepdims=True)
    if how == "sigmoid":
        return 1 / (1 + np.exp(-np.clip(values, -500, 500)))
    return np.clip(values, 0, 1)


def count(told: int, classes: Sequence[str]) -> None:
    if told != len(classes):
        detail = FEW.format(told=told, named=len(classes))
        raise Invalid(detail, fields={"classes": detail})
