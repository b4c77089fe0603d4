"""What waits to be sent on one socket."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

Send = Callable[[dict[str, Any]], Awaitable[None]]

PRESENCE_LIMIT = 2**16  # characters waiting
LIMIT = 2**22
OWED_LIMIT = 2**24
LAST_WORDS = 10  # seconds that a close may take
RESYNC = 4000
GONE = 1001


class Outbox:
    """A task of its own sends what waits as one frame, so that a reader that stalls holds up nobody else."""

    __slots__ = ("closing", "deadline", "owed", "send", "size", "taken", "waiting", "wake")

    def __init__(self, send: Send, deadline: asyncio.Timeout) -> None:
        self.send = send
        self.deadline = deadline
        self.waiting: list[str] = []
        self.size = 0  # of what was told to everyone
        self.owed = 0  # of what was asked for
        self.taken = asyncio.Event()  # nothing waits
        self.taken.set()
        self.closing: int | None = None
        self.wake: asyncio.Future[None] | None = None

    def put(self, text: str) -> None:
        """Something for everyone."""
        self.size += self.add(text)

    def put_presence(self, text: str) -> None:
        """Presence is the first to go when a reader is slow; it is told again in full now and then."""
        if self.size < PRESENCE_LIMIT:
            self.put(text)

    def answer(self, text: str) -> None:
        """Something that was asked for. It may be more, as a whole sheet is."""
        self.owed += self.add(text)

    def add(self, text: str) -> int:
        """The size of what was added. A reader who is too far behind is sent away, to come back and join anew."""
        if self.closing is not None:
            return 0
        if self.size > LIMIT or self.owed > OWED_LIMIT:
            self.waiting.clear()
            self.close(RESYNC)
            return 0
        self.waiting.append(text)
        self.taken.clear()
        self.stir()
        return len(text)

    def close(self, code: int) -> None:
        """Close the socket once what waits is sent; who does not read that is cut off."""
        if self.closing is None:
            self.closing = code
            self.deadline.reschedule(asyncio.get_running_loop().time() + LAST_WORDS)
            self.stir()

    def end(self) -> None:
        """The socket has gone: nothing can be told any more, and there is nothing to close."""
        if self.closing is None:
            self.closing = GONE

    def stir(self) -> None:
        if self.wake is not None and not self.wake.done():
            self.wake.set_result(None)

    async def run(self) -> None:
        """Send what waits, until the close is sent or the reader has gone."""
        loop = asyncio.get_running_loop()
        with suppress(OSError):
            await self.keep_sending(loop)
        self.taken.set()

    async def keep_sending(self, loop: asyncio.AbstractEventLoop) -> None:
        while True:
            if self.waiting:
                texts, self.waiting, self.size, self.owed = self.waiting, [], 0, 0
                await self.send({"type": "websocket.send", "text": texts[0] if len(texts) == 1 else "\n".join(texts)})
            elif self.closing is not None:
                await self.send({"type": "websocket.close", "code": self.closing})
                return
            else:
                self.taken.set()
                self.wake = loop.create_future()
                await self.wake
