"""What the editor needs to show an item."""

import msgspec
from django.urls import reverse

from annotator.models import Sheet
from projects.models import Item, ItemKind


class OpenItem(msgspec.Struct, frozen=True):
    id: int
    project: int
    kind: str
    name: str
    text: str | None
    width: int | None
    height: int | None
    media: str | None
    thumbnail: str | None
    sheet: int
    previous: int | None
    next: int | None
    index: int
    count: int


class Next(msgspec.Struct, frozen=True):
    """The item to go on with; none when nothing waits."""

    item: int | None


def open_item(item: Item, sheet: Sheet) -> OpenItem:
    siblings = Item.objects.filter(project=item.project_id, trashed_at=None)
    before = siblings.filter(pk__lt=item.pk)
    image = item.kind == ItemKind.IMAGE
    return OpenItem(
        id=item.pk,
        project=item.project_id,
        kind=item.kind,
        name=item.name,
        text=item.text,
        width=item.width,
        height=item.height,
        media=reverse("item-media", args=[item.pk]) if image else None,
        thumbnail=reverse("item-thumbnail", args=[item.pk]) if image else None,
        sheet=sheet.pk,
        previous=before.order_by("-pk").values_list("pk", flat=True).first(),
        next=siblings.filter(pk__gt=item.pk).order_by("pk").values_list("pk", flat=True).first(),
        index=before.count() + 1,
        count=siblings.count(),
    )
