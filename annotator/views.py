"""The pages of projects and their items, and the page of the editor."""

from typing import Any

import msgspec
from csp.constants import SELF
from csp.decorators import csp_replace
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST
from msgspec.structs import replace

from annotator import beside, demo, exports, finding, grid, here, moving, overview, relabelling
from annotator.access import sheet_of
from annotator.dashboard import Dashboard
from annotator.leases import hand_out
from annotator.opening import open_item
from annotator.rewriting import uses
from projects.access import ARCHIVED, get_item, get_label, get_project, person
from projects.errors import Invalid, Refusal
from projects.guidelines import rendered
from projects.models import Item, Label, Project, Role
from projects.serializers import LabelOut, Person
from projects.services import asking, items
from projects.views import about, id_of, is_by_itself, part_of, posted_id

BEING_DONE = _(
    "“%(label)s” is removed. Its annotations are being seen to; that takes a moment, and this page can be left."
)


@login_required
def home(request: HttpRequest) -> HttpResponse:
    cards = overview.project_cards(person(request))
    archived = [card for card in cards if card.project.archived_at]
    cards = [card for card in cards if not card.project.archived_at]
    context = {"cards": cards, "archived": archived, "asked": asking.of(person(request))}
    return render(request, "annotator/home.html", context)


@login_required
def project(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_project(person(request), pk)
    now = standing(request, found, overview.progress_at_once(person(request), found))
    begins = found.role >= Role.MANAGER and now["progress"].told and not now["progress"].total
    return render(
        request,
        "annotator/project.html",
        {
            **(about(found, request) if begins else {}),
            **now,
            "begins": begins,
            "shown_import": id_of(request.GET, "import"),
            "manages": found.role >= Role.MANAGER,
            "asking": asking.how_many_wait([found]).get(pk, 0),
            "owns": found.held == Role.OWNER,
            "archived_says": ARCHIVED,
            "writes": found.role >= Role.ANNOTATOR,
            "beside": beside.drawn(found),
            "grid": grid_of(request, found, now["progress"]),
        },
    )


@login_required
@part_of("project")
def pulse(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the project is now, and who its people are. Its grid asks the API for what is in sight."""
    found = get_project(person(request), pk)
    now = standing(request, found, overview.progress(person(request), [found])[pk])
    return render(request, "annotator/_progress.html", now | {"pulse": True})


def standing(request: HttpRequest, project: Project, progress: overview.Progress) -> dict[str, Any]:
    """What the page tells at first and with each pulse."""
    return {
        "project": project,
        "progress": progress,
        "in_trash": how_many_in_trash(project),
        "members": project.memberships.select_related("user").order_by("-role", "user__name"),
        "here": here.places(project.pk),
    }


def how_many_in_trash(project: Project) -> int:
    """For those who may bring them back."""
    return items.how_many_in_trash([project]).get(project.pk, 0) if project.role >= Role.MANAGER else 0


@login_required
def remove_label(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks what becomes of a label's annotations, and does it; `merge`: asks only which other label they get."""
    label = get_label(person(request), pk, Role.MANAGER)
    if is_by_itself(request):
        return redirect(f"{reverse('settings', args=[label.project_id])}?remove={pk}")
    refusal = None
    if request.method == "POST":
        try:
            count = uses(pk).count()
            done = carry_out_removal(request, pk)
            messages.success(
                request, told_of_removal(request, label, count) if done else BEING_DONE % {"label": label.name}
            )
            return HttpResponse(headers={"HX-Redirect": reverse("settings", args=[label.project_id])})
        except Refusal as error:
            refusal = error
    others = label.project.labels.filter(removed_at=None).exclude(pk=pk)
    context = {"label": label, "uses": uses(pk).count(), "others": others, "refusal": refusal}
    context["merges"] = "merge" in request.GET
    return render(request, "annotator/_removal.html", context)


def carry_out_removal(request: HttpRequest, pk: int) -> bool:
    """Whether all is done; else a worker is at it."""
    into = posted_id(request, "into")
    match request.POST.get("then"):
        case "move" if into:
            return relabelling.merge(person(request), pk, into)
        case "move":
            raise Invalid("Choose the other label.", fields={"into": "missing"})
        case "delete":
            return relabelling.remove_and_delete(person(request), pk)
        case "keep":
            relabelling.remove(person(request), pk)
            return True
        case _:
            raise Invalid("Choose what becomes of the annotations.")


def told_of_removal(request: HttpRequest, label: Label, count: int) -> str:
    """What was done, with how many annotations."""
    into = label.project.labels.filter(pk=posted_id(request, "into")).first()
    known = {"label": label.name, "n": f"{count:,}", "into": into}
    told = [gettext("“%(label)s” is removed.")]
    match request.POST.get("then"):
        case _ if not count:
            pass
        case "move":
            told.append(
                ngettext("%(n)s annotation has “%(into)s” now.", "%(n)s annotations have “%(into)s” now.", count)
            )
        case "delete":
            told.append(ngettext("%(n)s annotation was deleted.", "%(n)s annotations were deleted.", count))
        case _:
            told.append(ngettext("%(n)s annotation keeps it.", "%(n)s annotations keep it.", count))
    return " ".join(told) % known


@login_required
def dashboard(request: HttpRequest, pk: int) -> HttpResponse:
    """How the project goes. The page asks for it again while it is looked at, and of many items once it is there."""
    found = get_project(person(request), pk)
    here.say(person(request), request.path)
    told, board = {"project": found, "manages": found.role >= Role.MANAGER}, Dashboard(person(request), found)
    if "HX-Request" not in request.headers and overview.many(found):
        return render(request, "annotator/dashboard.html", told | {"later": True, "here": board.here()})
    return render(request, "annotator/dashboard.html", told | board.read())


@login_required
@part_of("dashboard")
def who_is_here(request: HttpRequest, pk: int) -> HttpResponse:
    """For the dashboard, which asks more often for it than for its numbers."""
    found = get_project(person(request), pk)
    return render(request, "annotator/_here.html", {"project": found, "here": Dashboard(person(request), found).here()})


@login_required
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Opens an item that waits to be labelled and that nobody else is at; who only looks begins with the first."""
    found = get_project(person(request), pk)
    item = hand_out(person(request), found) if found.role >= Role.ANNOTATOR else None
    item = item or overview.items_for(person(request), found).order_by("pk").first()
    return redirect("editor", pk, item.pk) if item else redirect("project", pk)


@login_required
@csp_replace({"frame-ancestors": [SELF]})  # type: ignore[arg-type]  # the map shows it in a frame
@xframe_options_sameorigin
@ensure_csrf_cookie  # the page has no form that would, and sends its token with what it asks
def editor(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    try:
        found = get_item(person(request), item)
    except Http404:
        get_project(person(request), pk)  # which tells who was removed from it
        raise
    if found.project_id != pk:  # it was moved
        return redirect("editor", found.project_id, item)
    return render(request, "annotator/editor.html", {"item": found, "bootstrap": bootstrap(request, found)})


@login_required
@part_of("project")
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """What the project can be downloaded as, and what each format leaves out of it."""
    project = get_project(person(request), pk)
    contents = exports.asked_for(request, project)
    context = {"project": project, "formats": exports.formats(contents)}
    if contents.ids is not None:
        context |= {"asked": request.GET.urlencode(), "chosen": len(contents.ids), "selected": "ids" in request.GET}
        context["all"] = project.items.filter(trashed_at=None).count()
    return render(request, "annotator/_download.html", context)


@login_required
@require_POST
def reset(request: HttpRequest, pk: int) -> HttpResponse:
    fresh = demo.reset(person(request), pk)
    return HttpResponse(headers={"HX-Redirect": reverse("project", args=[fresh.pk])})


def grid_of(request: HttpRequest, project: Project, progress: overview.Progress) -> dict[str, object]:
    """What the grid is handed: `Bootstrap` in static/grid/contract.ts. The first page comes with it, if nothing else is
    asked for."""
    first = None
    if not request.GET:
        counts = grid.Counts(progress.total, progress.counts) if progress.told else None
        first = msgspec.to_builtins(replace(grid.find(finding.Search(person(request), project)), counts=counts))
    return {
        "project": project.pk,
        "role": project.role,
        **msgspec.to_builtins(grid.choices(project)),
        "projects": moving.targets(person(request), project),
        "first": first,
    }


def bootstrap(request: HttpRequest, item: Item) -> dict[str, object]:
    """What the editor is handed: `Bootstrap` in static/editor/contract.ts."""
    user, project = person(request), item.project
    return {
        "user": Person(user).data,
        "project": {
            "id": project.pk,
            "name": project.name,
            "guidelines": rendered(project.guidelines),
            "guidelines_read": project.memberships.get(user=user).guidelines_read,
            "role": project.role,
            "is_demo": bool(project.demo),
        },
        "labels": LabelOut(project.labels.all(), many=True).data,
        "item": msgspec.to_builtins(open_item(item, sheet_of(item, user))),
    }
