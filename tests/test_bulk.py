"""What is done to many items of the grid at once, each as one action that can be taken back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from annotator.leases import hand_out
from annotator.models import Annotation, Operation, Sheet
from annotator.shapes import Tag
from projects.errors import Invalid
from projects.models import Change, Item, Project, Role
from projects.services import assigning, items, members
from tests.cast import photo
from tests.clients import client_of
from tests.grid import ask, do, draw, found
from tests.waiting import until, waiting_for_a_lock

pytestmark = pytest.mark.django_db


@pytest.fixture
def face(project):
    return project.labels.create(name="Face", color="#5ec8ff", shapes=["rectangle", "polygon", "span"])


@pytest.fixture
def blurred(project):
    return project.labels.create(name="blurred", color="#e0567a", shapes=["tag"])


def status_of(items):
    return [Sheet.objects.get(item=item).status for item in items]


def test_many_are_done_at_once_and_that_is_one_action(project, alice, bob):
    items = [photo(project, alice) for _ in range(3)]

    told = do(bob, project, "status", items, status="done")

    assert told["done"] == [item.pk for item in items]
    assert told["refused"] == []
    assert status_of(items) == ["done"] * 3
    assert {str(action) for action in Change.objects.values_list("action", flat=True)} == {told["action"]}


def test_sent_twice_it_is_done_once(project, alice, bob):
    item = photo(project, alice)
    body = {"type": "status", "id": str(uuid4()), "items": [item.pk], "status": "done"}

    for _ in range(2):
        sent(bob, project, body)

    assert Change.objects.count() == 1


@pytest.mark.parametrize("kind", ["tag", "untag", "status"])
def test_to_take_back_asks_no_more_often_for_many_than_for_few(project, alice, bob, blurred, kind):
    items = [photo(project, alice) for _ in range(20)]
    values = {"status": "done"} if kind == "status" else {"label": blurred.pk}
    if kind == "untag":
        do(bob, project, "tag", items, label=blurred.pk)
    asked = []
    for some in (items[:2], items[2:]):
        action = do(bob, project, kind, some, **values)["action"]
        with CaptureQueriesContext(connection) as queries:
            assert len(do(bob, project, "undo", some, action=action)["done"]) == len(some)
        asked.append(len([query for query in queries if "PREPARE" not in query["sql"]]))

    assert asked[0] == asked[1]


def sent(who, project, body):
    return client_of(who).post(f"/api/projects/{project.pk}/bulk/", body, content_type="application/json")


def test_sent_again_it_answers_as_before_and_leaves_what_others_have_done_since(project, alice, bob, rita, blurred):
    given, trashed, tagged = (photo(project, alice) for _ in range(3))
    draw(alice, tagged, blurred, Tag())
    assign = {"type": "assign", "id": str(uuid4()), "items": [given.pk], "person": bob.pk}
    trash = {"type": "trash", "id": str(uuid4()), "items": [trashed.pk]}
    untag = {"type": "untag", "id": str(uuid4()), "items": [tagged.pk], "label": blurred.pk}
    first = [sent(alice, project, body).json() for body in (assign, trash, untag)]
    do(rita, project, "assign", [given], person=rita.pk)
    items.restore(alice, trashed.pk)
    draw(rita, tagged, blurred, Tag())

    again = [sent(alice, project, body).json() for body in (assign, trash, untag)]

    assert again == first
    assert [told["done"] for told in first] == [[given.pk], [trashed.pk], [tagged.pk]]
    assert whose([given]) == [rita.pk]
    assert Item.objects.get(pk=trashed.pk).trashed_at is None
    assert Annotation.objects.filter(deleted=False).count() == 1
    assert sent(rita, project, assign).json()["code"] == "key_reused"


def test_an_undo_that_is_sent_again_answers_as_before(project, alice, bob):
    item = photo(project, alice)
    done = [do(alice, project, "assign", [item], person=bob.pk), do(alice, project, "trash", [item])]

    for told in reversed(done):
        body = {"type": "undo", "id": str(uuid4()), "items": [item.pk], "action": told["action"]}
        first, again = (sent(alice, project, body).json() for _ in range(2))
        assert (first["done"], again) == ([item.pk], first)


def test_a_trash_is_not_taken_back_where_another_has_thrown_the_item_away_since(project, alice, rita):
    kept, thrown = photo(project, alice), photo(project, alice)
    project.memberships.filter(user=rita).update(role=Role.MANAGER)
    told = do(alice, project, "trash", [kept, thrown])
    items.restore(rita, thrown.pk)
    do(rita, project, "trash", [thrown])

    undone = do(alice, project, "undo", [kept, thrown], action=told["action"])

    assert undone["done"] == [kept.pk]
    assert [(one["code"], one["items"]) for one in undone["refused"]] == [("skipped", [thrown.pk])]
    assert Item.objects.get(pk=thrown.pk).trashed_at


def test_what_cannot_be_done_to_some_is_said_and_done_to_the_others(project, other_project, alice, bob, mallory):
    done, todo = photo(project, alice), photo(project, alice)
    elsewhere, trashed = photo(other_project, mallory), photo(project, alice)
    Item.objects.filter(pk=trashed.pk).update(trashed_at=datetime.now(UTC))
    Sheet.objects.create(item=done, status="done")

    told = do(bob, project, "status", [done, todo, elsewhere, trashed], status="skipped", reason="Too dark")
    unsaid = do(bob, project, "status", [todo], status="skipped")

    assert told["done"] == [todo.pk]
    assert {one["code"]: one["items"] for one in told["refused"]} == {
        "permission_denied": [done.pk],
        "not_found": [elsewhere.pk, trashed.pk],
    }
    assert Sheet.objects.get(item=todo).reason == "Too dark"
    assert "Say in a few words" in unsaid["refused"][0]["detail"]
    assert not Sheet.objects.filter(item=elsewhere).exists()


def test_ones_own_status_is_taken_back_even_that_it_is_done(project, alice, bob):
    items = [photo(project, alice) for _ in range(3)]
    do(alice, project, "status", items[:1], status="skipped", reason="Dark")
    told = do(bob, project, "status", items, status="done")
    do(alice, project, "status", items[2:], status="skipped", reason="Blurred")

    undone = do(bob, project, "undo", items, action=told["action"])

    assert undone["done"] == [items[0].pk, items[1].pk]
    assert [one["items"] for one in undone["refused"]] == [[items[2].pk]]
    assert "Another status was set since" in undone["refused"][0]["detail"]
    assert status_of(items) == ["skipped", "todo", "skipped"]
    assert Sheet.objects.get(item=items[0]).reason == "Dark"


def test_nobody_takes_back_what_another_did(project, alice, bob):
    item = photo(project, alice)
    told = do(alice, project, "status", [item], status="done")

    do(bob, project, "undo", [item], action=told["action"])

    assert status_of([item]) == ["done"]


def test_many_are_tagged_and_the_tag_is_taken_back_with_the_status_it_moved(project, alice, bob, face, blurred):
    fresh, tagged = photo(project, alice), photo(project, alice)
    draw(alice, tagged, blurred, Tag())

    told = do(bob, project, "tag", [fresh, tagged], label=blurred.pk)
    there = Annotation.objects.filter(sheet__item=fresh, deleted=False).count()
    undone = do(bob, project, "undo", [fresh], action=told["action"])

    assert told["done"] == [fresh.pk]
    assert [one["code"] for one in told["refused"]] == ["already_tagged"]
    assert there == 1
    assert undone["done"] == [fresh.pk]
    assert not Annotation.objects.filter(sheet__item=fresh, deleted=False).exists()
    assert status_of([fresh, tagged]) == ["todo", "in_progress"]
    assert "does not take the shape tag." in do(bob, project, "tag", [fresh], label=face.pk)["refused"][0]["detail"]


def test_a_tag_is_taken_off_many_and_put_back(project, alice, bob, blurred):
    tagged, bare = photo(project, alice), photo(project, alice)
    draw(alice, tagged, blurred, Tag())

    told = do(bob, project, "untag", [tagged, bare], label=blurred.pk)
    left = Annotation.objects.filter(deleted=False).count()
    do(bob, project, "undo", told and [tagged], action=told["action"])

    assert told["done"] == [tagged.pk]
    assert [one["code"] for one in told["refused"]] == ["not_tagged"]
    assert left == 0
    assert Annotation.objects.get(sheet__item=tagged).deleted is False
    assert set(Operation.objects.filter(kind="delete").values_list("actor", flat=True)) == {bob.pk}


def test_many_go_to_the_trash_and_come_back(project, alice, bob):
    items = [photo(project, alice) for _ in range(3)]

    told = do(alice, project, "trash", items)
    again = do(alice, project, "trash", items)
    gone = found(alice, project)
    undone = do(alice, project, "undo", items, action=told["action"])

    assert (told["done"], gone, undone["done"]) == ([i.pk for i in items], [], [i.pk for i in items])
    assert again["refused"] == [
        {"code": "in_trash", "detail": "It is in the trash already.", "items": [item.pk for item in items]}
    ]
    assert found(alice, project) == [item.pk for item in items]
    assert {str(action) for action in Change.objects.filter(kind="item").values_list("action", flat=True)} >= {
        told["action"],
        undone["action"],
    }


def test_more_than_a_thousand_and_nonsense_are_refused_whole(project, alice):
    def refused(**body):
        body = {"type": "trash", "id": str(uuid4())} | body
        path = f"/api/projects/{project.pk}/bulk/"
        return client_of(alice).post(path, body, content_type="application/json").status_code

    assert refused(items=list(range(1_001))) == 400
    assert refused(items=[]) == 400
    assert refused(items=[1], type="burn") == 400
    assert refused(items=[1], more=1) == 400
    assert refused(items=[-1]) == 400


def test_in_a_blind_project_a_status_is_of_ones_own_sheet(project, alice, bob, rita):
    Project.objects.update(blind=True)
    item = photo(project, alice)

    do(bob, project, "status", [item], status="done")
    do(rita, project, "status", [item], status="skipped", reason="Dark")

    assert dict(Sheet.objects.values_list("person", "status")) == {bob.pk: "done", rita.pk: "skipped"}
    assert project.memberships.get(user=bob).role == Role.ANNOTATOR


def test_in_a_blind_project_a_reviewer_accepts_and_sends_back_everyones_work(project, alice, bob, rita):
    Project.objects.update(blind=True)
    both, bobs, nobodys = (photo(project, alice) for _ in range(3))
    do(bob, project, "status", [both, bobs], status="done")
    do(alice, project, "status", [both], status="done")

    def each():
        return list(Sheet.objects.order_by("item", "person").values_list("item", "person", "status"))

    told = do(rita, project, "status", [both, bobs, nobodys], status="accepted")
    accepted = each()
    undone = do(rita, project, "undo", [both, bobs], action=told["action"])
    open_again = each()
    do(rita, project, "status", [both], status="returned", reason="Look again")
    refused = do(bob, project, "status", [bobs], status="accepted")

    assert (told["done"], undone["done"]) == ([both.pk, bobs.pk], [both.pk, bobs.pk])
    assert [(one["code"], one["items"]) for one in told["refused"]] == [("not_done", [nobodys.pk])]
    rows = sorted([(both.pk, alice.pk), (both.pk, bob.pk), (bobs.pk, bob.pk)])
    assert accepted == [(*row, "accepted") for row in rows]
    assert open_again == [(*row, "done") for row in rows]
    assert each() == [(*row, "returned" if row[0] == both.pk else "done") for row in rows]
    assert refused["refused"][0]["code"] == "permission_denied"


def whose(items):
    return [Item.objects.get(pk=item.pk).assignee_id for item in items]


def test_many_are_assigned_and_that_is_taken_back_where_nobody_has_assigned_them_since(project, alice, bob, rita):
    items = [photo(project, alice) for _ in range(3)]
    do(rita, project, "assign", items[:1], person=alice.pk)

    told = do(rita, project, "assign", items, person=bob.pk)
    again = do(alice, project, "assign", items[2:], person=rita.pk)
    assigned = whose(items)
    undone = do(rita, project, "undo", items, action=told["action"])

    assert (told["done"], again["done"], undone["done"]) == (
        [item.pk for item in items],
        [items[2].pk],
        [items[0].pk, items[1].pk],
    )
    assert assigned == [bob.pk, bob.pk, rita.pk]
    assert [one["code"] for one in undone["refused"]] == ["skipped"]
    assert whose(items) == [alice.pk, None, rita.pk]
    assert found(bob, project, assignee="me") == []
    assert found(rita, project, assignee="me") == found(bob, project, assignee=rita.pk) == [items[2].pk]
    assert found(rita, project, assignee="nobody") == [items[1].pk]
    [first, *_] = ask(bob, project)["items"]
    assert first["assignee"] == alice.pk


def test_work_is_given_to_those_who_may_do_it_by_those_who_may_give_it(project, alice, bob, rita, vera, mallory):
    item = photo(project, alice)

    def answer(who, person):
        body = {"type": "assign", "id": str(uuid4()), "items": [item.pk], "person": person}
        path = f"/api/projects/{project.pk}/bulk/"
        return client_of(who).post(path, body, content_type="application/json").status_code

    assert [answer(who, bob.pk) for who in (vera, bob)] == [403, 403]
    assert [answer(rita, person) for person in (vera.pk, mallory.pk, 10**12)] == [400, 400, 400]
    assert (answer(rita, bob.pk), whose([item])) == (200, [bob.pk])


def test_who_leaves_or_only_looks_from_now_on_leaves_their_items_open(project, alice, bob, rita):
    bobs, ritas = photo(project, alice), photo(project, alice)
    do(alice, project, "assign", [bobs], person=bob.pk)
    do(alice, project, "assign", [ritas], person=rita.pk)

    members.remove(alice, project.memberships.get(user=bob).pk)
    members.change(alice, project.memberships.get(user=rita).pk, role=Role.VIEWER)

    assert whose([bobs, ritas]) == [None, None]
    assert Change.objects.filter(kind="assignee").latest("pk").record == {"assignee": None, "before": rita.pk}


@pytest.mark.django_db(transaction=True)
def test_nobody_is_given_work_while_they_leave(project, alice, bob, rita):
    item = photo(project, alice)
    with ThreadPoolExecutor() as pool:
        with transaction.atomic():
            members.remove(alice, project.memberships.get(user=bob).pk)
            giving = pool.submit(assign_elsewhere, rita, project, item, bob)
            until(waiting_for_a_lock)

        with pytest.raises(Invalid, match="Choose a member"):
            giving.result()
    assert whose([item]) == [None]


def assign_elsewhere(user, project, item, person):
    try:
        return assigning.assign_many(user, project.pk, [item.pk], person.pk, action=uuid4())
    finally:
        connection.close()


def test_one_is_handed_what_is_ones_own_first_then_what_is_open_and_never_what_is_anothers(project, alice, bob, rita):
    others, open_, own, to_mend = (photo(project, alice) for _ in range(4))
    do(rita, project, "assign", [others], person=rita.pk)
    do(rita, project, "assign", [own, to_mend], person=bob.pk)
    do(rita, project, "status", [to_mend], status="returned", reason="Look again")

    for item in (to_mend, own, open_):
        assert hand_out(bob, project) == item
        do(bob, project, "status", [item], status="done")
    assert hand_out(bob, project) is None
    assert hand_out(rita, project) == others
