"""What building every demo has in common."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile

from annotator.messages import Apply, Batch, Create, SetStatus
from annotator.models import Sheet
from annotator.operations import Request, perform_many
from annotator.shapes import Shape
from projects.models import Item, Project, Role, User
from projects.services import items, labels, members, projects

TOGETHER = 200  # sheets a commit


class Begun(NamedTuple):
    """A project, who labels in it, and its labels' ids by their names."""

    project: Project
    drawers: list[User]
    labels: dict[str, int]


class Said(NamedTuple):
    """`by` counts through owner and annotators."""

    by: int
    label: str
    shape: Shape
    attributes: dict[str, Any] = {}


def begun(owner: User, company: dict[User, Role], *, labels: Sequence[Mapping[str, Any]], **about: str) -> Begun:
    project = projects.create(owner, **about)
    for person, role in company.items():
        members.add(owner, project.pk, username=person.username, role=role)
    drawers = [owner, *(person for person, role in company.items() if role >= Role.ANNOTATOR)]
    return Begun(project, drawers, {one["name"]: labelled(owner, project, one) for one in labels})


def labelled(owner: User, project: Project, label: Mapping[str, Any]) -> int:
    return labels.add(owner, project.pk, **label).pk


def added(owner: User, project: Project, files: Sequence[SimpleUploadedFile]) -> list[Item]:
    return items.add_files(owner, project.pk, files).created


def say(begins: Begun, said: Mapping[Item, Sequence[Said]], *, done: bool) -> None:
    """Through the door, as people would; the owner is `done` with each item then."""
    Sheet.objects.bulk_create([Sheet(item=item) for item in said])
    sheets = dict(Sheet.objects.filter(item__in=list(said)).values_list("item", "pk"))
    asked = {sheets[item.pk]: requests(begins, sheets[item.pk], several) for item, several in said.items()}
    carry_out({sheet: several for sheet, several in asked.items() if several})
    if done:  # by itself: of many that wait it is asked at once what was said of them before
        owner = begins.drawers[0].pk
        carry_out({sheet: [Request(owner, SetStatus(id=uuid4(), sheet=sheet, status="done"))] for sheet in asked})


def carry_out(asked: dict[int, list[Request]]) -> None:
    numbers = sorted(asked)
    for start in range(0, len(numbers), TOGETHER):
        perform_many({sheet: asked[sheet] for sheet in numbers[start : start + TOGETHER]})


def requests(begins: Begun, sheet: int, said: Sequence[Said]) -> list[Request]:
    people = [begins.drawers[one.by % len(begins.drawers)].pk for one in said]
    batches = [batch(one, begins.labels) for one in said]
    return [Request(person, Apply(sheet=sheet, batch=one)) for person, one in zip(people, batches, strict=True)]


def batch(said: Said, labels: dict[str, int]) -> Batch:
    creation = Create(uuid4(), uuid4(), labels[said.label], said.shape, said.attributes)
    return Batch(id=uuid4(), action=uuid4(), operations=[creation])
