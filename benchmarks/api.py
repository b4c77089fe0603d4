"""Annotations created a second through the HTTP API, with one client and with eight.

Each is on the disk before it is acknowledged. How long the disk takes for that is measured beside it: one row after the
other, inserted and committed straight in PostgreSQL.
"""

import json
import statistics
import threading
import time
from contextlib import closing
from http.client import HTTPConnection
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg2

from benchmarks.report import Figure, arguments, report
from tests.servers import dedicated
from tests.services import manage

# Label Studio 1.23.2 from PyPI, 2 cores, client and server on the same: annotations a second, and p50 in ms.
LABEL_STUDIO = {1: (16.7, 53), 8: (17, 470)}
GOALS = {1: 350, 8: 700}

SEED = """
from knox.models import AuthToken
from projects.models import *
from annotator.models import Sheet
user = User.objects.create(username="bench", name="Bench")
project = Project.objects.create(name="Bench")
project.memberships.create(user=user, role=Role.OWNER)
label = project.labels.create(name="Face", color="#f4b740", shapes=["rectangle"])
sheets = []
for number in range({sheets}):
    media = Media.objects.create(sha256=f"{{number:064}}", content_type="image/png", size=1, width=4000, height=3000)
    item = project.items.create(kind="image", name="photo", media=media, width=4000, height=3000, created_by=user)
    sheets.append(Sheet.objects.create(item=item).pk)
print(AuthToken.objects.create(user)[1], label.pk, *sheets)
"""


class Place(NamedTuple):
    url: str
    token: str
    label: int
    sheet: int


def body(label: int) -> str:
    shape = {"type": "rectangle", "x": 10.5, "y": 20.25, "width": 300, "height": 400.125}
    create = {"type": "create", "id": str(uuid4()), "annotation": str(uuid4()), "label": label, "shape": shape}
    return json.dumps({"id": str(uuid4()), "action": str(uuid4()), "operations": [create]})


def client(place: Place, seconds: float, times: list[float]) -> None:
    """Create annotations one after the other for so long; `times` takes how long each took, in seconds."""
    address = urlsplit(place.url)
    connection = HTTPConnection(address.hostname or "", address.port)
    headers = {"Authorization": f"Token {place.token}", "Content-Type": "application/json"}
    end = time.perf_counter() + seconds
    while (start := time.perf_counter()) < end:
        connection.request("POST", f"/api/sheets/{place.sheet}/operations/", body(place.label), headers)
        response = connection.getresponse()
        answer = response.read()
        times.append(time.perf_counter() - start)
        if response.status != 200:
            raise RuntimeError(answer.decode())


def measure(place: Place, clients: int, seconds: float) -> tuple[float, float]:
    """Annotations a second, and the median time of one in ms."""
    times: list[float] = []
    threads = [threading.Thread(target=client, args=[place, seconds, times]) for _ in range(clients)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(times) / (time.perf_counter() - start), statistics.median(times) * 1_000


def commits(url: str, seconds: float) -> float:
    """Rows a second that PostgreSQL takes from one connection, each in a transaction of its own."""
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("CREATE TABLE IF NOT EXISTS bare (value jsonb)")
        start = time.perf_counter()
        number = 0
        while time.perf_counter() - start < seconds:
            cursor.execute("INSERT INTO bare VALUES (%s)", [body(number)])
            number += 1
        return number / (time.perf_counter() - start)


def main() -> None:
    options = arguments(__doc__)
    rounds, seconds = (1, 2.0) if options.quick else (5, 5.0)
    runs: dict[int, list[tuple[float, float]]] = {1: [], 8: []}
    bare = []
    with dedicated() as (services, servers):
        seeded = manage(services.env(), "shell", "--verbosity=0", "-c", SEED.format(sheets=2 * rounds + 1))
        token, label, *sheets = seeded.split()
        places = iter([Place(servers.url, token, int(label), int(sheet)) for sheet in sheets])
        measure(next(places), 1, 1)
        for _ in range(rounds):
            bare.append(commits(services.postgres.url(), seconds / 2))
            for clients in runs:
                runs[clients].append(measure(next(places), clients, seconds))
    figures = [Figure("rows committed by PostgreSQL alone", statistics.median(bare), "1/s")]
    for clients, measured in runs.items():
        rate, p50 = (statistics.median(column) for column in zip(*measured, strict=True))
        name = f"annotations created, {clients} client{'s' if clients > 1 else ''}"
        figures.append(Figure(name, rate, "1/s", LABEL_STUDIO[clients][0], GOALS[clients], higher=True))
        figures.append(Figure(f"{name}: p50", p50, "ms", LABEL_STUDIO[clients][1]))
    report(figures, options.json)


if __name__ == "__main__":
    main()
