"""The back ends in a project's panel, the dialog in which one adds one, and the pictures that they fetch."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET, require_POST

from detectors import once
from detectors.access import get_back_end
from detectors.backends import keeping, pictures
from detectors.models import BackEnd
from projects.access import get_project, person
from projects.errors import Refusal
from projects.models import Project, Role
from projects.views import part_of


@login_required
@part_of("project")
def back_ends(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse(drawn(get_project(person(request), pk)))


@login_required
@part_of("project")
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """The dialog, and once it is added, what it says."""
    project = get_project(person(request), pk, Role.MANAGER)
    told, refusal = request.POST, None
    if request.method == "POST":
        try:
            row = keeping.add(
                person(request),
                pk,
                name=told.get("name", ""),
                address=told.get("address", ""),
                login=told.get("login", ""),
                password=told.get("password", ""),
                pictures=told.get("pictures", ""),
                interactive="interactive" in told,
            )
        except Refusal as error:
            refusal = error
        else:
            return in_dialog(request, row)
    about = {"project": project, "told": told, "refusal": refusal, "ways": BackEnd.Pictures.choices}
    return render(request, "detectors/_add_back_end.html", about)


@login_required
@require_POST
def look(request: HttpRequest, pk: int) -> HttpResponse:
    return in_dialog(request, keeping.look(person(request), pk))


@login_required
@require_POST
def attempt(request: HttpRequest, pk: int) -> HttpResponse:
    """On one item: what it finds there, or what is wrong."""
    row = get_back_end(person(request), pk, Role.MANAGER)
    try:
        return in_dialog(request, row, tried=once.on_an_item(row))
    except Refusal as refusal:
        return in_dialog(request, row, refusal=refusal)


@login_required
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse(drawn(keeping.remove(person(request), pk)))


def in_dialog(request: HttpRequest, row: BackEnd, **about: object) -> HttpResponse:
    answer = render(request, "detectors/_back_end.html", {"row": row, "project": row.project, **about})
    answer.headers["HX-Trigger"] = "back-ends-changed"
    return answer


def drawn(project: Project) -> str:
    """As `annotator.beside` has it: for managers, who alone may see where they are."""
    manages = project.role >= Role.MANAGER
    about = {"project": project, "manages": manages, "back_ends": keeping.of_project(project) if manages else []}
    return render_to_string("detectors/_back_ends.html", about)


@require_GET
def picture(request: HttpRequest, name: str) -> HttpResponse:
    """What a back end is just asked about: whoever has the link was given it."""
    found = pictures.kept(name)
    if found is None:
        raise Http404
    return HttpResponse(found[0], content_type=found[1], headers={"Cache-Control": "no-store"})
