"""Small detectors that really look: bright blobs of an image, words of a text."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Any

import msgspec
import numpy as np
from scipy import ndimage

from detectors.found import Found, boxes, of, polygons, spans
from detectors.kinds.contract import unfit
from detectors.kinds.decoding import decoded
from detectors.pipelines.executing import Execution, Item, Outcome, execute
from detectors.pipelines.graph import Edge, Graph, Node


class Blobs:
    """What is brighter than `level` and hangs together."""

    name, title, takes = "blobs", "Blobs", "image"

    class Config(msgspec.Struct):
        level: Annotated[int, msgspec.Meta(ge=0, le=255)] = 100
        label: str = "blob"

    def __init__(self, config: Config) -> None:
        self.config = config

    @property
    def finds(self) -> tuple[str, ...]:
        return (self.config.label,)

    def detect(self, batch):
        return [self.one(picture) for picture in batch]

    def one(self, picture) -> Found:
        grey = picture.max(axis=2)
        numbered, n = ndimage.label(grey > self.config.level)
        slices = ndimage.find_objects(numbered)
        places = [
            (across.start, down.start, across.stop - across.start, down.stop - down.start) for down, across in slices
        ]
        scores = ndimage.maximum(grey, numbered, range(1, n + 1)) / 255
        order = np.argsort(-np.asarray(scores), kind="stable")
        return boxes(places, self.config.label, scores).take(order)


class Brightness:
    """Whether an image is light or dark: a tag."""

    name, title, takes, finds = "brightness", "Light or dark", "image", ("light", "dark")

    class Config(msgspec.Struct):
        pass

    def __init__(self, config: Config) -> None:
        pass

    def detect(self, batch):
        return [
            of("tag", np.array([[0.0, 0, *picture.shape[1::-1]]]), "light" if picture.mean() > 100 else "dark", 1)
            for picture in batch
        ]


class Words:
    """What a pattern finds in a text."""

    name, title, takes = "words", "Words", "text"

    class Config(msgspec.Struct):
        pattern: str = r"\w+"
        label: str = "word"

    def __init__(self, config: Config) -> None:
        self.config = config

    @property
    def finds(self) -> tuple[str, ...]:
        return (self.config.label,)

    def detect(self, batch):
        return [self.one(text) for text in batch]

    def one(self, text: str) -> Found:
        places = [match.span() for match in re.finditer(self.config.pattern, text)]
        return spans(places, self.config.label, np.linspace(1, 0.5, len(places)) if places else [])


class Picky(Blobs):
    """Breaks on pictures that are all black, and answers rubbish on those that are all white."""

    name, title = "picky", "Picky"

    def one(self, picture) -> Found:
        if not picture.any():
            raise RuntimeError("too dark")
        found = super().one(picture)
        if picture.min() == 254:
            return replace(polygons([np.eye(3, 2)], "blob", 1), rings=([[0, 0], [1, np.nan], ["x"]],))
        return boxes([[np.nan] * 4], "blob", 1) if picture.min() == 255 else found


KINDS = {kind.name: kind for kind in (Blobs, Brightness, Words, Picky)}


def made(name: str, config: dict[str, Any]):
    """As the registry."""
    if (kind := KINDS.get(name)) is None:
        raise unfit(detector=f"There is no detector “{name}” here.")
    return kind(decoded(config, kind.Config))


def picture(*squares: tuple[int, int, int, int, int], width: int = 100, height: int = 80):
    """Black, with bright rectangles: x, y, width, height, brightness."""
    made = np.zeros((height, width, 3), np.uint8)
    for x, y, w, h, level in squares:
        made[y : y + h, x : x + w] = level
    return made


def item(key, content) -> Item:
    digest = content if isinstance(content, str) else f"{content.shape} {hash(content.tobytes())}"
    return Item(key, digest, lambda: content)


def graph(*nodes: tuple[str, str, dict], edges: str, results: Iterable[str] = ()) -> Graph:
    """Edges as in "items>faces faces>eyes.to"."""
    made_edges = []
    for edge in edges.split():
        source, target = edge.split(">")
        target, _, port = target.partition(".")
        made_edges.append(Edge(source, target, port or "in"))
    return Graph(tuple(Node(id_, kind, config) for id_, kind, config in nodes), tuple(made_edges), tuple(results))


def run(a_graph: Graph, *contents, **options) -> list[Outcome]:
    return list(started(a_graph, *contents, **options))


def started(a_graph: Graph, *contents, **options) -> Execution:
    return execute(a_graph, [item(at, content) for at, content in enumerate(contents)], made, **options)


def rows(found: Found) -> list[tuple]:
    return [(str(label), *place) for label, place in zip(found.labels, found.places.tolist(), strict=True)]
