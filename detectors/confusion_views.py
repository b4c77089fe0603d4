"""The page of the confusion map."""

from typing import Any

import msgspec
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.csrf import ensure_csrf_cookie

from annotator.parameters import number
from detectors.confusion import asking, slicing
from detectors.confusion_api import told
from detectors.models import EvaluationState, Learning
from projects.access import get_project, person
from projects.models import Label, Project


@login_required
@ensure_csrf_cookie
def confusion(request: HttpRequest, pk: int) -> HttpResponse:
    """Of the evaluation that the address names, or of the latest."""
    project = get_project(person(request), pk)
    context = {"project": project, "bootstrap": bootstrap(request, project)}
    return render(request, "detectors/confusion.html", context)


def bootstrap(request: HttpRequest, project: Project) -> dict[str, Any]:
    """As static/confusion/contract.ts has it."""
    evaluations = [msgspec.to_builtins(told(one)) for one in asking.of_project(project)]
    labels = Label.objects.filter(project=project)
    compared = {label for one in evaluations if one["subject"] == "tags" for label in one["facts"].get("labels", [])}
    learning = Learning.objects.filter(project=project).first()
    return {
        "project": {"id": project.pk, "name": project.name, "role": project.role, "blind": project.blind},
        "user": person(request).pk,
        "evaluations": evaluations,
        "chosen": number(request, "evaluation"),
        "labels": [
            {"id": one.pk, "name": one.name, "color": one.color, "hotkey": one.hotkey, "removed": bool(one.removed_at)}
            for one in labels
        ],
        "runs": [{"id": run.pk, "name": run.name} for run in project.runs.filter(removed_at=None).order_by("-pk")[:50]],
        "people": [{"id": one.pk, "name": str(one)} for one in project.members.order_by("name", "pk")],
        "tags": [
            {"id": one.pk, "name": one.name}
            for one in labels
            if one.removed_at is None and one.shapes == ["tag"] and one.pk not in compared
        ],
        "slices": msgspec.to_builtins(slicing.of_project(project)),
        "learns": bool(learning and learning.automatic),
    }


def drawn(project: Project) -> str:
    """The way to the map, beside a project's items."""
    if project.blind:
        return ""
    latest = asking.of_project(project).filter(state=EvaluationState.DONE, facts__points__gt=0).first()
    disagree = latest.facts["points"] - latest.facts["agree"] if latest else 0
    return render_to_string("detectors/_confusion.html", {"project": project, "latest": latest, "disagree": disagree})
