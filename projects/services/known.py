"""What a project has already: items that are not in the trash, by their names and what they hold."""

import hashlib
from collections.abc import Iterable

from django.db.models.functions import MD5

from projects.models import Item, ItemKind, Project


def images(project: Project, names: Iterable[str]) -> dict[tuple[str, str], Item]:
    """By name and SHA-256; of several alike the first."""
    found = project.items.filter(trashed_at=None, kind=ItemKind.IMAGE, name__in=names).order_by("-pk")
    return {(item.name, item.media_id or ""): item for item in found}


def texts(project: Project, names: Iterable[str], digests: Iterable[str]) -> dict[tuple[str, str], int]:
    """Ids by name and digest; of several alike the first. None is read: there may be many of one name."""
    found = project.items.filter(trashed_at=None, kind=ItemKind.TEXT, name__in=names).annotate(digest=MD5("text"))
    rows = found.filter(digest__in=digests).order_by("-pk").values_list("name", "digest", "pk")
    return {(name, digest): pk for name, digest, pk in rows}


def digest(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
