"""What a project has already: items that are not in the trash, by their names and what they hold."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import MD5, Lower

from projects.models import Item, ItemKind, Project

AT_ONCE = 100  # a text may hold a million characters

Says = tuple[str, str]  # what a text says: the digest of the “text” itself, or of its “words” whatever is between them


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


def alike(project: Project, wanted: Collection[Says]) -> dict[Says, list[int]]:
    """Ids of the texts that say so, in their order: in a look at all texts, as many are asked for at once."""
    found: dict[Says, list[int]] = defaultdict(list)
    for says, pk in said(project, {kind for kind, _ in wanted}):
        if says in wanted:
            found[says].append(pk)
    return found


def said(project: Project, kinds: Collection[str]) -> Iterator[tuple[Says, int]]:
    rows = project.items.filter(trashed_at=None, kind=ItemKind.TEXT).order_by("pk")
    if "text" in kinds:
        for pk, one in rows.values_list("pk", MD5("text")).iterator():
            yield ("text", one), pk
    if "words" in kinds:
        for pk, text in rows.values_list("pk", "text").iterator(chunk_size=AT_ONCE):
            yield ("words", words(text or "")), pk


def words(text: str) -> str:
    """The digest of a text whatever white space is in it."""
    return digest("".join(text.split()))


def digest(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
