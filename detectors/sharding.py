"""Who does which part of a run: rows with a lease decide, so that what a dead worker had is done by another, once."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from socket import gethostname
from threading import Event, Thread
from typing import NamedTuple

import msgspec
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from annotator import events
from detectors import undecided
from detectors.models import Failure, Prediction, Run, RunState, Scope, Shard
from detectors.outputs import still_there

LEASED = 20  # seconds; who is at work says so more often
EVERY = 4
AT_ONCE = 1_000  # predictions a statement
MOST = os.cpu_count() or 1  # shards at a time on a machine; its workers have processes for other things

CLAIM = """
UPDATE detectors_shard SET lease = lease + 1, ended = ended + (leased_until IS NOT NULL)::int, host = %(host)s,
    leased_until = now() + %(leased)s * interval '1 second'
WHERE id = (
    SELECT s.id FROM detectors_shard s JOIN detectors_run r ON r.id = s.run_id AND r.state = 'running'
    JOIN projects_project p ON p.id = r.project_id AND p.archived_at IS NULL AND p.trashed_at IS NULL
    WHERE s.run_id = %(run)s AND s.done_at IS NULL AND (s.leased_until IS NULL OR s.leased_until < now())
    ORDER BY s.number LIMIT 1 FOR UPDATE OF s SKIP LOCKED
) AND %(most)s > (
    SELECT count(*) FROM detectors_shard WHERE host = %(host)s AND done_at IS NULL AND leased_until > now()
)
RETURNING id, run_id, lease, items::text, ended
"""

GO_ON = """
UPDATE detectors_shard s SET leased_until = now() + %(leased)s * interval '1 second'
FROM detectors_run r JOIN projects_project p ON p.id = r.project_id AND p.archived_at IS NULL AND p.trashed_at IS NULL
WHERE s.id = %(shard)s AND s.lease = %(lease)s AND s.done_at IS NULL AND r.id = s.run_id AND r.state = 'running'
"""

LET_GO = """
UPDATE detectors_shard SET leased_until = NULL
WHERE id = %(shard)s AND lease = %(lease)s AND done_at IS NULL
"""


class Held(NamedTuple):
    """A shard under a lease. `ended` counts the workers that have ended at it."""

    shard: int
    run: int
    lease: int
    items: list[int]
    ended: int


def claim(run: int) -> Held | None:
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"run": run, "leased": LEASED, "host": gethostname(), "most": MOST})
        row = cursor.fetchone()
    if row is None:
        return None
    shard, run_id, lease, items, ended = row
    return Held(shard, run_id, lease, msgspec.json.decode(items), ended)


@contextmanager
def kept(going_on: Callable[[], bool]) -> Iterator[Event]:
    """Says again and again that one is at work; the event is set when that is another's, or pauses."""
    lost, over = Event(), Event()

    def say() -> None:
        try:
            while not over.wait(EVERY):
                if not going_on():
                    return lost.set()
        finally:
            connection.close()

    thread = Thread(target=say, daemon=True)
    thread.start()
    try:
        yield lost
    finally:
        over.set()
        thread.join()


def go_on(held: Held) -> bool:
    return done(GO_ON, held)


def let_go(held: Held) -> None:
    done(LET_GO, held)


def done(sql: str, held: Held) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"shard": held.shard, "lease": held.lease, "leased": LEASED})
        return cursor.rowcount == 1


@transaction.atomic
def finish(held: Held, predictions: Sequence[Prediction], failures: Sequence[Failure], seconds: float) -> bool:
    """Whether it was one's own still, and the run is there; else nothing is written. Nor is it of items that have been
    purged meanwhile."""
    there = still_there(held.items)  # their locks before the run's, as whoever purges or restores them takes them
    mine = Shard.objects.filter(pk=held.shard, lease=held.lease, done_at=None)
    run = (
        Run.objects.select_for_update(of=("self",), no_key=True)
        .select_related("version")
        .filter(pk=held.run, removed_at=None)
        .first()
    )
    if run is None or not mine.update(done_at=timezone.now(), leased_until=None, seconds=seconds):
        return False
    found = [one for one in predictions if one.item_id in there]
    known = Prediction.objects.filter(pk__in=[one.pk for one in found]).count()
    Prediction.objects.bulk_create(found, ignore_conflicts=True, batch_size=AT_ONCE)
    Failure.objects.bulk_create([one for one in failures if one.item_id in there], ignore_conflicts=True)
    ends = run.state in (RunState.RUNNING, RunState.PAUSED) and not run.shards.filter(done_at=None).exists()
    Run.objects.filter(pk=run.pk).update(
        size=F("size") + len(found) - known, state=RunState.DONE if ends else run.state
    )
    if run.version and run.shown and run.scope != Scope.ALL:  # one on all items hides what was before at once
        replace(run, run.version.pipeline_id, held.items)
    if run.version:
        give_way(run, run.version.pipeline_id, held.items)
    undecided.forget(run.project_id, held.items)
    events.proposals_changed(run.project_id)
    return True


def replace(run: Run, pipeline: int, items: Sequence[int]) -> None:
    """What the pipeline's earlier runs proposed for the items is no longer suggested."""
    earlier = Run.objects.filter(version__pipeline=pipeline, pk__lt=run.pk, shown=True)
    Prediction.objects.filter(run__in=list(earlier), item__in=items, replaced=False).update(replaced=True)


LATER = """
UPDATE detectors_prediction SET replaced = true WHERE run_id = %(run)s AND NOT replaced AND item_id IN (
    SELECT one::bigint FROM detectors_run r JOIN detectors_pipelineversion v ON v.id = r.version_id
    JOIN detectors_shard s ON s.run_id = r.id AND s.done_at IS NOT NULL
    CROSS JOIN LATERAL jsonb_array_elements_text(s.items) one
    WHERE v.pipeline_id = %(pipeline)s AND r.id > %(run)s AND r.shown AND r.removed_at IS NULL
        AND one::bigint = ANY(%(items)s)
)
"""


def give_way(run: Run, pipeline: int, items: Sequence[int]) -> None:
    """To what a later run of the pipeline has found for the items already."""
    with connection.cursor() as cursor:
        cursor.execute(LATER, {"run": run.pk, "pipeline": pipeline, "items": list(items)})
