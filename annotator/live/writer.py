"""The one who writes a sheet for this process. A request alone is committed at once; under load they batch."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace

from annotator.live.caller import Caller
from annotator.live.connection import Connection, encoded
from annotator.live.order import Frame
from annotator.live.pool import COMMITS, Away
from annotator.messages import Ack, Changes, Refused, StatusSet
from annotator.operations import Outcome, Request, perform
from projects.tokens import UNKNOWN, holders_of

logger = logging.getLogger(__name__)

MOST = 1_000  # requests a commit
LONGEST = 5_000  # requests that may wait
AWAY = 4503
FAILED = "The server could not carry this out; the reason is in its log. Reload the page and try again."

Asked = tuple[Connection | Caller, Request]
Answered = tuple[Connection | Caller, Outcome]


class Writer:
    def __init__(self, sheet: int, done: Callable[[Frame], None]) -> None:
        """`done` is called with each commit's frame."""
        self.sheet = sheet
        self.done = done
        self.waiting: deque[Asked] = deque()
        self.task: asyncio.Task[None] | None = None

    @property
    def idle(self) -> bool:
        return self.task is None

    def submit(self, connection: Connection | Caller, request: Request) -> None:
        if len(self.waiting) >= LONGEST:
            detail = "The server has more to write than it can. This will be sent again."
            connection.refuse("too_fast", detail, request=request.id, sheet=self.sheet)
            return
        self.waiting.append((connection, request))
        if self.task is None:
            self.task = asyncio.create_task(self.run())

    async def run(self) -> None:
        try:
            while self.waiting:
                asked = [self.waiting.popleft() for _ in range(min(len(self.waiting), MOST))]
                try:
                    await self.write(asked)
                except Away:
                    self.give_up(asked)
        finally:
            self.task = None

    async def write(self, asked: Sequence[Asked]) -> None:
        try:
            frame = await COMMITS.run(commit, self.sheet, asked)
        except Away:
            raise
        except Exception:
            logger.exception("Sheet %s: could not write %s requests", self.sheet, len(asked))
            if len(asked) == 1:
                asker, request = asked[0]
                frame = Frame(0, 0, outcomes=[(asker, refused(self.sheet, request, "error", FAILED))])
            else:
                for one in asked:  # so that it hits only the one that cannot be written
                    await self.write([one])
                return
        self.done(frame)

    def give_up(self, asked: Sequence[Asked]) -> None:
        """Nothing was acknowledged, so the browsers have it all and come again."""
        for connection in {connection for connection, _ in (*asked, *self.waiting)}:
            connection.close(AWAY, "away", "The database is away. What you did is kept here and will be sent again.")
        self.waiting.clear()


def commit(sheet: int, asked: Sequence[Asked]) -> Frame:
    known, answers = recognised(sheet, asked)
    told: list[Changes | StatusSet] = []
    if known:
        outcomes = perform(sheet, [request for _, request in known], publish=told.extend)
        answers += [(asker, outcome) for (asker, _), outcome in zip(known, outcomes, strict=True)]
    if told:
        return Frame(told[0].after, told[-1].clock, encoded(*told), answers)
    clock = max((outcome.clock for _, outcome in answers if isinstance(outcome, Ack)), default=0)
    return Frame(clock, clock, outcomes=answers)


def recognised(sheet: int, asked: Sequence[Asked]) -> tuple[list[Asked], list[Answered]]:
    """Callers by their tokens: one that has ended opens nothing."""
    tokens = {asker.token for asker, _ in asked if isinstance(asker, Caller)}
    holders = holders_of(tokens) if tokens else {}
    known: list[Asked] = []
    unknown: list[Answered] = []
    for asker, request in asked:
        if not isinstance(asker, Caller):
            known.append((asker, request))
        elif holder := holders.get(asker.token):
            known.append((asker, replace(request, actor=holder)))
        else:
            unknown.append((asker, refused(sheet, request, "authentication_failed", UNKNOWN)))
    return known, unknown


def refused(sheet: int, request: Request, code: str, detail: str) -> Refused:
    return Refused(id=request.id, sheet=sheet, code=code, detail=detail)
