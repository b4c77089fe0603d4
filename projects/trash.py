"""Pages of what was put into the trash and can come back: one's projects, and the items of each."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import ngettext

from projects.access import get_project, person, projects_of
from projects.models import Item, Project, Role
from projects.services import items, projects
from projects.services.items import KEPT_IN_TRASH

PAGE = 100


@login_required
def trash(request: HttpRequest) -> HttpResponse:
    user = person(request)
    managed = [project for project in projects_of(user).order_by("name", "pk") if project.role >= Role.MANAGER]
    counts = items.how_many_in_trash(managed)
    with_items = [(project, counts[project.pk]) for project in managed if project.pk in counts]
    return render(request, "projects/trash.html", {"projects": projects.trashed(user), "with_items": with_items})


@login_required
def trashed_items(request: HttpRequest, pk: int) -> HttpResponse:
    """The items of a project that are in the trash, the latest first; those that are chosen come back."""
    project = get_project(person(request), pk, Role.MANAGER)
    if request.method != "POST":
        return render(request, "projects/trashed_items.html", shown(request, project))
    name = "shown" if request.POST.get("then") == "all" else "item"
    back = items.restore_many(person(request), pk, numbers(request.POST.getlist(name)))
    if back:
        said = ngettext("%(n)s item is back.", "%(n)s items are back.", len(back)) % {"n": len(back)}
    else:
        said = "Choose the items that are to come back."
    return render(request, "projects/_trashed_items.html", shown(request, project) | {"said": said})


def numbers(posted: list[str]) -> list[int]:
    return [int(one) for one in posted[:PAGE] if one.isdecimal() and len(one) < 19]


def shown(request: HttpRequest, project: Project) -> dict[str, Any]:
    page = Paginator(items.in_trash(project), PAGE).get_page(request.GET.get("page"))
    return {"project": project, "page": page, "rows": [(item, days_left(item)) for item in page]}


def days_left(item: Item) -> int:
    """Until it is erased, with the one that has begun; 0 once it is due."""
    since = timezone.now() - (item.trashed_at or timezone.now())
    return max(0, -((since - KEPT_IN_TRASH) // timedelta(days=1)))
