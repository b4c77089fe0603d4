"""The runs in a project's panel, and the dialog in which one begins one."""

from collections import Counter
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_POST

from detectors import arriving, finding, forms, keeping, lessons, queueing, running, saving, storing
from detectors.access import get_run
from detectors.backends import keeping as back_ends
from detectors.choosing import chosen
from detectors.models import Order, Queue, RunState
from projects.access import get_project, person
from projects.errors import Invalid, Refusal
from projects.models import Project, Role
from projects.views import part_of

MOST = 50  # failures that are told


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


@login_required
@require_POST
def change_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause it, go on with it, end it, or try again what failed."""
    match request.POST.get("to"):
        case RunState.PAUSED | RunState.RUNNING | RunState.CANCELLED as state:
            run = running.change(person(request), pk, RunState(state))
        case "again":
            run = running.retry(person(request), pk)
        case _:
            raise Invalid("Choose what becomes of the run.")
    return shown(request, get_run(person(request), run.pk).project)


@login_required
@require_POST
def go_on(request: HttpRequest, pk: int) -> HttpResponse:
    """Run a pipeline on each item that is added, or no longer."""
    return shown(request, arriving.go_on(person(request), pk, request.POST.get("goes_on") == "1").project)


@login_required
@part_of("project")
def failures(request: HttpRequest, pk: int) -> HttpResponse:
    """What failed in a run, the first of it."""
    run = get_run(person(request), pk)
    found = run.failures.select_related("item").order_by("pk")
    return render(request, "detectors/_failures.html", {"run": run, "failures": found[:MOST], "count": found.count()})


@login_required
@part_of("project")
def find(request: HttpRequest, pk: int) -> HttpResponse:
    """The dialog: which detector, and how; then it runs."""
    project = get_project(person(request), pk, Role.MANAGER)
    choice, asked = chosen(request, project), request.GET.copy()
    asked.pop("kind", None)
    context: dict[str, Any] = {"project": project, "kinds": finding.choices(project), "asked": asked.urlencode()}
    context |= {"some": choice.items is not None, "count": len(choice.items or ())}
    context["goes_on"] = "goes_on" in request.POST
    name = request.POST.get("kind") or request.GET.get("kind", "")
    kind = next((one for one in context["kinds"] if one.name == name and not one.broken), None)
    if kind is None:
        return render(request, "detectors/_find.html", context)
    told, wrong = {}, {}
    if request.method == "POST":
        told = forms.told_in(kind.schema, request.POST)
        try:
            goes_on = "goes_on" in request.POST
            finding.start(person(request), pk, kind.name, told, **choice._asdict(), goes_on=goes_on)
            return HttpResponse(headers={"HX-Redirect": reverse("project", args=[pk])})
        except Refusal as refusal:
            wrong, context["refusal"] = refusal.fields or {}, refusal
    fields = forms.fields(kind.schema, told, wrong, storing.weights_of(project), back_ends.of_project(project))
    context |= {"kind": kind, "fields": fields, "labels": saving.labels_of(project)}
    context["elsewhere"] = [why for name, why in wrong.items() if name not in {field.name for field in fields}]
    return render(request, "detectors/_find.html", context)


@login_required
@require_POST
def learn(request: HttpRequest, pk: int) -> HttpResponse:
    """From labels; why that cannot be is told at the button."""
    project = get_project(person(request), pk, Role.MANAGER)
    try:
        lessons.ask(person(request), pk, request.POST.get("embedder"))
    except Refusal as refusal:
        return HttpResponse(drawn(project, str(refusal.detail)))
    return shown(request, project)


@login_required
@require_POST
def learn_by_itself(request: HttpRequest, pk: int) -> HttpResponse:
    lessons.by_itself(person(request), pk, "automatic" in request.POST)
    return shown(request, get_project(person(request), pk))


@login_required
@require_POST
def order(request: HttpRequest, pk: int) -> HttpResponse:
    """In what order items are handed out."""
    queueing.choose(person(request), pk, request.POST.get("order", ""))
    return shown(request, get_project(person(request), pk))


def shown(request: HttpRequest, project: Project) -> HttpResponse:
    return HttpResponse(drawn(project))


def drawn(project: Project, refused: str = "") -> str:
    """As `annotator.beside` has it. `refused` is why it cannot learn."""
    found = list(keeping.runs_of(project))
    failed, under_way = running.failed(found), (RunState.RUNNING, RunState.PAUSED)
    rows = [(run, running.progress(run) if run.state in under_way else None, failed.get(run.pk, 0)) for run in found]
    latest = {run.version.pipeline_id: run.pk for run in reversed(found) if run.version}
    counts = Counter(run.version.pipeline_id for run in found if run.version)
    goes_on = any(run.state == RunState.RUNNING for run in found)
    about = lessons.told(project) | {
        "refused": refused,
        "project": project,
        "orders": Order.choices,
        "queue": Queue.objects.filter(project=project).first(),
        "rows": rows,
        "latest": latest.values(),
        "several": [latest[pipeline] for pipeline, n in counts.items() if n > 1],
        "goes_on": goes_on,
        "manages": project.role >= Role.MANAGER,
    }
    return render_to_string("detectors/_runs.html", about)
