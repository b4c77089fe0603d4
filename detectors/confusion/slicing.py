"""Slices: things that somebody has chosen on the map, kept under a name, to be looked at and judged by themselves."""

from typing import Annotated
from uuid import UUID

import msgspec
from django.db import IntegrityError, transaction
from msgspec import Meta

from detectors.models import Slice
from projects.access import get, get_project, visible
from projects.errors import Conflict, Invalid
from projects.models import Project, Role, User
from projects.names import cleaned

MOST = 100_000


class KeepSlice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The ids of annotations and predictions."""

    name: str
    things: Annotated[list[UUID], Meta(min_length=1, max_length=MOST)]


class SliceOut(msgspec.Struct, frozen=True):
    id: int
    name: str
    count: int
    things: list[str] | None = None


def of_project(project: Project) -> list[SliceOut]:
    rows = Slice.objects.filter(project=project).order_by("name")
    return [SliceOut(one.pk, one.name, len(one.things)) for one in rows]


def get_slice(user: User, pk: int, role: Role = Role.VIEWER) -> Slice:
    found: Slice = get(visible(Slice.objects.select_related("project"), user, "project__"), pk, role, lock=False)
    return found


def keep(user: User, project_id: int, asked: KeepSlice) -> SliceOut:
    """(annotators)"""
    project = get_project(user, project_id, Role.ANNOTATOR)
    if not (name := cleaned(asked.name).strip()[:100]):
        raise Invalid("Give it a name.", fields={"name": "missing"})
    things = sorted({one.hex for one in asked.things})
    try:
        with transaction.atomic():
            made = Slice.objects.create(project=project, name=name, things=things, created_by=user)
    except IntegrityError:
        raise Conflict(f"There is a slice “{name}” already. Give it another name.", code="there") from None
    return SliceOut(made.pk, made.name, len(things))


def delete(user: User, pk: int) -> None:
    """(annotators)"""
    get_slice(user, pk, Role.ANNOTATOR).delete()
