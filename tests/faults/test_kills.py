"""kill -9 of every part at random moments while people work: what was acknowledged is there, once."""

import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from config.supervisor.services import Services
from tests.live import BOX, Live, create, update
from tests.seeding import Seeded, seed
from tests.servers import Servers, dedicated

ROUNDS = int(os.environ.get("FAULT_ROUNDS", "2"))
PEOPLE = 6
pytestmark = [pytest.mark.faults, pytest.mark.timeout(120 + 60 * ROUNDS)]
GONE = (ConnectionClosed, InvalidHandshake, OSError)


@dataclass
class Place:
    services: Services
    servers: Servers
    seeded: Seeded

    def query(self, statement: str, sheet: int) -> list[tuple[Any, ...]]:
        with closing(psycopg2.connect(self.services.postgres.url())) as connection, connection.cursor() as cursor:
            cursor.execute(statement, [sheet])
            return cursor.fetchall()


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with dedicated(count=2) as (services, servers):
        yield Place(services, servers, seed(services.env(), people=PEOPLE, sheets=5))


@pytest.fixture
def sheet(place: Place) -> int:
    """One that nobody has worked on."""
    return place.seeded.sheets.pop()


@dataclass
class Worker:
    """Draws and moves rectangles without pause, and sends again under the same ids what nobody has acknowledged."""

    url: str
    session: str
    sheet: int
    label: int
    stop: threading.Event
    unanswered: dict[str, dict[str, Any]] = field(default_factory=dict)
    acknowledged: set[str] = field(default_factory=set)  # ids of operations
    moved: dict[str, float] = field(default_factory=dict)  # where each rectangle was put last
    live: Live | None = None

    def run(self) -> None:
        while not self.stop.is_set() or self.unanswered:
            try:
                self.work(self.live or self.come_in())
            except GONE:
                self.leave()
                time.sleep(0.1)

    def leave(self) -> None:
        """Who only stopped reading would stall the others' room."""
        if self.live:
            self.live.close()
        self.live = None

    def come_in(self) -> Live:
        self.live = live = Live(self.url, self.session)
        live.join(self.sheet)
        for message in self.unanswered.values():
            live.send(**message)
        return live

    def work(self, live: Live) -> None:
        if not self.stop.is_set() and len(self.unanswered) < 10:
            self.send(live)
            time.sleep(0.01)  # more than 200 a second are refused
        with suppress(TimeoutError):
            live.receive(time.monotonic() + 0.03)
        while live.inbox:
            self.hear(live.inbox.popleft())

    def send(self, live: Live) -> None:
        value = random.randrange(1, 3_000) + 0.5
        if len(self.moved) < 5 or random.random() < 0.05:
            operation = create(self.label, BOX | {"x": value})
        else:
            operation = update(random.choice(list(self.moved)), shape=BOX | {"x": value})
        self.moved[operation["annotation"]] = value
        batch = {"id": str(uuid4()), "action": str(uuid4()), "operations": [operation]}
        self.unanswered[batch["id"]] = {"type": "apply", "sheet": self.sheet, "batch": batch}
        live.send(**self.unanswered[batch["id"]])

    def hear(self, message: dict[str, Any]) -> None:
        assert message["type"] != "refused", message
        for request in [message.get("id"), *(batch["id"] for batch in message.get("batches", []))]:
            if answered := self.unanswered.pop(request, None):
                self.acknowledged |= {operation["id"] for operation in answered["batch"]["operations"]}


@pytest.fixture
def workers(place: Place, sheet: int) -> list[Worker]:
    stop = threading.Event()
    seeded = place.seeded
    return [
        Worker(place.servers.urls[number % 2], session, sheet, seeded.label, stop)
        for number, session in enumerate(seeded.sessions)
    ]


def kill_web(place: Place) -> Callable[[], None]:
    web = random.choice(place.servers.webs)
    web.kill()
    return web.start


def kill_valkey(place: Place) -> Callable[[], None]:
    place.services.valkey.part.kill()
    return place.services.valkey.start


def kill_postgres(place: Place) -> Callable[[], None]:
    place.services.postgres.part.kill()
    return place.services.postgres.start


@pytest.mark.parametrize("kill", [kill_web, kill_valkey, kill_postgres])
def test_what_was_acknowledged_is_there_once_whatever_is_killed(place: Place, sheet: int, workers: list[Worker], kill):
    with ThreadPoolExecutor(PEOPLE) as threads:
        working = [threads.submit(worker.run) for worker in workers]
        for _ in range(ROUNDS):
            time.sleep(random.uniform(0.5, 2))
            start = kill(place)
            time.sleep(random.uniform(0, 0.5))
            start()
        time.sleep(1)
        workers[0].stop.set()
    for worker in working:
        worker.result()

    acknowledged = set().union(*(worker.acknowledged for worker in workers))
    assert len(acknowledged) > 50 * ROUNDS
    keys = place.query("SELECT key::text FROM annotator_operation WHERE sheet_id = %s", sheet)
    assert acknowledged <= {key for (key,) in keys}
    assert len(set(keys)) == len(keys)
    shapes = place.query("SELECT id::text, shape->>'x' FROM annotator_annotation WHERE sheet_id = %s", sheet)
    moved = {annotation: x for worker in workers for annotation, x in worker.moved.items()}
    assert moved.items() <= {annotation: float(x) for annotation, x in shapes}.items()


def test_after_valkey_was_killed_people_of_two_processes_see_each_other_again(place: Place, sheet: int):  # [G2] [P2]
    here, there = (Live(url, place.seeded.sessions[number]) for number, url in enumerate(place.servers.urls))
    here.join(sheet)
    there.join(sheet)

    kill_valkey(place)()
    annotation = here.draw(sheet, place.seeded.label)

    there.until(sheet, here.copies[sheet].clock)
    assert annotation in there.copies[sheet].standing
    deadline = time.monotonic() + 60
    while there.silent("presences", seconds=0.5) or not there.wait("presences")["moved"]:
        assert time.monotonic() < deadline
        here.send(type="presence", sheet=sheet, cursor=[1, 2])
    there.inbox.clear()
    here.apply(sheet, update(annotation, shape=BOX | {"x": 99.5}))
    assert there.wait("changes")["batches"][0]["changes"][0]["record"]["id"] == annotation


def test_while_postgres_is_away_nothing_is_acknowledged_and_then_everything(place: Place, sheet: int):  # [W2]
    live = Live(place.servers.url, place.seeded.sessions[0])
    live.join(sheet)

    start = kill_postgres(place)
    batch = live.apply(sheet, create(place.seeded.label))
    assert live.silent("changes", seconds=1)
    start()

    assert live.answer(batch)["type"] in ("ack", "changes")
