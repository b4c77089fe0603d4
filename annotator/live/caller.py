"""Someone who asks over HTTP and waits for one answer."""

import asyncio
from uuid import UUID

from annotator.messages import Ack, Applied, Refused

Answer = Applied | Ack | Refused
NOBODY = 0  # the actor of a caller's request, until the token says who it is


class Caller:
    """Asks a room's writer as a connection does, and is nobody in the room."""

    __slots__ = ("answered", "token")
    id = ""

    def __init__(self, token: bytes) -> None:
        self.token = token
        self.answered: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

    def answer(self, outcome: Answer) -> None:
        if not self.answered.done():  # the other side may have gone
            self.answered.set_result(outcome)

    def refuse(self, code: str, detail: str, *, request: UUID | None = None, sheet: int | None = None) -> None:
        self.answer(Refused(id=request, sheet=sheet, code=code, detail=detail))

    def close(self, code: int, reason: str, detail: str) -> None:
        self.refuse(reason, detail)
