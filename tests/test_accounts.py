"""Signing in by password, link and token, and signing out."""

import asyncio
from datetime import timedelta
from io import StringIO

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken

from projects.models import PRESENCE_COLORS, SignInLink, User
from projects.services import people

pytestmark = pytest.mark.django_db

PASSWORD = "a good password"


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


def sign_in(client, login, password=PASSWORD):
    return client.post("/accounts/login/", {"login": login, "password": password})


def is_signed_in(client):
    return client.get("/api/me/").status_code == 200


def test_a_person_signs_in_by_user_name_or_by_e_mail_and_out_again(client, alice):
    alice.email = "alice@example.com"
    alice.save()

    assert sign_in(client, "alice").headers["Location"] == "/"
    assert is_signed_in(client)
    client.post("/accounts/logout/")
    assert not is_signed_in(client)
    sign_in(client, "Alice@Example.com")
    assert is_signed_in(client)


def test_who_asks_for_a_page_signs_in_and_then_sees_it(client, alice, project):
    asked = client.get(f"/projects/{project.pk}/")

    assert asked.headers["Location"] == f"/accounts/login/?next=/projects/{project.pk}/"
    page = client.get(asked.headers["Location"])
    assert f'value="/projects/{project.pk}/"' in page.content.decode()


def test_who_proves_who_they_are_stays_signed_in_when_that_renews_their_passwords_hash(client, alice, settings):
    client.force_login(alice)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]

    client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    assert User.objects.get(pk=alice.pk).password.startswith("md5$")
    assert is_signed_in(client)


def test_a_wrong_password_is_told_and_guessing_is_slowed_down(client, alice):
    answers = [sign_in(client, "alice", f"guess {number}").content.decode() for number in range(6)]

    assert "is not right" in answers[0]
    assert "Too many failed login attempts" in answers[-1]
    assert "Too many failed login attempts" in sign_in(client, "alice").content.decode()


def test_pages_are_in_one_language_whatever_the_browser_prefers(client, db):
    wished = client.post("/accounts/login/", {"login": "x", "password": "y"}, headers={"Accept-Language": "de"})

    assert 'lang="en"' in wished.content.decode()
    assert "The user name or e-mail, or the password, is not right." in wished.content.decode()


def test_a_link_signs_in_once_by_its_button_and_not_by_looking(client, alice):
    address = f"/enter/{people.make_link(alice)}/"

    looked = [client.get(address) for _ in range(3)]
    entered = client.post(address)
    again = Client().post(address)

    assert all("Sign in as Alice" in page.content.decode() for page in looked)
    assert entered.headers["Location"] == "/"
    assert is_signed_in(client)
    assert again.status_code == 410
    assert "has been used" in again.content.decode()


def test_an_expired_an_unknown_and_a_banned_persons_link_say_so(client, alice, bob):
    old, banned = people.make_link(alice), people.make_link(bob)
    SignInLink.objects.filter(user=alice).update(expires_at=timezone.now() - timedelta(seconds=1))
    User.objects.filter(pk=bob.pk).update(is_active=False)

    answers = [client.post(f"/enter/{secret}/") for secret in (old, "nonsense", banned)]

    assert [answer.status_code for answer in answers] == [410, 404, 404]
    assert "has expired" in answers[0].content.decode()
    assert "not known here" in answers[1].content.decode()
    assert not is_signed_in(client)


def test_only_the_hash_of_a_link_is_kept(alice):
    secret = people.make_link(alice)

    assert secret not in str(list(SignInLink.objects.values()))


def test_manage_py_link_prints_an_address_and_creates_nobody(client, alice, settings):
    settings.PUBLIC_URL = "https://labels.example.org"
    out = StringIO()

    call_command("link", "alice", stdout=out)
    with pytest.raises(CommandError, match=r"There is no user “alcie”. There is: alice\."):
        call_command("link", "alcie")

    address = out.getvalue().strip()
    assert address.startswith("https://labels.example.org/enter/")
    assert client.get(address.removeprefix("https://labels.example.org")).status_code == 200
    assert User.objects.count() == 1


def test_a_new_person_gets_the_colour_that_the_fewest_have(db):
    made = [people.create(f"person{number}") for number in range(len(PRESENCE_COLORS) + 1)]

    assert [user.color for user in made] == [*PRESENCE_COLORS, PRESENCE_COLORS[0]]


def test_manage_py_person_adds_a_person_once(db):
    call_command("person", "zoë", "--name", "Zoë Müller", "--email", "Zoe@example.com", stdout=StringIO())
    with pytest.raises(CommandError, match="Someone has this user name"):
        call_command("person", "ZOË")
    with pytest.raises(CommandError, match="valid username"):
        call_command("person", "no spaces")
    with pytest.raises(CommandError, match="Someone has this e-mail address"):
        call_command("person", "another", "--email", "ZOE@example.com")

    assert User.objects.values_list("username", "name", "email").get() == ("zoë", "Zoë Müller", "zoe@example.com")


def test_no_two_people_have_user_names_that_differ_only_in_capitals(alice):
    with pytest.raises(IntegrityError):
        User.objects.create(username="ALICE", name="Another")


def test_a_token_comes_for_a_password_opens_the_api_and_ends(client, alice):
    wrong = client.post("/api/tokens/", {"username": "alice", "password": "wrong"})
    given = client.post("/api/tokens/", {"username": "alice", "password": PASSWORD, "name": "Export"})
    header = {"Authorization": f"Token {given.json()['token']}"}

    assert wrong.status_code == 401
    assert wrong.json()["code"] == "authentication_failed"
    assert given.status_code == 201
    assert client.get("/api/me/", headers=header).json()["username"] == "alice"
    assert [token.named.name for token in people.tokens_of(alice)] == ["Export"]
    assert client.delete("/api/tokens/", headers=header).status_code == 204
    assert client.get("/api/me/", headers=header).status_code == 401


@pytest.mark.parametrize("token", ["\xff", "a\0b", "0" * 64])
def test_what_is_no_token_opens_nothing(client, db, token):
    answer = client.get("/api/me/", headers={"Authorization": f"Token {token}"})

    assert (answer.status_code, answer.json()["code"]) == (401, "authentication_failed")


def test_a_token_comes_for_a_session_but_not_without_the_csrf_token(alice):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)

    token = client.get("/accounts/password/change/").cookies["csrftoken"].value
    client.post("/accounts/reauthenticate/", {"password": PASSWORD, "csrfmiddlewaretoken": token})
    refused = client.post("/api/tokens/")
    given = client.post("/api/tokens/", headers={"X-CSRFToken": token})

    assert refused.status_code == 403
    assert given.status_code == 201


def test_a_person_has_so_many_tokens_and_can_end_them_all(owner):
    answers = [owner.post("/api/tokens/") for _ in range(51)]
    ended = owner.delete("/api/tokens/?all=1")

    assert [answer.status_code for answer in answers] == [201] * 50 + [409]
    assert answers[-1].json()["code"] == "too_many_tokens"
    assert ended.status_code == 204
    assert owner.post("/api/tokens/").status_code == 201


def test_guessing_passwords_through_the_api_is_slowed_down(client, alice):
    answers = [client.post("/api/tokens/", {"username": "alice", "password": str(n)}) for n in range(6)]

    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert answers[-1].json()["code"] == "throttled"


def test_a_new_password_ends_the_sessions_elsewhere_the_tokens_and_the_links(owner, alice):
    elsewhere = Client()
    elsewhere.force_login(alice)
    new = {"oldpassword": PASSWORD, "password1": "a better password 7", "password2": "a better password 7"}

    token, link = owner.post("/api/tokens/").json()["token"], people.make_link(alice)

    answer = owner.post("/accounts/password/change/", new)

    assert answer.status_code == 302
    assert Client().get("/api/me/", headers={"Authorization": f"Token {token}"}).status_code == 401
    assert Client().post(f"/enter/{link}/").status_code == 404
    assert is_signed_in(owner)
    assert not is_signed_in(elsewhere)


def test_who_came_by_a_link_chooses_a_password(client, db):
    person = people.create("newcomer")
    client.post(f"/enter/{people.make_link(person)}/")

    offered = client.get("/accounts/password/change/", follow=True)
    short = client.post("/accounts/password/set/", {"password1": "short", "password2": "short"})
    client.post("/accounts/password/set/", {"password1": "quite a long one", "password2": "quite a long one"})

    assert "Choose a password" in offered.content.decode()
    assert "too short" in short.content.decode()
    person.refresh_from_db()
    assert person.check_password("quite a long one")


@pytest.mark.django_db(transaction=True)
async def test_live_sockets_hear_of_signing_out_and_of_a_new_password():
    alice = await sync_to_async(people.create)("alice", password=PASSWORD)
    client = Client()
    await sync_to_async(client.force_login)(alice)
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(f"user.{alice.pk}", channel)
    new = {"oldpassword": PASSWORD, "password1": "a better password 7", "password2": "a better password 7"}

    await sync_to_async(client.post)("/accounts/password/change/", new)
    changed = await asyncio.wait_for(layer.receive(channel), 5)
    await sync_to_async(client.post)("/accounts/logout/")
    left = await asyncio.wait_for(layer.receive(channel), 5)

    assert changed == left == {"type": "session.ended"}


def test_what_has_expired_is_forgotten_and_what_has_not_still_counts(client, alice, bob):
    client.force_login(alice)
    Session.objects.create(session_key="over", expire_date=timezone.now())
    token, _ = AuthToken.objects.create(bob)
    AuthToken.objects.create(bob, expiry=timedelta(0))
    old, late, fresh = (people.make_link(bob, lifetime=timedelta(days=days)) for days in (-30, 0, 1))

    people.forget_expired()

    assert is_signed_in(client)
    assert not Session.objects.filter(pk="over").exists()
    assert AuthToken.objects.get() == token
    links = [client.get(f"/enter/{link}/").status_code for link in (old, late, fresh)]
    assert links == [404, 410, 200]  # who is late for less than a month is told that it has expired
