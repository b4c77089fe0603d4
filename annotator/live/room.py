"""A sheet's room in this process: who is here, and what they are told."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Any

import msgspec

from annotator.events import envelope, group
from annotator.live import lookups
from annotator.live.caller import Caller
from annotator.live.connection import Connection, encoded
from annotator.live.moves import Moves
from annotator.live.order import Frame, Order
from annotator.live.pool import READS, Away
from annotator.live.sending import Sending
from annotator.live.writer import AWAY, Writer
from annotator.messages import Ack, Applied, Arrived, Commented, Left, Moved, Person, Presences, Refused

if TYPE_CHECKING:
    from annotator.live.hub import Hub

GRACE = 0.05  # seconds that a missing frame may take


@dataclass(slots=True)
class Member:
    """A connection in a room. Until the sheet is read for it, what the others are told is held for it."""

    connection: Connection
    role: int
    project: int  # whose labels the page has; the item may be moved
    clock: int | None = None
    held: list[tuple[int, float, str]] = field(default_factory=list)

    def tell(self, text: str, after: int = -1, clock: float = inf) -> None:
        if self.clock is None:
            self.held.append((after, clock, text))
        elif clock > self.clock:
            self.connection.outbox.put(text)

    def start_anew(self) -> None:
        """What is read next holds all that happened so far; answers stay."""
        self.held = [one for one in self.held if one[1] == inf]

    def reaches(self, clock: int, now: int | None) -> bool:
        """Whether what is held leads from `clock` to the room's clock, `now`."""
        return now is None or now <= clock or any(0 <= after <= clock for after, _, _ in self.held)

    def enter(self, clock: int, joined: str) -> None:
        self.clock = clock
        self.connection.outbox.add(joined)  # however large: one join at a time is not too much
        for after, at, text in self.held:
            self.tell(text, after, at)
        self.held.clear()


class Room:
    def __init__(self, hub: "Hub", sheet: int) -> None:
        self.hub = hub
        self.sheet = sheet
        self.members: dict[str, Member] = {}
        self.others: dict[str, Person] = {}  # who is here through other processes
        self.order = Order()
        self.writer = Writer(sheet, self.wrote)
        self.moves = Moves(self.tell_moves)
        self.sending = Sending(self.send)
        self.catching_up: asyncio.Task[None] | None = None

    # Coming and going -------------------------------------------------------------------------------------------------

    @property
    def here(self) -> list[Person]:
        return [member.connection.person for member in self.members.values()]

    @property
    def empty(self) -> bool:
        return not self.members and self.writer.idle

    async def join(self, connection: Connection, role: int, project: int, since: int | None) -> None:
        """Join, then read: what is told meanwhile is held, so that nothing falls between."""
        before = self.members.get(connection.id)
        member = self.members[connection.id] = Member(connection, role, project, held=before.held if before else [])
        connection.rooms[self.sheet] = self
        await self.hub.hear(group(self.sheet), f"project.{project}")
        await self.hub.say([self])
        if not before and connection.id in self.members:
            self.tell(encoded(Arrived(sheet=self.sheet, person=connection.person)), besides=member)
            self.publish("sheet.arrived", person=msgspec.to_builtins(connection.person))
        while member.clock is None:
            member.start_anew()
            people = [*self.here, *self.others.values()]
            clock, joined = await READS.run(lookups.joined, self.sheet, connection.user, role, since, people)
            if self.members.get(connection.id) is not member:
                return
            if member.reaches(clock, self.order.clock):
                member.enter(clock, joined)
        self.order.start(clock)
        self.deliver(self.order.ready())
        if where := self.moves.everyone():
            connection.outbox.answer(self.presences(where))

    def leave(self, connection: Connection) -> None:
        connection.rooms.pop(self.sheet, None)
        if self.members.pop(connection.id, None) is None:
            return
        self.moves.forget(connection.id)
        self.hub.later(lambda: self.hub.presence.leave(self.sheet, connection.person))
        self.tell(encoded(Left(sheet=self.sheet, connection=connection.id)))
        self.publish("sheet.left", connection=connection.id)
        if not self.members:
            early, self.order = self.order.early, Order()
            for frame in early:
                self.answer(frame, new=False)

    def heard(self, message: dict[str, Any]) -> None:
        """Something from another process."""
        match message:
            case {"type": "sheet.frames", "frames": frames}:
                for after, clock, text in frames:
                    self.take(Frame(after, clock, text)) if text else self.saw(clock)
            case {"type": "sheet.presences", "clock": clock, "data": text}:
                self.tell_presence(text)
                self.saw(clock)
            case {"type": "sheet.commented"}:
                self.tell(encoded(Commented(sheet=self.sheet)))
            case {"type": "sheet.arrived", "person": person}:
                arrived = msgspec.convert(person, Person)
                self.set_others([*self.others.values(), arrived])
                self.moves.repeat()
            case {"type": "sheet.left", "connection": connection}:
                self.set_others([person for person in self.others.values() if person.connection != connection])

    def set_others(self, people: Iterable[Person]) -> None:
        """Who is here through other processes; tells who has come and who has gone."""
        others = {person.connection: person for person in people}
        for connection in self.others.keys() - others.keys():
            self.tell(encoded(Left(sheet=self.sheet, connection=connection)))
        for connection in others.keys() - self.others.keys():
            self.tell(encoded(Arrived(sheet=self.sheet, person=others[connection])))
        self.others = others

    # Writing ----------------------------------------------------------------------------------------------------------

    def wrote(self, frame: Frame) -> None:
        self.take(frame)
        alone = self.members and not self.others  # who comes to another process just now is told the clock, and looks
        if frame.text and not alone:
            self.sending.add(frame)

    def send(self, frames: list[Frame]) -> None:
        told = [(frame.after, frame.clock, frame.text) for frame in frames]
        self.hub.publish(group(self.sheet), envelope(self.sheet, told, self.hub.id))

    # Telling ----------------------------------------------------------------------------------------------------------

    def tell(self, text: str, besides: Member | None = None) -> None:
        for member in self.members.values():
            if member is not besides:
                member.tell(text)

    def publish(self, kind: str, **content: object) -> None:
        self.hub.publish(group(self.sheet), {"type": kind, "origin": self.hub.id, "sheet": self.sheet, **content})

    def take(self, frame: Frame) -> None:
        """What has happened on the sheet, from wherever we know it."""
        if not self.members:
            self.answer(frame, new=False)
            return
        self.deliver(self.order.take(frame))
        self.look_for_gap()

    def deliver(self, frames: Iterable[tuple[Frame, bool]]) -> None:
        for frame, new in frames:
            if new:
                for member in self.members.values():
                    member.tell(frame.text, frame.after, frame.clock)
            self.answer(frame, new)

    def answer(self, frame: Frame, new: bool) -> None:
        """Tell each requester the outcome; who is told the frame itself finds it there."""
        for asker, outcome in frame.outcomes:
            if isinstance(asker, Caller):
                asker.answer(outcome)
            else:
                self.acknowledge(asker, outcome, frame, new)

    def acknowledge(self, connection: Connection, outcome: Applied | Ack | Refused, frame: Frame, new: bool) -> None:
        member = self.members.get(connection.id)
        if isinstance(outcome, Applied):
            if new and member is not None and member.clock is not None and member.clock < frame.clock:
                return
            records = [change.record for change in outcome.changes]
            skipped = outcome.skipped
            outcome = Ack(id=outcome.id, sheet=self.sheet, clock=frame.clock, records=records, skipped=skipped)
        if member is not None and member.clock is None:
            member.tell(encoded(outcome))
        else:
            connection.answer(outcome)

    # Gaps -------------------------------------------------------------------------------------------------------------

    def saw(self, clock: int) -> None:
        """The sheet has this clock, as the database or another process says."""
        self.order.seen = max(self.order.seen, clock)
        self.look_for_gap()

    def look_for_gap(self) -> None:
        if self.order.gap and self.catching_up is None:
            self.catching_up = asyncio.create_task(self.catch_up())

    async def catch_up(self) -> None:
        """Read what is missing, unless it comes in time by itself."""
        try:
            await self.fill_gap()
        finally:
            self.catching_up = None

    async def fill_gap(self) -> None:
        await asyncio.sleep(GRACE)
        while self.order.gap:
            if self.order.early or self.writer.idle:  # or else it may be what our own commit is about to tell
                try:
                    self.take(await READS.run(lookups.missed, self.sheet, self.order.clock or 0))
                except Away:
                    self.close(AWAY, "away", "The database is away. What you do is kept here and will be sent.")
                    break
            await asyncio.sleep(GRACE)

    def close(self, code: int, reason: str, detail: str) -> None:
        for member in list(self.members.values()):
            member.connection.close(code, reason, detail)

    # Presence ---------------------------------------------------------------------------------------------------------

    def presences(self, moved: list[Moved]) -> str:
        return encoded(Presences(sheet=self.sheet, clock=self.order.clock or 0, moved=moved))

    def tell_moves(self, moved: list[Moved]) -> None:
        text = self.presences(moved)
        self.tell_presence(text)
        if self.others:
            self.publish("sheet.presences", data=text, clock=self.order.clock or 0)

    def tell_presence(self, text: str) -> None:
        for member in self.members.values():
            if member.clock is not None:
                member.connection.outbox.put_presence(text)
