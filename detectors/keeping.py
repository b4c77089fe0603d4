"""Keeps predictions: those of files, as they came."""

from collections.abc import Collection, Iterable, Iterator
from itertools import chain, islice
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import msgspec
from django.db import transaction
from django.db.models import Count, QuerySet

from annotator.proposals import Proposal
from detectors.models import Prediction, Run, Source
from projects.access import get_project
from projects.models import Item, Project, Role, User

AT_ONCE = 1_000
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
        known = write(some)
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
def write(predictions: list[Prediction]) -> int:
    """How many were there already."""
    known = Prediction.objects.filter(pk__in=[one.pk for one in predictions]).count()
    Prediction.objects.bulk_create(predictions, ignore_conflicts=True)
    return known


def count(project_id: int, items: Collection[int] | None = None) -> tuple[int, int]:
    kept = Prediction.objects.filter(run__project=project_id, item__project=project_id, item__trashed_at=None)
    if items is not None:
        kept = kept.filter(item__in=items)
    found = kept.aggregate(predictions=Count("pk"), runs=Count("run", distinct=True))
    return found["predictions"], found["runs"]


def forget(items: QuerySet[Item], **about: Any) -> None:
    """What was proposed for items that are erased."""
    found = Prediction.objects.filter(item__in=items)
    runs = list(found.values_list("run", flat=True).distinct())
    found.delete()
    Run.objects.filter(pk__in=runs, predictions=None).delete()


def forget_runs(project: Project, **about: Any) -> None:
    """Of a project that is erased, with what they proposed for items that have left it since."""
    Prediction.objects.filter(run__project=project).delete()
    Run.objects.filter(project=project).delete()
