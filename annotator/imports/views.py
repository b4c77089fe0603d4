"""The card of an import on the project's page: what was recognised, how far it is, what became of it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from annotator.formats import HEADER, ROLES, TAGS
from annotator.imports import jobs, telling, turns
from annotator.models import Import, ImportState
from projects.access import person
from projects.errors import Refusal
from projects.labels import COLORS
from projects.views import is_by_itself, part_of

PUT_AWAY = [ImportState.UPLOADING, ImportState.FAILED]  # whose card has said all that there is to say


@login_required
@part_of("project")
def now(request: HttpRequest, pk: int) -> HttpResponse:
    """The import that is under way, if there is one."""
    return card(request, jobs.current(person(request), pk))


@login_required
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """`again`: the card stands, and waits for what comes of other columns; nothing but that changes of a `part`."""
    row = jobs.get_import(person(request), pk)
    if is_by_itself(request):
        return redirect(f"{reverse('project', args=[row.project_id])}?import={pk}")
    if "again" in request.GET and row.state == ImportState.LOOKING:
        return HttpResponse(status=204)
    return card(request, row, part=request.GET.get("again") == "part")


@login_required
@require_POST
def choose(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether a first line names the columns changes what they are called; else they stay as they are, and whoever is
    at one of them is not disturbed."""
    row = jobs.get_import(person(request), pk)
    choices = all_chosen(request, row)
    renames = any(
        choices[source["file"]].get(HEADER) != source["choices"].get(HEADER)
        for source in row.preview.get("sources", [])
    )
    try:
        row = jobs.choose(person(request), pk, choices)
    except Refusal as refusal:
        return card(request, jobs.get_import(person(request), pk), str(refusal.detail))
    return card(request, row, part=not renames)


@login_required
@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    row = jobs.get_import(person(request), pk)
    try:
        row = jobs.start(person(request), pk, all_chosen(request, row))
    except Refusal as refusal:
        return card(request, jobs.get_import(person(request), pk), str(refusal.detail))
    return card(request, row)


@login_required
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    before = jobs.get_import(person(request), pk)
    away = before.state in PUT_AWAY or (before.state == ImportState.READY and before.preview.get("nothing"))
    try:
        row = jobs.cancel(person(request), pk)
    except Refusal as refusal:
        return card(request, jobs.get_import(person(request), pk), str(refusal.detail))
    return card(request, None if away else row)


def all_chosen(request: HttpRequest, row: Import) -> jobs.Choices:
    return {source["file"]: chosen(request, n, source) for n, source in enumerate(row.preview.get("sources", []))}


def chosen(request: HttpRequest, number: int, source: dict[str, Any]) -> dict[str, str]:
    """Nothing where the form was not shown, as when it is tried again."""
    fit = {role: ["", *source["columns"]] for role in ROLES} | {key: ["", "yes"] for key in (HEADER, TAGS)}
    names = {role: request.POST.get(f"{number}-{role}") for role in fit}
    return {role: name for role, name in names.items() if name is not None and name in fit[role]}


def card(request: HttpRequest, row: Import | None, error: str = "", *, part: bool = False) -> HttpResponse:
    context: dict[str, Any] = {"import": row, "error": error, "roles": ROLES}
    context["ends"] = ends = row is not None and row.state == ImportState.CANCELLED and row.pk in jobs.held()
    if row and (others := turns.others_first(row)):
        context["waits"] = ngettext("%d other import goes first.", "%d other imports go first.", others) % others
    if row and row.state in (ImportState.LOOKING, ImportState.READY) and row.preview:
        context |= {"preview": row.preview, "part": part, **told_of(row)}
        if part:
            answer = render(request, "annotator/_import_part.html", context)
            answer["HX-Retarget"] = "#import-outcome"
            return answer
    answer = render(request, "annotator/_import.html", context)
    if row and row.state in jobs.ENDED and not ends:
        answer["HX-Trigger"] = "items-added"  # the grid shows them, the panel counts them
    return answer


def told_of(row: Import) -> dict[str, Any]:
    """Of what was previewed."""
    used = row.project.labels.count()
    labels = row.preview.get("labels", [])
    new = [label for label in labels if label["is_new"]]
    for n, label in enumerate(new):
        label["color"] = COLORS[(used + n) % len(COLORS)]
    return {
        "new_labels": new,
        "old_labels": [one for one in labels if not one["is_new"] and one["count"]],
        "can_come_in": telling.can_come_in(row.preview),
        "there": telling.there(row.preview),
        "beside": telling.beside(row.preview),
    }
