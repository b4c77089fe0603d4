"""Where people are, gathered so that a room tells it at most so often."""

import asyncio
from collections.abc import Callable

from annotator.messages import Moved, Presence

PAUSE = 1 / 30  # seconds


class Moves:
    def __init__(self, tell: Callable[[list[Moved]], None]) -> None:
        self.tell = tell
        self.where: dict[str, Moved] = {}
        self.untold: set[str] = set()
        self.told_at = 0.0
        self.timer: asyncio.TimerHandle | None = None

    def move(self, connection: str, to: Presence) -> None:
        self.where[connection] = Moved(
            connection=connection,
            cursor=to.cursor,
            caret=to.caret,
            selection=to.selection,
            draft=to.draft,
            view=to.view,
        )
        self.untold.add(connection)
        self.plan()

    def forget(self, connection: str) -> None:
        self.where.pop(connection, None)
        self.untold.discard(connection)

    def everyone(self) -> list[Moved]:
        return list(self.where.values())

    def repeat(self) -> None:
        """Tell everyone's place again, even if nobody has one: someone has come, or may have missed it."""
        self.untold.update(self.where)
        self.plan()

    def plan(self) -> None:
        if self.timer is None:
            loop = asyncio.get_running_loop()
            self.timer = loop.call_later(max(0.0, self.told_at + PAUSE - loop.time()), self.flush)

    def flush(self) -> None:
        self.timer = None
        self.told_at = asyncio.get_running_loop().time()
        moved = [self.where[connection] for connection in self.untold]
        self.untold.clear()
        self.tell(moved)
