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
from projects.errors import Invalid
from projects.models import Label, Project, Role, User

MAX_NAME = 200


class Checked(msgspec.Struct, frozen=True):
    """What is wrong with a graph: nothing, if it can be saved."""

    mistakes: list[Mistake]


def check(user: User, project_id: int, graph: Any) -> Checked:
    return Checked(looked_at(get_project(user, project_id, Role.MANAGER), graph)[2])


def save(user: User, project_id: int, *, name: str, graph: Any) -> PipelineVersion:
    """As a new version of the project's pipeline of that name, or the latest if it is just that."""
    name = name.strip()
    if not 0 < len(name) <= MAX_NAME:
        raise Invalid(f"Give the pipeline a name of 1 to {MAX_NAME} characters.", fields={"name": "length"})
    told, _, mistakes = looked_at(get_project(user, project_id, Role.MANAGER), graph)  # which takes its time
    if told is None or mistakes:
        raise Invalid(mistakes[0].detail, fields={one.node or "graph": one.detail for one in reversed(mistakes)})
    with transaction.atomic():
        project = get_project(user, project_id, Role.MANAGER, lock=True)
        pipeline, _ = Pipeline.objects.get_or_create(project=project, name=name, defaults={"created_by": user})
        latest = pipeline.versions.order_by("-number").first()
        if latest and canonical(graph_of(latest)) == canonical(told):
            latest.graph = msgspec.to_builtins(told)  # where nodes stand, and what people call them
            latest.save(update_fields=["graph"])
            return latest
        number = latest.number + 1 if latest else 1
        return pipeline.versions.create(number=number, graph=msgspec.to_builtins(told), created_by=user)


def looked_at(project: Project, graph: Any) -> tuple[Graph | None, Outline | None, list[Mistake]]:
    try:
        told, mistakes = read(msgspec.json.encode(graph))
    except UnicodeError:
        return None, None, [Mistake("not_json", "The pipeline holds half a character. Remove it.")]
    if told is None:
        return None, None, mistakes
    return told, *checked(told, labels_of(project), whose(project))


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
    found = versions.select_related("pipeline").order_by("-number").first()
    if found is None:
        raise Http404
    found.pipeline.project = get_project(user, found.pipeline.project_id, role)
    return found
