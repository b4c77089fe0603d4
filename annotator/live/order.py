"""Brings what happened on a sheet into the order of its clock."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from annotator.live.caller import Caller
from annotator.live.connection import Connection
from annotator.messages import Ack, Applied, Refused


@dataclass(slots=True)
class Frame:
    """A text for all in a room that moves the clock from `after` to `clock`, and outcomes that some wait for."""

    after: int
    clock: int
    text: str = ""
    outcomes: list[tuple[Connection | Caller, Applied | Ack | Refused]] = field(default_factory=list)


class Order:
    """Frames come from our own commits, from other processes and from the database; they leave in clock order.

    `clock` is None until someone has read the sheet.
    """

    def __init__(self) -> None:
        self.clock: int | None = None
        self.early: list[Frame] = []
        self.seen = 0

    @property
    def gap(self) -> bool:
        """Whether something is known to be missing."""
        return self.clock is not None and self.clock < self.seen

    def start(self, clock: int) -> None:
        if self.clock is None:
            self.clock = clock
            self.seen = max(self.seen, clock)

    def take(self, frame: Frame) -> Iterator[tuple[Frame, bool]]:
        """The frames whose turn has come, and whether each is new: one that was caught up with meanwhile is not."""
        self.early.append(frame)
        self.seen = max(self.seen, frame.clock)
        return self.ready()

    def ready(self) -> Iterator[tuple[Frame, bool]]:
        while self.clock is not None:
            due = [frame for frame in self.early if frame.after <= self.clock]
            if not due:
                return
            frame = min(due, key=lambda frame: (frame.clock, frame.after))
            self.early.remove(frame)
            new = frame.clock > self.clock
            self.clock = max(self.clock, frame.clock)
            yield frame, new
