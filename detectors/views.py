"""The runs in a project's panel."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST

from detectors import keeping
from detectors.access import get_run
from projects.access import get_project, person
from projects.models import Project, Role
from projects.views import part_of


@login_required
@part_of("project")
def runs(request: HttpRequest, pk: int) -> HttpResponse:
    return shown(request, get_project(person(request), pk))


@login_required
@require_POST
def show_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Or hide it."""
    keeping.show(person(request), pk, request.POST.get("shown") == "1")
    return shown(request, get_run(person(request), pk).project)


@login_required
@require_POST
def remove_run(request: HttpRequest, pk: int) -> HttpResponse:
    return shown(request, keeping.remove(person(request), pk))


def shown(request: HttpRequest, project: Project) -> HttpResponse:
    return HttpResponse(drawn(project))


def drawn(project: Project) -> str:
    """As `annotator.beside` has it."""
    about = {"project": project, "runs": keeping.runs_of(project), "manages": project.role >= Role.MANAGER}
    return render_to_string("detectors/_runs.html", about)
