"""Connections to the database are few: who reads slowly or waits, at the real servers, holds none."""

import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection

from tests.cast import photo, text
from tests.clients import session_of

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


def test_who_waits_for_a_thumbnail_holds_no_connection_to_the_database(servers, project, alice):
    """Pipes keep the two that are made at a time from ending."""
    items = [photo(project, alice) for _ in range(MANY)]
    pipes = [Path(default_storage.path(item.media.path)) for item in items]
    for pipe in pipes:
        pipe.parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(pipe)
    before = connections()
    session = session_of(alice)

    readers = [begin_to_read(servers.url, f"/api/items/{item.pk}/thumbnail/", session) for item in items]
    time.sleep(2)  # all have come
    held = connections()
    with ThreadPoolExecutor(MANY) as elsewhere:
        list(elsewhere.map(lambda pipe: pipe.write_bytes(b""), pipes))

    assert held < before + MANY / 2
    for reader in readers:
        assert reader.recv(12) == b"HTTP/1.1 404"
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
