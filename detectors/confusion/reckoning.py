"""What a worker does to evaluate: gathers, matches, looks at things, and keeps it all as columns."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models.functions import Left
from django.utils import timezone

from annotator import events
from annotator.versions import make_version
from detectors import queueing, sharding
from detectors.confusion import asking, columns, gathering, looks, points
from detectors.confusion.asking import LEASED, labels_of
from detectors.confusion.columns import Columns
from detectors.confusion.gathering import Labels
from detectors.evaluation import figures
from detectors.evaluation.calibration import reliability
from detectors.evaluation.coco import coco
from detectors.evaluation.projecting import projected
from detectors.evaluation.things import Things
from detectors.evaluation.tokens import confusion
from detectors.learning.tokens import tokens
from detectors.models import Evaluation, EvaluationState, RunState, Subject
from projects.errors import Refusal
from projects.models import Item


def evaluate(pk: int) -> None:
    if (taken := take(pk)) is None:
        return
    mine = Evaluation.objects.filter(pk=pk, lease=taken.lease, until__isnull=False)
    with sharding.kept(lambda: bool(mine.update(until=timezone.now() + LEASED))), told_of(taken):
        labels = labels_of(taken.project, taken.subject)
        version = make_version(taken.project, taken.created_by) if taken.follows else taken.version
        found, facts = seen(taken, points.of(taken, labels), labels)
        facts |= whole(taken, labels) | {"notes": notes(taken, found, labels, facts)}
        if version:
            facts |= {"operation": version.operation_id, "change": version.change_id}
        digest = columns.keep(found)
        before = Evaluation.objects.filter(pk=pk).values_list("digest", flat=True).first()
        ended = {"state": EvaluationState.DONE, "detail": "", "until": None}
        done = mine.update(version=version, digest=digest, facts=facts, **ended)
        asking.collect([digest if not done else before or ""])
    events.evaluations_changed(taken.project_id)
    queueing.after(taken.project_id)


@transaction.atomic
def take(pk: int) -> Evaluation | None:
    """For oneself; None where it is over, or another's."""
    found = Evaluation.objects.select_for_update(of=("self",)).select_related("project", "weights", "version", "run")
    evaluation = found.filter(pk=pk, until__lte=timezone.now()).first()
    if evaluation is None:
        return None
    evaluation.lease, evaluation.begun = evaluation.lease + 1, evaluation.begun + 1
    evaluation.until = timezone.now() + LEASED
    evaluation.save(update_fields=["lease", "begun", "until"])
    return evaluation


@contextmanager
def told_of(evaluation: Evaluation) -> Iterator[None]:
    """What goes wrong stands on its page."""
    mine = Evaluation.objects.filter(pk=evaluation.pk, lease=evaluation.lease)
    try:
        yield
    except Refusal as why:
        mine.update(state=EvaluationState.FAILED, detail=str(why.detail)[:1000], until=None)
    except Exception:
        wrong = "Something went wrong. It stands in the worker's log."
        mine.update(state=EvaluationState.FAILED, detail=wrong, until=None)
        events.evaluations_changed(evaluation.project_id)
        raise


def seen(evaluation: Evaluation, found: Columns, labels: Labels) -> tuple[Columns, dict[str, Any]]:
    """The points with their components and neighbours, and what is told of all of them."""
    vectors = looks.vectors(evaluation, found)
    projection = projected(vectors)
    near = looks.neighbours(vectors)
    found = replace(found, components=projection.points.astype(np.float32))
    if near:
        found = replace(found, neighbours=near[0], apart=near[1])
    labelled = np.flatnonzero(found.truth < len(labels.ids))
    grown = queueing.curves(vectors[labelled], found.truth[labelled].astype(np.intp), len(labels.ids))
    return found, {
        "labels": labels.ids,
        "curves": grown,
        "explained": [round(float(share), 6) for share in projection.explained],
        "dimensions": int(vectors.shape[1]) if vectors.ndim == 2 else 0,
        "unseen": int((~np.isfinite(vectors).all(axis=1)).sum()) if len(vectors) else 0,
        **summary(found, len(labels.ids)),
    }


def notes(evaluation: Evaluation, found: Columns, labels: Labels, facts: dict[str, Any]) -> list[str]:
    """What the map cannot show, and why."""
    said = []
    if evaluation.run and evaluation.run.state != RunState.DONE:
        said.append("The run has not looked at all items yet: of the others nothing is told.")
    if len(labels.ids) == 1:
        said.append("There is one label alone: it may be missing or too much, and is not mistaken for another.")
    if len(found) > 1 and not any(facts["explained"]):
        said.append("All things look alike to the embedder, so that they lie in one place.")
    if len(found) > looks.MOST:
        said.append(f"Neighbours and duplicates are told of up to {looks.MOST:,} things.")
    if found.probabilities is None and len(found):
        said.append("The model tells no probabilities of labels: what goes by them is not listed.")
    return said


def whole(evaluation: Evaluation, labels: Labels) -> dict[str, Any]:
    """What needs more than pairs: of a run COCO's figures of boxes and polygons, and F1 of spans token by token."""
    if not evaluation.run_id or evaluation.subject == Subject.TAGS:
        return {}
    said = gathering.truth if evaluation.follows else gathering.truth_at
    there = gathering.looked_at(evaluation, labels)
    truth = said(evaluation, labels)
    things = truth.things.take(np.isin(truth.things.items, there))
    found = gathering.said(evaluation, labels, there.tolist()).things
    if not len(things) or not len(found):
        return {}
    if evaluation.subject == Subject.SPANS:
        return {"tokens": by_token(things, found, len(labels.ids))}
    areas = [one.places[:, 2] * one.places[:, 3] for one in (things, found)]
    told = coco(things, found, gathering.MEASURES[evaluation.subject], len(labels.ids), (areas[0], areas[1]))
    names = ("ap", "ap50", "ap75", "small", "medium", "large")
    return {"coco": {name: None if np.isnan(getattr(told, name)) else getattr(told, name) for name in names}}


def by_token(truth: Things, found: Things, k: int) -> float:
    """F1 over all labels of words and signs."""
    items = Item.objects.filter(pk__in=np.unique(truth.items).tolist()).values_list("pk", Left("text", looks.A_TEXT))
    ends = [(pk, *end) for pk, text in items for end in tokens(text or "").tolist()]
    rows = np.array(ends, np.int64).reshape(-1, 3)
    own = Things(rows[:, 0], np.zeros(len(rows), np.intp), rows[:, 1:])
    matrix = confusion(own, truth, found, k)
    right, told = np.trace(matrix), matrix[:-1].sum() + matrix[:, :-1].sum()
    return float(2 * right / told) if told else 0.0


def summary(found: Columns, k: int) -> dict[str, Any]:
    """Of all points: how many, how many agree, and the figures on top of the page."""
    matrix = figures.counted(found.truth, found.predicted, k)
    there = figures.rates(matrix)
    labelled = there.support > 0
    told = ~np.isnan(found.score)
    right = found.truth[told] == found.predicted[told]
    return {
        "points": len(found),
        "agree": int((found.truth == found.predicted).sum()),
        "accuracy": figures.accuracy(matrix),
        "macro_f1": float(there.f1[labelled].mean()) if labelled.any() else 0.0,
        "calibration": reliability(found.score[told].astype(np.float64), right).error if told.any() else None,
    }
