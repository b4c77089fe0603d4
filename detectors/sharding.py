"""Who does which part of a run: rows with a lease decide, so that what a dead worker had is done by another, once."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from socket import gethostname
from threading import Event, Thread
from typing import NamedTuple

import msgspec
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from annotator import events
from detectors.models import Failure, Prediction, Run, RunState, Shard

LEASED = 20  # seconds; who is at work says so more often
EVERY = 4
MOST = os.cpu_count() or 1  # shards at a time on a machine; its workers have processes for other things

CLAIM = """
UPDATE detectors_shard SET lease = lease + 1, leased_until = now() + %(leased)s * interval '1 second', host = %(host)s
WHERE id = (
    SELECT s.id FROM detectors_shard s JOIN detectors_run r ON r.id = s.run_id AND r.state = 'running'
    WHERE s.run_id = %(run)s AND s.done_at IS NULL AND (s.leased_until IS NULL OR s.leased_until < now())
    ORDER BY s.number LIMIT 1 FOR UPDATE OF s SKIP LOCKED
) AND %(most)s > (
    SELECT count(*) FROM detectors_shard WHERE host = %(host)s AND done_at IS NULL AND leased_until > now()
)
RETURNING id, run_id, lease, items::text, at
"""

GO_ON = """
UPDATE detectors_shard s SET leased_until = now() + %(leased)s * interval '1 second' FROM detectors_run r
WHERE s.id = %(shard)s AND s.lease = %(lease)s AND s.done_at IS NULL AND r.id = s.run_id AND r.state = 'running'
"""

LET_GO = "UPDATE detectors_shard SET leased_until = NULL WHERE id = %(shard)s AND lease = %(lease)s AND done_at IS NULL"


class Held(NamedTuple):
    """A shard under a lease. `at` is the item at which its last worker ended, where it went item by item."""

    shard: int
    run: int
    lease: int
    items: list[int]
    at: int | None


def claim(run: int) -> Held | None:
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"run": run, "leased": LEASED, "host": gethostname(), "most": MOST})
        row = cursor.fetchone()
    if row is None:
        return None
    shard, run_id, lease, items, at = row
    return Held(shard, run_id, lease, msgspec.json.decode(items), at)


@contextmanager
def kept(held: Held) -> Iterator[Event]:
    """Says again and again that one is at work; the event is set when the shard is another's, or the run pauses."""
    lost, over = Event(), Event()

    def say() -> None:
        try:
            while not over.wait(EVERY):
                if not done(GO_ON, held):
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


def let_go(held: Held) -> None:
    done(LET_GO, held)


def done(sql: str, held: Held) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"shard": held.shard, "lease": held.lease, "leased": LEASED})
        return cursor.rowcount == 1


@transaction.atomic
def finish(held: Held, predictions: Sequence[Prediction], failures: Sequence[Failure], seconds: float) -> bool:
    """Whether it was one's own still, and the run is there; else nothing is written."""
    mine = Shard.objects.filter(pk=held.shard, lease=held.lease, done_at=None)
    run = Run.objects.select_for_update().filter(pk=held.run, removed_at=None).first()
    if run is None or not mine.update(done_at=timezone.now(), leased_until=None, at=None, seconds=seconds):
        return False
    Prediction.objects.bulk_create(predictions, ignore_conflicts=True)
    Failure.objects.bulk_create(failures, ignore_conflicts=True)
    Run.objects.filter(pk=run.pk).update(size=F("size") + len(predictions))
    if run.state == RunState.RUNNING and not run.shards.filter(done_at=None).exists():
        Run.objects.filter(pk=run.pk).update(state=RunState.DONE)
    events.proposals_changed(run.project_id)
    return True
