"""Items of a project one by one, as what a pipeline is tried on."""

import msgspec
from django.http import Http404
from django.urls import reverse

from detectors.found import Kind
from projects.access import get_project
from projects.models import Item, ItemKind, User


class Sample(msgspec.Struct, frozen=True):
    """An item, and those of its kind beside it."""

    id: int
    kind: Kind
    name: str
    text: str | None
    width: int | None
    height: int | None
    media: str | None
    previous: int | None
    next: int | None


def sample(user: User, project_id: int, kind: Kind, pk: int | None = None) -> Sample:
    """The item of this id, or the first of the kind; 404 where there is none."""
    project = get_project(user, project_id)
    siblings = Item.objects.filter(project=project, trashed_at=None, kind=kind).order_by("pk")
    item = (siblings.filter(pk=pk) if pk else siblings).first()
    if item is None:
        raise Http404
    return Sample(
        item.pk,
        kind,
        item.name,
        item.text,
        item.width,
        item.height,
        reverse("item-media", args=[item.pk]) if item.kind == ItemKind.IMAGE else None,
        siblings.filter(pk__lt=item.pk).order_by("-pk").values_list("pk", flat=True).first(),
        siblings.filter(pk__gt=item.pk).values_list("pk", flat=True).first(),
    )
