"""What others are told after a commit, through the channel layer. Rooms tell their own sockets first, and then this."""

from collections.abc import Sequence
from contextlib import suppress
from itertools import groupby

import msgspec
from redis import RedisError

from annotator.messages import Changes, StatusSet
from annotator.pacing import Paced
from projects.events import send, send_all, tell

LARGEST = 2**20  # characters; rooms read from the database what is larger


def group(sheet: int) -> str:
    return f"sheet.{sheet}"


def envelope(sheet: int, frames: Sequence[tuple[int, int, str]], origin: str) -> dict[str, object]:
    """A message of the channel layer. `frames` tell what moved the sheet from a clock to another; `origin` is the
    process that has told its own sockets already."""
    if sum(len(text) for _, _, text in frames) > LARGEST:
        frames = [(after, clock, "") for after, clock, _ in frames]
    return {"type": "sheet.frames", "origin": origin, "sheet": sheet, "frames": frames}


def publish(messages: Sequence[Changes | StatusSet]) -> None:
    """Tell every process that has a room for one of the sheets. A room that misses it finds the gap by itself."""
    told = []
    for sheet, several in groupby(messages, key=lambda message: message.sheet):
        own = list(several)
        text = "\n".join(msgspec.json.encode(message).decode() for message in own)
        told.append((group(sheet), envelope(sheet, [(own[0].after, own[-1].clock, text)], origin="")))
    send_all(told)


def moved(project: int, clocks: dict[int, int]) -> None:
    """Many sheets have moved on to these clocks: rooms read what is new on theirs from the database."""
    send(f"project.{project}", {"type": "sheets.moved", "clocks": list(clocks.items())})


def proposals_changed(project: int) -> None:
    """A run has proposed something, or what it proposed is no longer suggested."""
    tell(f"project.{project}", {"type": "proposals.changed", "project": project})


def items_changed(project: int) -> None:
    """Something was done to many of its items at once: who looks at them fetches them anew."""
    tell(f"project.{project}", {"type": "items.changed", "project": project})


def evaluations_changed(project: int) -> None:
    """One was made, evaluated anew or deleted."""
    tell(f"project.{project}", {"type": "evaluations.changed", "project": project})


def tell_of_sheets(project: int) -> None:
    with suppress(TimeoutError, RedisError, OSError):  # who watches looks for gaps
        send(f"project.{project}", {"type": "sheets.changed", "project": project})


SHEETS = Paced(tell_of_sheets, seconds=0.1)


def sheets_changed(project: int) -> None:
    """Something was written to a sheet, or to some: who watches the project is told so."""
    SHEETS.ask(project)


def commented(sheet: int) -> None:
    """What is said about a sheet has changed: whoever has it open fetches that anew."""
    tell(group(sheet), {"type": "sheet.commented", "sheet": sheet})
