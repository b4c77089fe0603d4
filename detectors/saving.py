"""Pipelines as people save them: each saving is a version, which stays as it is."""

from typing import Any

import msgspec
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404

from detectors import storing
from detectors.graphs import Whose, checked
from detectors.models import Pipeline, PipelineVersion
from detectors.pipelines.checking import Outline
from detectors.pipelines.graph import Graph, Mistake, canonical, read
from projects.access import get_project
from projects.errors import Conflict, Invalid
from projects.models import Label, Project, Role, User
from projects.services.versions import Overtaken

MAX_NAME = 200


class Checked(msgspec.Struct, frozen=True):
    """What is wrong with a graph: nothing, if it can be saved."""

    mistakes: list[Mistake]


def check(user: User, project_id: int, graph: Any) -> Checked:
    return Checked(looked_at(get_project(user, project_id, Role.MANAGER), graph)[2])


def save(user: User, project_id: int, *, name: str, graph: Any, fresh: bool = False) -> PipelineVersion:
    """As a new version of the project's pipeline of that name, or the latest if it is just that. One that is `fresh`
    has a name of its own."""
    name = named(name)
    told = sound(get_project(user, project_id, Role.MANAGER), graph)
    with transaction.atomic():
        project = get_project(user, project_id, Role.MANAGER, lock=True)
        name = free(project, name) if fresh else name
        pipeline, _ = Pipeline.objects.get_or_create(project=project, name=name, defaults={"created_by": user})
        latest = pipeline.versions.order_by("-number").first()
        if latest and canonical(graph_of(latest)) == canonical(told):
            latest.graph = msgspec.to_builtins(told)  # where nodes stand, and what people call them
            latest.save(update_fields=["graph"])
            return latest
        return next_version(pipeline, latest, told, user)


def save_after(user: User, pk: int, *, graph: Any, after: int) -> PipelineVersion:
    """As the version that comes after the one of this number, if nobody has saved another meanwhile. Other places on
    the canvas make another version, too."""
    told = sound(get_version(user, pk, Role.MANAGER).pipeline.project, graph)
    with transaction.atomic():
        latest = locked(user, pk)
        if latest.number != after:
            detail = f"{latest.created_by} has saved v{latest.number} meanwhile. Look at it, or save yours after it."
            raise Overtaken(detail, fields={"number": str(latest.number)})
        if told == graph_of(latest):
            return latest
        return next_version(latest.pipeline, latest, told, user)


def rename(user: User, pk: int, name: str) -> Pipeline:
    with transaction.atomic():
        pipeline = locked(user, pk).pipeline
        pipeline.name = free(pipeline.project, name, but=pk)
        pipeline.save(update_fields=["name"])
        return pipeline


def locked(user: User, pk: int) -> PipelineVersion:
    """The latest version, while nobody else saves one."""
    get_project(user, get_version(user, pk, Role.MANAGER).pipeline.project_id, Role.MANAGER, lock=True)
    return get_version(user, pk, Role.MANAGER)


def named(name: str) -> str:
    name = name.strip()
    if not 0 < len(name) <= MAX_NAME:
        raise Invalid(f"Give the pipeline a name of 1 to {MAX_NAME} characters.", fields={"name": "length"})
    return name


def free(project: Project, name: str, but: int = 0) -> str:
    """A name that no other pipeline of the project has."""
    name = named(name)
    if Pipeline.objects.filter(project=project, name=name).exclude(pk=but).exists():
        detail = f"There is a pipeline “{name}” already. Give this one another name."
        raise Conflict(detail, code="name_taken", fields={"name": "taken"})
    return name


def sound(project: Project, graph: Any) -> Graph:
    """It takes its time to see that. Raises Invalid."""
    told, _, mistakes = looked_at(project, graph)
    if told is None or mistakes:
        raise Invalid(mistakes[0].detail, fields={one.node or "graph": one.detail for one in reversed(mistakes)})
    return told


def next_version(pipeline: Pipeline, latest: PipelineVersion | None, told: Graph, user: User) -> PipelineVersion:
    number = latest.number + 1 if latest else 1
    return pipeline.versions.create(number=number, graph=msgspec.to_builtins(told), created_by=user)


def looked_at(
    project: Project, graph: Any, *, labelled: bool = True
) -> tuple[Graph | None, Outline | None, list[Mistake]]:
    """What it says, what it comes to, and what is wrong with it; `labelled`, that the project lacks its labels, too."""
    try:
        told, mistakes = read(msgspec.json.encode(graph))
    except UnicodeError:
        return None, None, [Mistake("not_json", "The pipeline holds half a character. Remove it.")]
    if told is None:
        return None, None, mistakes
    return told, *checked(told, labels_of(project) if labelled else None, whose(project))


def whose(project: Project) -> Whose:
    return Whose(project.pk, storing.digests_of(project))


def labels_of(project: Project) -> dict[str, Label]:
    """By name, those that are there."""
    return {label.name: label for label in project.labels.filter(removed_at=None)}


def graph_of(version: PipelineVersion) -> Graph:
    return msgspec.convert(version.graph, Graph)


def pipelines_of(user: User, project_id: int) -> QuerySet[Pipeline]:
    return Pipeline.objects.filter(project=get_project(user, project_id)).order_by("name")


def get_version(user: User, pk: int, role: Role = Role.VIEWER, number: int | None = None) -> PipelineVersion:
    """The latest version of a pipeline, or that of a number; 404 for a stranger, 403 for a member whose role is too
    low."""
    versions = PipelineVersion.objects.filter(pipeline=pk, **({} if number is None else {"number": number}))
    found = versions.select_related("pipeline", "created_by").order_by("-number").first()
    if found is None:
        raise Http404
    found.pipeline.project = get_project(user, found.pipeline.project_id, role)
    return found


def versions_of(user: User, pk: int) -> QuerySet[PipelineVersion]:
    """Latest first."""
    pipeline = get_version(user, pk).pipeline
    return pipeline.versions.select_related("pipeline", "created_by").order_by("-number")
