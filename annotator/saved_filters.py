"""Filters of the grid under a name: one's own, or shared with all members of the project."""

from typing import Annotated

import msgspec
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.shortcuts import get_object_or_404
from msgspec import UNSET, Meta, UnsetType

from annotator.models import SavedFilter
from projects.access import get_project
from projects.errors import Conflict, Invalid
from projects.models import Membership, Role, User
from projects.names import cleaned

LONGEST = 100  # characters of a name
MOST = 100  # a person and project

Query = Annotated[str, Meta(max_length=1_000)]


class Save(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`query` is that of the grid's address, without its question mark."""

    name: str
    query: Query
    shared: bool = False


class Renaming(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str | UnsetType = UNSET
    shared: bool | UnsetType = UNSET


class Saved(msgspec.Struct, frozen=True):
    """`mine`: whether one may change it; managers also remove those of others that are shared."""

    id: int
    name: str
    query: str
    shared: bool
    mine: bool


def listed(user: User, project: int) -> list[Saved]:
    get_project(user, project)
    rows = SavedFilter.objects.filter(Q(owner=user) | Q(shared=True), project=project)
    return [told(user, row) for row in rows.order_by("name", "pk")]


def told(user: User, row: SavedFilter) -> Saved:
    return Saved(row.pk, row.name, row.query, row.shared, row.owner_id == user.pk)


@transaction.atomic
def save(user: User, project_id: int, message: Save) -> Saved:
    project = get_project(user, project_id)
    project.memberships.select_for_update(no_key=True).get(user=user)  # so that two requests are counted one by one
    if SavedFilter.objects.filter(project=project, owner=user).count() >= MOST:
        raise Conflict(f"You have {MOST} saved filters here. Remove one first.", code="too_many")
    if "\0" in message.query:
        raise Invalid("The filter holds a NUL character. Remove it.", fields={"query": "nul"})
    row = SavedFilter(project=project, owner=user, query=message.query, shared=message.shared)
    row.name = checked(message.name)
    keep(row)
    return told(user, row)


@transaction.atomic
def change(user: User, pk: int, message: Renaming) -> Saved:
    row = visible(user, pk)
    if row.owner_id != user.pk:
        if Membership.objects.filter(project=row.project_id, user=row.owner_id).exists():
            raise PermissionDenied("Only who saved a filter can change it. Save one of your own.")
        get_project(user, row.project_id, Role.MANAGER)  # nobody else is left who could
    if message.name is not UNSET:
        row.name = checked(message.name)
    if message.shared is not UNSET:
        row.shared = message.shared
    keep(row)
    return told(user, row)


@transaction.atomic
def remove(user: User, pk: int) -> None:
    row = visible(user, pk)
    if row.owner_id != user.pk:
        get_project(user, row.project_id, Role.MANAGER)
    row.delete()


def visible(user: User, pk: int) -> SavedFilter:
    """404 for a stranger, and for what another has not shared."""
    found = SavedFilter.objects.filter(Q(owner=user) | Q(shared=True))
    row = get_object_or_404(found.select_for_update(of=("self",)), pk=pk)
    get_project(user, row.project_id)
    return row


def checked(name: str) -> str:
    name = cleaned(name)
    if not name or len(name) > LONGEST or "\0" in name:
        raise Invalid(f"Give it a name of at most {LONGEST} characters.", fields={"name": "name"})
    return name


def keep(row: SavedFilter) -> None:
    """The database sees to it that of two at once only one gets the name."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise Conflict(f"There is a filter “{row.name}” of yours. Choose another name.", code="name_taken") from None
