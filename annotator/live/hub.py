"""This process's part of the live session: its sockets, its rooms, and its one ear on the channel layer."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import cache
from time import monotonic
from typing import Any
from uuid import uuid4

from channels.layers import get_channel_layer
from redis import RedisError

from annotator.access import is_member, place
from annotator.events import group
from annotator.live import lookups
from annotator.live.caller import Caller
from annotator.live.connection import Connection
from annotator.live.pool import READS, Away
from annotator.live.presence import REFRESH, Presence
from annotator.live.room import Member, Room
from annotator.messages import (
    EvaluationsChanged,
    ItemsChanged,
    Join,
    LabelsChanged,
    ProposalsChanged,
    RoleSet,
    SheetsChanged,
    Watching,
)
from annotator.messages import Presence as Move
from annotator.operations import Request
from projects.access import why_not
from projects.errors import NOTHING_HERE, nothing_here

logger = logging.getLogger(__name__)

Told = type[LabelsChanged | ProposalsChanged | ItemsChanged | SheetsChanged | EvaluationsChanged]
OF_PROJECT: dict[str, Told] = {
    "labels.changed": LabelsChanged,
    "proposals.changed": ProposalsChanged,
    "items.changed": ItemsChanged,
}
TO_WATCHERS: dict[str, Told] = {
    "sheets.changed": SheetsChanged,
    "evaluations.changed": EvaluationsChanged,
}
MOST_UNSAID = 1_000  # messages that may wait for Valkey
MOVED = "It was moved to another project. Reload the page to go on with it there."
SIGN_IN = 4401
SIGN_IN_AGAIN = "Your session has ended. Sign in again; what you did is kept in this browser."

Layer = Any


@cache
def hub() -> "Hub":
    return Hub()


class Hub:
    def __init__(self) -> None:
        self.id = uuid4().hex[:8]
        self.connections: dict[str, Connection] = {}
        self.rooms: dict[int, Room] = {}
        self.presence = Presence()
        self.layer: Layer = get_channel_layer()
        self.channel: str | None = None
        self.groups: set[str] = set()
        self.unsaid: asyncio.Queue[Callable[[], Awaitable[object]]] = asyncio.Queue(MOST_UNSAID)
        self.valkey_answers = True
        self.look_now = asyncio.Event()
        work = (self.listen(), self.speak(), self.watch(), self.be_there())
        self.tasks = [asyncio.create_task(task) for task in work]

    # For the sockets --------------------------------------------------------------------------------------------------

    def new_id(self) -> str:
        """A connection's id says which process it comes through."""
        return f"{self.id}-{uuid4().hex[:12]}"

    async def enter(self, connection: Connection) -> None:
        self.connections[connection.id] = connection
        await self.hear(f"user.{connection.user}")

    def drop(self, connection: Connection) -> None:
        self.connections.pop(connection.id, None)
        for room in list(connection.rooms.values()):
            room.leave(connection)

    async def join(self, connection: Connection, asked: Join) -> None:
        found = await READS.run(place, connection.user, asked.sheet)
        if found is None:
            why = await self.why_not(connection, asked.project)
            connection.refuse("not_found", why, sheet=asked.sheet)
            return
        role, project = found
        if asked.project not in (None, project):
            connection.refuse("moved", MOVED, sheet=asked.sheet)
            return
        await self.room(asked.sheet).join(connection, role, project, asked.since)

    def leave(self, connection: Connection, sheet: int) -> None:
        if room := connection.rooms.get(sheet):
            room.leave(connection)

    async def follow(self, connection: Connection, project: int) -> None:
        """Tell it what happens in a project."""
        if not await READS.run(is_member, connection.user, project):
            connection.watched = None
            connection.refuse("not_found", await self.why_not(connection, project))
            return
        connection.watched = project
        await self.hear(f"project.{project}")
        connection.answer(Watching(project=project))

    def move(self, connection: Connection, to: Move) -> None:
        """Where someone is; said too often, it is told once a second that it is not heard."""
        if not connection.presences.allows():
            now = monotonic()
            if now - connection.told_at > 1:
                connection.told_at = now
                connection.refuse("too_fast", "That is more than 30 moves a second; some are not told.", sheet=to.sheet)
        elif room := connection.rooms.get(to.sheet):
            room.moves.move(connection.id, to)

    def submit(self, connection: Connection | Caller, sheet: int, request: Request) -> None:
        self.room(sheet).writer.submit(connection, request)

    def room(self, sheet: int) -> Room:
        """The sheet's room in this process; an empty one is swept out within a second."""
        if sheet not in self.rooms:
            self.rooms[sheet] = Room(self, sheet)
        return self.rooms[sheet]

    # Valkey -----------------------------------------------------------------------------------------------------------

    async def attempt(self, saying: Awaitable[object]) -> bool:
        """Valkey may be away: what it carries is found out or said again later. Tells when it goes and comes."""
        try:
            async with asyncio.timeout(2):
                await saying
        except (RedisError, OSError) as error:
            if self.valkey_answers:
                logger.warning("Valkey is away, so other processes are told late: %s", error)
            self.valkey_answers = False
        else:
            if not self.valkey_answers:
                logger.warning("Valkey is back")
            self.valkey_answers = True
        return self.valkey_answers

    async def listen(self) -> None:
        """The channel is never given up: cancelling `receive` would unsubscribe."""
        while True:
            if self.channel is None and not await self.attempt(self.open_channel()):
                await asyncio.sleep(1)
                continue
            message = await self.layer.receive(self.channel)
            try:
                self.heard(message)
            except Exception:
                logger.exception("Could not handle %s", message.get("type"))

    async def open_channel(self) -> None:
        self.channel = await self.layer.new_channel()

    async def hear(self, *groups: str) -> None:
        for name in groups:
            if self.channel is None or name in self.groups:
                continue
            if not await self.attempt(self.layer.group_add(name, self.channel)):
                return
            self.groups.add(name)

    def publish(self, name: str, message: dict[str, object]) -> None:
        self.later(lambda: self.layer.group_send(name, message))

    def later(self, saying: Callable[[], Awaitable[object]]) -> None:
        """Tell Valkey in turn. What is too much for it is dropped: others find the gap."""
        if not self.unsaid.full():
            self.unsaid.put_nowait(saying)

    async def speak(self) -> None:
        while True:
            saying = await self.unsaid.get()
            try:
                await self.attempt(saying())
            except Exception:
                logger.exception("Could not tell the other processes")

    def heard(self, message: dict[str, Any]) -> None:
        match message:
            case {"origin": self.id}:
                return
            case {"type": "session.ended" | "access.changed"}:
                self.look_now.set()
            case {"type": what, "project": project} if what in OF_PROJECT | TO_WATCHERS:
                self.tell_project(what, project)
            case {"type": "sheets.moved", "clocks": clocks}:
                for sheet, clock in clocks:
                    if room := self.rooms.get(sheet):
                        room.saw(clock)
            case {"sheet": sheet} if room := self.rooms.get(sheet):
                room.heard(message)

    def tell_project(self, what: str, project: int) -> None:
        for connection in self.connections.values():
            if connection.watched == project or (what in OF_PROJECT and connection.is_at(project)):
                connection.answer((OF_PROJECT | TO_WATCHERS)[what](project=project))

    # People -----------------------------------------------------------------------------------------------------------

    async def be_there(self) -> None:
        """Say again who is here and where they are, before the others forget or for whom has missed it."""
        while True:
            await asyncio.sleep(REFRESH)
            try:
                await self.say(list(self.rooms.values()))
                for room in self.rooms.values():
                    room.moves.repeat()
            except Exception:
                logger.exception("Could not say who is here")

    async def say(self, rooms: list[Room]) -> None:
        async def say() -> None:
            everyone = await self.presence.say({room.sheet: room.here for room in rooms})
            for room in rooms:
                others = everyone[room.sheet].values()
                room.set_others([person for person in others if not person.connection.startswith(self.id)])

        await self.attempt(say())

    # At least once a second -------------------------------------------------------------------------------------------

    async def watch(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self.look_now.wait()
            self.look_now.clear()
            try:
                self.sweep()
                await self.check()
                await self.hear_what_is_needed()
            except Away:
                logger.warning("The database is away")
            except Exception:  # whatever it was, roles, sessions and gaps are looked after again in a second
                logger.exception("Could not look after the rooms")

    def sweep(self) -> None:
        for room in [room for room in self.rooms.values() if room.empty]:
            del self.rooms[room.sheet]

    async def hear_what_is_needed(self) -> None:
        """Let go of the groups that nobody needs, and ask again for those that Valkey did not give."""
        wanted = {group(sheet) for sheet, room in self.rooms.items() if room.members}  # programs only write
        wanted |= {f"project.{member.project}" for room in self.rooms.values() for member in room.members.values()}
        wanted |= {f"project.{connection.watched}" for connection in self.connections.values() if connection.watched}
        wanted |= {f"user.{connection.user}" for connection in self.connections.values()}
        await self.hear(*wanted)
        for name in self.groups - wanted:
            if not await self.attempt(self.layer.group_discard(name, self.channel)):
                return
            self.groups.discard(name)

    async def check(self) -> None:
        """Compare what we hold with the database, in one look: clocks, roles, and who is still signed in."""
        connections = list(self.connections.values())
        rooms = [room for room in self.rooms.values() if room.members]
        members = [(room, member) for room in rooms for member in room.members.values()]
        if not connections:
            return
        watchers = [(connection, connection.watched) for connection in connections if connection.watched]
        now = await READS.run(
            lookups.look,
            [room.sheet for room in rooms],
            {(member.project, member.connection.user) for _, member in members}
            | {(project, connection.user) for connection, project in watchers},
            [connection.identity for connection in connections],
        )
        for connection in connections:
            if not now.proves(connection.identity):
                connection.close(SIGN_IN, "not_authenticated", SIGN_IN_AGAIN)
        for room in rooms:
            room.saw(now.clocks.get(room.sheet, 0))
        for connection, project in watchers:
            if connection.watched == project and (project, connection.user) not in now.roles:
                connection.watched = None
                connection.refuse("not_found", await self.why_not(connection, project))
        for room, member in members:
            role = now.roles.get((member.project, member.connection.user))
            if role != member.role or now.projects.get(room.sheet) != member.project:
                await self.change_role(room, member)

    async def change_role(self, room: Room, member: Member) -> None:
        found = await READS.run(place, member.connection.user, room.sheet)
        if found is None:
            self.put_out(room, member, "not_found", await self.why_not(member.connection, member.project))
        elif found[1] != member.project:
            self.put_out(room, member, "moved", MOVED)
        elif found[0] != member.role:
            member.role = found[0]
            member.connection.answer(RoleSet(sheet=room.sheet, role=member.role))

    async def why_not(self, connection: Connection, project: int | None) -> str:
        if project is None:
            return NOTHING_HERE
        return str(nothing_here(await READS.run(why_not, connection.user, project)).detail)

    def put_out(self, room: Room, member: Member, code: str, why: str) -> None:
        member.connection.refuse(code, why, sheet=room.sheet)
        room.leave(member.connection)
