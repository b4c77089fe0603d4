"""What many ask for in one moment is done once, at once, and then at most so often."""

from collections.abc import Callable
from threading import Lock, Timer
from time import monotonic


class Paced:
    """Does something for a key: at once where it was not done for the key in the last so many seconds, or else when
    these are over. It is done in a thread of its own, so that nobody waits for it."""

    def __init__(self, do: Callable[[int], None], seconds: float) -> None:
        self.do = do
        self.seconds = seconds
        self.lock = Lock()
        self.waiting: set[int] = set()
        self.done: dict[int, float] = {}

    def ask(self, key: int) -> None:
        with self.lock:
            if key in self.waiting:
                return
            self.waiting.add(key)
            wait = max(self.done.get(key, 0.0) + self.seconds - monotonic(), 0.0)
        timer = Timer(wait, self.carry_out, [key])
        timer.daemon = True
        timer.start()

    def carry_out(self, key: int) -> None:
        with self.lock:
            self.waiting.discard(key)
            self.done[key] = monotonic()
        self.do(key)
