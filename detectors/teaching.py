"""What a worker does to learn from a project's labels: looks at what was labelled, has a classifier made of it, keeps
that as weights, and has it look through what is not finished."""

import time
from collections.abc import Collection, Iterable, Mapping
from functools import partial
from typing import Any

import msgspec
import numpy as np
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models.functions import Least, Left, Length
from django.http import Http404
from numpy.typing import NDArray

from annotator.models import FINISHED
from annotator.shapes import Shape
from detectors import adding, embeddings, lessons, running, sandbox, saving, sharding, storing
from detectors.confusion import asking
from detectors.graphs import image
from detectors.learning.packing import HOG_COLOUR, TEXTS
from detectors.lessons import Lesson, Taken, Thing
from detectors.models import HeldOut, Weights
from detectors.outputs import still_there
from detectors.packing import array, as_bytes
from detectors.suggesting import boxes as boxes_of
from projects.errors import Refusal
from projects.models import Item, ItemKind, Project

MOST_IMAGES = 200  # that are looked at for boxes: those that were labelled last
MOST_BARE = 50  # others, that say where there is nothing
MOST_BOXES = 20_000
MOST_TAGGED = 20_000  # items: those that were labelled last
MOST_READ = 500  # texts that are looked at for spans: those that were labelled last, and others that are finished
MOST_SIGNS = 3_000_000  # of them together
MOST_TEXTS = 5_000  # that tell how rare words are
MOST_WORDS = 100_000_000  # characters, of all texts whose words are counted
A_TEXT = 200_000  # characters of it that are looked at
NAMES = {ItemKind.IMAGE: "learned_images", ItemKind.TEXT: "learned_texts"}
SECONDS = 600  # for one step
Floats = NDArray[np.float64]
Told = tuple[bytes, list[Thing], Floats, str]  # weights; things, and probabilities of each; how good it is


def learn(project_id: int) -> None:
    """All that can be learned; what is new looks through the items that nobody has finished."""
    if (taken := lessons.take(project_id)) is None:
        return
    with sharding.kept(taken.go_on):
        try:
            said = [attempted(taken, lesson) for lesson in lessons.lessons_of(taken.project) if not lesson.wrong]
        except Exception:
            taken.end("Something went wrong. It stands in the worker's log.")
            raise
        taken.end(" ".join(filter(None, said)))


def attempted(taken: Taken, lesson: Lesson) -> str:
    """What is to be said of it. One that cannot be learned keeps none from being."""
    try:
        return taught(taken, lesson)
    except Refusal as why:
        return " ".join(one for one in (why.fields or {}).values() if " " in one) or str(why.detail)
    except (PermissionDenied, Http404):
        return lessons.MAY_NOT % {"user": taken.user}


def taught(taken: Taken, lesson: Lesson) -> str:
    began = time.monotonic()
    names = tuple(sorted(lesson.labels))
    learn = {"boxes": of_boxes, "tags": of_tags, "spans": of_spans}[lesson.subject.what]
    data, things, shares, good = learn(taken, lesson, names)
    facts = {
        "from": from_what(lesson),
        "good": good,
        "labels": [[name, count, each(things, shares, name, names)] for name, count in lesson.labels.items()],
        "cannot": lesson.cannot,
        "seconds": round(time.monotonic() - began, 1),
    }
    if taken.embedder and lesson.subject.kind == ItemKind.IMAGE:
        facts["embedder"] = str(taken.embedder)
    with transaction.atomic():
        name = f"Learned: {lesson.subject.name}"
        kind = NAMES[lesson.subject.kind]
        made = taken.again and storing.latest(taken.project, name, data)
        made = made or storing.store(taken.user, taken.project.pk, name=name, kind=kind, data=data, facts=facts)
        taken.demand()
        hold_out(made, taken.project, things, shares, names)
    asking.after_learning(made, taken.user)
    return look_through(taken, lesson, made)


def from_what(lesson: Lesson) -> str:
    items = len({thing.item for thing in lesson.things})
    each = ", ".join(f"{count:,} “{label}”" for label, count in lesson.labels.items())
    rejected = f"; {len(lesson.rejected):,} rejected suggestions" if lesson.rejected else ""
    return f"{each} on {items:,} {lesson.subject.kind}{'s' if items > 1 else ''}{rejected}"


def each(things: list[Thing], shares: Floats, name: str, names: tuple[str, ...]) -> float:
    """How sure one is on average of things of a label who has not seen them. Of those behind what is read nobody is."""
    told = shares[[thing.label == name for thing in things], names.index(name)]
    told = told[~np.isnan(told)]
    return round(float(told.mean()), 3) if len(told) else 0.0


def hold_out(made: Weights, project: Project, things: list[Thing], shares: Floats, names: tuple[str, ...]) -> None:
    labels = saving.labels_of(project)
    there = still_there({thing.item for thing in things})
    HeldOut.objects.filter(weights__project=project, weights__name=made.name).delete()
    HeldOut.objects.bulk_create(
        HeldOut(
            weights=made,
            item_id=thing.item,
            annotation=thing.annotation,
            label=labels[thing.label],
            probabilities=dict(zip(names, np.round(row, 4).tolist(), strict=True)),
        )
        for thing, row in zip(things, shares, strict=True)
        if thing.label in labels and thing.item in there and not np.isnan(row).any()
    )


def look_through(taken: Taken, lesson: Lesson, made: Weights) -> str:
    """Why it cannot, or nothing."""
    project, user = taken.project, taken.user
    looks = {"id": "learned", "kind": made.kind, "config": {"weights": made.digest}}
    graph = {
        "nodes": [{"id": "items", "kind": "items", "config": {"of": str(lesson.subject.kind)}}, looks],
        "edges": [{"source": "items", "target": "learned"}],
    }
    version = saving.save(user, project.pk, name=made.name, graph=graph)
    finished = lessons.sheets_of(project).filter(status__in=FINISHED).values("item")
    left = project.items.filter(kind=lesson.subject.kind, trashed_at=None).exclude(pk__in=finished)
    if not (ids := list(left.values_list("pk", flat=True))):
        return "All items are finished: there is nothing to suggest it for."
    running.overtake(version.pipeline_id)
    running.start(user, version.pipeline_id, ids)
    return ""


# Boxes ----------------------------------------------------------------------------------------------------------------


def of_boxes(taken: Taken, lesson: Lesson, names: tuple[str, ...]) -> Told:
    by_item, rejected = grouped(lesson.things), grouped(lesson.rejected)
    chosen = latest(by_item, MOST_IMAGES, {pk: len(own) for pk, own in by_item.items()}, MOST_BOXES)
    bare = sorted(lesson.bare)[-MOST_BARE:]
    items = Item.objects.filter(pk__in=[*chosen, *bare], media__isnull=False).select_related("media")
    by_id = {item.pk: item for item in items.order_by("pk")}
    shown, things = [], []
    for pk in by_id:
        own = by_item.get(pk, [])
        things += own
        classes = [names.index(thing.label) for thing in own]
        refused = places(rejected.get(pk, []))
        shown.append([pk, as_bytes(places(own)), classes, as_bytes(refused), pk in lesson.finished])
    told = {"image": partial(shown_image, taken, by_id)}
    data, shares, precisions, windows = asked("of_boxes", names, embedder(taken), shown, told)
    lesson.cannot += left_out(lesson, chosen, things)
    if taken.embedder:
        lesson.cannot.append(f"With {taken.embedder} it looks at about {windows:,} places of an image.")
    if len(by_item) == 1:
        good = "How good it is shows when things are labelled on two images or more."
        lesson.cannot.append("All of it is on one image: label some on others.")
    else:
        there = {thing.label for thing in things}
        shares_of = [(name, share) for name, share in zip(names, precisions, strict=True) if name in there]
        each = ", ".join(f"“{name}” {share:.0%}" for name, share in shares_of)
        good = f"Average precision on images that it had not seen: {each}."
        if not by_id.keys() <= lesson.finished:
            lesson.cannot.append("Things without a label count as mistakes where an image is not done yet.")
    return data, things, array(shares), good


def embedder(taken: Taken) -> str:
    return adding.embeds(taken.embedder) if taken.embedder else HOG_COLOUR


def left_out(lesson: Lesson, looked_at: Collection[int], things: Iterable[Thing]) -> Iterable[str]:
    """What is to be said where not all that is labelled can be looked at."""
    labelled, kind = {thing.item for thing in lesson.things}, lesson.subject.kind
    if len(looked_at) < len(labelled):
        yield f"Of {len(labelled):,} labelled {kind}s it looks at the {len(looked_at):,} that were labelled last."
    for label in lesson.labels.keys() - {thing.label for thing in things}:
        yield f"“{label}” was not among them."


def shown_image(taken: Taken, items: dict[int, Item], pk: int) -> bytes:
    at = list(items).index(pk) + 1
    taken.say(f"It looks at what is labelled: {at} of {len(items)} images, and learns.")
    return image(items[pk])


def asked(function: str, *args: Any) -> Any:
    """What a child answers. The last argument is what it may ask for."""
    *given, answers = args
    with sandbox.child() as child:
        call = child.call(
            f"detectors.schooling:{function}",
            *given,
            answer=lambda what, *which: answers[what](*which),
            seconds=SECONDS,
        )
        (answer,) = call
    return answer


def places(things: list[Thing]) -> Floats:
    corners = boxes_of([msgspec.convert(thing.shape, Shape) for thing in things])
    return np.hstack([corners[:, :2], corners[:, 2:] - corners[:, :2]])


def latest(
    by_item: Mapping[int, list[Thing]], most: int, sizes: Mapping[int, int] | None = None, total: int = 0
) -> list[int]:
    """The items on which something was labelled last: so many at most, and one at least, that together have no more
    than a `total` of their `sizes`."""
    order = sorted(by_item, key=lambda item: (max(thing.at for thing in by_item[item]), item))[-most:]
    if sizes is None:
        return order
    sums = np.cumsum([sizes.get(item, 0) for item in reversed(order)])
    return order[-max(int((sums <= total).sum()), 1) :]


def grouped(things: list[Thing]) -> dict[int, list[Thing]]:
    found: dict[int, list[Thing]] = {}
    for thing in things:
        found.setdefault(thing.item, []).append(thing)
    return found


# Tags -----------------------------------------------------------------------------------------------------------------


def of_tags(taken: Taken, lesson: Lesson, names: tuple[str, ...]) -> Told:
    by_item, kind = grouped(lesson.things), lesson.subject.kind
    chosen = set(latest(by_item, MOST_TAGGED))
    things = [thing for thing in lesson.things if thing.item in chosen]
    items = sorted(chosen.union(sorted(lesson.bare)[-MOST_TAGGED:]))
    rows = {pk: row for row, pk in enumerate(items)}
    given, refused = np.zeros((2, len(items), len(names)), bool)
    for said, table in ((things, given), (lesson.rejected, refused)):
        for thing in said:
            if thing.label in names and thing.item in rows:
                table[rows[thing.item], names.index(thing.label)] = True
    told = [as_bytes(one) for one in (given, refused & ~given, np.isin(items, list(lesson.finished)))]
    taken.say("It looks at what is labelled, and learns.")
    sees = embedder(taken) if kind == ItemKind.IMAGE else TEXTS
    contents = (
        as_bytes(embeddings.of_images(sees, items)) if kind == ItemKind.IMAGE else contents_of(taken.project, items)
    )
    data, shares, exclusive = asked("of_tags", names, str(kind), sees, told, contents, {})
    lesson.cannot += left_out(lesson, chosen, things)
    of_things = array(shares)[[rows[thing.item] for thing in things]]
    classes = [names.index(thing.label) for thing in things]
    right = of_things.argmax(axis=1) == classes if exclusive else of_things[np.arange(len(classes)), classes] >= 0.5
    return data, things, of_things, f"Of {kind}s that it had not seen it told {right.mean():.0%} right."


def contents_of(project: Project, items: list[int]) -> list[str]:
    """Those of the items, and then of others of the project, which tell how rare words are."""
    each = min(A_TEXT, MOST_WORDS // (len(items) + MOST_TEXTS))
    labelled = dict(Item.objects.filter(pk__in=items).values_list("pk", Left("text", each)))
    others = project.items.filter(kind=ItemKind.TEXT, trashed_at=None).exclude(pk__in=items).order_by("pk")
    rest = others.values_list(Left("text", each), flat=True)[:MOST_TEXTS]
    return [labelled.get(pk) or "" for pk in items] + [text or "" for text in rest]


# Spans ----------------------------------------------------------------------------------------------------------------


def of_spans(taken: Taken, lesson: Lesson, names: tuple[str, ...]) -> Told:
    by_item, rejected = grouped(lesson.things), grouped(lesson.rejected)
    among = [*latest(by_item, MOST_READ), *(bare := sorted(lesson.bare)[-MOST_READ:])]
    lengths = dict(Item.objects.filter(pk__in=among).values_list("pk", Least(Length("text"), A_TEXT)))
    labelled = sorted(latest({pk: by_item[pk] for pk in among if pk in by_item}, MOST_READ, lengths, MOST_SIGNS))
    left = MOST_SIGNS - sum(lengths.get(pk, 0) for pk in labelled)
    bare = [pk for pk, end in zip(bare, np.cumsum([lengths.get(pk, 0) for pk in bare]), strict=True) if end <= left]
    contents = dict(Item.objects.filter(pk__in=labelled + bare).values_list("pk", Left("text", A_TEXT)))
    shown, things = [], []
    for pk in [one for one in labelled + bare if one in contents]:
        own = by_item.get(pk, [])
        things += own
        classes = [names.index(thing.label) for thing in own]
        refused = as_bytes(ends(rejected.get(pk, [])))
        shown.append([contents[pk] or "", as_bytes(ends(own)), classes, refused, pk in lesson.finished])
    taken.say("It reads what is labelled, and learns.")
    data, shares, right = asked("of_spans", names, shown, {})
    lesson.cannot += left_out(lesson, labelled, things)
    if len({thing.item for thing in things}) == 1:
        good = "How good it is shows when spans are labelled on two texts or more."
        lesson.cannot.append("All of it is on one text: label some on others.")
    else:
        good = f"In texts that it had not seen it found {array(right).mean():.0%} of the spans, from end to end."
    return data, things, array(shares), good


def ends(things: list[Thing]) -> NDArray[np.int64]:
    return np.array([(thing.shape["start"], thing.shape["end"]) for thing in things], np.int64).reshape(-1, 2)
