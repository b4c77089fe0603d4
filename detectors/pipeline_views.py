"""The pages of a project's pipelines: their list, and the editor of one."""

from typing import Any

import msgspec
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie

from detectors import graphs, saving, storing
from detectors.backends import keeping
from detectors.models import PipelineVersion
from detectors.pipelines.steps import offered
from projects.access import get_project, person
from projects.models import Project, Role


@login_required
def pipelines(request: HttpRequest, pk: int) -> HttpResponse:
    project = get_project(person(request), pk)
    found = saving.pipelines_of(person(request), pk).select_related("created_by")
    found = found.annotate(number=Max("versions__number"), saved_at=Max("versions__created_at"))
    context = {
        "project": project,
        "pipelines": found.annotate(runs=Count("versions__runs", distinct=True)),
        "manages": project.role >= Role.MANAGER,
    }
    return render(request, "detectors/pipelines.html", context)


@login_required
@ensure_csrf_cookie
def new_pipeline(request: HttpRequest, pk: int) -> HttpResponse:
    return editor(request, get_project(person(request), pk, Role.MANAGER), None)


@login_required
@ensure_csrf_cookie
def edit_pipeline(request: HttpRequest, pk: int, pipeline: int) -> HttpResponse:
    project = get_project(person(request), pk)
    version = saving.get_version(person(request), pipeline)
    if version.pipeline.project_id != pk:
        raise Http404
    return editor(request, project, version)


def editor(request: HttpRequest, project: Project, version: PipelineVersion | None) -> HttpResponse:
    context = {"project": project, "version": version, "bootstrap": bootstrap(project, version)}
    return render(request, "detectors/pipeline.html", context)


def bootstrap(project: Project, version: PipelineVersion | None) -> dict[str, Any]:
    """As static/pipelines/contract.ts has it."""
    items = project.items.filter(trashed_at=None).order_by().values_list("kind").annotate(Count("pk"))
    return {
        "project": {"id": project.pk, "name": project.name, "manages": project.role >= Role.MANAGER},
        "pipeline": version
        and {
            "id": version.pipeline_id,
            "name": version.pipeline.name,
            "number": version.number,
            "graph": msgspec.to_builtins(saving.graph_of(version)),
        },
        "detectors": msgspec.to_builtins(graphs.kinds()),
        "operators": msgspec.to_builtins(offered()),
        "labels": [{"name": label.name, "color": label.color} for label in saving.labels_of(project).values()],
        "weights": [{"digest": one.digest, "kind": one.kind, "title": str(one)} for one in storing.weights_of(project)],
        "back_ends": [{"id": one.pk, "name": one.name} for one in keeping.of_project(project)],
        "items": {"image": 0, "text": 0} | dict(items),
    }
