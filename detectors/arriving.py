"""Items that are added to a project: the pipelines that go on are run on them. What is to do is written in the
transaction that adds them, so that nothing is forgotten and nothing done twice, whoever dies meanwhile."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection, transaction

from annotator import events
from detectors import running
from detectors.models import Pipeline, PipelineVersion, Run, RunState, Scope
from detectors.pipelines.steps import ITEMS
from detectors.saving import get_version
from projects.access import get_project
from projects.models import Item, Project, Role, User


@transaction.atomic
def go_on(user: User, pipeline: int, goes_on: bool) -> Pipeline:
    """Run a pipeline on each item that is added from now on, by its latest version; or no longer."""
    found = get_version(user, pipeline, Role.MANAGER).pipeline
    get_project(user, found.project_id, Role.MANAGER, lock=True)
    found.goes_on = goes_on
    found.save(update_fields=["goes_on"])
    events.proposals_changed(found.project_id)
    return found


def added(sender: Any, *, project: int, items: Sequence[int], **about: Any) -> None:
    for pipeline in going_on(project):
        version = pipeline.versions.order_by("-number").select_related("pipeline__project").first()
        if version is not None and (found := of_kind(version, items)):
            hand_over(version, found)


def restored(sender: Any, *, items: Sequence[int], **about: Any) -> None:
    """From the trash, or from another project: those that a pipeline has not seen."""
    for project in Project.objects.filter(items__in=items, pipelines__goes_on=True).distinct():
        here = Item.objects.filter(pk__in=items, project=project).order_by("pk")
        added(sender, project=project.pk, items=list(here.values_list("pk", flat=True)))


def going_on(project: int) -> Iterator[Pipeline]:
    """One after the other, each under its lock: whoever runs one on all items waits for what is just added."""
    pipelines = Pipeline.objects.filter(project=project, goes_on=True).order_by("pk")
    yield from pipelines.select_for_update(no_key=True)


def of_kind(version: PipelineVersion, items: Sequence[int]) -> list[int]:
    kinds = [node.get("config", {}).get("of", "image") for node in version.graph["nodes"] if node["kind"] == ITEMS]
    found = Item.objects.filter(pk__in=items, kind__in=kinds, trashed_at=None).order_by("pk")
    return list(found.values_list("pk", flat=True))


def hand_over(version: PipelineVersion, items: list[int]) -> None:
    """To the version's run on all items, or to one for what is added."""
    runs = Run.objects.filter(version=version, scope__in=[Scope.ALL, Scope.ADDED], shown=True, removed_at=None)
    runs = runs.exclude(state=RunState.CANCELLED).order_by("-pk").select_for_update(no_key=True)
    run = runs.first() or running.begin(version.created_by, version, Scope.ADDED)
    there = known(run, items)
    if new := [item for item in items if item not in there]:
        running.give(run, new)


KNOWN = """
SELECT DISTINCT item::bigint FROM detectors_shard, jsonb_array_elements_text(items) item
WHERE run_id = %s AND item::bigint = ANY(%s)
"""


def known(run: Run, items: list[int]) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, [run.pk, items])
        return {item for (item,) in cursor}
