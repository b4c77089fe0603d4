"""What is said of a sheet as a whole: to do, in progress, done, skipped."""

from annotator.messages import Ack, SetStatus
from annotator.operations.writing import Writing
from projects.errors import Conflict, Invalid
from projects.models import Change, Role


def set_status(writing: Writing, actor: int, message: SetStatus) -> Ack:
    writing.demand(actor)
    if said_before(writing, actor, message):
        return Ack(id=message.id, sheet=writing.sheet, clock=writing.clock)
    if writing.status == "done" and message.status != "done":
        writing.demand(actor, Role.REVIEWER, "Only a reviewer can reopen what is done.")
    reason = message.reason.strip()
    if "\0" in reason:
        raise Invalid("The reason holds a NUL character. Remove it.", fields={"reason": "nul"})
    if message.status == "skipped" and not reason:
        raise Invalid("Say in a few words why the item is skipped.", fields={"reason": "missing"})
    if (message.status, reason) != (writing.status, writing.reason):
        writing.write_status(actor, message.status, reason, message.id)
    return Ack(id=message.id, sheet=writing.sheet, clock=writing.clock)


def said_before(writing: Writing, actor: int, message: SetStatus) -> bool:
    """Whether the request was carried out before: repeated, it must not undo what others have said since."""
    changes = Change.objects.filter(project=writing.project, kind="status", target=writing.sheet)
    said = changes.filter(action=message.id).first()
    if said and said.actor_id != actor:
        raise Conflict("This request's id was used before for something else. Use a new one.", code="key_reused")
    return said is not None
