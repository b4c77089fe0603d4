"""Requests that are too large, at the real servers."""

from contextlib import closing
from http.client import HTTPConnection
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from knox.models import AuthToken

pytestmark = pytest.mark.django_db(transaction=True)


def post(servers, path, body, *, token=""):
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Token {token}"} if token else {})
    try:
        return urlopen(Request(servers.url + path, body, headers)).status, ""
    except HTTPError as error:
        return error.code, error.read().decode()


@pytest.mark.parametrize("chunked", [False, True])
def test_what_is_too_large_is_turned_away_in_words(servers, chunked):
    body = (b" " * 2**20 for _ in range(17)) if chunked else b" " * 17 * 2**20

    status, told = post(servers, "/api/projects/", body)

    assert status == 413
    assert "Send less at once" in told


def test_whoever_sent_a_form_that_is_too_large_gets_a_page(servers):
    headers = {"Content-Type": "multipart/form-data; boundary=a", "Accept": "text/html,*/*;q=0.8"}

    with pytest.raises(HTTPError) as answer:
        urlopen(Request(f"{servers.url}/accounts/profile/", b" " * 17 * 2**20, headers))

    page = answer.value.read().decode()
    assert (answer.value.code, answer.value.headers["Content-Type"]) == (413, "text/html; charset=utf-8")
    assert (
        "<h1>The request has more than 16 MB. Send less at once. What you typed is there when you go back.</h1>" in page
    )


def test_files_may_be_larger_than_other_requests(servers, project, alice):
    _, token = AuthToken.objects.create(alice)

    status, _ = post(servers, f"/api/projects/{project.pk}/items/", b" " * 17 * 2**20, token=token)

    assert status == 400  # it is no JSON


@pytest.mark.parametrize(
    ("size", "headers", "status", "says"),
    [
        (2**30, {}, 401, "Sign in"),
        (2**30, {"Cookie": "csrftoken=a"}, 401, "Sign in"),
        (2**31 + 1, {"Authorization": "Token a"}, 413, "more than 2,048 MB. Send less at once."),
        (2**31 + 1, {"Cookie": "sessionid=a"}, 413, "Send less at once"),
    ],
)
def test_an_upload_that_cannot_be_is_turned_away_before_it_is_sent(servers, size, headers, status, says):
    connection = HTTPConnection(urlsplit(servers.url).netloc, timeout=20)
    connection.putrequest("POST", "/api/projects/1/items/")
    for name, value in ({"Content-Length": str(size)} | headers).items():
        connection.putheader(name, value)
    connection.endheaders()

    with closing(connection):
        answer = connection.getresponse()
        assert (answer.status, says in answer.read().decode()) == (status, True)
