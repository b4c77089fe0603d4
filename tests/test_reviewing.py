"""What a reviewer says of an item: accepted, or sent back with a reason; and what follows for those who label it."""

from time import time
from uuid import uuid4

import pytest

from annotator import reading
from annotator.access import sheet_of
from annotator.leases import hand_out, next_to_review
from annotator.live import presence
from annotator.messages import Ack, Apply, Batch, Create, Person, Redo, SetStatus, SetUnsure, Undo
from annotator.models import Sheet
from annotator.operations import Request, perform
from annotator.operations.status import TakeBackStatus
from projects.models import Change
from tests.cast import photo
from tests.clients import client_of
from tests.operations.door import BOX, ask, code, draw, undo

pytestmark = pytest.mark.django_db
ACCEPTED = "It has been accepted. Ask a reviewer to send it back."


@pytest.fixture
def sheet(project, alice):
    return Sheet.objects.create(item=photo(project, alice))


@pytest.fixture
def label(project):
    return project.labels.create(name="Face", color="#f4b740", shapes=["rectangle", "tag"])


def say(sheet, who, status, reason=""):
    return ask(sheet, who, SetStatus(uuid4(), sheet.pk, status, reason))


def status_of(sheet):
    return reading.read(sheet.pk).status


def test_only_reviewers_accept_and_send_back_and_that_with_a_reason(sheet, bob, rita):
    say(sheet, bob, "done")
    assert code(say(sheet, bob, "accepted")) == code(say(sheet, bob, "returned", "No")) == "permission_denied"
    assert code(say(sheet, rita, "returned", " ")) == "invalid"

    say(sheet, rita, "returned", "Two faces are missing")

    assert reading.read(sheet.pk).reason == "Two faces are missing"
    assert status_of(sheet) == "returned"
    say(sheet, rita, "accepted")
    assert (status_of(sheet), reading.read(sheet.pk).reason) == ("accepted", "")


def test_a_reviewer_goes_from_one_that_waits_to_the_next_and_from_the_last_to_the_first(project, alice, bob, rita):
    first, _, third, fourth = [Sheet.objects.create(item=photo(project, alice)) for _ in range(4)]
    for sheet, status in ((first, "done"), (third, "skipped"), (fourth, "done")):
        say(sheet, bob, status, "Too dark" if status == "skipped" else "")

    def after(sheet):
        return client_of(rita).get(f"/api/items/{sheet.item_id}/to-review/").json()["item"]

    assert [after(sheet) for sheet in (first, third, fourth)] == [third.item_id, fourth.item_id, first.item_id]
    say(third, rita, "accepted")
    say(fourth, rita, "returned", "A face is missing")
    assert (after(fourth), after(first)) == (first.item_id, None)


def test_of_two_reviewers_each_goes_on_with_what_the_other_is_not_at(project, alice, bob, rita, at_it):
    first, second, third = [Sheet.objects.create(item=photo(project, alice)) for _ in range(3)]
    for sheet in (first, second, third):
        say(sheet, bob, "done")

    at_it(second, alice)
    assert next_to_review(rita, first.item) == third.item_id
    assert next_to_review(alice, first.item) == second.item_id
    at_it(third, alice)
    assert next_to_review(rita, first.item) == second.item_id


@pytest.fixture
def at_it():
    """Has a person be on a sheet."""
    keys = []

    def say(sheet, who):
        keys.append(presence.key(sheet.pk))
        one = Person(user=who.pk, connection=str(uuid4()), name=str(who), color=who.color)
        presence.client().zadd(keys[-1], {presence.encode(one): time() + presence.LIFE})

    yield say
    presence.client().delete(*keys)


def test_work_on_what_was_sent_back_leaves_it_so_until_it_is_done_again(sheet, label, bob, rita):
    say(sheet, rita, "returned", "A face is missing")

    draw(sheet, bob, label)
    assert code(say(sheet, bob, "in_progress")) == code(say(sheet, bob, "todo")) == "permission_denied"
    assert status_of(sheet) == "returned"

    say(sheet, bob, "done")
    assert status_of(sheet) == "done"


def test_what_is_accepted_an_annotator_leaves_as_it_is_and_a_reviewer_may_change(sheet, label, bob, rita):
    draw(sheet, bob, label)
    draw(sheet, bob, label)
    undo(sheet, bob)
    say(sheet, rita, "accepted")
    clock = reading.read(sheet.pk).clock
    batch = Batch(uuid4(), uuid4(), [Create(uuid4(), uuid4(), label.pk, BOX)])

    asked = [Apply(sheet.pk, batch), Undo(uuid4(), sheet.pk), Redo(uuid4(), sheet.pk)]
    refused = [ask(sheet, bob, message) for message in asked]

    assert [(one.code, one.detail) for one in refused] == [("accepted", ACCEPTED)] * 3
    for status in ("todo", "in_progress", "done", "skipped", "accepted"):
        assert code(say(sheet, bob, status, "why")) == "permission_denied"
    assert reading.read(sheet.pk).clock == clock
    draw(sheet, rita, label)
    assert status_of(sheet) == "accepted"


def test_what_was_done_before_it_was_accepted_is_answered_when_it_is_sent_again(sheet, label, bob, rita):  # [W4]
    request = Request(bob.pk, Apply(sheet.pk, Batch(uuid4(), uuid4(), [Create(uuid4(), uuid4(), label.pk, BOX)])))
    perform(sheet.pk, [request])
    say(sheet, rita, "accepted")

    assert isinstance(perform(sheet.pk, [request])[0], Ack)


def test_over_the_api_it_is_a_conflict_in_a_sentence(sheet, label, bob, rita):
    say(sheet, rita, "accepted")
    create = {"type": "create", "id": str(uuid4()), "annotation": str(uuid4()), "label": label.pk}
    create["shape"] = {"type": "rectangle", "x": 1, "y": 1, "width": 5, "height": 5}
    body = {"id": str(uuid4()), "action": str(uuid4()), "operations": [create]}

    answer = client_of(bob).post(f"/api/sheets/{sheet.pk}/operations/", body, content_type="application/json")

    assert (answer.status_code, answer.json()["detail"]) == (409, ACCEPTED)


def test_a_word_is_taken_back_by_who_may_still_say_it(sheet, project, bob, rita):
    say(sheet, bob, "done")
    say(sheet, rita, "accepted")
    action = Change.objects.get(record__status="accepted").action
    back = lambda: perform(sheet.pk, [Request(rita.pk, TakeBackStatus(uuid4(), sheet.pk, action))])[0]  # noqa: E731

    project.memberships.filter(user=rita).update(role=20)
    assert code(back()) == "permission_denied"
    project.memberships.filter(user=rita).update(role=30)
    back()

    assert status_of(sheet) == "done"


def test_who_reviews_no_more_takes_back_no_reopening(sheet, project, bob, rita):
    """Or the sheet were accepted by an annotator."""
    say(sheet, bob, "done")
    say(sheet, rita, "accepted")
    say(sheet, rita, "todo")
    action = Change.objects.filter(record__status="todo").latest("pk").action
    project.memberships.filter(user=rita).update(role=20)

    back = perform(sheet.pk, [Request(rita.pk, TakeBackStatus(uuid4(), sheet.pk, action))])[0]

    assert (code(back), status_of(sheet)) == ("permission_denied", "todo")


def test_what_was_sent_back_comes_first_to_who_worked_on_it_and_last_to_others(project, label, alice, bob, rita):
    fresh, first, drawn, said = (photo(project, alice) for _ in range(4))
    draw(sheet_of(drawn, bob), bob, label)
    say(sheet_of(said, bob), bob, "done")
    for item in (first, drawn, said):
        say(sheet_of(item, rita), rita, "returned", "Look again")

    assert hand_out(bob, project) == drawn
    say(sheet_of(drawn, bob), bob, "done")
    assert hand_out(bob, project) == said
    say(sheet_of(said, bob), bob, "done")
    assert hand_out(bob, project) == fresh
    say(sheet_of(fresh, bob), bob, "done")
    assert hand_out(bob, project) == first
    say(sheet_of(first, rita), rita, "accepted")
    assert hand_out(bob, project) is None


def test_many_are_accepted_or_sent_back_at_once_and_that_is_taken_back(project, alice, bob, rita):
    items = [photo(project, alice) for _ in range(3)]
    ids = [item.pk for item in items]

    def do(who, **body):
        body |= {"id": str(uuid4()), "items": ids}
        return client_of(who).post(f"/api/projects/{project.pk}/bulk/", body, content_type="application/json").json()

    refused = do(bob, type="status", status="accepted")
    accepted = do(rita, type="status", status="accepted")
    statuses = set(Sheet.objects.values_list("status", flat=True))
    undone = do(rita, type="undo", action=accepted["action"])

    assert refused["refused"] == [
        {"code": "permission_denied", "detail": "Only a reviewer can accept an item.", "items": ids}
    ]
    assert (statuses, undone["done"]) == ({"accepted"}, ids)
    assert do(rita, type="status", status="returned", reason="Blurred")["done"] == ids


def test_who_is_unsure_says_so_and_it_is_told(sheet, label, bob, rita, django_capture_on_commit_callbacks):
    unsure, sure = SetUnsure(uuid4(), sheet.pk, True), SetUnsure(uuid4(), sheet.pk, False)
    told = []
    with django_capture_on_commit_callbacks(execute=True):
        perform(sheet.pk, [Request(bob.pk, unsure)], publish=told.extend)
    before = reading.read(sheet.pk)
    ask(sheet, rita, sure)
    ask(sheet, bob, unsure)  # sent again, it does not come back over what another has said since

    assert [(one.unsure, one.status, one.after, one.clock, one.actor) for one in told] == [(True, "todo", 0, 1, bob.pk)]
    assert (before.unsure, before.clock) == (True, 1)
    assert reading.read(sheet.pk).unsure is False
    say(sheet, rita, "accepted")
    assert code(ask(sheet, bob, SetUnsure(uuid4(), sheet.pk, True))) == "accepted"
    draw(sheet, rita, label)
    assert reading.caught_up(sheet.pk, 0).unsure is False
