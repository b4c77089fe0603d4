from dataclasses import dataclass, field
from time import monotonic

LONGEST_DEBT = 5  # seconds


@dataclass(slots=True)
class Rate:
    """So many a second, a second's worth at once. What is larger is let through and paid for afterwards."""

    a_second: float
    left: float = field(init=False)
    at: float = field(init=False, default_factory=monotonic)

    def __post_init__(self) -> None:
        self.left = self.a_second

    def refill(self) -> None:
        now = monotonic()
        self.left = min(self.left + (now - self.at) * self.a_second, self.a_second)
        self.at = now

    def turn(self) -> float:
        """Seconds until it is one's turn. Nobody is turned away, so this is for who waits before coming again."""
        self.refill()
        self.left -= 1
        return max(-self.left, 0) / self.a_second

    def allows(self, count: int = 1) -> bool:
        self.refill()
        if self.left < min(count, self.a_second):
            return False
        self.left = max(self.left - count, -LONGEST_DEBT * self.a_second)
        return True
