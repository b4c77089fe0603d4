"""What images and texts look like as numbers: kept where that is known, or else made now, in a child."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from detectors import sandbox
from detectors.graphs import image
from detectors.learning.packing import HOG_COLOUR
from detectors.models import Embedding
from detectors.outputs import still_there
from detectors.packing import array, as_bytes
from projects.models import Item

Vectors = NDArray[np.float32]


def name_of(sees: str) -> str:
    """Of an embedder of images, as its vectors are kept under."""
    return sees if sees == HOG_COLOUR else f"onnx-{sha256(sees.encode()).hexdigest()[:48]}"


def of_images(sees: str, items: Sequence[int]) -> Vectors:
    """Of each image (n, d) what an embedder has made of it."""
    name = name_of(sees)
    kept = Embedding.objects.filter(item__in=items, embedder=name).values_list("item", "vector")
    known = {pk: bytes(vector) for pk, vector in kept}
    missing = images(set(items) - known.keys())
    with sandbox.child() as child:
        known |= dict(
            child.call("detectors.schooling:vectors", sees, list(missing), answer=lambda what, pk: image(missing[pk]))
        )
    with transaction.atomic():
        made = [Embedding(item_id=pk, embedder=name, vector=known[pk]) for pk in still_there(missing)]
        Embedding.objects.bulk_create(made, ignore_conflicts=True)
    return np.stack([np.frombuffer(known[pk], np.float32) for pk in items])


def of_places(sees: str, places: Mapping[int, NDArray[np.float64]]) -> dict[int, Vectors]:
    """Of places (n, 4) in each of some images the vectors (n, d)."""
    there = images(places)
    asked = [[pk, as_bytes(places[pk])] for pk in there]
    with sandbox.child() as child:
        answers = child.call("detectors.schooling:part_vectors", sees, asked, answer=lambda what, pk: image(there[pk]))
        return {pk: array(vectors) for pk, vectors in answers}


def of_texts(contents: Sequence[str]) -> Vectors:
    """Of texts that are looked at together (n, d): along the directions in which they differ most."""
    return asked("text_vectors", list(contents))


def of_spans(contents: Sequence[str], places: Sequence[NDArray[np.int64]]) -> Vectors:
    """Of all spans (m, 2) in each of some texts, one text after the other (n, d)."""
    return asked("span_vectors", [[text, as_bytes(own)] for text, own in zip(contents, places, strict=True)])


def asked(function: str, told: Any) -> Vectors:
    with sandbox.child() as child:
        (vectors,) = child.call(f"detectors.schooling:{function}", told, answer=lambda *_: None)
    return array(vectors)


def images(items: Iterable[int]) -> dict[int, Item]:
    return {one.pk: one for one in Item.objects.filter(pk__in=set(items), media__isnull=False).select_related("media")}
