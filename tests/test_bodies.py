"""Requests that are too large, at the real servers."""

from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

pytestmark = pytest.mark.django_db(transaction=True)


def post(servers, path, body):
    try:
        return urlopen(Request(servers.url + path, body, {"Content-Type": "application/json"})).status, ""
    except HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.parametrize("chunked", [False, True])
def test_what_is_too_large_is_turned_away_in_words(servers, chunked):
    body = (b" " * 2**20 for _ in range(17)) if chunked else b" " * 17 * 2**20

    status, told = post(servers, "/api/projects/", body)

    assert status == 413
    assert "Send less at once" in told


def test_files_may_be_larger_than_other_requests(servers):
    assert post(servers, "/api/projects/1/items/", b" " * 17 * 2**20)[0] == 401
