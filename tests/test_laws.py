"""What holds whatever people do: laws of the log, of undo and of versions, tried on random work of two people."""

import threading
from uuid import UUID, uuid4

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotator import reading
from annotator.messages import Applied, Apply, Batch, Create, Delete, Redo, Restore, RestoreTo, Undo, Update
from annotator.models import Sheet
from annotator.operations import Request, perform
from annotator.rows import JSON, Row, row
from annotator.shapes import Rectangle
from annotator.versions import make_version, state_at
from tests.cast import photo

law = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

# A step: who, what, on which of the sheet's annotations, with which value.
WORK = ("create", "update", "attribute", "delete", "restore")
step = st.tuples(
    st.integers(0, 1), st.sampled_from((*WORK, "undo", "redo", "restore_to")), st.integers(0, 7), st.integers(1, 9)
)
steps = st.lists(step, min_size=1, max_size=25)


@pytest.fixture
def label(project):
    attributes = [{"id": "age", "name": "Age", "kind": "number"}]
    return project.labels.create(name="Face", color="#f4b740", shapes=["rectangle"], attributes=attributes)


class Desk:
    """Two people at one sheet, doing as they are told; what is impossible is refused, as in life."""

    def __init__(self, project, people, label) -> None:
        self.sheet = Sheet.objects.create(item=photo(project, people[0]))
        self.people, self.label = people, label
        self.ids: list[UUID] = []

    def do(self, who: int, what: str, which: int, value: int):
        message = self.message(what, which, value)
        return perform(self.sheet.pk, [Request(self.people[who].pk, message)])[0]

    def message(self, what: str, which: int, value: int):
        sheet = self.sheet.pk
        match what:
            case "undo":
                return Undo(uuid4(), sheet)
            case "redo":
                return Redo(uuid4(), sheet)
            case "restore_to":
                return RestoreTo(uuid4(), sheet, min(which, reading.read(sheet).clock))
        if what == "create" or not self.ids:
            self.ids.append(uuid4())
            operation = Create(uuid4(), self.ids[-1], self.label.pk, Rectangle(value, 0, 5, 5))
        else:
            annotation = self.ids[which % len(self.ids)]
            operation = {
                "update": Update(uuid4(), annotation, shape=Rectangle(value, 0, 5, 5)),
                "attribute": Update(uuid4(), annotation, attributes={"age": value}),
                "delete": Delete(uuid4(), annotation),
                "restore": Restore(uuid4(), annotation),
            }[what]
        return Apply(sheet, Batch(uuid4(), uuid4(), [operation]))

    def rows(self) -> dict[UUID, Row]:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {JSON}::text FROM annotator_annotation a WHERE sheet_id = %s", [self.sheet.pk])
            return {found.id: found for found in (row(text) for (text,) in cursor.fetchall())}

    def seen(self) -> dict[UUID, tuple]:
        """What people see of the sheet: not the clocks."""
        return {r.id: (r.label, r.shape, r.attributes) for r in reading.read(self.sheet.pk).records}


@law
@given(steps=steps)
def test_replaying_the_log_gives_the_same_rows(project, alice, rita, label, steps):
    desk = Desk(project, (alice, rita), label)

    for step in steps:
        desk.do(*step)

    replayed = {record.id: record for _, record in state_at(make_version(project, alice)) if record.id in desk.ids}
    assert replayed == {id_: found for id_, found in desk.rows().items() if not found.deleted}


@law
@given(steps=steps, since=st.integers(1, 25))
def test_what_changed_since_a_clock_brings_an_old_copy_up_to_date(project, alice, rita, label, steps, since):
    desk = Desk(project, (alice, rita), label)
    copy, clock = {}, 0

    for number, step in enumerate(steps):
        desk.do(*step)
        if number == since:
            first = reading.read(desk.sheet.pk)
            copy, clock = {record.id: record for record in first.records}, first.clock
    later = reading.read(desk.sheet.pk, clock)
    copy = (copy if not later.snapshot else {}) | {record.id: record for record in later.records}

    now = {record.id: record for record in reading.read(desk.sheet.pk).records}
    assert {id_: record for id_, record in copy.items() if not record.deleted} == now


@law
@given(steps=steps)
def test_undo_all_then_redo_all_changes_nothing(project, alice, rita, label, steps):  # [U4]
    desk = Desk(project, (alice, rita), label)
    for step in steps:
        desk.do(*step)
    for who in (0, 1):
        before = desk.seen()

        undone = 0
        while isinstance(desk.do(who, "undo", 0, 0), Applied):
            undone += 1
        for _ in range(undone):
            assert isinstance(desk.do(who, "redo", 0, 0), Applied)

        assert desk.seen() == before


@law
@given(steps=steps)
def test_undo_never_changes_what_the_other_wrote_last(project, alice, rita, label, steps):  # [U3]
    desk = Desk(project, (alice, rita), label)
    for step in steps:
        desk.do(*step)
    others = {
        (found.id, name): found.value(name)
        for found in desk.rows().values()
        for name, (_, actor) in found.stamps.items()
        if actor == rita.pk
    }

    while isinstance(desk.do(0, "undo", 0, 0), Applied):
        pass

    now = desk.rows()
    assert {key: now[key[0]].value(key[1]) for key in others} == others


@pytest.mark.django_db(transaction=True)
def test_a_version_read_twice_while_others_write_is_the_same(project, alice, rita, label):
    desks = [Desk(project, (alice, rita), label) for _ in range(3)]
    stop = threading.Event()

    def work(desk: Desk) -> None:
        number = 0
        while not stop.is_set():
            desk.do(number % 2, WORK[number % 3], number, number % 9 + 1)
            number += 1
        connection.close()

    threads = [threading.Thread(target=work, args=[desk]) for desk in desks]
    for thread in threads:
        thread.start()
    try:
        for _ in range(10):
            version = make_version(project, alice)
            first = {found.id: found for _, found in state_at(version)}
            assert {found.id: found for _, found in state_at(version)} == first
        stop.wait(0.2)
        assert {found.id: found for _, found in state_at(version)} == first
    finally:
        stop.set()
        for thread in threads:
            thread.join()
