"""What a back end is asked about: a text, a picture, or one as it is stored."""

from typing import NamedTuple

from detectors.kinds.contract import Picture


class Stored(NamedTuple):
    """The bytes of an upright image, which nobody here has to decode."""

    data: bytes
    kind: str  # image/png, for instance
    shape: tuple[int, int]  # height and width


Seen = Picture | Stored | str
