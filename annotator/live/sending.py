"""What other processes are told of a sheet. Each message costs Valkey and all who hear it, and a program alone may
write a frame every three milliseconds: those that come together leave together."""

from collections.abc import Callable

from annotator.live.order import Frame
from annotator.live.pause import Pause

EVERY = 1 / 50  # seconds: well below the `GRACE` of who waits for a frame


class Sending:
    def __init__(self, send: Callable[[list[Frame]], None]) -> None:
        self.send = send
        self.waiting: list[Frame] = []
        self.pause = Pause(EVERY, self.flush)

    def add(self, frame: Frame) -> None:
        self.waiting.append(frame)
        self.pause.plan()

    def flush(self) -> None:
        frames, self.waiting = self.waiting, []
        self.send(frames)
