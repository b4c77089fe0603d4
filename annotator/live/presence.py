"""Who is on which sheet, over all processes. Kept in Valkey only, and only for as long as it is said again."""

from collections.abc import Iterable, Mapping
from functools import cache
from time import time
from typing import Any

import msgspec
import redis
import redis.asyncio
from django.conf import settings

from annotator.messages import Person

REFRESH = 5  # seconds
LIFE = 3 * REFRESH
TIMEOUTS = {"socket_timeout": 2, "socket_connect_timeout": 2}

PERSON = msgspec.json.Decoder(Person)
encode = msgspec.json.Encoder(order="deterministic").encode


def address() -> str:
    return str(settings.CACHES["default"]["LOCATION"])


def key(sheet: int) -> str:
    """A sorted set: people, scored with the time until which they count."""
    return f"presence.{sheet}"


class Presence:
    """Says for one process who is there through it, and hears who is there through others."""

    def __init__(self) -> None:
        self.valkey = redis.asyncio.from_url(address(), **TIMEOUTS)

    async def say(self, here: Mapping[int, Iterable[Person]]) -> dict[int, dict[str, Person]]:
        """Say who is on these sheets, and return everyone who is, by connection."""
        now = time()
        async with self.valkey.pipeline(transaction=False) as pipeline:
            for sheet, people in here.items():
                pipeline.zremrangebyscore(key(sheet), "-inf", now)  # whom a killed process has left behind
                if scores := {encode(person): now + LIFE for person in people}:
                    pipeline.zadd(key(sheet), scores)
                    pipeline.expire(key(sheet), LIFE)
                pipeline.zrange(key(sheet), now, "+inf", byscore=True)
            replies = [reply for reply in await pipeline.execute() if isinstance(reply, list)]
        return {sheet: by_connection(reply) for sheet, reply in zip(here, replies, strict=True)}

    async def leave(self, sheet: int, person: Person) -> None:
        await self.valkey.zrem(key(sheet), encode(person))


def by_connection(members: Iterable[bytes]) -> dict[str, Person]:
    return {person.connection: person for person in map(PERSON.decode, members)}


@cache
def client() -> redis.Redis:
    return redis.Redis.from_url(address(), **TIMEOUTS)


def people_by_sheet(sheet_ids: Iterable[int]) -> dict[int, list[Person]]:
    """Who is on these sheets, each person once; nobody while Valkey is away."""
    try:
        return who_is_there(sheet_ids)
    except redis.RedisError:
        return {}


def who_is_there(sheet_ids: Iterable[int]) -> dict[int, list[Person]]:
    """The same; a RedisError while Valkey is away."""
    sheets = list(sheet_ids)
    pipeline = client().pipeline(transaction=False)
    for sheet in sheets:
        pipeline.zrange(key(sheet), time(), "+inf", byscore=True)
    replies: list[Any] = pipeline.execute()
    found = {sheet: by_connection(reply).values() for sheet, reply in zip(sheets, replies, strict=True) if reply}
    return {sheet: list({person.user: person for person in people}.values()) for sheet, people in found.items()}
