"""What a node of a pipeline does: a detector that looks, or one of the operators. To add an operator, copy its nearest
neighbour and name it here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, ClassVar, Literal, Protocol

import msgspec

from detectors.found import Found, Kind
from detectors.kinds import decoding
from detectors.kinds.contract import Detector, Picture

ITEMS = "items"  # the kind of the node at which a pipeline begins
OPERATORS = {
    "each": "detectors.pipelines.operators.each.Each",
    "slide": "detectors.pipelines.operators.slide.Slide",
    "filter": "detectors.pipelines.operators.filter.Filter",
    "combine": "detectors.pipelines.operators.combine.Combine",
    "relate": "detectors.pipelines.operators.relate.Relate",
    "map_labels": "detectors.pipelines.operators.map_labels.MapLabels",
}

Content = Picture | str
Labels = frozenset[str] | None  # None: nobody can tell beforehand
Made = Callable[[str, dict[str, Any]], Detector]  # as registry.made


@dataclass(frozen=True, slots=True)
class Port:
    """What may be connected to a node: an item, or what was found."""

    takes: Literal["item", "found"] = "found"
    many: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """What a node works on in one item: by port what was found, and how much each counts; the item if it looks."""

    content: Content | None = None
    found: Mapping[str, tuple[Found, ...]] = field(default_factory=dict)
    weights: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


class Step(Protocol):
    """One node at work. It holds its configuration alone, so the same input gives the same output."""

    @property
    def title(self) -> str:
        """As people know it."""

    @property
    def ports(self) -> Mapping[str, Port]:
        """Its inputs."""

    @property
    def looks(self) -> bool:
        """Whether it needs the item itself, not only what was found in it."""

    @property
    def config(self) -> msgspec.Struct:
        """With what was left out filled in."""

    def misfits(self, kind: Kind) -> dict[str, str]:
        """Which fields of the configuration don't go with images, or with texts, and what to do."""

    def labels(self, of: Mapping[str, Sequence[Labels]]) -> Labels:
        """Those that may come out, when these go in."""

    def run(self, batch: Sequence[Given]) -> list[Found]:
        """What is found in each item of a batch."""


class Operator(Step, Protocol):
    title: ClassVar[str]
    ports: ClassVar[Mapping[str, Port]]  # all that it may have
    Config: ClassVar[type[msgspec.Struct]]

    def __init__(self, config: Any, made: Made) -> None: ...


def operator(kind: str) -> type[Operator]:
    module, name = OPERATORS[kind].rsplit(".", 1)
    loaded: type[Operator] = getattr(import_module(module), name)
    return loaded


class Offered(msgspec.Struct, frozen=True):
    """An operator as one chooses it."""

    name: str
    title: str
    ports: Mapping[str, Port]
    schema: dict[str, Any]


def offered() -> list[Offered]:
    types = {name: operator(name) for name in OPERATORS}
    return [Offered(name, type_.title, type_.ports, decoding.schema(type_.Config)) for name, type_ in types.items()]


def everything(of: Sequence[Labels]) -> Labels:
    known = [labels for labels in of if labels is not None]
    return frozenset().union(*known) if len(known) == len(of) else None
