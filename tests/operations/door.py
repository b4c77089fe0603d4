"""What tests ask at the one door for writes."""

from uuid import UUID, uuid4

from django.db import connection

from annotator import reading
from annotator.messages import (
    Applied,
    Apply,
    Batch,
    Create,
    Record,
    Redo,
    Refused,
    RestoreTo,
    SetStatus,
    Undo,
)
from annotator.models import Sheet
from annotator.operations import Outcome, Request, perform
from annotator.shapes import Rectangle
from projects.models import Label, User

BOX = Rectangle(10, 20, 30, 40)
MOVED = Rectangle(50, 60, 30, 40)


def do(sheet: Sheet, actor: User, *operations: object, queued: bool = False) -> Outcome:
    batch = Batch(id=uuid4(), action=uuid4(), operations=list(operations), queued=queued)
    return perform(sheet.pk, [Request(actor.pk, Apply(sheet=sheet.pk, batch=batch))])[0]


def ask(sheet: Sheet, actor: User, message: Undo | Redo | RestoreTo | SetStatus) -> Outcome:
    return perform(sheet.pk, [Request(actor.pk, message)])[0]


def undo(sheet: Sheet, actor: User) -> Outcome:
    return ask(sheet, actor, Undo(id=uuid4(), sheet=sheet.pk))


def redo(sheet: Sheet, actor: User) -> Outcome:
    return ask(sheet, actor, Redo(id=uuid4(), sheet=sheet.pk))


def draw(sheet: Sheet, actor: User, label: Label, shape: object = BOX, **attributes: object) -> UUID:
    annotation = uuid4()
    outcome = do(sheet, actor, Create(uuid4(), annotation, label.pk, shape, attributes))
    assert isinstance(outcome, Applied), outcome
    return annotation


def standing(sheet: Sheet) -> dict[UUID, Record]:
    return {record.id: record for record in reading.read(sheet.pk).records}


def closing(function):
    """For a thread: the function, and then the thread's connection is closed."""

    def call(*arguments):
        try:
            return function(*arguments)
        finally:
            connection.close()

    return call


def code(outcome: Outcome) -> str:
    assert isinstance(outcome, Refused), outcome
    return outcome.code
