"""Who comes in at /ws/, and when it ends. Marks like [C1] are the rules of docs/protocol.md."""

from uuid import uuid4

import pytest
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from annotator import moving
from annotator.live.hub import MOVED
from annotator.live.presence import people_by_sheet
from annotator.models import Sheet
from projects.models import Role
from projects.services import items, members, projects
from tests.cast import photo
from tests.clients import session_of
from tests.live import Live
from tests.waiting import until


@pytest.fixture
def sheet(servers, project, alice):
    return Sheet.objects.create(item=photo(project, alice)).pk


def test_the_first_answer_says_who_one_is(servers, enter, bob):  # [C2] [P1]
    live = enter(servers.url, bob)

    welcome = live.wait("welcome")

    assert (welcome["user"], welcome["protocol"]) == (bob.pk, 1)


def test_who_is_signed_out_is_asked_to_sign_in(servers, enter):  # [C1]
    live = enter(servers.url)

    assert live.wait("refused")["code"] == "not_authenticated"
    assert live.closed() == 4401


def test_an_unknown_session_is_asked_to_sign_in(servers, db):
    live = Live(servers.url, "nobodyknowsthissession")

    assert live.closed() == 4401


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost", "file://"])
def test_a_foreign_page_may_not_connect(servers, enter, bob, origin):  # [C1]
    live = enter(servers.url, bob, origin=origin)

    assert live.wait("refused")["code"] == "origin"
    assert live.closed() == 4403


def test_a_page_under_another_allowed_name_may_connect(servers, enter, bob):
    url = servers.url.replace("localhost", "127.0.0.1")

    assert enter(url, bob).wait("welcome")


def test_a_page_of_another_version_is_told_to_reload(servers, enter, bob):  # [C1]
    live = enter(servers.url, bob, hello=False)

    live.send(type="hello", protocol=99, client="00000000-0000-4000-8000-000000000000")

    assert "Reload" in live.wait("refused")["detail"]
    assert live.closed() == 4409


def test_nothing_goes_before_hello(servers, enter, bob, sheet):  # [C2]
    live = enter(servers.url, bob, hello=False)

    live.send(type="join", sheet=sheet)

    assert live.closed() == 4400


def test_who_says_nothing_is_sent_away(servers, enter, bob):  # [C1]
    live = enter(servers.url, bob, hello=False)

    assert live.closed() == 4408


def test_joining_tells_the_sheet_ones_role_and_who_is_there(servers, enter, alice, vera, sheet):  # [C3]
    alices = enter(servers.urls[0], alice)
    alices.join(sheet)

    joined = enter(servers.urls[1], vera).join(sheet)

    assert (joined["role"], joined["snapshot"], joined["records"]) == (Role.VIEWER, True, [])
    assert {person["name"] for person in joined["people"]} == {"Alice", "Vera"}
    assert alices.wait("arrived")["person"]["name"] == "Vera"


def test_a_sheet_that_is_not_ones_own_is_not_found(servers, enter, mallory, sheet):  # [C3]
    live = enter(servers.url, mallory)

    for number in (sheet, sheet + 1_000, 0):
        live.send(type="join", sheet=number)
        assert live.wait("refused", sheet=number)["code"] == "not_found"


def test_leaving_is_told_to_the_others(servers, enter, alice, bob, sheet):  # [C6]
    alices, bobs = enter(servers.urls[0], alice), enter(servers.urls[1], bob)
    alices.join(sheet)
    bobs.join(sheet)
    connection = alices.wait("arrived")["person"]["connection"]

    bobs.send(type="leave", sheet=sheet)

    assert alices.wait("left")["connection"] == connection


def test_a_closed_socket_is_told_to_the_others(servers, enter, alice, bob, sheet):  # [C6]
    alices, bobs = enter(servers.urls[0], alice), enter(servers.urls[1], bob)
    alices.join(sheet)
    bobs.join(sheet)
    alices.wait("arrived")

    bobs.close()

    assert alices.wait("left")


def test_signing_out_ends_the_sockets_of_that_session_only(servers, enter, bob, sheet):  # [C4]
    here, elsewhere = Client(), enter(servers.urls[1], bob)
    here.force_login(bob)
    live = Live(servers.url, here.cookies["sessionid"].value)
    live.join(sheet)
    elsewhere.join(sheet)

    here.post("/accounts/logout/")

    assert live.closed() == 4401
    elsewhere.send(type="join", sheet=sheet)
    assert elsewhere.wait("joined")


def test_a_session_that_expires_ends_its_sockets(servers, enter, bob, sheet):  # [C4]
    session = session_of(bob)
    live = Live(servers.url, session)
    live.join(sheet)

    Session.objects.filter(session_key=session).update(expire_date=timezone.now())

    assert live.wait("refused")["code"] == "not_authenticated"
    assert live.closed() == 4401


def test_a_new_password_ends_the_sessions_that_knew_the_old_one(servers, enter, bob, sheet):  # [C4]
    live = enter(servers.url, bob)
    live.join(sheet)

    bob.set_password("another good password")
    bob.save()

    assert live.closed() == 4401


def test_a_person_who_is_locked_out_is_out_at_once(servers, enter, bob, sheet):
    live = enter(servers.url, bob)
    live.join(sheet)

    bob.is_active = False
    bob.save()

    assert live.closed() == 4401
    assert enter(servers.url, bob).closed() == 4401


def test_a_new_role_is_told_and_counts_at_once(servers, enter, project, alice, vera, sheet):  # [C5]
    live = enter(servers.url, vera)
    live.join(sheet)

    members.change(alice, project.memberships.get(user=vera).pk, role=Role.REVIEWER)

    assert live.wait("role_set")["role"] == Role.REVIEWER


def test_a_role_that_ends_ends_the_room(servers, enter, project, alice, bob, sheet):  # [C5]
    alices, bobs = enter(servers.urls[0], alice), enter(servers.urls[1], bob)
    alices.join(sheet)
    bobs.join(sheet)

    members.remove(alice, project.memberships.get(user=bob).pk)

    assert bobs.wait("refused", sheet=sheet)["code"] == "not_found"
    assert alices.wait("left")
    bobs.send(type="join", sheet=sheet)
    assert bobs.wait("refused", sheet=sheet)["code"] == "not_found"


def test_a_role_that_ends_without_a_word_is_noticed_within_seconds(servers, enter, project, bob, sheet):  # [C5]
    live = enter(servers.url, bob)
    live.join(sheet)

    project.memberships.filter(user=bob).delete()

    assert live.wait("refused", sheet=sheet)["code"] == "not_found"


def test_who_has_an_item_open_loses_it_to_the_trash_and_finds_it_again_restored(
    servers, enter, project, alice, bob, sheet
):  # [C5]
    label = project.labels.create(name="Face", color="#f4b740", shapes=["rectangle"]).pk
    item = Sheet.objects.get(pk=sheet).item_id
    live = enter(servers.url, bob)
    live.join(sheet)
    drawn = live.draw(sheet, label)

    items.trash(alice, item)
    assert live.wait("refused", sheet=sheet)["code"] == "not_found"
    items.restore(alice, item)

    assert [record["id"] for record in live.join(sheet)["records"]] == [drawn]


def test_an_item_that_somebody_has_open_stays_and_who_moves_it_leaves_its_page(
    servers, enter, project, alice, bob, sheet
):  # [C5]
    item = Sheet.objects.get(pk=sheet).item_id
    archive = projects.create(alice, name="Archive").pk
    others, own = enter(servers.url, bob), enter(servers.url, alice)
    others.join(sheet)
    own.join(sheet)
    until(lambda: len(people_by_sheet([sheet]).get(sheet, [])) == 2)

    kept = moving.carry_out(alice, project.pk, archive, [item], uuid4())
    others.close()
    until(lambda: moving.carry_out(alice, project.pk, archive, [item], uuid4())[item] is None)

    assert kept == {item: moving.BUSY}
    assert own.wait("refused", sheet=sheet)["code"] == "moved"
    own.send(type="join", sheet=sheet, project=project.pk)
    assert own.wait("refused", sheet=sheet)["detail"] == MOVED
    own.send(type="join", sheet=sheet, project=archive)
    own.wait("joined", sheet=sheet)


def test_a_session_of_nobody_is_no_session(servers, bob):
    session = session_of(bob)
    stored = Session.objects.get(session_key=session)
    content = stored.get_decoded()
    content[SESSION_KEY] = "0"
    stored.session_data = Session.objects.encode(content)
    stored.save()

    assert Live(servers.url, session).closed() == 4401
