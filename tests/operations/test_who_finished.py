"""Who has finished a sheet, when, and how long people were at it: kept with the sheet, and as the logs tell it."""

from datetime import timedelta
from importlib import import_module
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotator import moving
from annotator.messages import Apply, Batch, Create, SetStatus, Undo
from annotator.models import Operation, Sheet
from annotator.operations import Request, perform
from annotator.operations.status import TakeBackStatus
from projects.models import Project, Role
from tests.cast import photo
from tests.operations.door import BOX, ask

LOGS = import_module("annotator.migrations.0023_who_finished_sheets_and_when")
STATUSES = ("todo", "in_progress", "done", "skipped", "returned", "accepted")
WORK = (*STATUSES, "import", "draw 30", "draw 119", "draw 121", "draw 0 program", "undo", "take back", "move")
steps = st.lists(st.tuples(st.integers(0, 2), st.sampled_from(WORK)), min_size=5, max_size=25)


def say(sheet, who, status, source="person"):
    message = SetStatus(uuid4(), sheet.pk, status, "Look again")
    perform(sheet.pk, [Request(who.pk, message, source=source)])
    return message.id


def kept(sheet):
    return Sheet.objects.values_list("finished_by", "finished_at", "worked", "worked_at").get(pk=sheet.pk)


class Days:
    """What three people, and an import, do to a sheet; what is impossible is refused, as in life."""

    def __init__(self, sheet, people, label, projects):
        self.sheet, self.people, self.label, self.projects = sheet, people, label, projects
        self.said = uuid4()

    def do(self, who, what):
        person = self.people[who]
        match what.split():
            case ["move"] if who == 0:
                here, there = self.projects
                assert not any(moving.carry_out(person, here.pk, there.pk, [self.sheet.item_id], uuid4()).values())
                self.projects = (there, here)
            case ["undo"]:
                ask(self.sheet, person, Undo(uuid4(), self.sheet.pk))
            case ["take", "back"]:
                ask(self.sheet, person, TakeBackStatus(uuid4(), self.sheet.pk, self.said))
            case ["draw", seconds, *program]:
                self.wait(timedelta(seconds=int(seconds)))
                label = self.projects[0].labels.get(name=self.label.name)
                batch = Batch(uuid4(), uuid4(), [Create(uuid4(), uuid4(), label.pk, BOX)])
                request = Request(person.pk, Apply(self.sheet.pk, batch), source="api" if program else "person")
                perform(self.sheet.pk, [request])
            case ["import"]:
                say(self.sheet, person, "done", source="import")
            case [status] if status in STATUSES:
                self.said = say(self.sheet, person, status)

    def wait(self, long):
        Operation.objects.update(at=F("at") - long)
        Sheet.objects.update(worked_at=F("worked_at") - long)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=steps)
def test_it_is_what_the_logs_say_whatever_people_do(project, label, alice, bob, rita, steps):
    there = Project.objects.create(name="Garden")
    for person, role in ((alice, Role.OWNER), (bob, Role.ANNOTATOR), (rita, Role.REVIEWER)):
        there.memberships.create(user=person, role=role)
    sheet = Sheet.objects.create(item=photo(project, alice))
    there.labels.create(name=label.name, color=label.color, shapes=label.shapes)
    days = Days(sheet, (alice, bob, rita), label, (project, there))
    for who, what in steps:
        days.do(who, what)
    said = kept(sheet)

    Sheet.objects.update(finished_by=None, finished_at=None, worked=timedelta(), worked_at=None)
    with connection.cursor() as cursor:
        cursor.execute(LOGS.FINISHED)
        cursor.execute(LOGS.WORKED)

    assert kept(sheet) == said


@pytest.mark.parametrize(
    ("words", "who"),
    [
        (["bob done"], "bob"),
        (["bob skipped", "alice done"], "alice"),
        (["bob done", "rita accepted"], "bob"),
        (["bob done", "rita returned", "rita accepted"], "bob"),
        (["rita accepted"], "rita"),
        (["bob todo"], None),
    ],
)
def test_who_finished_it_has_said_last_that_it_is_done_or_else_accepted_it(sheet, alice, bob, rita, words, who):
    cast = {"alice": alice, "bob": bob, "rita": rita, None: None}
    for person, status in map(str.split, words):
        say(sheet, cast[person], status)

    assert Sheet.objects.get().finished_by == cast[who]


def test_an_acceptance_that_is_taken_back_leaves_it_to_who_has_finished_it(sheet, bob, rita):
    say(sheet, bob, "done")
    accepted = say(sheet, rita, "accepted")

    ask(sheet, rita, TakeBackStatus(uuid4(), sheet.pk, accepted))

    assert (Sheet.objects.get().status, Sheet.objects.get().finished_by) == ("done", bob)


def test_what_an_import_finished_nobody_has_even_once_it_is_accepted(sheet, bob, rita):
    say(sheet, bob, "done", source="import")
    say(sheet, rita, "accepted")

    assert Sheet.objects.get().finished_by is None
