"""Pages of people and of a project's settings. Forms are sent by htmx and answered with the part that changed."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings as conf
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.db.models import Max
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    JsonResponse,
    QueryDict,
)
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from rest_framework import exceptions

from projects import labels as rules
from projects.access import ARCHIVED, get_label, get_membership, get_project, person, projects_of
from projects.connections import Answer
from projects.errors import Refusal, describe, nothing_here
from projects.models import Label, Membership, Project, Role
from projects.names import cleaned
from projects.services import asking, labels, members, people, projects

Part = Callable[[HttpRequest, int], HttpResponse]


@never_cache
def enter(request: HttpRequest, secret: str) -> HttpResponse:
    """A one-time link. It is used up by the button, not by looking, so that link previewers do not burn it."""
    try:
        if request.method != "POST":
            return render(request, "projects/enter.html", {"person": people.find_link(secret).user})
        user = people.use_link(secret)
    except Refusal as refusal:
        return render(request, "projects/enter.html", {"refusal": refusal}, status=refusal.status_code)
    login(request, user, backend=conf.AUTHENTICATION_BACKENDS[0])
    return redirect("home")


def part_of(page: str) -> Callable[[Part], Part]:
    """What htmx asks for: whoever opens its address by itself gets the page that it is a part of."""

    def decorate(view: Part) -> Part:
        @wraps(view)
        def answer(request: HttpRequest, pk: int) -> HttpResponse:
            return redirect(page, pk) if is_by_itself(request) else view(request, pk)

        return answer

    return decorate


def is_by_itself(request: HttpRequest) -> bool:
    """Whether a person has opened the address."""
    wants_page = "text/html" in request.headers.get("Accept", "") and "HX-Request" not in request.headers
    return wants_page and request.method == "GET"


@login_required
@require_POST
def new_project(request: HttpRequest) -> HttpResponse:
    try:
        project = projects.create(person(request), name=request.POST.get("name", ""))
    except Refusal as refusal:
        return render(request, "projects/_new.html", {"refusal": refusal, "name": request.POST.get("name", "")})
    return HttpResponse(headers={"HX-Redirect": reverse("project", args=[project.pk])})


@login_required
def settings(request: HttpRequest, pk: int) -> HttpResponse:
    project = get_project(person(request), pk)
    if request.method != "POST":
        removes = project.labels.filter(pk=id_of(request.GET, "remove"), removed_at=None).first()
        return render(request, "projects/settings.html", about(project, request) | {"removes": removes})
    try:
        project = projects.change(
            person(request),
            pk,
            name=request.POST.get("name"),
            guidelines=lines_of(request, "guidelines"),
            version=posted_version(request),
        )
    except Refusal as refusal:
        project.name, project.guidelines = request.POST.get("name", ""), lines_of(request, "guidelines") or ""
        project.version = posted_version(request) or project.version
        return render(request, "projects/_project.html", about(project, request) | {"refusal": refusal})
    return render(request, "projects/_project.html", about(project, request) | {"saved": True})


@login_required
@require_POST
def trash_project(request: HttpRequest, pk: int) -> HttpResponse:
    projects.trash(person(request), pk)
    return HttpResponse(headers={"HX-Redirect": reverse("trash")})


@login_required
@require_POST
def archive_project(request: HttpRequest, pk: int) -> HttpResponse:
    projects.archive(person(request), pk)
    return HttpResponse(headers={"HX-Redirect": reverse("project", args=[pk])})


@login_required
@require_POST
def bring_back_project(request: HttpRequest, pk: int) -> HttpResponse:
    projects.bring_back(person(request), pk)
    return HttpResponse(headers={"HX-Redirect": reverse("project", args=[pk])})


@login_required
@require_POST
def transfer_project(request: HttpRequest, pk: int) -> HttpResponse:
    project = get_project(person(request), pk, Role.OWNER)
    leave = request.POST.get("then") == "leave"
    try:
        members.hand_over(person(request), pk, to=posted_id(request, "to"), leave=leave)
    except Refusal as refusal:
        return render(request, "projects/_transfer.html", about(project, request) | {"refusal": refusal})
    return HttpResponse(headers={"HX-Redirect": reverse("home") if leave else reverse("settings", args=[pk])})


@login_required
@require_POST
def restore_project(request: HttpRequest, pk: int) -> HttpResponse:
    project = projects.restore(person(request), pk)
    return HttpResponse(headers={"HX-Redirect": reverse("project", args=[project.pk])})


@login_required
@require_POST
def duplicate_project(request: HttpRequest, pk: int) -> HttpResponse:
    project = projects.duplicate(person(request), pk)
    return HttpResponse(headers={"HX-Redirect": reverse("settings", args=[project.pk])})


@login_required
@require_POST
def add_label(request: HttpRequest, pk: int) -> HttpResponse:
    """Answers with the new label and an empty form after it; or with the form and what is wrong in it."""
    project = get_project(person(request), pk)
    values = label_values(request)
    try:
        label = labels.add(person(request), pk, **values)
    except Refusal as refusal:
        entered = Label(project=project, **values)
        return render(request, "projects/_label.html", about_label(project, entered, request) | {"refusal": refusal})
    return render(request, "projects/_label_added.html", about_label(project, label, request))


@login_required
@require_POST
def add_labels(request: HttpRequest, pk: int) -> HttpResponse:
    """Several at once: those of a template, of another project, or of a pasted list. Answers with all labels."""
    project, posted = get_project(person(request), pk), request.POST
    refusal, added, copied = None, [], ""
    try:
        if source := posted_id(request, "source"):
            added = labels.copy(person(request), pk, source)
            copied = told_of_copies(source, added)
        else:
            _, shapes, names = rules.TEMPLATES.get(posted.get("template", ""), ("", posted.getlist("shapes"), []))
            names = names or posted.get("names", "").splitlines()
            added = labels.add_several(person(request), pk, names=names, shapes=shapes)
    except Refusal as error:
        refusal = error
    entered = {"entered": posted, "entered_shapes": posted.getlist("shapes")} if refusal else {}
    told = " ".join(filter(None, [copied, labels.near(project, added)]))
    context = {"refusal_of_several": refusal, "told": told, **entered}
    return render(request, "projects/_labels.html", about(project, request) | context)


def told_of_copies(source: int, added: list[Label]) -> str:
    """How many were copied, and which were not, as others have their names."""
    names = {label.name for label in added}
    left = [one.name for one in Label.objects.filter(project=source, removed_at=None) if one.name not in names]
    n = len(added)
    told = [ngettext("%(n)s label was copied.", "%(n)s labels were copied.", n) % {"n": n}]
    if left:
        why = gettext("Left out, as there are labels of these names here: %(names)s.")
        told.append(why % {"names": ", ".join(left)})
    return " ".join(told)


@login_required
@require_POST
def change_label(request: HttpRequest, pk: int) -> HttpResponse:
    project = get_label(person(request), pk).project
    values = label_values(request)
    try:
        label = labels.change(
            person(request), pk, request.POST.get("told", ""), **values, version=posted_version(request)
        )
    except Refusal as refusal:
        entered = Label(pk=pk, project=project, **values, version=posted_version(request) or 0)
        told = {"refusal": refusal, "kept": get_label(person(request), pk)}
        return render(request, "projects/_label.html", about_label(project, entered, request) | told)
    return render(request, "projects/_label.html", about_label(project, label, request) | {"saved": True})


@login_required
@require_POST
def add_member(request: HttpRequest, pk: int) -> HttpResponse:
    return members_after(
        request,
        get_project(person(request), pk),
        lambda: members.add(person(request), pk, username=request.POST.get("username", ""), role=posted_role(request)),
    )


@login_required
@require_POST
def change_member(request: HttpRequest, pk: int) -> HttpResponse:
    project = get_membership(person(request), pk).project
    return members_after(request, project, lambda: change_role(request, pk))


def change_role(request: HttpRequest, pk: int) -> Membership:
    return members.change(person(request), pk, role=posted_role(request), version=posted_version(request))


@login_required
@require_POST
def remove_member(request: HttpRequest, pk: int) -> HttpResponse:
    """Whoever leaves goes home; the page of the project is no longer theirs."""
    membership = get_membership(person(request), pk)
    answer = members_after(request, membership.project, lambda: members.remove(person(request), pk))
    if not Membership.objects.filter(project=membership.project, user=person(request)).exists():
        return HttpResponse(headers={"HX-Redirect": reverse("home")})
    return answer


def members_after(request: HttpRequest, project: Project, act: Callable[[], object]) -> HttpResponse:
    """The list of members as it stands after the act, or with why it was refused."""
    refusal = None
    try:
        act()
    except Refusal as error:
        refusal = error
    entered = request.POST if refusal else {}
    return render(request, "projects/_members.html", about(project, request) | {"refusal": refusal, "entered": entered})


def posted_role(request: HttpRequest) -> Role:
    try:
        return Role(int(request.POST.get("role", "")))
    except ValueError:
        raise Http404 from None


def posted_id(request: HttpRequest, name: str) -> int:
    return id_of(request.POST, name)


def id_of(values: QueryDict, name: str) -> int:
    """Nothing has the id 0."""
    value = values.get(name, "")
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 19 else 0


def posted_version(request: HttpRequest) -> int | None:
    """The version of the setting that the form showed."""
    version = request.POST.get("version", "")
    return int(version) if version.isdecimal() and len(version) < 10 else None


def lines_of(request: HttpRequest, name: str) -> str | None:
    """Forms send line ends of their own."""
    text = request.POST.get(name)
    return None if text is None else text.replace("\r\n", "\n")


def about(project: Project, request: HttpRequest) -> dict[str, Any]:
    """What the settings page shows; only those who may change it get its forms."""
    manages = project.role >= Role.MANAGER  # nobody does in an archived project
    everyone = project.memberships.select_related("user").annotate(seen_at=Max("user__usersession__last_seen_at"))
    return {
        "project": project,
        "labels": project.labels.filter(removed_at=None),
        "members": everyone.order_by("-role", "user__name"),
        "requests": asking.waiting(project) if manages else [],
        "roles": [role for role in reversed(Role) if role <= project.highest],
        "highest": project.highest,
        "newcomer": Role.ANNOTATOR,
        "manages": manages,
        "owns": project.held == Role.OWNER,
        "only_owner": project.held == Role.OWNER and project.memberships.filter(role=Role.OWNER).count() == 1,
        "duplicates": project.held >= Role.MANAGER,  # an archived one, too
        "archived_says": ARCHIVED,
        "new_label": new_label(project),
        "hotkeys": rules.HOTKEYS,
        "shapes": rules.ABOUT_SHAPES,
        "kinds": rules.KINDS,
        "templates": rules.TEMPLATES,
        "sources": projects_of(person(request)).exclude(pk=project.pk).order_by("name") if manages else [],
    }


def new_label(project: Project) -> Label:
    """As the form of the next one begins."""
    color = rules.COLORS[project.labels.count() % len(rules.COLORS)]
    return Label(project=project, color=color, hotkey=next(labels.free_digits(project), ""))


def about_label(project: Project, label: Label, request: HttpRequest) -> dict[str, Any]:
    return about(project, request) | {"label": label, "near": labels.near(project, [label])}


def label_values(request: HttpRequest) -> dict[str, Any]:
    """A label as its form tells it; attributes are rows of fields with the same names, those without a name go."""
    posted = request.POST
    columns = (posted.getlist(f"attribute_{name}") for name in ("id", "name", "kind", "options"))
    attributes: list[dict[str, Any]] = []
    for key, name, kind, options in zip(*columns, strict=False):
        if name := cleaned(name):
            taken = {attribute["id"] for attribute in attributes}
            attribute = {"id": key or rules.attribute_id(name, taken), "name": name, "kind": kind}
            lines = list(filter(None, map(cleaned, options.splitlines())))
            attributes.append(attribute | ({"options": lines} if kind == "choice" else {}))
    return {
        "name": posted.get("name", ""),
        "color": posted.get("color", ""),
        "hotkey": posted.get("hotkey", ""),
        "shapes": posted.getlist("shapes"),
        "attributes": attributes,
        "guidelines": lines_of(request, "guidelines") or "",
    }


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, exceptions.ParseError("The request cannot be read. Go back and try again."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, exceptions.PermissionDenied(str(exception) or None))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, nothing_here(exception))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return error_page(
        request, exceptions.PermissionDenied("The page was open too long. Go back, load it anew and try again.")
    )


def server_error(request: HttpRequest) -> HttpResponse:
    return error_page(
        request, exceptions.APIException("Something went wrong on the server, and its log says what. Try again.")
    )


def not_allowed(get_response: Answer) -> Answer:
    """What only does something, and is opened as if it were a page, leads back to one."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        told = "There is no page at this address: it only does what a button asks for."
        found = re.match(r"/projects/(\d+)/", request.path)
        page = error_page(request, exceptions.MethodNotAllowed("", told), project=int(found[1]) if found else None)
        page.headers["Allow"] = response.headers["Allow"]
        return page

    return answer


def error_page(request: HttpRequest, error: exceptions.APIException, *, project: int | None = None) -> HttpResponse:
    """The API and htmx get {code, detail}, people a page. It asks nothing of the database: that may be what failed."""
    if request.path.startswith("/api/") or request.headers.get("HX-Request"):
        return JsonResponse(describe(error), status=error.status_code)
    context = {"status": error.status_code, "detail": error.detail, "project": project}
    return HttpResponse(render_to_string("error.html", context), status=error.status_code)
