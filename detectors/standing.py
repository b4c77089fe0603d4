"""How a pipeline stands: its latest version, its latest runs, and what failed in one."""

import msgspec

from detectors.access import get_run
from detectors.models import Run
from detectors.running import Progress, progress
from detectors.saving import get_version
from projects.models import User

LATEST = 3  # runs that are told
MOST_FAILURES = 50


class RunNow(msgspec.Struct, frozen=True):
    """A run of a pipeline's version. `size` is how many predictions it has."""

    id: int
    number: int
    size: int
    progress: Progress


class Standing(msgspec.Struct, frozen=True):
    """Which version was saved last, by whom, and the latest runs, the latest first."""

    name: str
    number: int
    saved_by: str
    runs: list[RunNow]


class WhyFailed(msgspec.Struct, frozen=True):
    item: int
    name: str
    node: str
    detail: str


def standing(user: User, pipeline: int) -> Standing:
    latest = get_version(user, pipeline)
    runs = Run.objects.filter(version__pipeline=pipeline, removed_at=None).select_related("version").order_by("-pk")
    now = [RunNow(run.pk, run.version.number, run.size, progress(run)) for run in runs[:LATEST] if run.version]
    return Standing(latest.pipeline.name, latest.number, str(latest.created_by), now)


def failures(user: User, pk: int) -> list[WhyFailed]:
    """The first of what failed in a run."""
    found = get_run(user, pk).failures.select_related("item").order_by("pk")[:MOST_FAILURES]
    return [WhyFailed(one.item_id, one.item.name, one.node, one.detail) for one in found]
