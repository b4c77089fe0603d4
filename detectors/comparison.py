"""The page on which two runs of a pipeline are compared, and the same for programs."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from annotator.api import answer, schema
from annotator.parameters import number
from detectors import comparing, keeping
from detectors.models import Pipeline, Run
from projects.access import get_project, person
from projects.models import Project, Role


@login_required
def compare(request: HttpRequest, pk: int, pipeline: int) -> HttpResponse:
    """Without two runs in its address, the latest with the latest of another version."""
    project = get_project(person(request), pk)
    shown = get_object_or_404(Pipeline, pk=pipeline, project=project)
    runs = list(keeping.runs_of(project).filter(version__pipeline=pipeline))
    if request.method == "POST":
        first, second = (among(runs, request.POST.get(name, "")) for name in "ab")
        made = comparing.run_too(person(request), first.pk, second.pk)
        return redirect(address(project, pipeline, first.pk, made.pk))
    a, b = number(request, "a"), number(request, "b")
    if not (a and b) and len(runs) > 1:
        earlier = next((run for run in runs[1:] if run.version_id != runs[0].version_id), runs[1])
        return redirect(address(project, pipeline, earlier.pk, runs[0].pk))
    context = {"project": project, "runs": runs, "pipeline": shown, "manages": project.role >= Role.MANAGER}
    if a and b:
        context["a"], context["b"] = among(runs, str(a)), among(runs, str(b))
        context["compared"] = comparing.ask(person(request), a, b)
    return render(request, "detectors/compare.html", context)


def among(runs: list[Run], pk: str) -> Run:
    for run in runs:
        if str(run.pk) == pk:
            return run
    raise Http404


def address(project: Project, pipeline: int, a: int, b: int) -> str:
    return f"{reverse('compare-runs', args=[project.pk, pipeline])}?a={a}&b={b}"


class RunsCompared(APIView):
    @extend_schema(responses={200: schema(comparing.Compared), 202: None})
    def get(self, request: Request, pk: int, other: int) -> HttpResponse:
        """How two runs of a pipeline compare, on the items that both have looked at. 202 says to ask again soon."""
        compared = comparing.ask(person(request), pk, other)
        return answer(compared) if compared else HttpResponse(status=202)
