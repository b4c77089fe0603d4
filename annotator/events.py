"""What others are told after a commit, through the channel layer. Rooms tell their own sockets first, and then this."""

from collections.abc import Sequence

import msgspec
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from annotator.messages import Changes, StatusSet


def group(sheet: int) -> str:
    return f"sheet.{sheet}"


def envelope(message: Changes | StatusSet, *, origin: str = "") -> dict[str, object]:
    """A message of the channel layer; `origin` is the process that has told its own sockets already."""
    clocks = {"after": message.after, "clock": message.clock} if isinstance(message, Changes) else {}
    return {"type": "sheet.frame", "origin": origin, **clocks, "data": msgspec.json.encode(message)}


def publish(messages: Sequence[Changes | StatusSet]) -> None:
    """Tell every process that has a room for the sheet. A room that misses it finds the gap by itself."""
    send = async_to_sync(get_channel_layer().group_send)
    for message in messages:
        send(group(message.sheet), envelope(message))
