"""Runs of pipelines: begun, stopped and resumed by people; done by workers, shard by shard."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

import msgspec
from celery import current_app
from django.db import connection, transaction
from django.db.models import Count
from django.utils import timezone

from annotator import events
from detectors.access import get_run
from detectors.backends import keeping
from detectors.backends.detector import BackEndDetector
from detectors.graphs import at_home, checked
from detectors.models import Failure, Pipeline, PipelineVersion, Run, RunState, Scope, Shard, Source
from detectors.pipelines.checking import Outline
from detectors.pipelines.executing import Mistaken
from detectors.pipelines.graph import Graph, Mistake
from detectors.saving import get_version, graph_of, labels_of, whose
from projects.access import get_project
from projects.errors import Conflict, Invalid
from projects.models import Item, Project, Role, User

SHARD = 20  # items
LARGEST = 200
ENOUGH = 50  # shards, from which on they have more items
MOST_QUERY = 2_000  # characters
EXPIRES = 30  # seconds
AT_ONCE = 8  # workers that are told of a run at a time; those that find nothing to do go again
STEPS = {  # from where one may go to it
    RunState.PAUSED: [RunState.RUNNING],
    RunState.RUNNING: [RunState.PAUSED],
    RunState.CANCELLED: [RunState.RUNNING, RunState.PAUSED],
}


class Progress(msgspec.Struct, frozen=True):
    """How far a run is. `speed` is in items a second, of late; `left` in seconds, where that can be told."""

    state: str
    items: int
    done: int
    failed: int
    speed: float | None
    left: float | None

    @property
    def words(self) -> str:
        """How long it takes still."""
        seconds = round(self.left or 0)
        return (
            f"{seconds} s"
            if seconds < 90
            else f"{round(seconds / 60)} min"
            if seconds < 5400
            else f"{round(seconds / 3600)} h"
        )


def start(
    user: User,
    pipeline: int,
    items: Collection[int] | None = None,
    *,
    query: str = "",
    number: int | None = None,
    shown: bool = True,
) -> Run:
    """Run a pipeline's latest version, or that of a number, on a project's items, or on some of them: those that were
    chosen, or fit the grid's filters of a `query`. What earlier runs of it proposed for them is no longer suggested,
    unless this one shall not be `shown`."""
    version = get_version(user, pipeline, Role.MANAGER, number)
    project = version.pipeline.project
    graph = graph_of(version)
    plan, mistakes = checked(graph, labels_of(project), whose(project))
    if plan is None:
        raise Mistaken(mistakes)
    ask_back_ends(graph)
    with transaction.atomic():
        project = get_project(user, project.pk, Role.MANAGER, lock=True)  # so that one of two starts is the later one
        Pipeline.objects.select_for_update(no_key=True).get(pk=pipeline)  # so that it has all that was added before
        found = fitting(project, plan, items)
        if not found:
            raise Invalid(
                f"There is no {plan.kind} to run it on. Add some, or choose others.", fields={"items": "none"}
            )
        if items is None and shown:
            earlier = Run.objects.filter(project=project, version__pipeline=pipeline)
            earlier.filter(state__in=[RunState.RUNNING, RunState.PAUSED]).update(state=RunState.CANCELLED)
            earlier.update(shown=False)
        scope = Scope.ALL if items is None else Scope.FILTER if query else Scope.CHOSEN
        run = begin(user, version, scope, shown=shown, query=query[:MOST_QUERY])
        give(run, found)
        events.proposals_changed(project.pk)
    return run


def ask_back_ends(graph: Graph) -> None:
    """Asks the back ends in it whether they are there, and for the versions of their models."""
    mistakes: list[Mistake] = []
    for node, detector in at_home(graph):
        if isinstance(detector, BackEndDetector):
            try:
                keeping.begin(detector)
            except Invalid as error:
                mistakes.append(Mistake("away", str(error.detail), node=node, field="backend"))
    if mistakes:
        raise Mistaken(mistakes)


def begin(user: User, version: PipelineVersion, scope: Scope, **about: Any) -> Run:
    """A run that has nothing to do yet."""
    return Run.objects.create(
        project=version.pipeline.project,
        name=version.pipeline.name,
        source=Source.PIPELINE,
        version=version,
        scope=scope,
        labels={name: label.pk for name, label in labels_of(version.pipeline.project).items()},
        created_by=user,
        **about,
    )


def give(run: Run, items: Sequence[int]) -> None:
    """Further items to do: few go to those that nobody has begun with. Whoever calls it holds the run's lock, or has
    just made it."""
    size = min(max(SHARD, len(items) // ENOUGH), LARGEST)
    parts = [list(items[at : at + size]) for at in range(0, len(items), size)]
    last = run.shards.select_for_update().order_by("-number").first()
    if last and last.lease == 0 and len(last.items) + len(items) <= SHARD:
        last.items += items
        last.save(update_fields=["items"])
    else:
        number = last.number + 1 if last else 0
        Shard.objects.bulk_create(Shard(run=run, number=number + n, items=part) for n, part in enumerate(parts))
    run.count += len(items)
    if run.state == RunState.DONE:
        run.state, run.since = RunState.RUNNING, timezone.now()
    run.save(update_fields=["count", "state", "since"])
    call(run.pk, len(parts))


def fitting(project: Project, plan: Outline, items: Collection[int] | None) -> Sequence[int]:
    found = Item.objects.filter(project=project, trashed_at=None, kind=plan.kind)
    if items is not None:
        found = found.filter(pk__in=items)
    return list(found.order_by("pk").values_list("pk", flat=True))


def call(run: int, shards: int) -> None:
    """Tell workers, after the commit."""
    for _ in range(min(shards, AT_ONCE)):
        transaction.on_commit(partial(send, run), robust=True)


def send(run: int) -> None:
    """What is not taken up in time is sent anew by `tend`."""
    current_app.send_task("detectors.tasks.work_on_run", [run], expires=EXPIRES)


@transaction.atomic
def change(user: User, pk: int, state: RunState) -> Run:
    """Pause, go on with, or cancel a run. Shards under way end soon; what is done stays."""
    run = get_run(user, pk, Role.MANAGER, lock=True)
    if run.state == state:
        return run
    if run.state not in STEPS[state]:
        raise Conflict(f"The run is {run.get_state_display().lower()}.", code="over")
    left = run.shards.filter(done_at=None).count()
    run.state = RunState.DONE if state == RunState.RUNNING and not left else state
    run.since = timezone.now()
    run.save(update_fields=["state", "since"])
    if run.state == RunState.RUNNING:
        call(pk, left)
    return run


def overtake(pipeline: int) -> None:
    """Who has learned anew ends what is under way on chosen items: it would say what was learned before."""
    under_way = Run.objects.filter(version__pipeline=pipeline, scope=Scope.CHOSEN, state=RunState.RUNNING)
    under_way.update(state=RunState.CANCELLED, since=timezone.now())


@transaction.atomic
def retry(user: User, pk: int) -> Run:
    """Do again what failed, with what that found meanwhile."""
    run = get_run(user, pk, Role.MANAGER, lock=True)
    if run.state != RunState.DONE or run.version_id is None:
        raise Conflict("Only a run that is done can try again what failed.", code="over")
    failed = sorted(set(run.failures.values_list("item", flat=True)))
    if not failed:
        raise Conflict("Nothing has failed.", code="nothing")
    run.failures.all().delete()
    give(run, failed)
    Run.objects.filter(pk=pk).update(count=run.count - len(failed))
    return run


PROGRESS = """
SELECT coalesce(sum(jsonb_array_length(items)), 0),
    coalesce(sum(jsonb_array_length(items)) FILTER (WHERE done_at IS NOT NULL), 0),
    (SELECT count(DISTINCT item_id) FROM detectors_failure f WHERE f.run_id = %(run)s),
    (SELECT sum(n) / nullif(extract(epoch FROM now() - min(began)), 0) FROM (
        SELECT jsonb_array_length(items) AS n, greatest(done_at - seconds * interval '1 second', %(since)s) AS began
        FROM detectors_shard WHERE run_id = %(run)s AND done_at > greatest(now() - interval '1 minute', %(since)s)
        ORDER BY done_at DESC LIMIT 50) late)
FROM detectors_shard WHERE run_id = %(run)s
"""


def progress(run: Run) -> Progress:
    with connection.cursor() as cursor:
        cursor.execute(PROGRESS, {"run": run.pk, "since": run.since})
        items, done, failed, speed = cursor.fetchone()
    speed = float(speed) if speed and run.state == RunState.RUNNING else None
    return Progress(run.state, items, done, failed, speed, (items - done) / speed if speed else None)


def failed(runs: Collection[Run]) -> dict[int, int]:
    """In how many items something failed, by run."""
    found = Failure.objects.filter(run__in=runs).order_by().values_list("run").annotate(Count("item", distinct=True))
    return dict(found)


WAITING = """
SELECT s.run_id, count(*) FROM detectors_shard s JOIN detectors_run r ON r.id = s.run_id AND r.state = 'running'
JOIN projects_project p ON p.id = r.project_id AND p.archived_at IS NULL AND p.trashed_at IS NULL
WHERE s.done_at IS NULL AND (s.leased_until IS NULL OR s.leased_until < now()) GROUP BY s.run_id
"""


def tend() -> None:
    """Tell workers of what waits: whose worker died, what was resumed, or where a machine has joined."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        found = cursor.fetchall()
    for run, shards in found:
        call(run, shards)
