"""Codes of an authenticator app as a second step of signing in."""

import base64
import hmac
import re
import time

import pytest
from django.core.cache import cache
from django.test import Client

from tests.waiting import until

pytestmark = pytest.mark.django_db

PASSWORD = "a good password"


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


def code_of(secret):
    """RFC 6238, as an authenticator app shows it: not one that is about to change."""
    until(lambda: time.time() % 30 < 25)
    counter = (int(time.time()) // 30).to_bytes(8, "big")
    digest = hmac.digest(base64.b32decode(secret), counter, "sha1")
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def sign_in(client):
    return client.post("/accounts/login/", {"login": "alice", "password": PASSWORD})


def is_signed_in(client):
    return client.get("/api/me/").status_code == 200


@pytest.fixture
def known(client, alice):
    """A client that has just signed in by password."""
    sign_in(client)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


@pytest.fixture
def secret(known):
    page = known.get("/accounts/2fa/totp/activate/").content.decode()
    secret = re.search(r'data-copy="(\w+)"', page)[1]
    known.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
    cache.clear()  # a code is good once: the next test step takes its own
    return secret


def recovery_codes(client):
    page = client.get("/accounts/2fa/recovery-codes/").content.decode()
    return re.findall(r"<li>([\w-]+)</li>", page)


def test_setting_up_asks_for_the_password_and_shows_a_code_to_scan(client, alice):
    client.force_login(alice)

    asked = client.get("/accounts/2fa/totp/activate/", follow=True)
    shown = client.post(
        "/accounts/reauthenticate/", {"password": PASSWORD, "next": "/accounts/2fa/totp/activate/"}, follow=True
    ).content.decode()
    wrong = client.post("/accounts/2fa/totp/activate/", {"code": "000000"}).content.decode()

    assert "Is it you?" in asked.content.decode()
    assert 'src="data:image/svg+xml;base64,' in shown
    assert "Incorrect code." in wrong


def test_the_password_alone_lets_nobody_in_any_more(secret, alice):
    client = Client()

    first = sign_in(client)
    between = is_signed_in(client)
    wrong = client.post("/accounts/2fa/authenticate/", {"code": "000000"}).content.decode()
    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})

    assert first.headers["Location"] == "/accounts/2fa/authenticate/"
    assert not between
    assert "Incorrect code." in wrong
    assert is_signed_in(client)


def test_nor_does_it_make_a_token(secret, alice):
    answer = Client().post("/api/tokens/", {"username": "alice", "password": PASSWORD})

    assert answer.status_code == 401
    assert "Sign in to the pages and make a token there." in answer.json()["detail"]


def test_a_recovery_code_lets_in_once(secret, known):
    codes = recovery_codes(known)
    answers = []
    for _ in range(2):
        client = Client()
        sign_in(client)
        client.post("/accounts/2fa/authenticate/", {"code": codes[0]})
        answers.append(is_signed_in(client))

    assert len(codes) == 10
    assert answers == [True, False]
    assert known.get("/accounts/2fa/recovery-codes/download/").content.decode().split() == codes[1:]


def test_new_recovery_codes_end_the_old_ones(secret, known):
    old = recovery_codes(known)

    known.post("/accounts/2fa/recovery-codes/generate/")
    new = recovery_codes(known)
    client = Client()
    sign_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": old[0]})

    assert not set(old) & set(new)
    assert not is_signed_in(client)


def test_codes_are_turned_off_again(secret, known):
    known.post("/accounts/2fa/totp/deactivate/")
    client = Client()
    sign_in(client)

    assert is_signed_in(client)
    assert ">Set up</a>" in known.get("/accounts/2fa/").content.decode()


def test_guessing_codes_is_slowed_down(secret, alice):
    client = Client()
    sign_in(client)

    pages = [client.post("/accounts/2fa/authenticate/", {"code": f"{n:06}"}).content.decode() for n in range(6)]
    late = client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})

    assert "Incorrect code." in pages[0]
    assert "Too many" in pages[-1]
    assert late.status_code != 302
    assert not is_signed_in(client)
