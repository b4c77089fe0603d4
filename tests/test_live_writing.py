"""Writing over the socket, with two web processes. Marks like [W2] are the rules of docs/protocol.md."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import uuid4

import pytest

from annotator.events import moved
from annotator.messages import Apply, Batch, Create
from annotator.models import Annotation, Operation, Sheet
from annotator.operations import Request, perform, perform_many
from annotator.shapes import Rectangle
from tests.cast import photo
from tests.live import BOX, create, delete, update

MOVED = BOX | {"x": 100.0}


@pytest.fixture
def label(project):
    return project.labels.create(name="Face", color="#f4b740", shapes=["rectangle", "tag"]).pk


@pytest.fixture
def sheet(servers, project, alice):
    return Sheet.objects.create(item=photo(project, alice)).pk


@pytest.fixture
def alices(servers, enter, alice, sheet):
    live = enter(servers.urls[0], alice)
    live.join(sheet)
    return live


@pytest.fixture
def bobs(servers, enter, bob, alices, sheet):
    """At the other web process."""
    live = enter(servers.urls[1], bob)
    live.join(sheet)
    alices.wait("arrived")
    return live


def test_what_one_draws_the_other_sees(alices, bobs, sheet, label):  # [W2]
    annotation = alices.draw(sheet, label)

    assert annotation in bobs.until(sheet, alices.copies[sheet].clock).standing
    assert Annotation.objects.filter(pk=annotation).exists()


def test_the_first_work_on_an_item_sets_it_in_progress_for_all(alices, bobs, sheet, label):
    alices.draw(sheet, label)

    assert bobs.wait("status_set")["status"] == "in_progress"
    assert alices.copies[sheet].clock == bobs.copies[sheet].clock == Sheet.objects.get(pk=sheet).clock


def test_two_people_change_different_properties_and_both_keep_their_work(alices, bobs, sheet, label, project):  # [W5]
    other = project.labels.create(name="Other", color="#4f46e5", shapes=["rectangle"]).pk
    annotation = alices.draw(sheet, label)
    bobs.until(sheet, alices.copies[sheet].clock)

    alices.apply(sheet, update(annotation, shape=MOVED))
    bobs.apply(sheet, update(annotation, label=other))

    clock = alices.copies[sheet].clock + 2
    for live in (alices, bobs):
        record = live.until(sheet, clock).records[annotation]
        assert (record["shape"], record["label"]) == (MOVED, other)


def test_a_refusal_goes_to_its_sender_only_and_touches_nobody_elses_batch(alices, bobs, sheet, label):  # [W1]
    bad = alices.apply(sheet, create(label), create(999_999))
    good = bobs.apply(sheet, create(label))

    assert alices.answer(bad)["code"] == "invalid"
    assert bobs.answer(good)["type"] == "changes"
    assert bobs.silent("refused")
    assert Annotation.objects.count() == 1


def test_the_same_batch_twice_is_acknowledged_twice_and_done_once(alices, bobs, sheet, label):  # [W4]
    operation, batch = create(label), {"id": str(uuid4()), "action": str(uuid4())}

    alices.apply(sheet, operation, **batch)
    assert alices.answer(batch["id"])["type"] == "changes"
    alices.inbox.clear()
    alices.apply(sheet, operation, **batch)
    again = alices.answer(batch["id"])

    assert (again["type"], again["records"][0]["id"]) == ("ack", operation["annotation"])
    assert Operation.objects.count() == 1


def test_what_was_acknowledged_to_nobody_is_acknowledged_at_the_other_process(alices, bobs, sheet, label):  # [W4]
    operation, batch = create(label), {"id": str(uuid4()), "action": str(uuid4())}
    alices.apply(sheet, operation, **batch)
    alices.close()  # before the answer has come

    bobs.until(sheet, 1)
    bobs.apply(sheet, operation, **batch)

    refused = bobs.answer(batch["id"])
    assert refused["type"] == "changes" or refused["code"] == "key_reused"  # it is not bob's
    assert Operation.objects.count() == 1


def test_an_id_used_again_for_something_else_is_refused(alices, bobs, sheet, label):  # [W4]
    operation = create(label)
    alices.answer(alices.apply(sheet, operation))

    assert alices.answer(alices.apply(sheet, operation | {"shape": MOVED}))["code"] == "key_reused"
    assert bobs.answer(bobs.apply(sheet, operation))["code"] == "key_reused"
    taken = create(label, annotation=operation["annotation"])
    assert bobs.answer(bobs.apply(sheet, taken))["code"] == "id_taken"


def test_changing_what_the_other_has_deleted_is_refused_with_the_record(alices, bobs, sheet, label):  # [W6]
    annotation = alices.draw(sheet, label)
    bobs.answer(bobs.apply(sheet, delete(annotation)))

    refused = alices.answer(alices.apply(sheet, update(annotation, shape=MOVED)))

    assert refused["code"] == "deleted"
    assert (refused["records"][0]["id"], refused["records"][0]["deleted"]) == (annotation, True)


def test_offline_work_does_not_overwrite_what_it_has_not_seen(alices, bobs, sheet, label):  # [W7]
    annotation = alices.draw(sheet, label)
    seen = bobs.until(sheet, 1).records[annotation]["clocks"]
    alices.answer(alices.apply(sheet, update(annotation, shape=MOVED)))

    late = update(annotation, shape=BOX | {"x": 300.0}, base={"shape": seen["shape"]})
    refused = bobs.answer(bobs.apply(sheet, late, queued=True))

    assert (refused["code"], refused["records"][0]["shape"]) == ("conflict", MOVED)


def test_undo_takes_back_only_ones_own(alices, bobs, sheet, label):  # [U1]
    mine, theirs = alices.draw(sheet, label), bobs.draw(sheet, label)

    undo = str(uuid4())
    alices.send(type="undo", id=undo, sheet=sheet)
    alices.answer(undo)

    assert alices.copies[sheet].records[mine]["deleted"]
    assert not bobs.until(sheet, alices.copies[sheet].clock).records[theirs]["deleted"]


def test_with_nothing_to_take_back_the_answer_is_an_acknowledgement(bobs, sheet):  # [U5]
    for kind in ("undo", "redo"):
        request = str(uuid4())
        bobs.send(type=kind, id=request, sheet=sheet)

        assert bobs.answer(request)["type"] == "ack"


def test_a_status_is_acknowledged_and_told(alices, bobs, sheet):
    request = str(uuid4())

    bobs.send(type="set_status", id=request, sheet=sheet, status="skipped", reason="too dark")

    assert bobs.answer(request)["type"] == "ack"
    told = alices.wait("status_set")
    assert (told["status"], told["reason"], told["clock"]) == ("skipped", "too dark", told["after"] + 1)


def test_the_history_is_restored_for_all(servers, enter, rita, alices, sheet, label):  # [U6]
    annotation = alices.draw(sheet, label)
    clock = alices.copies[sheet].clock
    alices.answer(alices.apply(sheet, delete(annotation)))
    ritas, request = enter(servers.urls[1], rita), str(uuid4())
    ritas.join(sheet)

    ritas.send(type="restore_to", id=request, sheet=sheet, clock=clock)

    assert ritas.answer(request)["type"] == "changes"
    assert not alices.until(sheet, ritas.copies[sheet].clock).records[annotation]["deleted"]


def test_a_batch_is_acknowledged_to_who_has_left_the_room_meanwhile(servers, enter, alice, bobs, sheet, label):  # [W2]
    live = enter(servers.urls[0], alice)
    live.join(sheet)

    batch = live.apply(sheet, create(label))
    live.send(type="leave", sheet=sheet)

    assert live.answer(batch)["type"] in ("ack", "changes")
    assert bobs.until(sheet, 1).standing


def test_a_queue_can_be_sent_without_joining(servers, enter, alice, bobs, sheet, label):  # [W2]
    live = enter(servers.urls[0], alice)

    batches = [live.apply(sheet, create(label)) for _ in range(3)]

    assert [live.answer(batch)["type"] for batch in batches] == ["ack"] * 3
    assert len(bobs.until(sheet, Sheet.objects.get(pk=sheet).clock).standing) == 3


def test_everyone_gets_the_same_frames_in_clock_order(alices, bobs, sheet, label):  # [W3]
    """Both write as fast as they can, each at a process of its own; `Copy` checks every link of the chain."""
    count = 100

    def work(live):
        for batch in [live.apply(sheet, create(label)) for _ in range(count)]:
            live.answer(batch)

    with ThreadPoolExecutor() as threads:
        list(threads.map(work, (alices, bobs)))

    clock = Sheet.objects.get(pk=sheet).clock
    standing = {str(annotation.pk): annotation.clock for annotation in Annotation.objects.all()}
    assert len(standing) == 2 * count
    for live in (alices, bobs):
        copy = live.until(sheet, clock)
        assert {id_: record["clock"] for id_, record in copy.standing.items()} == standing


def test_joining_while_others_write_misses_nothing(servers, enter, alices, bobs, vera, sheet, label):  # [C3]
    for _ in range(60):
        alices.apply(sheet, create(label))
        bobs.apply(sheet, create(label))
    veras = [enter(servers.urls[number % 2], vera) for number in range(4)]
    for live in veras:
        live.join(sheet)

    for live in veras:
        assert len(live.until(sheet, 121).standing) == 120


def test_joining_again_in_the_midst_of_work_loses_no_answer(alices, sheet, label):  # [W2]
    for _ in range(8):
        batches = [alices.apply(sheet, create(label)) for _ in range(5)]
        alices.send(type="join", sheet=sheet, since=alices.copies[sheet].clock)

        for batch in batches:
            assert alices.answer(batch)["type"] in ("changes", "ack")
        alices.wait("joined")


def test_coming_back_brings_only_what_changed(servers, enter, alices, bobs, sheet, label, bob):  # [C3]
    kept, deleted = alices.draw(sheet, label), alices.draw(sheet, label)
    since = bobs.until(sheet, alices.copies[sheet].clock).clock
    bobs.close()
    new = alices.draw(sheet, label)
    alices.answer(alices.apply(sheet, delete(deleted)))

    again = enter(servers.urls[0], bob)
    again.copies[sheet] = bobs.copies[sheet]
    joined = again.join(sheet, since)

    assert joined["snapshot"] is False
    assert {record["id"] for record in joined["records"]} == {new, deleted}
    assert set(again.copies[sheet].standing) == {kept, new}


def test_a_clock_the_sheet_never_had_is_answered_with_everything(alices, servers, enter, bob, sheet, label):  # [C3]
    alices.draw(sheet, label)

    assert enter(servers.url, bob).join(sheet, 999)["snapshot"] is True


def test_what_the_api_writes_is_seen_live(alices, bobs, alice, client, sheet, label):
    client.force_login(alice)
    operation = create(label)
    batch = {"id": str(uuid4()), "action": str(uuid4()), "operations": [operation]}

    response = client.post(f"/api/sheets/{sheet}/operations/", batch, content_type="application/json")

    assert response.status_code == 200
    for live in (alices, bobs):
        assert operation["annotation"] in live.until(sheet, 1).standing


def test_what_is_written_on_many_sheets_at_once_is_seen_live(alices, bobs, alice, project, sheet, label):
    other = Sheet.objects.create(item=photo(project, alice)).pk
    operation = Create(uuid4(), uuid4(), label, Rectangle(1, 2, 3, 4))
    asked = {
        pk: [Request(alice.pk, Apply(pk, Batch(uuid4(), uuid4(), [one])), source="import")]
        for pk, one in ((other, Create(uuid4(), uuid4(), label, Rectangle(1, 2, 3, 4))), (sheet, operation))
    }

    perform_many(asked, moved=partial(moved, project.pk))

    for live in (alices, bobs):
        live.wait("caught_up")
        assert str(operation.annotation) in live.copies[sheet].records


def test_what_no_frame_has_told_is_found_within_seconds(alices, bobs, alice, sheet, label):  # [G2]
    operation = Create(uuid4(), uuid4(), label, Rectangle(1, 2, 3, 4))
    apply = Apply(sheet, Batch(uuid4(), uuid4(), [operation]))

    perform(sheet, [Request(alice.pk, apply)], publish=lambda frames: None)

    for live in (alices, bobs):
        caught_up = live.wait("caught_up")
        assert caught_up["records"][0]["id"] == str(operation.annotation)
        assert caught_up["status"] == "in_progress"
        assert live.copies[sheet].clock == Sheet.objects.get(pk=sheet).clock


def test_a_batch_behind_a_gap_is_acknowledged_all_the_same(alices, alice, sheet, label):  # [G2] [W2]
    hidden = Apply(sheet, Batch(uuid4(), uuid4(), [Create(uuid4(), uuid4(), label, Rectangle(1, 2, 3, 4))]))
    perform(sheet, [Request(alice.pk, hidden)], publish=lambda frames: None)

    batch = alices.apply(sheet, create(label))

    assert alices.answer(batch)["type"] in ("ack", "changes")
    assert len(alices.copies[sheet].standing) == 2
