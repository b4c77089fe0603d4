"""kill -9 of the worker, or of its processes, in the midst of a run: nothing is missing, and nothing is there twice."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from django.utils import timezone

from config.supervisor.part import Part
from detectors import running, saving
from detectors.models import Run, RunState, Shard
from projects.models import Item, Project, User
from tests.servers import Servers
from tests.waiting import until

ROUNDS = int(os.environ.get("FAULT_ROUNDS", "2"))
SHORT = ROUNDS == 2  # then nobody waits until the leases of the dead are over
ITEMS = 2_000
CUPS = {
    "nodes": [
        {"id": "texts", "kind": "items", "config": {"of": "text"}},
        {"id": "cups", "kind": "expression", "config": {"pattern": "cups?", "label": "Cup"}},
    ],
    "edges": [{"source": "texts", "target": "cups"}],
}
pytestmark = [pytest.mark.faults, pytest.mark.timeout(120), pytest.mark.django_db(transaction=True)]


def kill_the_worker(worker: Part) -> None:
    worker.kill()
    worker.start()


def kill_its_processes(worker: Part) -> None:
    """It starts others in their place."""
    for child in Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split():
        with suppress(ProcessLookupError):
            os.kill(int(child), signal.SIGKILL)


def begun(alice: User, project: Project) -> Run:
    project.labels.create(name="Cup", color="#336699", shapes=["span"])
    rows = [
        Item(project=project, kind="text", name=f"{n}", text=f"{n}: a cup, two cups", created_by=alice)
        for n in range(ITEMS)
    ]
    Item.objects.bulk_create(rows)
    return running.start(alice, saving.save(alice, project.pk, name="Cups", graph=CUPS).pipeline_id)


def finished(run: Run) -> bool:
    """Beat tells workers every five seconds of what waits."""
    running.tend()
    with suppress(AssertionError):
        until(lambda: Run.objects.get(pk=run.pk).state == RunState.DONE, seconds=5)
    return Run.objects.get(pk=run.pk).state == RunState.DONE


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_a_worker_that_is_killed_leaves_nothing_missing_and_nothing_twice(
    round_: int, servers: Servers, alice: User, project: Project
):
    kill: Callable[[Part], None] = (kill_the_worker, kill_its_processes)[round_ % 2]
    run = begun(alice, project)
    until(lambda: run.predictions.exists())

    kill(servers.worker)
    killed = time.monotonic()
    assert run.shards.filter(done_at=None).exists()
    if SHORT:
        Shard.objects.filter(run=run, done_at=None, lease__gt=0).update(leased_until=timezone.now())
    until(lambda: finished(run), seconds=60)

    assert time.monotonic() - killed < 60
    run.refresh_from_db()
    found = list(run.predictions.values_list("item", "shape__start"))
    assert len(found) == len(set(found)) == run.size == 2 * ITEMS
    assert not run.failures.exists()
