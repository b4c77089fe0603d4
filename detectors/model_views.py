"""The dialog of a project's models: which there are, and one that is added."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from detectors import adding, forms
from detectors.adding import Draft
from detectors.kinds.onnx.told import KINDS, Tried
from projects.access import get_project, person
from projects.errors import Refusal
from projects.models import Item, Project, Role
from projects.views import part_of

UNSHOWN = {*adding.OWN, "output"}


@login_required
@part_of("project")
def models(request: HttpRequest, pk: int) -> HttpResponse:
    return listed(request, pk)


@login_required
@part_of("project")
def model(request: HttpRequest, pk: int) -> HttpResponse:
    """What was sent: as which it is taken, and what it then says of an image; until it is kept."""
    try:
        draft = adding.drafted(person(request), pk, request.POST.get("draft") or request.GET.get("draft", ""))
    except Refusal as refusal:
        return listed(request, pk, str(refusal.detail))
    kind = request.POST.get("kind", draft.read.kind)
    known = adding.schemas().get(kind, {"properties": {}})
    told = {one: value for one, value in forms.told_in(known, request.POST).items() if one in request.POST}
    context: dict[str, Any] = {"wrong": {}, "refusal": None, "config": told}
    item = sampled(request, pk)
    try:
        context["config"] = config = adding.settled(draft, kind, told)
        if request.POST.get("then") == "keep":
            adding.keep(person(request), draft, name=request.POST.get("name", ""), kind=kind, config=config)
            return listed(request, pk)
        if item:
            context["tried"] = tried = adding.look(draft, kind, config, item)
            context["marks"] = marks(tried, item)
    except Refusal as refusal:
        context |= {"wrong": refusal.fields, "refusal": refusal}
    return shown(request, draft, kind, item, context)


def sampled(request: HttpRequest, pk: int) -> Item | None:
    asked = request.POST.get("item", "")
    item = adding.sample(
        get_project(person(request), pk), int(asked) if asked.isdecimal() and len(asked) < 19 else None
    )
    return adding.after(item) if item and request.POST.get("then") == "next" else item


def shown(request: HttpRequest, draft: Draft, kind: str, item: Item | None, context: dict[str, Any]) -> HttpResponse:
    known = adding.schemas().get(kind, {"properties": {}})
    fields = forms.fields(known, {**draft.read.settings, **context["config"]}, context["wrong"])
    drawn = {field.name for field in fields} - UNSHOWN
    context |= {
        "project": get_project(person(request), draft.project),
        "draft": draft,
        "kind": kind,
        "kinds": KINDS.items(),
        "name": request.POST.get("name", draft.name),
        "fields": [field for field in fields if field.name in drawn],
        "output": context["config"].get("output", draft.read.settings.get("output", "")),
        "item": item,
        "elsewhere": [why for name, why in context["wrong"].items() if name not in drawn | {"name"}],
    }
    return render(request, "detectors/_model.html", context)


def marks(tried: Tried, item: Item) -> dict[str, Any]:
    """How thick and large what is drawn on the image must be to be seen."""
    longest = max(item.width or 1, item.height or 1)
    return {"line": longest / 200, "text": longest / 28}


def drawn(project: Project) -> str:
    """As `annotator.beside` has it."""
    manages = project.role >= Role.MANAGER
    about = {"project": project, "manages": manages, "count": adding.models_of(project).count() if manages else 0}
    return render_to_string("detectors/_models_beside.html", about)


def listed(request: HttpRequest, pk: int, why: str = "") -> HttpResponse:
    project = get_project(person(request), pk, Role.MANAGER)
    context = {
        "project": project,
        "models": [(one, KINDS[one.kind]) for one in adding.models_of(project)],
        "most": settings.MODELS_LARGEST,
        "megabytes": settings.MODELS_LARGEST / 2**20,
        "why": why,
    }
    return render(request, "detectors/_models.html", context)
