from typing import Protocol


class Ground(Protocol):
    """What shapes lie on: as much of an item as they ask of it."""

    @property
    def width(self) -> int | None: ...

    @property
    def height(self) -> int | None: ...

    @property
    def text(self) -> str | None: ...
