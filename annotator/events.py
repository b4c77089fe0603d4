"""What others are told after a commit, through the channel layer. Rooms tell their own sockets first, and then this."""

from collections.abc import Sequence

import msgspec

from annotator.messages import Changes, StatusSet
from projects.events import send, tell

LARGEST = 2**20  # characters; rooms read from the database what is larger


def group(sheet: int) -> str:
    return f"sheet.{sheet}"


def envelope(sheet: int, after: int, clock: int, text: str, origin: str) -> dict[str, object]:
    """A message of the channel layer. `origin` is the process that has told its own sockets already."""
    text = text if len(text) <= LARGEST else ""
    return {"type": "sheet.frame", "origin": origin, "sheet": sheet, "after": after, "clock": clock, "data": text}


def publish(messages: Sequence[Changes | StatusSet]) -> None:
    """Tell every process that has a room for the sheet. A room that misses it finds the gap by itself."""
    first, last = messages[0], messages[-1]
    text = "\n".join(msgspec.json.encode(message).decode() for message in messages)
    send(group(first.sheet), envelope(first.sheet, first.after, last.clock, text, origin=""))


def commented(sheet: int) -> None:
    """What is said about a sheet has changed: whoever has it open fetches that anew."""
    tell(group(sheet), {"type": "sheet.commented", "sheet": sheet})
