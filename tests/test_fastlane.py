"""Operations of programs at the real servers, where they pass Django by."""

import json
from datetime import timedelta
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest
from knox.models import AuthToken

from tests.live import create
from tests.supervisor.product import eventually

pytestmark = pytest.mark.django_db(transaction=True)


def post(servers, token, body):
    headers = {"Authorization": b"Token " + token, "Content-Type": "application/json"}
    try:
        return urlopen(Request(f"{servers.url}/api/sheets/1/operations/", body, headers)).status, ""
    except HTTPError as error:
        return error.code, error.read().decode()


def batch():
    return json.dumps({"id": str(uuid4()), "action": str(uuid4()), "operations": [create(1)]}).encode()


@pytest.mark.parametrize("token", [b"\xff", b"", b"0" * 64, "ש".encode()])
def test_what_is_no_token_opens_nothing(servers, token):
    status, told = post(servers, token, batch())

    assert status == 401
    assert "authentication_failed" in told


def test_a_token_that_has_expired_opens_nothing(servers, alice):
    _, token = AuthToken.objects.create(alice, expiry=timedelta(seconds=-1))

    assert post(servers, token.encode(), batch())[0] == 401


def test_a_token_that_ends_opens_nothing_a_second_later(servers, alice):
    stored, token = AuthToken.objects.create(alice)
    before, _ = post(servers, token.encode(), batch())
    stored.delete()

    assert before == 404, "it opened the door, to a sheet that is not there"
    eventually(lambda: post(servers, token.encode(), batch())[0] == 401)


def test_what_is_large_takes_the_long_way(servers, alice):
    _, token = AuthToken.objects.create(alice)

    status, told = post(servers, token.encode(), batch() + b" " * 2**21)

    assert (status, "not_found" in told) == (404, True)


def test_operations_that_are_nested_too_deeply_are_refused_in_words(servers, alice):
    _, token = AuthToken.objects.create(alice)

    body = b'{"operations": [{"shape": ' + b"[" * 100_000

    status, told = post(servers, token.encode(), body)

    assert status == 400
    assert "nested too deeply" in told


def test_a_request_that_is_too_large_is_said_to_be(servers, alice):
    _, token = AuthToken.objects.create(alice)

    status, told = post(servers, token.encode(), b" " * (16 * 2**20 + 1))

    assert status == 413
    assert "Send less at once" in told
