"""The demo: real photos that ship inside packages, texts of ours, and a first few annotations by two people."""

from importlib.resources import files
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from annotator.access import sheet_of
from annotator.demo.content import ANNOTATIONS, DONE, GUIDELINES, LABELS, NAME, PHOTOS, Drawn
from annotator.messages import Apply, Batch, Create, SetStatus
from annotator.operations import Request, perform
from annotator.shapes import Shape
from annotator.shapes.span import Span
from projects.access import get_project
from projects.models import Item, Membership, Project, Role, User
from projects.services import items, labels, members, people, projects

OWNER = ("olivia", "Olivia Santos")
ANNOTATOR = ("sam", "Sam Okafor")


def ensure() -> Project:
    """The demo's people and project, made where they are missing."""
    olivia, sam = (
        User.objects.filter(username=username).first() or people.create(username, name=name)
        for username, name in (OWNER, ANNOTATOR)
    )
    standing = Project.objects.filter(is_demo=True, trashed_at=None, memberships__user=olivia).first()
    return standing or build(olivia, {sam: Role.ANNOTATOR})


@transaction.atomic
def reset(user: User, pk: int) -> Project:
    """Start anew with the members who can still sign in; the old demo goes to the trash."""
    old = get_project(user, pk, Role.OWNER, lock=True)
    if not old.is_demo:
        raise PermissionDenied("Only a demo can be reset.")
    others = Membership.objects.filter(project=old, user__is_active=True).exclude(user=user).select_related("user")
    company = {one.user: Role(one.role) for one in others}
    projects.trash(user, pk)
    return build(user, company)


@transaction.atomic
def build(owner: User, company: dict[User, Role]) -> Project:
    project = projects.create(owner, name=NAME, guidelines=GUIDELINES, is_demo=True)
    for person, role in company.items():
        members.add(owner, project.pk, username=person.username, role=role)
    ids = {label["name"]: labels.add(owner, project.pk, **label).pk for label in LABELS}
    drawers = [owner, *(person for person, role in company.items() if role >= Role.ANNOTATOR)]
    for item in items.add_files(owner, project.pk, [*photos(), *texts()]).created:
        annotate(item, drawers, ids)
    return project


def annotate(item: Item, drawers: list[User], labels: dict[str, int]) -> None:
    sheet = sheet_of(item, drawers[0]).pk
    requests = [
        Request(drawers[drawn.by % len(drawers)].pk, Apply(sheet=sheet, batch=batch(item, drawn, labels)))
        for drawn in ANNOTATIONS.get(item.name, [])
    ]
    if item.name in DONE:
        requests.append(Request(drawers[0].pk, SetStatus(id=uuid4(), sheet=sheet, status="done")))
    if requests:
        perform(sheet, requests)


def batch(item: Item, drawn: Drawn, labels: dict[str, int]) -> Batch:
    shape = drawn.shape if not isinstance(drawn.shape, str) else span(item, drawn.shape)
    creation = Create(
        id=uuid4(), annotation=uuid4(), label=labels[drawn.label], shape=shape, attributes=drawn.attributes
    )
    return Batch(id=uuid4(), action=uuid4(), operations=[creation])


def span(item: Item, quote: str) -> Shape:
    start = (item.text or "").index(quote)
    return Span(start, start + len(quote), quote)


def photos() -> list[SimpleUploadedFile]:
    found = [(name, files(package).joinpath(path)) for name, package, path in PHOTOS]
    return [SimpleUploadedFile(name, path.read_bytes(), "image/*") for name, path in found]


def texts() -> list[SimpleUploadedFile]:
    found = sorted(files("annotator.demo").joinpath("texts").iterdir(), key=lambda path: path.name)
    return [SimpleUploadedFile(path.name, path.read_bytes(), "text/plain") for path in found]
