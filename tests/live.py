"""A person at a raw socket, for tests of the live session: sees every message as it comes."""

import json
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from annotator.messages import PROTOCOL
from projects.models import User
from tests.clients import session_of

Message = dict[str, Any]
PATIENCE = 20  # seconds: a busy machine is slow
BOX = {"type": "rectangle", "x": 10.0, "y": 20.0, "width": 30.0, "height": 40.0}


@dataclass
class Copy:
    """A sheet as a browser has it: made of `joined` and of what follows, checking that nothing is left out [W3]."""

    clock: int = -1
    records: dict[str, Message] = field(default_factory=dict)

    def take(self, message: Message) -> None:
        match message["type"]:
            case "joined":
                self.records = {} if message["snapshot"] else self.records
                self.merge(message["records"], message["clock"])
            case "changes":
                assert message["after"] == self.clock, "a gap [G1]"
                changes = [change for batch in message["batches"] for change in batch["changes"]]
                self.merge([change["record"] for change in changes], message["clock"])
            case "caught_up":
                assert message["after"] <= self.clock, "a gap [G1]"
                self.merge(message["records"], max(self.clock, message["clock"]))
            case "status_set":
                assert message["after"] == self.clock, "a gap [G1]"
                self.clock = message["clock"]

    def merge(self, records: list[Message], clock: int) -> None:
        for record in records:
            if record["clock"] >= self.records.get(record["id"], record)["clock"]:
                self.records[record["id"]] = record
        self.clock = clock

    @property
    def standing(self) -> dict[str, Message]:
        return {id_: record for id_, record in self.records.items() if not record["deleted"]}


class Live:
    """A socket. Messages that nobody has asked for yet wait in `inbox`."""

    def __init__(self, url: str, session: str = "", *, origin: str | None = None, hello: bool = True) -> None:
        headers = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"} if session else {}
        self.inbox: deque[Message] = deque()
        self.copies: dict[int, Copy] = {}
        self.socket: ClientConnection = connect(
            url.replace("http", "ws", 1) + "/ws/",
            origin=origin or url,
            additional_headers=headers,
            max_size=None,
            max_queue=None,  # with a full one it would wait for the server to cut it off when it is closed
            compression=None,
            legacy=True,  # not as a context manager
        )
        if hello:
            self.send(type="hello", protocol=PROTOCOL, client=str(uuid4()))

    def send(self, **message: Any) -> None:
        with suppress(ConnectionClosed):  # why it is closed can still be read
            self.socket.send(json.dumps(message))

    def receive(self, deadline: float) -> None:
        """Take in the next frame; TimeoutError when none comes until then (by the monotonic clock)."""
        frame = self.socket.recv(max(deadline - monotonic(), 0))
        for line in str(frame).split("\n"):
            message = json.loads(line)
            if message["type"] in ("joined", "changes", "caught_up", "status_set"):
                self.copies.setdefault(message["sheet"], Copy()).take(message)
            self.inbox.append(message)

    def wait(self, kind: str, *, timeout: float = PATIENCE, **values: Any) -> Message:
        """The next message of this kind with these values; those before it stay in the inbox."""
        looked, deadline = 0, monotonic() + timeout
        while True:
            for message in list(self.inbox)[looked:]:
                looked += 1
                if message["type"] == kind and values.items() <= message.items():
                    self.inbox.remove(message)
                    return message
            self.receive(deadline)

    def silent(self, kind: str, *, seconds: float = 0.5) -> bool:
        """Whether no such message comes for so long."""
        try:
            self.wait(kind, timeout=seconds)
        except TimeoutError:
            return True
        return False

    def closed(self, *, timeout: float = PATIENCE) -> int:
        """The close code, once it comes; 1006 when cut off without one."""
        deadline = monotonic() + timeout
        try:
            while True:
                self.receive(deadline)
        except ConnectionClosed as error:
            return error.rcvd.code if error.rcvd else 1006

    # What people do ---------------------------------------------------------------------------------------------------

    def join(self, sheet: int, since: int | None = None) -> Message:
        self.send(type="join", sheet=sheet, since=since)
        return self.wait("joined", sheet=sheet)

    def apply(self, sheet: int, *operations: Message, **options: Any) -> str:
        """Ask, without waiting for the answer. Returns the batch's id."""
        batch = {"id": str(uuid4()), "action": str(uuid4()), "operations": list(operations)} | options
        self.send(type="apply", sheet=sheet, batch=batch)
        return batch["id"]

    def answer(self, request: str, *, timeout: float = PATIENCE) -> Message:
        """The `changes` frame that holds the batch, or `ack`, or `refused` [W2]."""
        looked, deadline = 0, monotonic() + timeout
        while True:
            for message in list(self.inbox)[looked:]:
                looked += 1
                if message.get("id") == request or any(b["id"] == request for b in message.get("batches", [])):
                    return message
            self.receive(deadline)

    def draw(self, sheet: int, label: int) -> str:
        """Draw a rectangle and wait until it stands. Returns its id."""
        operation = create(label)
        answer = self.answer(self.apply(sheet, operation))
        assert answer["type"] == "changes", answer
        return str(operation["annotation"])

    def until(self, sheet: int, clock: int, *, timeout: float = PATIENCE) -> Copy:
        """One's copy of the sheet once it has come to the clock."""
        deadline = monotonic() + timeout
        while self.copies[sheet].clock < clock:
            self.receive(deadline)
        return self.copies[sheet]

    def close(self) -> None:
        self.socket.close()


def create(label: int, shape: Message = BOX, **more: Any) -> Message:
    operation = {"type": "create", "id": str(uuid4()), "annotation": str(uuid4()), "label": label, "shape": shape}
    return operation | more


def update(annotation: str, **values: Any) -> Message:
    return {"type": "update", "id": str(uuid4()), "annotation": annotation} | values


def delete(annotation: str, **values: Any) -> Message:
    return {"type": "delete", "id": str(uuid4()), "annotation": annotation} | values


@pytest.fixture
def enter() -> Iterator[Callable[..., Live]]:
    """`enter(url, user, **options)`: a socket that is closed when the test ends."""
    opened: list[Live] = []

    def open_socket(url: str, user: User | None = None, **options: Any) -> Live:
        opened.append(Live(url, session_of(user) if user else "", **options))
        return opened[-1]

    yield open_socket
    for live in opened:
        live.close()
