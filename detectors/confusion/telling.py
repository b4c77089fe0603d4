"""What the map is told: the columns it draws, and how these stand now."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
import numpy as np
from django.db.models.functions import Substr

from annotator import here
from detectors.confusion import asking, columns, listing, reckoning, standing
from detectors.confusion.columns import Column, stream
from detectors.confusion.listing import Likely
from detectors.confusion.standing import Standing
from detectors.models import Evaluation, Verdict
from projects.models import Item, User

PAGE = "confusion"
AROUND = 60  # code points on either side of a span


class Fresh(msgspec.Struct, frozen=True, array_like=True):
    """A point of an item that has changed. `row` is the one that it has among the columns, -1 of what is new."""

    id: str
    item: int
    truth: int
    predicted: int
    score: float | None
    row: int


class ThingCard(msgspec.Struct, frozen=True, omit_defaults=True):
    """A thing to look at. `place` is where it is in its image, in pixels of `size`; of a text there are the words
    `before`, the `quote` and those `after`. Rows of labels: `truth`, `predicted`, and the `guess` of what it may be
    instead, k for none."""

    id: str
    item: int
    name: str
    truth: int
    predicted: int
    score: float | None
    guess: int = -1
    sure: float = 0.0
    why: str = ""
    place: tuple[float, float, float, float] | None = None
    size: tuple[int, int] | None = None
    before: str = ""
    quote: str = ""
    after: str = ""


class EvaluationNow(msgspec.Struct, frozen=True):
    """`changed` are the items of which the `fresh` points are all there are now. `orders` are those in which the
    likely mistakes can be listed, with how many each has, up to the most that are told. `here` are the people who
    have the map open."""

    changed: list[int]
    fresh: list[Fresh]
    points: int
    agree: int
    accuracy: float
    macro_f1: float
    calibration: float | None
    orders: dict[str, int]
    mistakes: list[ThingCard]
    here: list[int]


def points(evaluation: Evaluation, x: int, y: int) -> bytes:
    """The columns that are drawn, as an Arrow stream: two of the components, by their numbers."""
    found = columns.read(evaluation.digest)
    drawn = {name: getattr(found, name) for name in ("ids", "items", "truth", "predicted", "score", "entropy")}
    drawn["authors"] = found.authors
    for name, number in (("x", x), ("y", y)):
        there = number < found.components.shape[1]
        blank = np.zeros(len(found), np.float32)
        drawn[name] = np.ascontiguousarray(found.components[:, number]) if there else blank
    drawn["items"] = found.items.astype(np.float64)  # as JavaScript has its numbers
    return stream(drawn)


def now(evaluation: Evaluation, user: User, by: str) -> EvaluationNow:
    """And what is likely to be a mistake, in an order of `listing.ORDERS`."""
    stands = standing.of(evaluation)
    if len(stands.changed) > standing.MANY and not evaluation.until:
        asking.begun(evaluation)
    hidden = left_out(evaluation, stands, user)
    lists = {order: listing.listed(stands, order, hidden) for order in listing.ORDERS}
    facts = reckoning.summary(stands.now, stands.k)
    return EvaluationNow(
        changed=stands.changed,
        fresh=[fresh(stands, number) for number in stands.fresh.tolist()],
        **facts,
        orders={order: len(found) for order, found in lists.items() if found},
        mistakes=cards(evaluation, stands, lists.get(by, [])),
        here=sorted({user.pk, *(pk for pk, place in here.places(evaluation.project_id).items() if place.page == PAGE)}),
    )


def fresh(stands: Standing, number: int) -> Fresh:
    now = stands.now
    return Fresh(
        now.ids[number].tobytes().hex(),
        int(now.items[number]),
        int(now.truth[number]),
        int(now.predicted[number]),
        score(now.score[number]),
        int(stands.rows[number]),
    )


def glance(evaluation: Evaluation, ids: Iterable[UUID], items: Sequence[int]) -> list[ThingCard]:
    """Some points of some items, to be shown."""
    stands = standing.of(evaluation)
    wanted = {one.bytes for one in ids}
    among = np.flatnonzero(np.isin(stands.now.items, list(items)))
    found = [number for number in among.tolist() if bytes(stands.now.ids[number]) in wanted]
    return cards(evaluation, stands, [Likely(number, -1, 0.0, "") for number in found])


def cards(evaluation: Evaluation, stands: Standing, found: Sequence[Likely]) -> list[ThingCard]:
    now = stands.now
    pks = {int(now.items[one.number]) for one in found}
    items = Item.objects.filter(pk__in=pks).defer("text").in_bulk()
    texts = dict(Item.objects.filter(pk__in=pks, text__isnull=False).values_list("pk", Substr("text", 1, 200_000)))
    told = []
    for one in found:
        item = items.get(int(now.items[one.number]))
        if item is None:
            continue
        place = now.places[one.number]
        words: dict[str, Any] = {"place": tuple(place.tolist()), "size": (item.width, item.height)}
        if item.pk in texts:
            words = around(texts[item.pk], int(place[0]), int(place[1]))
        elif not place.any():
            words = {}
        told.append(
            ThingCard(
                now.ids[one.number].tobytes().hex(),
                item.pk,
                item.name,
                int(now.truth[one.number]),
                int(now.predicted[one.number]),
                score(now.score[one.number]),
                one.guess,
                one.sure,
                one.why,
                **words,
            )
        )
    return told


def around(text: str, start: int, end: int) -> dict[str, str]:
    if end <= start:
        return {"after": text[: 3 * AROUND]}
    return {"before": text[max(start - AROUND, 0) : start], "quote": text[start:end], "after": text[end : end + AROUND]}


def left_out(evaluation: Evaluation, stands: Standing, user: User) -> Column:
    """The points (n,) that somebody said are right with the label that they have, or that one will not see."""
    said = Verdict.objects.filter(project=evaluation.project_id).values_list("thing", "label", "person")
    kept = {(thing.bytes, label) for thing, label, person in said if person is None}
    unseen = {thing.bytes for thing, _, person in said if person == user.pk}
    hidden = np.zeros(len(stands.now), bool)
    if kept or unseen:
        labels = [*stands.labels.ids, None]
        for number, id_ in enumerate(map(bytes, stands.now.ids)):
            hidden[number] = id_ in unseen or (id_, labels[stands.now.truth[number]]) in kept
    return hidden


def score(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)
