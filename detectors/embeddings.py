"""What images and texts, and places in them, look like as numbers: kept where that is known, or else made now, in a
child.

Of images each has its vector by itself. Texts, and spans, are seen by the words in which those of a project differ, all
together: their vectors go by the name of the whole set, and with another text all of them are made anew.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors import sandbox, vectors
from detectors.graphs import image
from detectors.learning.packing import HOG_COLOUR
from detectors.models import Embedding
from detectors.packing import array, as_bytes
from detectors.vectors import Key, Vectors
from projects.models import Item

PART = "/part"  # of an embedder's name: what it makes of places in images
Said = Callable[[int, int], None]


def name_of(sees: str) -> str:
    """Of an embedder of images, as its vectors are kept under."""
    return sees if sees == HOG_COLOUR else f"onnx-{sha256(sees.encode()).hexdigest()[:48]}"


def of_images(sees: str, items: Sequence[int]) -> Vectors:
    """Of each image (n, d) what an embedder has made of it."""
    name = name_of(sees)
    numbers, known = vectors.matrix(name, items)
    if missing := images(np.setdiff1d(items, numbers).tolist()):
        with sandbox.child() as child:
            answer = child.call(
                "detectors.schooling:vectors", sees, list(missing), answer=lambda what, pk: image(missing[pk])
            )
            made = {pk: np.frombuffer(vector, np.float32) for pk, vector in answer}
        vectors.keep(name, {(pk, ""): vector for pk, vector in made.items()})
        own = np.stack(list(made.values()))
        numbers = np.concatenate([numbers, np.array(list(made), np.int64)])
        known = np.concatenate([known, own]) if len(known) else own
        order = np.argsort(numbers)
        numbers, known = numbers[order], known[order]
    return known[np.searchsorted(numbers, items)]


def of_places(sees: str, places: Mapping[int, NDArray[np.float64]]) -> dict[int, Vectors]:
    """Of places (n, 4) in each of some images the vectors (n, d)."""
    name = name_of(sees) + PART
    known = vectors.of_places(name, list(places))
    missing = {pk: own for pk, own in places.items() if not all((pk, place(one)) in known for one in own.tolist())}
    there = images(missing)
    if there:
        asked = [[pk, as_bytes(places[pk])] for pk in there]
        with sandbox.child() as child:
            answer = child.call(
                "detectors.schooling:part_vectors", sees, asked, answer=lambda what, pk: image(there[pk])
            )
            made = {
                (pk, place(one)): vector
                for pk, found in answer
                for one, vector in zip(places[pk].tolist(), array(found), strict=True)
            }
        vectors.keep(name, made)
        known |= made
    return {
        pk: np.stack([known[pk, place(one)] for one in own.tolist()])
        for pk, own in places.items()
        if len(own) and (pk in there or pk not in missing)
    }


def place(corners: Sequence[float]) -> str:
    """A place in an item as a word: x, y, width and height in pixels, or start and end in code points."""
    return " ".join(f"{value:.2f}".rstrip("0").rstrip(".") for value in corners)


def of_texts(project: int, contents: Mapping[int, str]) -> dict[int, Vectors]:
    """Of a project's texts, by item, each (d,)."""
    name = together("texts", project, map(str, contents))
    known = vectors.of_items(name, list(contents))
    if len(known) < len(contents):
        made = asked("text_vectors", list(contents.values()))
        known = dict(zip(contents, made, strict=True))
        replace(f"texts/{project}/", name, {(pk, ""): vector for pk, vector in known.items()})
    return known


def of_spans(project: int, contents: Mapping[int, str], places: Mapping[int, NDArray[np.int64]]) -> dict[Key, Vectors]:
    """Of all spans (m, 2) in some texts of a project, by text and place, each (d,)."""
    keys = [(pk, place(one)) for pk in contents for one in places[pk].tolist()]
    name = together("spans", project, (f"{pk} {where}" for pk, where in keys))
    known = vectors.of_places(name, list(contents))
    if len(known) < len(set(keys)):
        made = asked("span_vectors", [[text, as_bytes(places[pk])] for pk, text in contents.items()])
        known = dict(zip(keys, made, strict=True))
        replace(f"spans/{project}/", name, known)
    return known


def together(what: str, project: int, keys: Iterable[str]) -> str:
    return f"{what}/{project}/{sha256(chr(10).join(keys).encode()).hexdigest()[:32]}"


def replace(before: str, name: str, made: Mapping[Key, Vectors]) -> None:
    Embedding.objects.filter(embedder__startswith=before).delete()
    vectors.keep(name, made)


def asked(function: str, told: Any) -> Vectors:
    with sandbox.child() as child:
        (found,) = child.call(f"detectors.schooling:{function}", told, answer=lambda *_: None)
    return array(found)


def images(items: Iterable[int]) -> dict[int, Item]:
    return {one.pk: one for one in Item.objects.filter(pk__in=set(items), media__isnull=False).select_related("media")}
