"""The socket at /ws/: a plain ASGI application, as Channels' consumers cost a task and a hop to a thread a message."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from math import ceil
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from django.conf import settings
from django.http import parse_cookie
from django.http.request import split_domain_port, validate_host

from annotator.live import lookups
from annotator.live.connection import Connection, Identity, encoded
from annotator.live.hub import SIGN_IN, Hub, hub
from annotator.live.outbox import Send
from annotator.live.pool import READS, Away
from annotator.live.writer import AWAY
from annotator.messages import (
    MAX_FRAME,
    PROTOCOL,
    Apply,
    Create,
    Hello,
    Incoming,
    Join,
    Leave,
    OperationIn,
    Person,
    Presence,
    Redo,
    Refused,
    Reject,
    RestoreTo,
    SetStatus,
    SetUnsure,
    Undo,
    Watch,
    Welcome,
)
from annotator.operations import Request

UNREADABLE, FOREIGN, SILENT, OUTDATED, TOO_LARGE, FLOOD = 4400, 4403, 4408, 4409, 4413, 4429
HELLO_WITHIN = 5  # seconds
NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
UNREADABLE_TEXT = (msgspec.DecodeError, UnicodeError, RecursionError)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
decode = msgspec.json.Decoder(Incoming).decode


class Closed(Exception):
    """The other side has gone."""


class Refusal(Exception):
    """The socket is not for them: `reason` and `detail` are told, then it is closed with `code`."""

    def __init__(self, code: int, reason: str, detail: str) -> None:
        super().__init__(code, reason, detail)
        self.code, self.reason, self.detail = code, reason, detail


async def live(scope: Scope, receive: Receive, send: Send) -> None:
    """Accepts first, so that a browser can read why it is refused [C1]."""
    await receive()
    await send({"type": "websocket.accept"})
    try:
        async with asyncio.timeout(None) as deadline:
            await converse(Connection(await admitted(scope, receive), send, deadline), receive)
    except Refusal as refusal:
        refused = Refused(id=None, sheet=None, code=refusal.reason, detail=refusal.detail)
        await send({"type": "websocket.send", "text": encoded(refused)})
        await send({"type": "websocket.close", "code": refusal.code})
    except (Closed, TimeoutError):
        return


# Who comes in ---------------------------------------------------------------------------------------------------------


async def admitted(scope: Scope, receive: Receive) -> Identity:
    """Who is there, once the page, the session and the first message are in order [C2]."""
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    if not from_our_pages(headers.get(b"origin", ""), headers.get(b"host", "")):
        raise Refusal(FOREIGN, "origin", "This page may not connect here. Open the product under its own address.")
    session = parse_cookie(headers.get(b"cookie", "")).get(settings.SESSION_COOKIE_NAME, "")
    try:
        user = await READS.run(lookups.person, session) if session else None
    except Away:
        raise Refusal(AWAY, "away", "The database is away. The page will try again by itself.") from None
    if user is None:
        raise Refusal(SIGN_IN, "not_authenticated", "Sign in first.")
    await greeting(receive)
    person = Person(hub().new_id(), user.pk, str(user), user.color, user.picture_address)
    return Identity(person, session, hash(user.password))


def from_our_pages(origin: str, host: str) -> bool:
    """Browsers always tell the origin: it must be the address that was asked for, or one that settings trust."""
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    try:
        page = urlsplit(origin)
    except ValueError:
        return False
    same = page.netloc == host and (page.scheme == "https" or (page.scheme == "http" and not settings.SECURE))
    return same and validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)


async def greeting(receive: Receive) -> None:
    try:
        async with asyncio.timeout(HELLO_WITHIN):
            text = await heard(receive)
    except TimeoutError:
        raise Refusal(SILENT, "silent", "The first message did not come in time. Reload the page.") from None
    try:
        message = decode(text)
    except UNREADABLE_TEXT:
        message = None
    if not isinstance(message, Hello):
        raise Refusal(UNREADABLE, "unreadable", "The first message must be a hello. Reload the page.")
    if message.protocol != PROTOCOL:
        raise Refusal(OUTDATED, "outdated", "This page is older or newer than the server. Reload it.")


async def heard(receive: Receive) -> str:
    message = await receive()
    if message["type"] == "websocket.disconnect":
        raise Closed
    return message.get("text") or ""


# What is said ---------------------------------------------------------------------------------------------------------


async def converse(connection: Connection, receive: Receive) -> None:
    sending = asyncio.create_task(connection.outbox.run())
    try:
        connection.answer(Welcome(protocol=PROTOCOL, connection=connection.id, user=connection.user))
        await hub().enter(connection)
        while connection.outbox.closing is None:
            await read(hub(), connection, await heard(receive))
        await sending
    finally:
        connection.outbox.end()
        hub().drop(connection)
        sending.cancel()


async def read(hub: Hub, connection: Connection, text: str) -> None:
    frame = text.encode()
    if len(frame) > MAX_FRAME:
        connection.close(TOO_LARGE, "too_large", f"A message may have {MAX_FRAME:,} bytes. Send less at once.")
        return
    for line in frame.splitlines() or [b""]:
        if not connection.messages.allows():
            connection.close(FLOOD, "flood", "Too many messages. The page will connect again by itself.")
        if connection.outbox.closing is not None:
            return
        try:
            message = decode(line)
            if b"\\u0000" in line and NUL.search(line):
                raise msgspec.ValidationError("The text holds a NUL character. Remove it.")
        except UNREADABLE_TEXT as error:
            unreadable(connection, line, str(error))
        else:
            await handle(hub, connection, message)


class Named(msgspec.Struct):
    """As much of a request as is needed to refuse it by name."""

    id: UUID | None = None
    sheet: int | None = None
    batch: "Named | None" = None


def unreadable(connection: Connection, line: bytes, why: str) -> None:
    """A request that does not fit is refused under its id; anything else ends the conversation."""
    try:
        request = msgspec.json.decode(line, type=Named)
    except UNREADABLE_TEXT:
        request = Named()
    if id_ := request.id or (request.batch and request.batch.id):
        connection.refuse("invalid", f"The server cannot read this: {why}", request=id_, sheet=request.sheet)
    else:
        connection.close(UNREADABLE, "unreadable", f"The server cannot read this: {why} Reload the page.")


async def handle(hub: Hub, connection: Connection, message: Incoming) -> None:
    match message:
        case Apply() | Undo() | Redo() | RestoreTo() | SetStatus() | SetUnsure():
            ask(hub, connection, Request(connection.user, message))
        case Presence():
            hub.move(connection, message)
        case Join():
            await connection.outbox.taken.wait()  # who does not read gets no second sheet
            await asyncio.sleep(connection.joins.turn())
            try:
                await hub.join(connection, message)
            except Away:
                connection.close(AWAY, "away", "The database is away. The page will try again by itself.")
        case Watch():
            await connection.outbox.taken.wait()
            await asyncio.sleep(connection.joins.turn())
            try:
                await hub.follow(connection, message.project)
            except Away:
                connection.close(AWAY, "away", "The database is away. The page will try again by itself.")
        case Leave():
            hub.leave(connection, message.sheet)
        case Hello():
            connection.close(UNREADABLE, "unreadable", "Only the first message is a hello. Reload the page.")


WEIGHT: dict[type, int] = {Undo: 5, Redo: 5, RestoreTo: 5}  # they may come to many operations
DECISIONS = 20  # about predictions, in a batch of nothing else, weigh as much as one operation


def weight(message: object) -> int:
    """Of a second's worth [W11]; as static/live/pace.ts."""
    if not isinstance(message, Apply):
        return WEIGHT.get(type(message), 1)
    operations = message.batch.operations
    return ceil(len(operations) / DECISIONS) if all(map(decides, operations)) else len(operations)


def decides(operation: OperationIn) -> bool:
    return isinstance(operation, Reject) or (isinstance(operation, Create) and operation.prediction is not None)


def ask(hub: Hub, connection: Connection, request: Request) -> None:
    message = request.message
    if connection.operations.allows(weight(message)):
        hub.submit(connection, message.sheet, request)
    else:
        detail = "That is more than 200 operations a second. It will be sent again."
        connection.refuse("too_fast", detail, request=request.id, sheet=message.sheet)
