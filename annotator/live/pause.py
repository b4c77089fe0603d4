"""Has something done soon, but at most so often."""

import asyncio
from collections.abc import Callable


class Pause:
    def __init__(self, seconds: float, work: Callable[[], None]) -> None:
        """`work` does all that waits; between two times that it is called lie so many seconds."""
        self.seconds = seconds
        self.work = work
        self.worked_at = 0.0
        self.timer: asyncio.TimerHandle | None = None

    def plan(self) -> None:
        if self.timer is None:
            loop = asyncio.get_running_loop()
            self.timer = loop.call_later(max(0.0, self.worked_at + self.seconds - loop.time()), self.run)

    def run(self) -> None:
        self.timer = None
        self.worked_at = asyncio.get_running_loop().time()
        self.work()
