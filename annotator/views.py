"""The pages of projects and their items, and the page of the editor."""

import msgspec
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST

from annotator import demo, exports, overview, relabelling
from annotator.access import sheet_of
from annotator.dashboard import Dashboard
from annotator.formats import FORMATS, load
from annotator.formats.contents import Contents
from annotator.leases import hand_out
from annotator.models import Status
from annotator.opening import open_item
from projects.access import get_item, get_label, get_project, person
from projects.errors import Invalid, Refusal
from projects.models import Item, Project, Role
from projects.serializers import LabelOut

PAGE = 60


@login_required
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "annotator/home.html", {"cards": overview.project_cards(person(request))})


@login_required
def project(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_project(person(request), pk)
    return render(
        request,
        "annotator/project.html",
        {
            "project": found,
            "progress": overview.progress(person(request), [found])[pk],
            "members": found.memberships.select_related("user").order_by("-role", "user__name"),
            "manages": found.role >= Role.MANAGER,
            "owns": found.role == Role.OWNER,
            "writes": found.role >= Role.ANNOTATOR,
            "statuses": Status,
            **page_of_items(request, found),
        },
    )


@login_required
def items(request: HttpRequest, pk: int) -> HttpResponse:
    """The next items of the grid."""
    found = get_project(person(request), pk)
    return render(request, "annotator/_items.html", {"project": found} | page_of_items(request, found))


@login_required
def pulse(request: HttpRequest, pk: int) -> HttpResponse:
    """What may have changed of the items between two: their status and who is on them."""
    found = get_project(person(request), pk)
    between = (number(request, "first"), number(request, "last"))
    rows = overview.items_for(person(request), [found]).filter(pk__range=between).defer("text")[: 2 * PAGE]
    context = {
        "project": found,
        "cards": overview.item_cards(rows),
        "progress": overview.progress(person(request), [found])[pk],
    }
    return render(request, "annotator/_pulse.html", context)


@login_required
def remove_label(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks what becomes of a label's annotations, and does it."""
    label = get_label(person(request), pk, Role.MANAGER)
    refusal = None
    if request.method == "POST":
        try:
            carry_out_removal(request, pk)
            return HttpResponse(headers={"HX-Redirect": reverse("settings", args=[label.project_id])})
        except Refusal as error:
            refusal = error
    others = label.project.labels.filter(removed_at=None).exclude(pk=pk)
    context = {"label": label, "uses": relabelling.uses(pk).count(), "others": others, "refusal": refusal}
    return render(request, "annotator/_removal.html", context)


def carry_out_removal(request: HttpRequest, pk: int) -> None:
    into = request.POST.get("into", "")
    match request.POST.get("then"):
        case "move" if into.isdecimal():
            relabelling.merge(person(request), pk, int(into))
        case "delete":
            relabelling.remove_and_delete(person(request), pk)
        case "keep":
            relabelling.remove(person(request), pk)
        case _:
            raise Invalid("Choose what becomes of the annotations.")


@login_required
def dashboard(request: HttpRequest, pk: int) -> HttpResponse:
    """How the project goes; the page asks for it again while it is looked at."""
    found = get_project(person(request), pk)
    return render(request, "annotator/dashboard.html", {"project": found, **Dashboard(person(request), found).read()})


@login_required
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Opens an item that waits to be labelled and that nobody else is at; who only looks begins with the first."""
    found = get_project(person(request), pk)
    item = hand_out(person(request), found) if found.role >= Role.ANNOTATOR else None
    item = item or overview.items_for(person(request), [found]).order_by("pk").first()
    return redirect("editor", pk, item.pk) if item else redirect("project", pk)


@login_required
@ensure_csrf_cookie  # the page has no form that would, and sends its token with what it asks
def editor(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    found = get_item(person(request), item)
    if found.project_id != pk:
        raise Http404
    return render(request, "annotator/editor.html", {"item": found, "bootstrap": bootstrap(request, found)})


@login_required
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """What the project can be downloaded as, and what each format leaves out of it."""
    contents = Contents(get_project(person(request), pk), person(request))
    formats = [exports.described(name, load(name), contents) for name in FORMATS]
    return render(request, "annotator/_download.html", {"project": contents.project, "formats": formats})


@login_required
@require_POST
def reset(request: HttpRequest, pk: int) -> HttpResponse:
    fresh = demo.reset(person(request), pk)
    return HttpResponse(headers={"HX-Redirect": reverse("project", args=[fresh.pk])})


def page_of_items(request: HttpRequest, project: Project) -> dict[str, object]:
    """A page of the grid after an item, of one status if one is asked for."""
    status = request.GET.get("status", "")
    rows = overview.items_for(person(request), [project]).filter(pk__gt=number(request, "after")).order_by("pk")
    if status in Status.values:
        rows = rows.filter(status=status)
    cards = overview.item_cards(overview.with_snippets(rows)[: PAGE + 1])
    return {"cards": cards[:PAGE], "more": len(cards) > PAGE, "status": status}


def bootstrap(request: HttpRequest, item: Item) -> dict[str, object]:
    """What the editor is handed: `Bootstrap` in static/editor/contract.ts."""
    user, project = person(request), item.project
    return {
        "user": {"id": user.pk, "name": str(user), "color": user.color, "username": user.username},
        "project": {
            "id": project.pk,
            "name": project.name,
            "guidelines": project.guidelines,
            "role": project.role,
            "is_demo": project.is_demo,
        },
        "labels": LabelOut(project.labels.all(), many=True).data,
        "item": msgspec.to_builtins(open_item(item, sheet_of(item, user))),
    }


def number(request: HttpRequest, name: str) -> int:
    value = request.GET.get(name, "0")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 19 else 0
