"""Gives what was found the labels of the project."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated

import msgspec
import numpy as np

from detectors.found import Found, Kind
from detectors.pipelines.steps import Given, Labels, Made, Port


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    labels: Annotated[dict[str, str], msgspec.Meta(title="New names", max_length=10_000)]
    rest: Annotated[bool, msgspec.Meta(title="Keep what is not named here")] = True


class MapLabels:
    title = "Map labels"
    Config = Settings
    ports = {"in": Port()}
    looks = False

    def __init__(self, config: Settings, made: Made) -> None:
        self.config = config

    def misfits(self, kind: Kind) -> dict[str, str]:
        return {}

    def labels(self, of: Mapping[str, Sequence[Labels]]) -> Labels:
        (given,), names = of["in"], self.config.labels
        if given is None:
            return None if self.config.rest else frozenset(names.values())
        return frozenset(names.get(name, name) for name in given if self.config.rest or name in names)

    def run(self, batch: Sequence[Given]) -> list[Found]:
        return [renamed(given.found["in"][0], self.config.labels, rest=self.config.rest) for given in batch]


def renamed(found: Found, names: Mapping[str, str], *, rest: bool = True) -> Found:
    """Rows with the labels that `names` gives theirs; without those that it doesn't name, unless `rest` is kept.

    Probabilities (n, k) of classes that get one name are added up; those of classes that are left out stay.
    """
    if not rest:
        found = found.take(np.isin(found.labels, list(names)))
    values, at = np.unique(found.labels, return_inverse=True)
    labels = np.array([names.get(str(value), str(value)) for value in values], np.str_)[at]
    if found.probabilities is None:
        return replace(found, labels=labels)
    classes = tuple(dict.fromkeys(names.get(name, name) for name in found.classes))
    sums = np.array([[names.get(old, old) == new for new in classes] for old in found.classes], np.float64)
    return replace(found, labels=labels, classes=classes, probabilities=found.probabilities @ sums)
