"""Where people are, gathered so that a room tells it at most so often."""

from collections.abc import Callable

from annotator.live.pause import Pause
from annotator.messages import Moved, Presence

EVERY = 1 / 30  # seconds


class Moves:
    def __init__(self, tell: Callable[[list[Moved]], None]) -> None:
        self.tell = tell
        self.where: dict[str, Moved] = {}
        self.untold: set[str] = set()
        self.pause = Pause(EVERY, self.flush)

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
        self.pause.plan()

    def forget(self, connection: str) -> None:
        self.where.pop(connection, None)
        self.untold.discard(connection)

    def everyone(self) -> list[Moved]:
        return list(self.where.values())

    def repeat(self) -> None:
        """Tell everyone's place again, even if nobody has one: someone has come, or may have missed it."""
        self.untold.update(self.where)
        self.pause.plan()

    def flush(self) -> None:
        moved = [self.where[connection] for connection in self.untold]
        self.untold.clear()
        self.tell(moved)
