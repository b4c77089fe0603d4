"""What is said of a sheet as a whole: to do, in progress, done, skipped; and by a reviewer: sent back, accepted."""

from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from annotator.messages import Ack, SetStatus, SetUnsure
from annotator.operations.writing import ACCEPTED, Writing
from projects.errors import Conflict, Invalid
from projects.models import Change, Role

REASONED = {
    "skipped": "Say in a few words why the item is skipped.",
    "returned": "Say in a few words what is to be mended.",
}


@dataclass(frozen=True, slots=True)
class TakeBackStatus:
    """Give the sheet the status that it had before one's action."""

    id: UUID
    sheet: int
    action: UUID


def set_status(writing: Writing, actor: int, message: SetStatus, *, source: str) -> Ack:
    writing.demand(actor)
    if said_before(writing, actor, message):
        return Ack(id=message.id, sheet=writing.sheet, clock=writing.clock)
    if why := reviewers_only(writing.status, message.status):
        writing.demand(actor, Role.REVIEWER, why)
    reason = message.reason.strip()
    if "\0" in reason:
        raise Invalid("The reason holds a NUL character. Remove it.", fields={"reason": "nul"})
    if message.status in REASONED and not reason:
        raise Invalid(REASONED[message.status], fields={"reason": "missing"})
    if (message.status, reason) != (writing.status, writing.reason):
        writing.write_status(actor, message.status, reason, message.id, imported=source == "import")
        if message.status == "returned":
            writing.returned_by = actor, message.id
    return Ack(id=message.id, sheet=writing.sheet, clock=writing.clock)


def reviewers_only(before: str, after: str) -> str | None:
    """Why a status is for a reviewer to give or to take, if it is."""
    match before, after:
        case "accepted", _:
            return ACCEPTED
        case _, "accepted":
            return "Only a reviewer can accept an item."
        case _, "returned":
            return "Only a reviewer can send an item back."
        case "done", "todo" | "in_progress" | "skipped":
            return "Only a reviewer can reopen what is done."
        case "returned", "todo" | "in_progress":
            return "It was sent back. Mark it done when what was asked for is done."
    return None


def set_unsure(writing: Writing, actor: int, message: SetUnsure) -> Ack:
    writing.demand(actor)
    if message.unsure != writing.unsure and not said_before(writing, actor, message):
        writing.demand_open(actor)
        writing.write_unsure(actor, message.unsure, message.id)
    return Ack(id=message.id, sheet=writing.sheet, clock=writing.clock)


def said_before(writing: Writing, actor: int, message: SetStatus | SetUnsure) -> bool:
    """Whether the request was carried out before: repeated, it must not undo what others have said since."""
    found = all_said(writing, "status" if isinstance(message, SetStatus) else "unsure")
    said = next((one for one in found if one.action == message.id), None)
    if said and said.actor != actor:
        raise Conflict("This request's id was used before for something else. Use a new one.", code="key_reused")
    return said is not None


def take_back(writing: Writing, actor: int, message: TakeBackStatus) -> Ack:
    """One's own word can be taken back, even that it is done, until another status is set."""
    writing.demand(actor)
    changes = all_said(writing, "status")
    said = next((one for one in changes if (one.action, one.actor) == (message.action, actor)), None)
    if said and all(one.action != message.id for one in changes):
        if said.record["status"] in ("returned", "accepted"):
            writing.demand(actor, Role.REVIEWER)
        if said is not changes[0]:
            raise Conflict("Another status was set since, so it was left as it is.", code="skipped")
        before = next((one for one in changes if one.action != message.action), None)
        status, reason = (before.record["status"], before.record["reason"]) if before else ("todo", "")
        if status in ("returned", "accepted"):
            writing.demand(actor, Role.REVIEWER)
        writing.write_status(actor, status, reason, message.id)
    return Ack(id=message.id, sheet=writing.sheet, clock=writing.clock)


class Told(NamedTuple):
    action: UUID
    actor: int
    record: dict[str, Any]


def all_said(writing: Writing, kind: str) -> list[Told]:
    """What was said of the sheet, the latest first."""
    if writing.said:
        writing.flush()
    about = Change.objects.filter(project=writing.common.project, kind=kind).order_by("-pk")

    def read(sheets: list[int]) -> dict[int, list[Told]]:
        found: dict[int, list[Told]] = {sheet: [] for sheet in sheets}
        for sheet, *values in about.filter(target__in=sheets).values_list("target", *Told._fields):
            found[sheet].append(Told(*values))
        return found

    return writing.common.ask(writing.sheet, 0 if writing.status_by is None else writing.clock, ("said", kind), read)
