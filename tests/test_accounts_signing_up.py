"""Signing up, e-mail addresses, forgotten passwords."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.cache import cache
from django.test import Client
from knox.models import AuthToken

from projects.models import User
from tests.clients import client_of

pytestmark = pytest.mark.django_db

NEW = {"name": "Zoë Müller", "username": "zoë", "email": "zoe@example.com", "password1": "quite a long one"}


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


def link_in(message):
    return re.search(r"https?://[^/\s]+(/\S+)", message.body)[1]


def test_a_newcomer_signs_up_and_is_in_and_confirms_their_address(client, db):
    answer = client.post("/accounts/signup/", NEW)
    person = User.objects.get()
    [message] = mail.outbox
    asked = client.get(link_in(message)).content.decode()
    before = EmailAddress.objects.get().verified
    client.post(link_in(message))

    assert answer.headers["Location"] == "/"
    assert client.get("/api/me/").json() | {"id": 0, "color": ""} == {
        "id": 0,
        "username": "zoë",
        "name": "Zoë Müller",
        "email": "zoe@example.com",
        "color": "",
    }
    assert person.check_password("quite a long one")
    assert message.to == ["zoe@example.com"]
    assert "zoe@example.com is to belong to the account of Zoë Müller" in asked
    assert not before
    assert EmailAddress.objects.get().verified


def test_an_address_is_not_needed(client, db):
    client.post("/accounts/signup/", NEW | {"email": ""})

    assert client.get("/api/me/").json()["email"] == ""
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"username": "ALICE"}, "A user with that username already exists."),
        ({"email": "Alice@Example.com"}, "A user is already registered with this email address."),
        ({"password1": "password"}, "too common"),
        ({"name": " "}, "This field is required."),
        ({"name": "N" * 151}, "at most 150 characters"),
        ({"username": "a\0b"}, "Null characters are not allowed."),
    ],
)
def test_who_cannot_sign_up_so_is_told_why(client, alice, changes, sentence):
    User.objects.update(email="alice@example.com")

    answer = client.post("/accounts/signup/", NEW | changes)

    assert sentence in answer.content.decode()
    assert User.objects.count() == 1


def test_where_sign_up_is_closed_nobody_signs_up_and_the_page_says_whom_to_ask(client, db, settings):
    offered = client.get("/accounts/login/").content.decode()
    settings.SIGN_UP = "closed"

    answer = client.post("/accounts/signup/", NEW)

    assert 'href="/accounts/signup/"' in offered
    assert "Ask whoever runs this server" in answer.content.decode()
    assert User.objects.count() == 0
    assert 'href="/accounts/signup/"' not in client.get("/accounts/login/").content.decode()


def test_signing_up_many_times_is_slowed_down(db):
    answers = [Client().post("/accounts/signup/", NEW | {"password1": "1"}).status_code for _ in range(21)]

    assert answers == [200] * 20 + [429]


# Forgotten passwords --------------------------------------------------------------------------------------------------


def test_a_forgotten_password_is_replaced_by_a_link_in_a_message(client, alice):
    User.objects.update(email="alice@example.com")
    _, token = AuthToken.objects.create(alice)
    elsewhere = client_of(alice)

    client.post("/accounts/password/reset/", {"email": "Alice@example.com"})
    [message] = mail.outbox
    form = client.get(link_in(message), follow=True)
    new = {"password1": "a better password 7", "password2": "a better password 7"}
    done = client.post(form.redirect_chain[-1][0], new, follow=True)
    again = Client().get(link_in(message), follow=True)
    client.post("/accounts/login/", {"login": "alice", "password": "a better password 7"})

    assert "Your user name is alice." in message.body
    assert "Your password is changed" in done.content.decode()
    assert client.get("/api/me/").status_code == 200
    assert "This link does not work" in again.content.decode()
    assert elsewhere.get("/api/me/").status_code == 401
    assert Client().get("/api/me/", headers={"Authorization": f"Token {token}"}).status_code == 401


def test_whether_an_address_is_known_here_is_not_told(client, alice):
    User.objects.update(email="alice@example.com")

    answers = [
        client.post("/accounts/password/reset/", {"email": address}, follow=True).content
        for address in ("alice@example.com", "nobody@example.com")
    ]

    assert answers[0] == answers[1]
    assert [message.to for message in mail.outbox] == [["alice@example.com"]]


def test_messages_to_one_address_are_few(client, alice):
    User.objects.update(email="alice@example.com")

    for _ in range(8):
        answer = client.post("/accounts/password/reset/", {"email": "alice@example.com"})

    assert answer.status_code == 429
    assert len(mail.outbox) == 5


@pytest.fixture
def no_mail_server(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9


def test_who_signs_up_while_no_message_can_be_sent_is_in_all_the_same(client, db, no_mail_server):
    client.post("/accounts/signup/", NEW)

    assert client.get("/api/me/").json()["username"] == "zoë"


def test_a_message_that_cannot_be_sent_is_told(client, alice, no_mail_server):
    User.objects.update(email="alice@example.com")

    answer = client.post("/accounts/password/reset/", {"email": "alice@example.com"})

    assert answer.status_code == 503
    assert "The message could not be sent" in answer.content.decode()


def test_where_no_mail_server_is_set_nobody_is_told_to_wait_for_a_message(owner, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    home = Client().post("/accounts/signup/", NEW, follow=True).content.decode()
    profile = owner.post("/accounts/email/", {"email": "z@example.com", "action_add": "1"}, follow=True)
    forgotten = Client().get("/accounts/password/reset/").content.decode()
    done = Client().get("/accounts/password/reset/done/").content.decode()

    pages = [home, profile.content.decode(), forgotten, done]
    assert ["This server sends no e-mail" in page for page in pages] == [True] * 4
    assert not any("on its way" in page or "Send" in page for page in pages)


# E-mail addresses -----------------------------------------------------------------------------------------------------


def add(client, address):
    return client.post("/accounts/email/", {"email": address, "action_add": "1"})


def test_an_address_is_added_and_counts_once_it_is_confirmed(owner, alice):
    answer = add(owner, "alice@example.com")
    waiting = owner.get(answer.headers["Location"]).content.decode()
    alice.refresh_from_db()
    before = alice.email
    confirmed = owner.post(link_in(mail.outbox[0]))

    alice.refresh_from_db()
    assert answer.headers["Location"] == confirmed.headers["Location"] == "/accounts/profile/"
    assert "A message is on its way to <b>alice@example.com</b>" in waiting
    assert before == ""
    assert alice.email == "alice@example.com"


def test_the_old_address_is_told_of_the_new_one(owner, alice):
    for address in ("alice@example.com", "thief@example.com"):
        add(owner, address)
        owner.post(link_in(mail.outbox[-1]))

    told = mail.outbox[-1]
    assert told.to == ["alice@example.com"]
    assert "changed from alice@example.com to thief@example.com" in told.body and "Hello" not in told.body


def test_an_address_that_waits_is_sent_to_again_or_forgotten(owner, alice):
    add(owner, "typo@example.com")
    cache.clear()

    owner.post("/accounts/email/", {"email": "typo@example.com", "action_send": "1"})
    owner.post("/accounts/email/", {"email": "typo@example.com", "action_remove": "1"})

    assert len(mail.outbox) == 2
    assert not EmailAddress.objects.exists()
    assert owner.post(link_in(mail.outbox[1])).status_code == 404


def test_an_address_that_someone_has_stays_theirs_and_that_it_is_known_is_not_told(owner, alice, bob):
    User.objects.filter(pk=bob.pk).update(email="bob@example.com")

    told = owner.get(add(owner, "BOB@example.com").headers["Location"]).content.decode()
    [message] = mail.outbox
    refused = owner.post(link_in(message), follow=True).content.decode()

    assert "A message is on its way to <b>bob@example.com</b>" in told
    assert message.to == ["bob@example.com"]
    assert "bob@example.com belongs to another account already." in refused
    assert [User.objects.get(pk=one.pk).email for one in (alice, bob)] == ["", "bob@example.com"]


def test_of_two_who_wait_for_one_address_the_first_to_confirm_gets_it(owner, alice, bob):
    bobs = client_of(bob)
    EmailAddress.objects.create(user=alice, email="shared@example.com")
    EmailAddress.objects.create(user=bob, email="shared@example.com")
    for client in (owner, bobs):
        cache.clear()
        client.post("/accounts/email/", {"email": "shared@example.com", "action_send": "1"})
    first, second = (link_in(message) for message in mail.outbox)

    owner.post(first)
    late = bobs.get(second).content.decode()
    bobs.post(second)

    assert "belongs to another account already" in late
    assert [User.objects.get(pk=one.pk).email for one in (alice, bob)] == ["shared@example.com", ""]
