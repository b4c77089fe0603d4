"""More like this: of an item, a region or a span what looks most alike in its project."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
import numpy as np
from celery import current_app
from django.core.cache import cache
from django.db.models.functions import Left
from django.http import Http404

from annotator.access import sheet_of
from annotator.models import Annotation
from annotator.shapes import Span, Tag
from detectors import adding, embeddings, vectors
from detectors.learning.packing import HOG_COLOUR
from detectors.models import Learning
from detectors.suggesting import DECODE, box
from projects.access import get_item
from projects.models import Item, ItemKind, Project, User

MOST = 60
AT_ONCE = 500  # images a step
A_TEXT = 20_000  # characters of it that are looked at
LOOKED_FOR = 120  # seconds, after which another worker may be told
TASK = "detectors.tasks.embed"


class AlikeOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """What looks like what was asked about: an item, or a `place` in it (x, y, width, height in pixels; start, end in
    code points), and how much, from 0 to 1."""

    item: int
    name: str
    alike: float
    place: tuple[float, ...] = ()
    size: tuple[int, int] | None = None
    text: str = ""


def like(user: User, item: int, annotation: UUID | None = None, most: int = 24) -> list[AlikeOut] | None:
    """The most alike first, without itself. None where a worker has to look at the project's items first."""
    asked = get_item(user, item)
    place = place_of(asked, user, annotation) if annotation else ()
    found = of_place(asked, place) if place else of_item(asked)
    if found is None:
        look(asked.project)
        return None
    embedder, vector = found
    own = embeddings.place(place) if place else ""
    near = vectors.nearest(embedder, asked.project_id, vector, min(most, MOST) + 1)
    return told([one for one in near if (one.item, one.place) != (item, own)][: min(most, MOST)])


def place_of(item: Item, user: User, annotation: UUID) -> tuple[float, ...]:
    """Where it is; nothing of a tag, which is of all of the item."""
    sheet = sheet_of(item, user)
    shape = Annotation.objects.filter(pk=annotation, sheet=sheet, deleted=False).values_list("shape", flat=True).first()
    if shape is None:
        raise Http404
    drawn = DECODE(msgspec.json.encode(shape))
    if isinstance(drawn, Tag):
        return ()
    if isinstance(drawn, Span):
        return drawn.start, drawn.end
    left, top, right, bottom = box(drawn)
    return left, top, right - left, bottom - top


def of_item(item: Item) -> tuple[str, vectors.Vectors] | None:
    """Its vector, and by what embedder; None where items of the project have none."""
    project = item.project
    if item.kind == ItemKind.IMAGE:
        sees = seen_with(project)
        name, all_of_them = embeddings.name_of(sees), images_of(project)
    else:
        name, all_of_them = embeddings.together("texts", project.pk, map(str, texts_of(project))), None
    own = vectors.of_items(name, [item.pk]).get(item.pk)
    if own is None or (all_of_them is not None and vectors.count(name, project.pk) < len(all_of_them)):
        return None
    return name, own


def of_place(item: Item, place: tuple[float, ...]) -> tuple[str, vectors.Vectors] | None:
    """Regions are looked at when they are asked about; spans when a worker looks at all of them."""
    if item.kind == ItemKind.IMAGE:
        sees = seen_with(item.project)
        found = embeddings.of_places(sees, {item.pk: np.array([place], np.float64)})
        return embeddings.name_of(sees) + embeddings.PART, found[item.pk][0]
    for name in vectors.names(f"spans/{item.project_id}/"):
        own = vectors.of_places(name, [item.pk]).get((item.pk, embeddings.place(place)))
        if own is not None:
            return name, own
    return None


def told(near: Sequence[vectors.Near]) -> list[AlikeOut]:
    items = Item.objects.defer("text").in_bulk({one.item for one in near})
    beginnings = Item.objects.filter(pk__in=items, text__isnull=False).values_list("pk", Left("text", A_TEXT))
    texts = dict(beginnings)
    found = []
    for one in near:
        item, text = items[one.item], texts.get(one.item, "")
        place = tuple(float(value) for value in one.place.split())
        size = (item.width, item.height) if item.width and item.height else None
        words = text[int(place[0]) : int(place[1])] if place and text else text[:200]
        found.append(AlikeOut(item.pk, item.name, round(1 - one.distance / 2, 4), place, size, words))
    return found


# What is looked at ----------------------------------------------------------------------------------------------------


def seen_with(project: Project) -> str:
    """The embedder of a project's images: that by which it learns, or what is built in."""
    learning = Learning.objects.filter(project=project).select_related("embedder").first()
    return adding.embeds(learning.embedder) if learning and learning.embedder else HOG_COLOUR


def images_of(project: Project) -> list[int]:
    there = project.items.filter(kind=ItemKind.IMAGE, trashed_at=None, media__isnull=False)
    return list(there.order_by("pk").values_list("pk", flat=True))


def texts_of(project: Project) -> dict[int, str]:
    """The beginnings of all of a project's texts, in the order of their ids."""
    there = project.items.filter(kind=ItemKind.TEXT, trashed_at=None).order_by("pk")
    return dict(there.values_list("pk", Left("text", A_TEXT)))


def look(project: Project) -> None:
    """Have a worker look at all items, unless one was told so just now."""
    if cache.add(f"embed.{project.pk}", 1, LOOKED_FOR):
        current_app.send_task(TASK, [project.pk], expires=LOOKED_FOR)


def embed(pk: int) -> None:
    """In a worker: images some at a time, texts all together; and an index where there are many."""
    project = Project.objects.filter(pk=pk, trashed_at=None).first()
    if project is None:
        return
    try:
        sees, images = seen_with(project), images_of(project)
        for start in range(0, len(images), AT_ONCE):
            embeddings.of_images(sees, images[start : start + AT_ONCE])
            cache.touch(f"embed.{pk}", LOOKED_FOR)
        if texts := texts_of(project):
            embeddings.of_texts(pk, texts)
        for name in (embeddings.name_of(sees), embeddings.name_of(sees) + embeddings.PART):
            vectors.index(name)
    finally:
        cache.delete(f"embed.{pk}")
