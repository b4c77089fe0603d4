"""What is done in children, where alone detectors are imported and made, and look. `graphs` asks for it."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any, cast

import msgspec
import numpy as np

from detectors.found import Found
from detectors.kinds import registry
from detectors.kinds.contract import Detector, Picture, unfit
from detectors.outside import Outside
from detectors.packing import packed, unpacked
from detectors.pipelines.checking import Outline, Plan, checked
from detectors.pipelines.executing import Execution, Item, Mistaken
from detectors.pipelines.graph import Graph
from detectors.pipelines.steps import Content, Made
from detectors.sandbox.inside import Parent
from projects.imaging import displayable, open_image, upright

NOT_OURS = "This project has no such file. Choose one of those that it has."
Weights = Mapping[str, list[str]]  # the digests of those that may be named, by kind


def listed(parent: Parent, broken: Mapping[str, str]) -> Iterator[Any]:
    """The kinds of detectors, without those that are said to be broken."""
    for one in registry.listing(broken, parent.at):
        yield msgspec.to_builtins(one)


def about(parent: Parent, name: str, config: dict[str, Any], weights: Weights) -> Iterator[Any]:
    """A detector of this configuration: its title and the labels that it gives."""
    detector = made_with(parent, weights)(name, config)
    yield detector.title, list(detector.finds)


def outlined(parent: Parent, graph: bytes, labels: list[str] | None, weights: Weights | None) -> Iterator[Any]:
    """What a graph comes to, and what is wrong with it."""
    plan, mistakes = checked(msgspec.json.decode(graph, type=Graph), made_with(parent, weights), labels)
    yield msgspec.to_builtins([plan and Outline.of(plan), mistakes])


def made_with(parent: Parent, weights: Weights | None) -> Made:
    """As registry.made, but with these weights alone; those that stay outside the parent makes."""

    def made(name: str, config: dict[str, Any]) -> Detector:
        if name in registry.OUTSIDE:
            return cast(Detector, Outside(parent, name, config))
        if weights is not None:
            for field, of in registry.weighted(name).items():
                if isinstance(config.get(field), str) and config[field] not in weights.get(of, []):
                    raise unfit(**{field: NOT_OURS})
        return registry.made(name, config)

    return made


class Kept:
    """What is known of some items: the parent has it, and is given what is new."""

    def __init__(self, parent: Parent, known: set[str]) -> None:
        self.parent, self.known = parent, known

    def get(self, key: str) -> Found | None:
        return unpacked(self.parent.ask("found", key)) if key in self.known else None

    def __setitem__(self, key: str, found: Found) -> None:
        self.parent.give(["found", key, packed(found)])


def looked(
    parent: Parent, graph: str, items: list[tuple[int, str | None]], known: list[str], wanted: list[str] | None
) -> Iterator[Any]:
    """Carries a graph out, that is named by its digest, on items. What is not known the parent is asked for."""
    plan = plan_of(parent, graph)
    given = [Item(pk, str(pk), partial(content, parent, pk, text)) for pk, text in items]
    execution = Execution(plan, given, Kept(parent, set(known)), wanted=wanted, at=parent.at, batch=len(items))
    for outcome in execution:
        yield "item", outcome.item, [[one.node, one.detail] for one in outcome.errors]
    yield "tallies", msgspec.to_builtins(execution.tallies)


@lru_cache(maxsize=4)
def plan_of(parent: Parent, graph: str) -> Plan:
    told, hashes = parent.ask("graph")
    plan, mistakes = checked(msgspec.json.decode(told, type=Graph), made_with(parent, None))
    if plan is None:
        raise Mistaken(mistakes)
    return replace(plan, hashes=hashes)  # with which the parent began


def content(parent: Parent, item: int, text: str | None) -> Content:
    return picture(parent.ask("image", item)) if text is None else text


def picture(data: bytes) -> Picture:
    """As everyone sees it and measures on it."""
    with open_image(io.BytesIO(data)) as image:
        return np.asarray(displayable(upright(image)).convert("RGB"))
