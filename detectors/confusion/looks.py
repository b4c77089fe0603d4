"""What things look like, as numbers: the vectors from which the map is drawn, and which things are most alike."""

import numpy as np
from django.db.models.functions import Left
from numpy.typing import NDArray

from detectors import alike, embeddings
from detectors.confusion.columns import Column, Columns
from detectors.learning.packing import unpacked
from detectors.models import Evaluation, Subject
from detectors.weights import read
from projects.models import Item, ItemKind

MOST = 50_000  # points of which it is reckoned what is most alike: each is held against each
NEAREST = 10
A_TEXT = 200_000  # characters of it that are looked at
Vectors = NDArray[np.float32]


def vectors(evaluation: Evaluation, columns: Columns) -> Vectors:
    """Of each point (n, d); NaN where there is nothing to look at."""
    if not len(columns):
        return np.empty((0, 0), np.float32)
    if evaluation.kind == ItemKind.TEXT:
        return of_texts(evaluation, columns)
    sees = seen_with(evaluation)
    items, rows = np.unique(columns.items, return_inverse=True)
    if evaluation.subject == Subject.TAGS:
        return embeddings.of_images(sees, items.tolist())[rows]
    starts = np.searchsorted(columns.items, [items, items + 1])
    places = {
        item: columns.places[start:end].astype(np.float64)
        for item, start, end in zip(items.tolist(), *starts.tolist(), strict=True)
    }
    found = embeddings.of_places(sees, places)
    width = next(iter(found.values())).shape[1] if found else 0
    return np.concatenate([found.get(item, np.full((len(places[item]), width), np.nan)) for item in places])


def seen_with(evaluation: Evaluation) -> str:
    """The embedder by which the model sees images, or what is built in."""
    if evaluation.weights and evaluation.weights.kind == "learned_images":
        return unpacked(read(evaluation.weights.digest)).embedder
    return alike.seen_with(evaluation.project)


def of_texts(evaluation: Evaluation, columns: Columns) -> Vectors:
    items, rows = np.unique(columns.items, return_inverse=True)
    project = evaluation.project_id
    if evaluation.subject == Subject.TAGS:
        found = embeddings.of_texts(project, alike.texts_of(evaluation.project))
        return np.stack([found[pk] for pk in items.tolist()])[rows]
    by_id = dict(Item.objects.filter(pk__in=items.tolist()).order_by("pk").values_list("pk", Left("text", A_TEXT)))
    starts = np.searchsorted(columns.items, [items, items + 1]).T
    contents = {pk: by_id.get(pk) or "" for pk in items.tolist()}
    places = {
        pk: columns.places[start:end, :2].astype(np.int64)
        for pk, (start, end) in zip(contents, starts.tolist(), strict=True)
    }
    of_each = embeddings.of_spans(project, contents, places)
    return np.stack([of_each[pk, embeddings.place(one)] for pk in contents for one in places[pk].tolist()])


def neighbours(found: Vectors, most: int = MOST) -> tuple[Column, Column] | None:
    """Of each point (n, m) the rows of those that look most alike, and how far they are, the nearest first; -1 and NaN
    of one without a vector. None where there are too many, or two few."""
    sound = np.flatnonzero(np.isfinite(found).all(axis=1)) if found.shape[1] else np.empty(0, np.intp)
    count = min(NEAREST, len(sound) - 1)
    if count < 1 or len(sound) > most:
        return None
    from sklearn.neighbors import NearestNeighbors

    own = found[sound]
    apart, near = NearestNeighbors(n_neighbors=count + 1, algorithm="brute").fit(own).kneighbors(own)
    others, away = without_itself(near, apart)
    rows = np.full((len(found), count), -1, np.int32)
    far = np.full((len(found), count), np.nan, np.float32)
    rows[sound], far[sound] = sound[others], away
    return rows, far


def without_itself(near: Column, apart: Column) -> tuple[Column, Column]:
    """Of several in one place it may be another that comes first."""
    itself = near == np.arange(len(near))[:, None]
    itself[~itself.any(axis=1), -1] = True
    shape = (len(near), near.shape[1] - 1)
    return near[~itself].reshape(shape), apart[~itself].reshape(shape)
