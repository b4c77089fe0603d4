"""One socket of one person."""

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from annotator.live.outbox import Outbox, Send
from annotator.live.rate import Rate
from annotator.messages import Outgoing, Person, Refused

if TYPE_CHECKING:
    from annotator.live.room import Room

encoder = msgspec.json.Encoder()


def encoded(*messages: Outgoing) -> str:
    return "\n".join(encoder.encode(message).decode() for message in messages)


@dataclass(slots=True, frozen=True)
class Identity:
    """Who came in, and what proves it: the session, and the password that it was signed in with."""

    person: Person
    session: str
    password: int


class Connection:
    __slots__ = ("identity", "joins", "messages", "operations", "outbox", "presences", "rooms", "told_at", "watched")

    def __init__(self, identity: Identity, send: Send, deadline: asyncio.Timeout) -> None:
        self.identity = identity
        self.outbox = Outbox(send, deadline)
        self.rooms: dict[int, Room] = {}
        self.operations = Rate(200)
        self.joins = Rate(10)
        self.presences = Rate(30)
        self.messages = Rate(1_000)
        self.told_at = 0.0
        self.watched: int | None = None  # a project

    @property
    def person(self) -> Person:
        return self.identity.person

    @property
    def id(self) -> str:
        return self.person.connection

    @property
    def user(self) -> int:
        return self.person.user

    def is_at(self, project: int) -> bool:
        return project == self.watched or any(room.members[self.id].project == project for room in self.rooms.values())

    def answer(self, message: Outgoing) -> None:
        self.outbox.answer(encoded(message))

    def refuse(self, code: str, detail: str, *, request: UUID | None = None, sheet: int | None = None) -> None:
        self.answer(Refused(id=request, sheet=sheet, code=code, detail=detail))

    def close(self, code: int, reason: str, detail: str) -> None:
        """Say why, and close."""
        self.refuse(reason, detail)
        self.outbox.close(code)
