"""Which weights a project has: rows that name files by their digest. A file goes when no row names it."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, QuerySet

from detectors import weights
from detectors.models import Weights
from projects.access import get_project
from projects.errors import Invalid
from projects.models import Project, Role, User

MAX_NAME = 200


@transaction.atomic
def store(user: User, project_id: int, *, name: str, kind: str, data: bytes, facts: dict[str, Any]) -> Weights:
    """As the next number under the name (managers)."""
    get_project(user, project_id, Role.MANAGER, lock=True)
    digest = weights.digest_of(data)
    alone_with(digest)
    weights.put(digest, data)
    return named(user, project_id, name=name, kind=kind, digest=digest, size=len(data), facts=facts)


@transaction.atomic
def named(
    user: User, project_id: int, *, name: str, kind: str, digest: str, size: int, facts: dict[str, Any]
) -> Weights:
    """A file that lies in storage already, as the next number under the name (managers)."""
    project = get_project(user, project_id, Role.MANAGER, lock=True)
    name = name.strip()
    if not 0 < len(name) <= MAX_NAME:
        raise Invalid(f"Give it a name of 1 to {MAX_NAME} characters.", fields={"name": "length"})
    own = Weights.objects.filter(project=project, name=name)
    number = (own.aggregate(last=Max("number"))["last"] or 0) + 1
    alone_with(digest)
    if not weights.is_there(digest):
        raise Invalid("The file is not here any more. Send it once more.", code="over")
    return Weights.objects.create(
        project=project,
        name=name,
        number=number,
        kind=kind,
        digest=digest,
        size=size,
        facts=facts,
        created_by=user,
    )


def latest(project: Project, name: str, data: bytes) -> Weights | None:
    """The latest of a name, if it is of these bytes."""
    last = Weights.objects.filter(project=project, name=name).order_by("-number").first()
    return last if last and last.digest == weights.digest_of(data) else None


def weights_of(project: Project, kind: str | None = None) -> QuerySet[Weights]:
    """Latest first."""
    found = Weights.objects.filter(project=project).select_related("created_by").order_by("-pk")
    return found if kind is None else found.filter(kind=kind)


def digests_of(project: Project) -> dict[str, list[str]]:
    """By kind."""
    found: dict[str, list[str]] = {}
    for kind, digest in Weights.objects.filter(project=project).values_list("kind", "digest"):
        found.setdefault(kind, []).append(digest)
    return found


def forget_weights(project: Project, **about: Any) -> None:
    """Of a project that is erased."""
    gone = list(Weights.objects.filter(project=project).values_list("digest", flat=True).distinct())
    Weights.objects.filter(project=project).delete()
    transaction.on_commit(partial(collect, gone), robust=True)


def collect(digests: Iterable[str] | None = None) -> None:
    """Delete the files among these, or among all, that no row names."""
    for digest in weights.stored() if digests is None else digests:
        if not Weights.objects.filter(digest=digest).exists():
            discard(digest)


@transaction.atomic
def discard(digest: str) -> None:
    alone_with(digest)
    if not Weights.objects.filter(digest=digest).exists():  # somebody may have stored the same just now
        weights.discard(digest)


def alone_with(digest: str) -> None:
    """Until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [digest])
