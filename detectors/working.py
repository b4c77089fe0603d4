"""What a worker does for a run: takes a shard, carries the pipeline out on its items, and writes what that proposes."""

import logging
import time
from collections.abc import Callable, Iterator
from functools import lru_cache, partial

import msgspec

from annotator.shapes import Polygon, Rectangle, Shape, Span, Tag
from detectors import sandbox, sharding
from detectors.graphs import Carried, checked
from detectors.keeping import prediction_id
from detectors.models import Failure, PipelineVersion, Prediction, Run
from detectors.outputs import Outputs
from detectors.pipelines.checking import Outline
from detectors.pipelines.executing import Mistaken, Outcome
from detectors.pipelines.numbering import Proposed, proposed
from detectors.saving import graph_of, labels_of
from detectors.sharding import Held
from projects.errors import Refusal
from projects.models import Item, Label


class GaveUp(Exception):
    """Workers have ended at it, again and again."""


logger = logging.getLogger(__name__)

A_WHILE = 10  # seconds, after which others come first
NOT_TAKEN = "The label “%(label)s” does not take the shape %(shape)s. Allow it in Settings, and try what failed again."
GIVES_UP = 5  # times, after which what goes wrong is told
GAVE_UP = "The detector could not do this item, nor those beside it. What was wrong stands in the worker's log."


def work(run: int) -> bool:
    """Shards of a run for a while. Whether there may be more."""
    until = time.monotonic() + A_WHILE
    while held := sharding.claim(run):
        do(held)
        if time.monotonic() > until:
            return True
    return False


def do(held: Held) -> None:
    began = time.monotonic()
    run = Run.objects.select_related("project", "version").get(pk=held.run)
    found: tuple[list[Prediction], list[Failure]] = ([], [])
    with sharding.kept(partial(sharding.go_on, held)) as lost:
        try:
            if held.ended > GIVES_UP:  # workers that were killed have told nothing
                raise GaveUp
            look(run, held, lost.is_set, *found)
        except Exception:
            if held.ended < GIVES_UP:
                raise
            logger.exception("Shard %s of run %s", held.shard, run.pk)
            found = [], [Failure(run=run, item_id=item, node="", detail=GAVE_UP) for item in held.items]
        if not lost.is_set():
            sharding.finish(held, *found, time.monotonic() - began)
    if lost.is_set():
        sharding.let_go(held)


def look(
    run: Run, held: Held, over: Callable[[], bool], predictions: list[Prediction], failures: list[Failure]
) -> None:
    carried, labels = carried_of(run.version_id, run.pk), labels_at(run)
    items = list(Item.objects.filter(pk__in=held.items, project=run.project, trashed_at=None).select_related("media"))
    outputs = Outputs([item.pk for item in items], carried.outline.hashes.values())
    with sandbox.child() as child:
        for item, errors in carried.on(child, items, outputs, over=over):
            found = outputs.found(carried.outline, item.pk)
            outcome = Outcome(item.pk, found, errors)
            predictions += rows(run, carried.outline, outcome, item, labels, failures)
    outputs.write()


def labels_at(run: Run) -> dict[str, Label]:
    """By the names that they had when it began; those that were made since, by theirs."""
    now = labels_of(run.project)
    by_id = {label.pk: label for label in now.values()}
    return now | {name: by_id[pk] for name, pk in run.labels.items() if pk in by_id}


@lru_cache(maxsize=4)
def carried_of(version: int, run: int) -> Carried:
    """For each run anew, as a back end may find something else by then."""
    graph = graph_of(PipelineVersion.objects.get(pk=version))
    outline, mistakes = checked(graph)
    if outline is None:
        raise Mistaken(mistakes)
    return Carried(graph, outline)


def rows(
    run: Run, plan: Outline, outcome: Outcome, item: Item, labels: dict[str, Label], failures: list[Failure]
) -> Iterator[Prediction]:
    """What is proposed under the project's labels; others are the pipeline's own."""
    failures += [
        Failure(run=run, item=item, node=one.node, detail=one.detail.replace("\0", "")[:1000]) for one in outcome.errors
    ]
    for one in proposed(plan, outcome):
        label, shape = labels.get(one.label), shape_of(one, item)
        if label is None or shape is None:
            continue
        if one.shape not in label.shapes:
            detail = NOT_TAKEN % {"label": label.name, "shape": one.shape}
            failures.append(Failure(run=run, item=item, node=one.node, detail=detail))
            continue
        yield Prediction(
            id=prediction_id(run.pk, item.pk, one.node, one.index),
            run=run,
            item=item,
            label=label,
            shape=msgspec.to_builtins(shape),
            score=one.score,
            probabilities=one.probabilities,
        )


def shape_of(one: Proposed, item: Item) -> Shape | None:
    """As it may stand on the item; None for what does not lie on it."""
    shape = made_of(one, item)
    try:
        if shape is not None:
            shape.check(item)
    except Refusal:
        return None
    return shape


def made_of(one: Proposed, item: Item) -> Shape | None:
    if one.shape == "tag":
        return Tag()
    if item.text is not None:
        start, end = (int(edge) for edge in one.place)
        return Span(start, end, item.text[start:end])
    width, height = item.width or 0, item.height or 0
    if one.ring is not None:
        return Polygon([(min(max(x, 0), width), min(max(y, 0), height)) for x, y in one.ring.tolist()])
    x, y = max(one.place[0], 0.0), max(one.place[1], 0.0)
    right, bottom = min(one.place[0] + one.place[2], width), min(one.place[1] + one.place[3], height)
    return Rectangle(x, y, right - x, bottom - y)
