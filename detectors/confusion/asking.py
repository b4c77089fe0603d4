"""Evaluations of a project: made, begun anew and deleted by managers, and by what was just learned."""

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import Any, Literal, NamedTuple

import msgspec
from celery import current_app
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from annotator import events
from annotator.models import Version
from detectors import sharding
from detectors.access import get_run
from detectors.confusion import columns
from detectors.confusion.gathering import SHAPES, Labels
from detectors.learning.packing import unpacked
from detectors.models import Evaluation, EvaluationState, Prediction, Run, RunState, Weights
from detectors.weights import read
from projects.access import get, get_project, visible
from projects.errors import Conflict, Invalid
from projects.models import ItemKind, Label, Project, Role, User

LEASED = timedelta(seconds=sharding.LEASED)
EXPIRES = 30  # seconds
ENDS = 3  # workers that were killed at it, after which it is given up
KEPT = 20  # evaluations of a name that were made by learning: their figures tell how it went
TASK = "detectors.tasks.evaluate"
BLIND = "In a blind project each works alone: there is no one truth that a model could be held against."


class AskEvaluation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of a run, by its id. Predictions match what they cover by `least` (0 to 1) or more. Of a `version` of the labels
    (its id), or of the labels as they are, which it `follows` then."""

    run: int
    subject: Literal["boxes", "polygons", "spans", "tags"] | None = None
    name: str = ""
    version: int | None = None
    least: float = 0.5
    classes: Literal["same", "any", "same first"] = "same first"


def get_evaluation(user: User, pk: int, role: Role = Role.VIEWER) -> Evaluation:
    rows = Evaluation.objects.select_related("project", "version", "weights", "run")
    found: Evaluation = get(visible(rows, user, "project__"), pk, role, lock=False)
    return found


def of_project(project: Project) -> QuerySet[Evaluation]:
    """The latest first."""
    return project.evaluations.select_related("created_by", "run", "weights", "version").order_by("-pk")


def labels_of(project: Project, subject: str) -> Labels:
    """Those that take what is compared."""
    wanted = set(SHAPES[subject])
    found = [one for one in Label.objects.filter(project=project, removed_at=None) if wanted & set(one.shapes)]
    return Labels([one.pk for one in found], [one.name for one in found])


@transaction.atomic
def ask(user: User, project_id: int, asked: AskEvaluation) -> Evaluation:
    """Have a run evaluated (managers)."""
    project = get_project(user, project_id, Role.MANAGER)
    run = get_run(user, asked.run, Role.MANAGER)
    if run.project_id != project.pk:
        raise Invalid("That run is of another project.", fields={"run": "another"})
    if not 0 < asked.least <= 1:
        raise Invalid("How much they must cover is above 0 and at most 1.", fields={"least": "range"})
    found = subject_of(run, asked.subject)
    if found is None:
        raise Invalid("The run proposed nothing yet that could be held against labels.", fields={"run": "empty"})
    version = asked.version and Version.objects.filter(project=project, pk=asked.version).first()
    if asked.version and not version:
        raise Invalid("There is no such version of the labels.", fields={"version": "unknown"})
    kind, subject = found
    return begun(
        Evaluation(
            project=project,
            name=asked.name.strip()[:300] or f"{run.name}: {subject}",
            subject=subject,
            kind=kind,
            run=run,
            version=version or None,
            follows=not version,
            least=asked.least,
            classes=asked.classes,
            created_by=user,
        )
    )


class What(NamedTuple):
    kind: str
    subject: str


def subject_of(run: Run, subject: str | None) -> What | None:
    """What most of a run's predictions are; of a subject where that is said."""
    some = Prediction.objects.filter(run=run).order_by()[:10_000].values_list("item__kind", "shape__type")
    counts: dict[What, int] = {}
    for kind, shape in some:
        what = What(kind, {"rectangle": "boxes", "polygon": "polygons", "span": "spans"}.get(shape, "tags"))
        counts[what] = counts.get(what, 0) + 1
    wanted = [what for what in counts if subject in (None, what.subject)]
    return max(wanted, key=lambda what: counts[what], default=None)


def after_learning(weights: Weights, user: User) -> Evaluation:
    """Of what was told of each thing by who had learned the same, but not from it."""
    what = unpacked(read(weights.digest)).what
    kind = ItemKind.IMAGE if weights.kind == "learned_images" else ItemKind.TEXT
    name = f"{weights.name.removeprefix('Learned: ').capitalize()}, model {weights.number}"
    before = Evaluation.objects.filter(project=weights.project_id, weights__name=weights.name).order_by("-pk")
    for old in before[KEPT:]:
        delete_now(old)
    return begun(
        Evaluation(project=weights.project, name=name, subject=what, kind=kind, weights=weights, created_by=user)
    )


def after_run(run: int) -> None:
    """It has come to its end: what followed it while it went on is evaluated anew."""
    for evaluation in Evaluation.objects.filter(run=run, run__state=RunState.DONE, follows=True, until=None):
        if evaluation.facts.get("notes"):
            begun(evaluation)


@transaction.atomic
def again(user: User, pk: int) -> Evaluation:
    """The same once more, in its place, with the labels as they are now where it follows them (managers)."""
    evaluation = get_evaluation(user, pk, Role.MANAGER)
    if evaluation.until:
        raise Conflict("It is under way already.", code="under_way")
    return begun(evaluation)


def begun(evaluation: Evaluation) -> Evaluation:
    project = evaluation.project
    if project.blind:
        raise Conflict(BLIND, code="blind")
    evaluation.state, evaluation.detail = EvaluationState.WAITING, ""
    evaluation.until, evaluation.begun = timezone.now(), 0
    evaluation.save()
    transaction.on_commit(partial(send, evaluation.pk), robust=True)
    return evaluation


@transaction.atomic
def delete(user: User, pk: int) -> None:
    """Its points and figures go; labels and predictions stay (managers)."""
    delete_now(get_evaluation(user, pk, Role.MANAGER))


def delete_now(evaluation: Evaluation) -> None:
    digest, project = evaluation.digest, evaluation.project_id
    evaluation.delete()
    transaction.on_commit(partial(collect, [digest]), robust=True)
    events.evaluations_changed(project)


def collect(digests: Iterable[str]) -> None:
    """The files that no evaluation names."""
    for digest in filter(None, digests):
        if not Evaluation.objects.filter(digest=digest).exists():
            columns.discard(digest)


def forget(project: int, **_: Any) -> None:
    """All of a project that is erased for good."""
    for evaluation in Evaluation.objects.filter(project=project):
        delete_now(evaluation)


def send(pk: int) -> None:
    current_app.send_task(TASK, [pk], expires=EXPIRES)


def tend() -> None:
    """Tell workers of what waits for one, and give up what ends them."""
    waiting = Evaluation.objects.filter(until__lt=timezone.now(), project__trashed_at=None)
    for one in waiting:
        if one.begun < ENDS:
            send(one.pk)
        else:
            gave_up = "Its worker has ended, again and again. Why stands in the worker's log."
            Evaluation.objects.filter(pk=one.pk, lease=one.lease).update(
                until=None, state=EvaluationState.FAILED, detail=gave_up
            )
