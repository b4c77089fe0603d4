"""People on slow lines, at the real servers."""

import socket
import time
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection

from tests.cast import photo, text
from tests.live import session_of

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 8
LARGE = 8_000_000  # bytes, more than buffers hold


@pytest.fixture
def large(project, alice):
    item = photo(project, alice)
    default_storage.save(item.media.path, ContentFile(bytes(LARGE)))
    return {"photo": item.pk, "text": text(project, alice, "x" * LARGE).pk, "project": project.pk}


@pytest.mark.parametrize(
    "path",
    [
        "/api/items/{photo}/media/",
        "/api/items/{text}/",
        "/api/projects/{project}/export/?format=jsonl",
        "/api/projects/{project}/export/?format=coco&media=1",
    ],
)
def test_who_reads_slowly_holds_no_connection_to_the_database(servers, large, alice, path):
    before = connections()
    readers = [begin_to_read(servers.url, path.format(**large), session_of(alice)) for _ in range(MANY)]

    try:
        assert all(reader.recv(12) == b"HTTP/1.1 200" for reader in readers)
        assert soon(lambda: connections() < before + MANY / 2)
    finally:
        for reader in readers:
            reader.close()


def begin_to_read(url, path, session):
    at = urlsplit(url)
    reader = socket.create_connection((at.hostname, at.port))
    cookie = f"{settings.SESSION_COOKIE_NAME}={session}"
    reader.sendall(f"GET {path} HTTP/1.1\r\nHost: {at.netloc}\r\nCookie: {cookie}\r\n\r\n".encode())
    return reader


def connections():
    with closing(connection.cursor()) as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        return cursor.fetchone()[0]


def soon(condition):
    end = time.monotonic() + 10
    while not condition() and time.monotonic() < end:
        time.sleep(0.1)
    return condition()
