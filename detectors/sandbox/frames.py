"""What goes between parent and child: a length, then msgpack."""

from collections.abc import Callable
from typing import Any

import msgspec

from projects.errors import Invalid

IDLE = 60  # seconds without a call, after which a child ends
LENGTH = 8
LONGEST = 2**30
UNSAYABLE = "A number is too large, or a text holds half a character. Mend it, and try again."

ENCODE = msgspec.msgpack.Encoder().encode
DECODE = msgspec.msgpack.Decoder().decode


class Hello(msgspec.Struct, frozen=True):
    """What a child is begun with. Settings are those few that it is told of."""

    path: list[str]
    settings: dict[str, Any]
    memory: int


def framed(message: Any) -> bytes:
    """Raises Invalid for what cannot be said in msgpack."""
    try:
        data = ENCODE(message)
    except (OverflowError, UnicodeEncodeError) as error:
        raise Invalid(UNSAYABLE, code="unsayable") from error
    return len(data).to_bytes(LENGTH, "big") + data


def received(read: Callable[[int], bytes | bytearray]) -> Any:
    """`read` gives so many bytes. Raises ValueError for what is no frame."""
    length = int.from_bytes(read(LENGTH), "big")
    if length > LONGEST:
        raise ValueError(f"A message of {length:,} bytes is too long.")
    return DECODE(read(length))
