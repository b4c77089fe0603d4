"""Asking to be let in by a link that is over, and what the managers and who asked are told."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from projects.models import Invitation, JoinRequest, Role, User
from projects.services import asking, invitations, members
from tests.joining import link, role_of, text

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def forget_who_came() -> None:
    cache.clear()


def bell(client):
    """Who did what, as the bell tells it."""
    told = client.get("/api/notices/").json()
    return told["unread"], [(one["by"] and one["by"]["name"], one["kind"], one["project"]) for one in told["notices"]]


def test_who_comes_too_late_asks_and_a_manager_lets_them_in(alice, mallory, project):
    late, manager, page = Client(), Client(), f"/projects/{project.pk}/"
    late.force_login(mallory)
    manager.force_login(alice)
    path = link(alice, project, most_uses=1)
    Client().post(path, {"name": "First"})

    assert "Ask to be let in" in text(late.get(path))
    assert "You have asked to join" in text(late.post(f"{path}ask/", follow=True))
    late.post(f"{path}ask/")
    assert "They have been asked" in text(late.get(path))
    asked = JoinRequest.objects.get()
    assert bell(manager) == (1, [("Mallory", "asks", "Kitchen safety")])
    assert all("1 asks to join" in text(manager.get(where)) for where in ("/", page))
    [notice] = manager.get("/api/notices/").json()["notices"]
    assert manager.get(notice["address"])["Location"] == f"{page}settings/#members-title"
    assert bell(manager)[0] == 0
    assert "Mallory" in text(manager.get(f"{page}settings/"))
    told = manager.post(f"{page}requests/{asked.pk}/", {"role": 30, "then": "let-in"})

    assert role_of(mallory, project) == Role.REVIEWER
    assert not any("asks to join" in page for page in (text(told), text(manager.get("/")), text(manager.get(page))))
    assert bell(manager) == (0, [])
    assert bell(late) == (1, [("Alice", "let_in", "Kitchen safety")])
    assert "You have asked to join" not in text(late.get("/"))
    members.remove(alice, project.memberships.get(user=mallory).pk)
    assert bell(late) == (0, [])


def test_who_asks_may_be_declined_is_told_and_may_ask_again(client, alice, mallory, project):
    path = link(alice, project, lifetime=timedelta(hours=1))
    Invitation.objects.update(expires_at=timezone.now())
    late = Client()
    late.force_login(mallory)
    late.post(f"{path}ask/")
    client.force_login(alice)

    client.post(f"/projects/{project.pk}/requests/{JoinRequest.objects.get().pk}/", {"role": 20, "then": "decline"})

    assert role_of(mallory, project) is None
    assert bell(late) == (1, [(None, "declined", "Kitchen safety")])
    assert "have not let you in" in text(late.get("/"))
    assert "its managers said no" in text(late.get(path))
    JoinRequest.objects.update(answered_at=timezone.now() - asking.TOLD)
    assert (bell(late), "let you in" in text(late.get("/"))) == ((0, []), False)
    late.post(f"{path}ask/")
    assert bell(client) == (1, [("Mallory", "asks", "Kitchen safety")])
    assert bell(late) == (0, [])


def test_who_has_no_account_asks_under_a_name_and_waits(client, alice, project):
    path = link(alice, project, lifetime=timedelta(hours=1))
    Invitation.objects.update(expires_at=timezone.now())
    before = User.objects.count()

    assert all(words in text(client.get(path)) for words in ("has expired. Ask Alice for a new one.", "Your name"))
    nameless = client.post(f"{path}ask/", {"name": " "})
    assert (nameless.status_code, "Write your name" in text(nameless)) == (400, True)
    assert User.objects.count() == before
    waits = text(client.post(f"{path}ask/", {"name": "Zoë"}, follow=True))

    assert "You have asked to join" in waits
    assert client.get(f"/projects/{project.pk}/").status_code == 404
    asked = JoinRequest.objects.get()
    assert asked.user.name == "Zoë"
    asking.answer(alice, project.pk, asked.pk, role=Role.ANNOTATOR)
    assert client.get(path)["Location"] == f"/projects/{project.pk}/"


def test_strangers_cannot_ask_where_nobody_may_sign_up_nor_many_from_one_network(alice, project, settings):
    path = link(alice, project, lifetime=timedelta(hours=1))
    Invitation.objects.update(expires_at=timezone.now())
    settings.ACCOUNT_RATE_LIMITS = {"ask": "2/h/ip"}

    codes = [Client().post(f"{path}ask/", {"name": f"Guest {n}"}).status_code for n in range(3)]
    assert codes == [302, 302, 400]
    settings.ACCOUNT_RATE_LIMITS, settings.SIGN_UP = {}, "closed"
    assert "Your name" not in text(Client().get(path))
    assert Client().post(f"{path}ask/", {"name": "Guest"}).status_code == 410
    assert JoinRequest.objects.count() == 2


def test_all_who_wait_are_declined_at_once(client, alice, mallory, project):
    path = link(alice, project, lifetime=timedelta(hours=1))
    Invitation.objects.update(expires_at=timezone.now())
    late = Client()
    late.force_login(mallory)
    for visitor, name in ((late, ""), (Client(), "Guest")):
        visitor.post(f"{path}ask/", {"name": name})
    client.force_login(alice)

    assert "Decline all" in text(client.get(f"/projects/{project.pk}/settings/"))
    assert "ask to join" not in text(client.post(f"/projects/{project.pk}/requests/decline/"))
    assert set(JoinRequest.objects.values_list("user__name", "role", "answered_by")) == {
        ("Mallory", None, alice.pk),
        ("Guest", None, alice.pk),
    }


def test_nobody_asks_by_a_link_that_was_taken_back(client, alice, mallory, project):
    path = link(alice, project)
    invitations.revoke(alice, project.pk, Invitation.objects.get().pk)
    client.force_login(mallory)

    assert "taken back. Ask Alice for a new one." in text(client.get(path))
    answer = client.post(f"{path}ask/")

    assert (answer.status_code, JoinRequest.objects.count()) == (410, 0)
