"""What a project has already: items that are not in the trash, by their names and what they hold."""

import hashlib
from collections.abc import Collection

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import MD5, Lower

from projects.models import Item, ItemKind, Project


def named(project: Project, kind: ItemKind, names: Collection[str]) -> QuerySet[Item]:
    """Of several alike the first comes last. The index has the names in small letters, as the database makes them."""
    small = RawSQL("SELECT lower(name) FROM unnest(%s::text[]) name", [list(names)])
    found = project.items.filter(trashed_at=None, kind=kind, name__in=names)
    return found.alias(small=Lower("name")).filter(small__in=small).order_by("-pk")


def images(project: Project, names: Collection[str]) -> dict[tuple[str, str], Item]:
    """By name and SHA-256."""
    return {(item.name, item.media_id or ""): item for item in named(project, ItemKind.IMAGE, names)}


def texts(project: Project, names: Collection[str], digests: Collection[str]) -> dict[tuple[str, str], int]:
    """Ids by name and digest. No text is read: there may be many of one name."""
    found = named(project, ItemKind.TEXT, names).annotate(digest=MD5("text")).filter(digest__in=digests)
    return {(name, digest): pk for name, digest, pk in found.values_list("name", "digest", "pk")}


def digest(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
