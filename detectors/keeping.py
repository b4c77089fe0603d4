"""Keeps predictions: those of files, as they came."""

from collections.abc import Collection, Iterable, Iterator
from functools import partial
from itertools import chain, islice
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import msgspec
from django.db import transaction
from django.db.models import Count, F, QuerySet, Sum

from annotator import events
from annotator.proposals import Proposal
from annotator.shapes import Shape
from detectors.access import get_run
from detectors.models import Prediction, Run, Source
from projects.access import get_project
from projects.models import Item, Project, Role, User

AT_ONCE = 1_000
SHAPE = partial(msgspec.convert, type=Shape)
NODE = "import"  # in the place of a pipeline's node


def keep(user: User, project: Project, *, name: str, digest: str, proposals: Iterable[Proposal]) -> tuple[int, int]:
    """As annotator.proposals.Keeper. A file without proposals for the project is no run."""
    rest = iter(proposals)
    if (first := next(rest, None)) is None:
        return 0, 0
    values = {"name": name, "source": Source.IMPORT, "created_by": user}
    run, _ = Run.objects.get_or_create(project=project, digest=digest, defaults=values)
    made = there = 0
    numbered = rows(run, chain([first], rest))
    while some := list(islice(numbered, AT_ONCE)):
        get_project(user, project.pk, Role.MANAGER)  # they may have been removed meanwhile
        if (known := write(run, some)) is None:
            break
        made, there = made + len(some) - known, there + known
    return made, there


def rows(run: Run, proposals: Iterable[Proposal]) -> Iterator[Prediction]:
    for one in proposals:
        id_ = prediction_id(run.pk, one.item, NODE, one.number)
        shape = msgspec.to_builtins(one.shape)
        yield Prediction(id=id_, run=run, item_id=one.item, label_id=one.label, shape=shape, score=one.score)


def prediction_id(run: int, item: int, node: str, index: int) -> UUID:
    return uuid5(NAMESPACE_OID, f"{run} {item} {node} {index}")


@transaction.atomic
def write(run: Run, predictions: list[Prediction]) -> int | None:
    """How many were there already; None when someone has removed the run meanwhile."""
    known = Prediction.objects.filter(pk__in=[one.pk for one in predictions]).count()
    if not Run.objects.filter(pk=run.pk).update(size=F("size") + len(predictions) - known):
        return None
    Prediction.objects.bulk_create(predictions, ignore_conflicts=True)
    events.proposals_changed(predictions[0].run.project_id)
    return known


def proposed(ids: Collection[UUID]) -> dict[UUID, Proposal]:
    """As annotator.proposals.Keeper."""
    found = Prediction.objects.filter(pk__in=ids)
    return {one.pk: Proposal(one.item_id, one.label_id, SHAPE(one.shape), one.score, 0) for one in found}


def count(project_id: int, items: Collection[int] | None = None) -> int:
    """As annotator.proposals.Keeper."""
    if items is not None:
        return Prediction.objects.filter(run__project=project_id, item__in=items).count()
    return Run.objects.filter(project=project_id).aggregate(all=Sum("size", default=0))["all"]


def uses(label_id: int) -> bool:
    """As annotator.proposals.Keeper."""
    return Prediction.objects.filter(label=label_id).exists()


def runs_of(project: Project) -> QuerySet[Run]:
    """Latest first."""
    return Run.objects.filter(project=project).select_related("created_by").order_by("-pk")


@transaction.atomic
def remove(user: User, pk: int) -> Project:
    """A run with all that it proposed; the project that it was of."""
    run = get_run(user, pk, Role.MANAGER, lock=True)
    run.predictions.all().delete()
    run.delete()
    events.proposals_changed(run.project_id)
    return run.project


def forget(items: QuerySet[Item], **about: Any) -> None:
    """What was proposed for items that are erased."""
    found = Prediction.objects.filter(item__in=items)
    sizes = list(found.order_by("run").values_list("run").annotate(Count("pk")))
    found.delete()
    for run, size in sizes:
        Run.objects.filter(pk=run).update(size=F("size") - size)
    Run.objects.filter(pk__in=[run for run, _ in sizes], predictions=None).delete()


def forget_runs(project: Project, **about: Any) -> None:
    """Of a project that is erased, with what they proposed for items that have left it since."""
    Prediction.objects.filter(run__project=project).delete()
    Run.objects.filter(project=project).delete()
