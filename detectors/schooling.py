"""What is done in a child to learn: what was labelled goes in, weights come out. `teaching` asks for it."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import msgspec
import numpy as np

from detectors.inside import picture
from detectors.kinds.contract import Picture
from detectors.kinds.onnx import embedding
from detectors.learning import boxes, judging, packing, spans, tags, texts, tokens
from detectors.learning.linear import Linear
from detectors.packing import Array, array, as_bytes
from detectors.sandbox.inside import Parent

SECONDS = 240  # that a model of one's own may look at images in which boxes are labelled, all together


class ShownText(msgspec.Struct, frozen=True, array_like=True):
    """A text, as `spans.Read`."""

    text: str
    places: Array
    classes: list[int]
    rejected: Array
    finished: bool


class Shown(msgspec.Struct, frozen=True, array_like=True):
    """An image, as `boxes.Seen`."""

    item: int
    places: Array
    classes: list[int]
    rejected: Array
    finished: bool


def of_boxes(parent: Parent, names: list[str], embedder: str, shown: list[Any]) -> Iterator[Any]:
    """Gives the weights, the probabilities of each thing, by label the average precision, and at how many places of an
    image it looks."""
    seen = []
    for one in msgspec.convert(shown, list[Shown]):
        look, classes = partial(seen_by, parent, one.item), np.array(one.classes, np.intp)
        seen.append(boxes.Seen(look, array(one.places), classes, array(one.rejected), one.finished))
    looks = embedding.embedder(embedder)
    if isinstance(looks, embedding.Model):
        looks = looks.within(SECONDS / len(seen) / 2)  # each image is looked at twice
    model, shares, found = boxes.learned(tuple(names), seen, looks)
    precisions = []
    for at, name in enumerate(names):
        there = [one.places[one.classes == at] for one in seen]
        precisions.append(judging.average_precision(found, there, name))
    extra = {"sizes": model.sizes, "factor": np.float64(model.factor), "windows": np.int64(looks.windows)}
    data = packing.packed("boxes", looks.name, tuple(names), model.linear, **extra)
    yield data, as_bytes(shares), precisions, looks.windows


def seen_by(parent: Parent, item: int) -> Picture:
    parent.at("image", item)
    return picture(parent.ask("image", item))


def of_spans(parent: Parent, names: list[str], shown: list[Any]) -> Iterator[Any]:
    """Gives the weights, the probabilities of each span, and whether each is found by who has not seen its text."""
    read = []
    for one in msgspec.convert(shown, list[ShownText]):
        classes = np.array(one.classes, np.intp)
        read.append(spans.Read(one.text, array(one.places), classes, array(one.rejected), one.finished))
    parent.at("spans")
    model, shares, right = spans.learned(tuple(names), read)
    yield packing.packed("spans", tokens.NAME, tuple(names), model.linear), as_bytes(shares), as_bytes(right)


def vectors(parent: Parent, embedder: str, items: list[int]) -> Iterator[Any]:
    """Of each image, one by one."""
    looks = embedding.embedder(embedder)
    for item in items:
        yield item, looks.of_whole(seen_by(parent, item)).tobytes()


def part_vectors(parent: Parent, embedder: str, places: list[Any]) -> Iterator[Any]:
    """Of places in each image, image by image."""
    looks = embedding.embedder(embedder)
    for item, own in places:
        yield item, as_bytes(looks.of_parts(seen_by(parent, item), array(own)))


def text_vectors(parent: Parent, contents: list[str]) -> Iterator[Any]:
    counts = texts.counted(contents)
    yield as_bytes(dense(texts.weighed(counts, texts.rarity(counts))))


def told_of_texts(parent: Parent, weights: bytes, contents: list[str]) -> Iterator[Any]:
    """The probabilities of the tags that were learned."""
    learned = packing.unpacked(weights)
    rows = texts.weighed(texts.counted(contents), array(learned.extra["idf"]))
    yield as_bytes(learned.linear.probabilities(rows))


def span_vectors(parent: Parent, read: list[Any]) -> Iterator[Any]:
    """Each span is the mean of its tokens in context."""
    from scipy.sparse import vstack

    means = []
    for text, kept in read:
        ends = tokens.tokens(text)
        found = tokens.vectors(text, ends)
        for start, end in array(kept).tolist():
            own = np.flatnonzero((ends[:, 0] < end) & (ends[:, 1] > start))
            weights = np.ones((1, len(own))) / max(len(own), 1)
            means.append(csr_row(weights, own, len(ends)) @ found)
    yield as_bytes(dense(vstack(means).tocsr()))


def csr_row(weights: Any, columns: Any, count: int) -> Any:
    from scipy.sparse import csr_matrix

    return csr_matrix((weights[0], columns, [0, len(columns)]), (1, count))


def dense(rows: Any) -> Any:
    """Few rows are the same everywhere along all directions: of them the differences to each other are all there is."""
    directions = texts.directions(rows)
    found = rows.toarray() if directions is None else rows @ directions.T
    return np.asarray(found, np.float32)


def of_tags(parent: Parent, names: list[str], kind: str, embedder: str, told: list[Any], things: Any) -> Iterator[Any]:
    """From the vectors of images, or from texts, of which those that were labelled come first."""
    said = tags.Told(*map(array, told))
    parent.at("tags")
    linear, shares, extra = of_images(things, said) if kind == "image" else of_texts(things, said)
    yield packing.packed("tags", embedder, tuple(names), linear, **extra), as_bytes(shares), said.exclusive


def of_images(rows: Array, said: tags.Told) -> tuple[Linear, Any, dict[str, Any]]:
    return *tags.learned(array(rows), said), {}


def of_texts(contents: Sequence[str], said: tags.Told) -> tuple[Linear, Any, dict[str, Any]]:
    """By how rare words are in all of the texts, along the directions in which these differ most."""
    counts = texts.counted(contents)
    idf = texts.rarity(counts)
    rows = texts.weighed(counts, idf)
    directions = texts.directions(rows)
    mine = rows[: len(said.given)]
    if directions is None:
        return *tags.learned(mine, said), {"idf": idf.astype(np.float32)}
    linear, shares = tags.learned(np.asarray(mine @ directions.T), said)
    coefficients = (linear.coefficients @ directions).astype(np.float32)
    return Linear(coefficients, linear.intercepts, linear.exclusive), shares, {"idf": idf.astype(np.float32)}
