"""Operations of programs at the real servers, where they pass Django by."""

from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from knox.models import AuthToken

pytestmark = pytest.mark.django_db(transaction=True)


def post(servers, token, body):
    headers = {"Authorization": b"Token " + token, "Content-Type": "application/json"}
    try:
        return urlopen(Request(f"{servers.url}/api/sheets/1/operations/", body, headers)).status, ""
    except HTTPError as error:
        return error.code, error.read().decode()


def test_what_cannot_be_a_token_opens_nothing(servers):
    status, told = post(servers, b"\xff", b"{}")

    assert status == 401
    assert "authentication_failed" in told


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
