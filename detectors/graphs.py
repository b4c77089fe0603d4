"""Pipelines where there are no detectors: what children say of graphs, and find in items for them."""

import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, fields
from functools import lru_cache
from hashlib import sha256
from time import monotonic
from typing import Any, NamedTuple

import msgspec
from django.core.files.storage import default_storage

from detectors import sandbox
from detectors.backends.detector import GONE, BackEndDetector
from detectors.backends.seen import Stored
from detectors.kinds import registry
from detectors.kinds.contract import Detector, unfit
from detectors.kinds.registry import Listed
from detectors.outputs import Outputs
from detectors.packing import packed
from detectors.pipelines.checking import Outline
from detectors.pipelines.executing import ItemError, Tally, never
from detectors.pipelines.graph import Graph, Mistake, encoded, write
from detectors.sandbox import Child, Ended
from projects.media import MISSING, Missing
from projects.models import Item

LARGEST = 16  # items that a child is given at a time
SOON = 5  # seconds: where they take longer, fewer
LEFT_OUT = "%(node)s %(why)s at this item. It was left out; look at it, or change what the node does."
BROKEN = "The detector “%(name)s” %(why)s when it was loaded. Mend or uninstall it."


class Whose(NamedTuple):
    """What a project's graphs may name: its own weights, by kind their digests, and its own back ends."""

    project: int
    weights: dict[str, list[str]]


class About(NamedTuple):
    title: str
    finds: tuple[str, ...]


def kinds() -> tuple[Listed, ...]:
    """All detectors that are installed, also those that are broken."""
    return kinds_on(tuple(sys.path))


@lru_cache(maxsize=1)
def kinds_on(path: tuple[str, ...]) -> tuple[Listed, ...]:
    broken: dict[str, str] = {}
    while True:
        try:
            with sandbox.child() as child:
                found = [msgspec.convert(one, Listed) for one in child.call("detectors.inside:listed", broken)]
                ours = len(registry.DETECTORS) - len(registry.OUTSIDE)
                return *found[:ours], *map(registry.listed, map(registry.load, registry.OUTSIDE)), *found[ours:]
        except Ended as error:
            if not error.at or error.at[0] in broken:
                raise
            broken[error.at[0]] = BROKEN % {"name": error.at[0], "why": error.why}


def about(name: str, config: dict[str, Any], whose: Whose) -> BackEndDetector | About:
    """A detector. Raises Invalid for what is wrong with its configuration."""
    if name in registry.OUTSIDE:
        return outside(name, config, whose)
    with sandbox.child() as child:
        (told,) = child.call("detectors.inside:about", name, config, whose.weights)
    return msgspec.convert(told, About)


def checked(
    graph: Graph, labels: Collection[str] | None = None, whose: Whose | None = None
) -> tuple[Outline | None, list[Mistake]]:
    """As detectors.pipelines.checking.checked, by a child."""
    args = write(graph), None if labels is None else list(labels), whose and whose.weights
    with sandbox.child() as child:
        ((outline, mistakes),) = child.call("detectors.inside:outlined", *args, answer=answering(whose))
    return msgspec.convert(outline, Outline | None), msgspec.convert(mistakes, list[Mistake])


def at_home(graph: Graph) -> Iterator[tuple[str, Detector]]:
    """The detectors in it that are not made in children, by node."""
    for node in graph.nodes:
        inner = node.config.get("detector") or {"kind": node.kind, "config": node.config}
        if inner["kind"] in registry.OUTSIDE:
            yield node.id, registry.made(inner["kind"], inner.get("config", {}))


def outside(name: str, config: dict[str, Any], whose: Whose | None = None) -> BackEndDetector:
    detector = registry.made(name, config)
    if not isinstance(detector, BackEndDetector) or (whose and detector.project != whose.project):
        raise unfit(backend=GONE)
    return detector


def answering(whose: Whose | None = None, **more: Callable[..., Any]) -> Callable[..., Any]:
    """What a child may ask for. Those that are asked keep their connections until that is over."""
    known: dict[bytes, BackEndDetector] = {}

    def of(name: str, config: dict[str, Any]) -> BackEndDetector:
        key = encoded([name, config])
        if key not in known:
            known[key] = outside(name, config, whose)
        return known[key]

    def about(name: str, config: dict[str, Any]) -> list[Any]:
        one = of(name, config)
        return [one.title, one.takes, list(one.finds), one.stamp]

    def detect(name: str, config: dict[str, Any], things: list[Any]) -> list[bytes]:
        seen = [one if isinstance(one, str) else Stored(one[0], "image/jpeg", tuple(one[1])) for one in things]
        return [packed(found) for found in of(name, config).detect(seen)]

    answers: dict[str, Callable[..., Any]] = {"about": about, "detect": detect, **more}
    return lambda what, *which: answers[what](*which)


@dataclass
class Carried:
    """A graph as children carry it out, some items at a time: one by one where that ends a child, and few where it
    takes long. `tallies` tell what each node has done so far."""

    graph: Graph
    outline: Outline
    size: int = 1
    tallies: dict[str, Tally] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.data = write(self.graph)
        self.digest = sha256(self.data + msgspec.json.encode(self.outline.hashes)).hexdigest()

    def on(
        self, child: Child, items: Sequence[Item], outputs: Outputs, *, over: Callable[[], bool] = never
    ) -> Iterator[tuple[Item, list[ItemError]]]:
        """Of each item, in their order, what could not be done; the outputs know what was found. Between some items and
        the next `over` is asked, and a yes ends it."""
        rest, alone = list(items), 0
        while rest and not over():
            some = rest[: 1 if alone else self.size]
            began = monotonic()
            try:
                errors = self.ask(child, some, outputs)
            except Ended as error:
                self.size = 1
                if not error.at:
                    raise
                if len(some) > 1:
                    alone = len(some)
                    continue
                errors = {some[0].pk: [self.left_out(some[0], error)]}
            self.size = min(self.size * 2, LARGEST) if monotonic() - began < SOON else max(self.size // 2, 1)
            yield from ((item, errors[item.pk]) for item in some)
            rest, alone = rest[len(some) :], max(alone - 1, 0)

    def ask(
        self,
        child: Child,
        items: Sequence[Item],
        outputs: Outputs,
        *,
        wanted: Collection[str] | None = None,
        altogether: float | None = None,
    ) -> dict[int, list[ItemError]]:
        """One call. Raises Ended; what was found until then the outputs know."""
        by_id = {item.pk: item for item in items}
        answer = answering(
            graph=lambda: [self.data, self.outline.hashes],
            image=lambda pk: image(by_id[pk]),
            found=lambda key: outputs.known[key],
        )
        told = [(item.pk, item.text if item.media is None else None) for item in items]
        keys = (f"{node}/{item.pk}" for node in self.outline.hashes.values() for item in items)
        args = self.digest, told, [key for key in keys if key in outputs.known], wanted and list(wanted)
        errors = {}
        for given in child.call("detectors.inside:looked", *args, answer=answer, altogether=altogether):
            match given:
                case ["found", key, found]:
                    outputs.add(key, found)
                case ["item", item, wrong]:
                    errors[item] = [ItemError(item, *one) for one in wrong]
                case ["tallies", tallies]:
                    self.count(msgspec.convert(tallies, dict[str, Tally]))
        return errors

    def count(self, tallies: dict[str, Tally]) -> None:
        for node, more in tallies.items():
            tally = self.tallies.setdefault(node, Tally())
            for one in fields(Tally):
                setattr(tally, one.name, getattr(tally, one.name) + getattr(more, one.name))

    def left_out(self, item: Item, error: Ended) -> ItemError:
        node = error.at[0]
        return ItemError(item.pk, node, LEFT_OUT % {"node": self.outline.names[node], "why": error.why})


def image(item: Item) -> bytes:
    if item.media is None:
        raise LookupError(f"{item.name} is no image.")
    try:
        with default_storage.open(item.media.path) as stored:
            data: bytes = stored.read()
    except FileNotFoundError as error:
        raise Missing(MISSING) from error
    return data
