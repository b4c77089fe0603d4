"""Who has a page of a project open, and which: each page says it every few seconds, and it is kept in Valkey only."""

from contextlib import suppress
from time import time
from typing import Any, NamedTuple

import msgspec
from django.urls import Resolver404, resolve
from redis import RedisError

from annotator.live.presence import client
from projects.models import Membership, User

LIFE = 25  # seconds; <notice-bell> says it every ten
PAGES = ("project", "dashboard", "settings", "trashed-items", "editor", "confusion")


class Place(NamedTuple):
    """A page, by the name of its address; in the editor also the item."""

    page: str
    item: int | None
    until: float


PLACE = msgspec.json.Decoder(Place)


def key(project: int) -> str:
    return f"here.{project}"


def say(user: User, path: str) -> None:
    """That someone looks at the page with this path; nothing where it is of no project of theirs."""
    try:
        found = resolve(path)
    except Resolver404:
        return
    if found.url_name not in PAGES or not Membership.objects.filter(user=user, project=found.kwargs["pk"]).exists():
        return
    name, place = key(found.kwargs["pk"]), Place(found.url_name, found.kwargs.get("item"), time() + LIFE)
    with suppress(RedisError):
        pipeline = client().pipeline(transaction=False)
        pipeline.hset(name, str(user.pk), msgspec.json.encode(place).decode())
        pipeline.expire(name, LIFE)
        pipeline.execute()


def places(project: int) -> dict[int, Place]:
    """Where everyone is, by their ids; nobody while Valkey is away."""
    try:
        rows: Any = client().hgetall(key(project))
    except RedisError:
        return {}
    found = {int(user): PLACE.decode(place) for user, place in rows.items()}
    return {user: place for user, place in found.items() if place.until > time()}
