"""Keeps predictions: those of files, as they came."""

from collections.abc import Collection, Iterable, Iterator
from functools import partial
from itertools import chain, islice
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

import msgspec
from celery import current_app
from django.db import connection, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from annotator import events
from annotator.models import Annotation
from annotator.proposals import Origin, Proposal
from annotator.shapes import Shape
from detectors import undecided
from detectors.access import get_run
from detectors.models import (
    Embedding,
    Failure,
    HeldOut,
    Learning,
    Output,
    Pipeline,
    Prediction,
    Run,
    RunState,
    Source,
    Undecided,
)
from projects.access import get_project
from projects.models import Item, Project, Role, User

AT_ONCE = 1_000
PIECE = 10_000  # predictions that are deleted at a time
DECODE = msgspec.json.Decoder(Shape).decode
NODE = "import"  # in the place of a pipeline's node


def keep(user: User, project: Project, *, name: str, digest: str, proposals: Iterable[Proposal]) -> tuple[int, int]:
    """As annotator.proposals.Keeper. A file without proposals for the project is no run."""
    rest = iter(proposals)
    if (first := next(rest, None)) is None:
        return 0, 0
    values = {"name": name, "source": Source.IMPORT, "created_by": user}
    run, _ = Run.objects.get_or_create(project=project, digest=digest, removed_at=None, defaults=values)
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
    if not Run.objects.filter(pk=run.pk, removed_at=None).update(size=F("size") + len(predictions) - known):
        return None
    Prediction.objects.bulk_create(predictions, ignore_conflicts=True)
    undecided.forget(predictions[0].run.project_id, {one.item_id for one in predictions})
    events.proposals_changed(predictions[0].run.project_id)
    return known


# Until who decides about them has done so, nobody removes their run.
PROPOSED = """
SELECT p.id, p.item_id, p.label_id, p.shape::text, p.score FROM detectors_prediction p
JOIN projects_item i ON i.id = p.item_id
JOIN detectors_run r ON r.id = p.run_id AND r.removed_at IS NULL AND r.project_id = i.project_id  -- or it was moved
WHERE p.id = ANY(%s) FOR KEY SHARE OF r
"""


def proposed(ids: Collection[UUID]) -> dict[UUID, Proposal]:
    """As annotator.proposals.Keeper."""
    with connection.cursor() as cursor:
        cursor.execute(PROPOSED, [list(ids)])
        return {pk: Proposal(item, label, DECODE(shape), score, 0) for pk, item, label, shape, score in cursor}


def count(project_id: int, items: Collection[int] | None = None) -> int:
    """As annotator.proposals.Keeper."""
    runs = Run.objects.filter(project=project_id, removed_at=None)
    if items is not None:
        return Prediction.objects.filter(run__in=runs, item__in=items).count()
    return runs.aggregate(all=Sum("size", default=0))["all"]


def uses(label_id: int) -> bool:
    """As annotator.proposals.Keeper."""
    return Prediction.objects.filter(label=label_id).exists()


def origins(ids: Collection[UUID]) -> dict[UUID, Origin]:
    """As annotator.proposals.Keeper."""
    found = Prediction.objects.filter(pk__in=ids).values_list("pk", "run", "run__name", "score")
    return {pk: Origin(pk, run, name, score) for pk, run, name, score in found}


def runs_of(project: Project) -> QuerySet[Run]:
    """Latest first."""
    return (
        Run.objects.filter(project=project, removed_at=None)
        .select_related("created_by", "version__pipeline")
        .order_by("-pk")
    )


@transaction.atomic
def show(user: User, pk: int, shown: bool) -> Run:
    """Suggest what a run proposed to who labels, or do no longer."""
    run = get_run(user, pk, Role.MANAGER, lock=True)
    if run.shown != shown:
        run.shown = shown
        run.save(update_fields=["shown"])
        if shown:
            again = run.predictions.filter(replaced=True)
            undecided.forget(run.project_id, set(again.values_list("item", flat=True)))
            again.update(replaced=False)
        events.proposals_changed(run.project_id)
    return run


@transaction.atomic
def remove(user: User, pk: int) -> Project:
    """A run with what it proposed; the project that it was of. Nobody sees it any more; a worker deletes it. What
    somebody has accepted or rejected stays, and so does the run then: what stands for it tells where it came from."""
    run = get_run(user, pk, Role.MANAGER, lock=True)
    run.shown, run.state, run.removed_at = False, RunState.DONE, timezone.now()
    run.save(update_fields=["shown", "state", "removed_at"])
    transaction.on_commit(partial(current_app.send_task, "detectors.tasks.clear_run", [pk]), robust=True)
    events.proposals_changed(run.project_id)
    return run.project


def clear(pk: int) -> None:
    """What nobody has decided about of a run that was removed, piece by piece: nobody waits for long."""
    removed = Run.objects.filter(pk=pk, removed_at__isnull=False)
    with transaction.atomic():
        removed.select_for_update().first()  # waits for who decides about some of it still; others cannot any more
    while True:
        with transaction.atomic():
            if (run := removed.select_for_update(no_key=True).first()) is None:
                return
            left = run.predictions.exclude(Exists(Annotation.objects.filter(prediction=OuterRef("pk"))))
            if some := list(left.values_list("pk", flat=True)[:PIECE]):
                Prediction.objects.filter(pk__in=some).delete()
            elif size := run.predictions.count():
                removed.update(size=size)
                return
            else:
                run.delete()
                return


def clear_all() -> None:
    """Of which a worker has not come to an end."""
    left = Run.objects.filter(removed_at__isnull=False, size__gt=0)
    for pk in left.values_list("pk", flat=True):
        clear(pk)


def forget(items: QuerySet[Item], **about: Any) -> None:
    """What was proposed for items that are erased."""
    found = Prediction.objects.filter(item__in=items)
    about_them = Run.objects.filter(pk__in=found.values("run")).order_by("pk")
    list(about_them.select_for_update(no_key=True).values_list("pk"))  # in order, and before what they proposed
    sizes = list(found.order_by("run").values_list("run").annotate(Count("pk")))
    found.delete()
    for kept in (Output, Embedding, HeldOut, Undecided):
        kept.objects.filter(item__in=items).delete()
    Failure.objects.filter(item__in=items).delete()
    for run, size in sizes:
        Run.objects.filter(pk=run).update(size=F("size") - size)
    runs = Run.objects.filter(pk__in=[run for run, _ in sizes], predictions=None)
    runs.filter(Q(source=Source.IMPORT) | Q(removed_at__isnull=False)).delete()


def forget_runs(project: Project, **about: Any) -> None:
    """Of a project that is erased, with what they proposed for items that have left it since."""
    Prediction.objects.filter(run__project=project).delete()
    Run.objects.filter(project=project).delete()
    for kept in (Output, Embedding, HeldOut, Undecided):
        kept.objects.filter(item__project=project).delete()
    Pipeline.objects.filter(project=project).delete()
    Learning.objects.filter(project=project).delete()
