"""What the socket does not take, and readers who stall. Marks like [W11] are the rules of docs/protocol.md."""

import json
import socket
from collections import deque
from math import cos, sin, tau
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from annotator.consumers import weight
from annotator.live.outbox import LIMIT, RESYNC
from annotator.messages import MAX_FRAME, PROTOCOL, Apply, Batch, Create, Reject
from annotator.models import Annotation, Sheet
from annotator.shapes import Tag
from tests.cast import photo
from tests.clients import session_of
from tests.live import BOX, create

pytestmark = pytest.mark.timeout(120)

CORNERS = [(400 + 250 * cos(tau * part / 9_999), 300 + 250 * sin(tau * part / 9_999)) for part in range(9_999)]
CIRCLE = {"type": "polygon", "points": CORNERS}  # large, and no work for the database


@pytest.fixture
def label(project):
    attributes = [{"id": "note", "name": "Note", "kind": "text"}]
    return project.labels.create(
        name="Face", color="#f4b740", shapes=["rectangle", "polygon"], attributes=attributes
    ).pk


@pytest.fixture
def sheet(servers, project, alice):
    return Sheet.objects.create(item=photo(project, alice)).pk


@pytest.fixture
def live(servers, enter, alice, sheet):
    live = enter(servers.url, alice)
    live.join(sheet)
    return live


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "hello?",
        "[]",
        "{}",
        '{"type":"unknown"}',
        '{"type":"join"}',
        '{"type":"join","sheet":"1"}',
        '{"type":"join","sheet":-1}',
        '{"type":"join","sheet":99999999999999999999}',
        '{"type":"join","sheet":1,"more":1}',
        '{"type":"welcome","protocol":1,"connection":"","user":1}',
        '{"type":"hello","protocol":1,"client":"00000000-0000-4000-8000-000000000000"}',
        '{"type":"presence","sheet":1,"cursor":[NaN,1]}',
        '{"type":"presence","sheet":1,"cursor":[1]}',
        '{"type":"presence","sheet":1,"draft":{"shape":{"type":"ellipse"}}}',
        '{"type":"leave","sheet":1}}',
        "\0",
        "[" * 10_000,
        b"\x00\xff",
    ],
)
def test_what_cannot_be_read_is_said_and_ends_the_conversation(live, frame):  # [C1]
    live.socket.send(frame)

    assert live.wait("refused")["code"] == "unreadable"
    assert live.closed() == 4400


@pytest.mark.parametrize(
    "operation",
    [
        {"type": "create"},
        {"type": "explode", "id": str(uuid4())},
        create(1, {"type": "ellipse"}),
        create(1, BOX | {"x": "1"}),
        create(2**60),
        create(1, attributes={"note": ["a list"]}),
    ],
)
def test_a_batch_that_cannot_be_read_is_refused_by_its_id(live, sheet, operation):  # [W1]
    batch = live.apply(sheet, operation)

    assert live.answer(batch)["code"] == "invalid"
    live.send(type="join", sheet=sheet)
    assert live.wait("joined")


def test_an_empty_batch_is_refused(live, sheet):
    assert live.answer(live.apply(sheet))["code"] == "invalid"


def test_nul_characters_are_refused(live, sheet, label):  # [W12]
    refused = live.answer(live.apply(sheet, create(label, attributes={"note": "a\0b"})))

    assert refused["code"] == "invalid"
    assert "NUL" in refused["detail"]


def test_a_text_that_speaks_of_nul_is_taken(live, sheet, label):  # [W12]
    spoken = "\\u0000 and \\\\u0000"

    assert live.answer(live.apply(sheet, create(label, attributes={"note": spoken})))["type"] == "changes"
    assert Annotation.objects.get().attributes == {"note": spoken}


def test_half_a_surrogate_is_refused(live, sheet, label):
    batch = {"id": str(uuid4()), "action": str(uuid4()), "operations": [create(label, attributes={"note": "@"})]}
    message = json.dumps({"type": "apply", "sheet": sheet, "batch": batch})

    live.socket.send(message.replace("@", "\\ud800"))

    assert live.wait("refused")["code"] in ("invalid", "unreadable")


def test_a_message_that_is_too_large_is_said_to_be(live, sheet, label):  # [W11] [C1]
    live.apply(sheet, create(label, attributes={"note": "x" * MAX_FRAME}))

    assert live.wait("refused")["code"] == "too_large"
    assert live.closed() == 4413


def test_a_message_that_is_far_too_large_is_not_even_read(live):  # [W11]
    live.send(much="x" * (4 * MAX_FRAME))

    assert live.closed() in (1006, 1009)


def at_once(live, *messages):
    """In one frame: however slow the machine is, the server reads them in one go."""
    live.socket.send("\n".join(map(json.dumps, messages)))


def test_beyond_the_rate_batches_are_refused_and_can_be_sent_again(live, sheet, label):  # [W11]
    batches = [{"id": str(uuid4()), "action": str(uuid4()), "operations": [create(label)]} for _ in range(300)]

    at_once(live, *({"type": "apply", "sheet": sheet, "batch": batch} for batch in batches))

    answers = [live.answer(batch["id"]) for batch in batches]

    kinds = [answer["type"] for answer in answers]
    assert kinds.count("changes") >= 200
    refused = next(answer for answer in answers if answer["type"] == "refused")
    assert (refused["code"], refused["sheet"]) == ("too_fast", sheet)
    assert Annotation.objects.count() == kinds.count("changes")


def test_a_large_batch_goes_through_and_is_paid_for_afterwards(live, sheet, label):  # [W11]
    large = live.apply(sheet, *[create(label) for _ in range(600)])
    small = live.apply(sheet, create(label))

    assert live.answer(large)["type"] == "changes"
    assert live.answer(small)["code"] == "too_fast"


@pytest.mark.parametrize("kinds, weighs", [("rrrr", 1), ("r" * 21, 2), ("a" * 2_000, 100), ("ar", 1), ("arc", 3)])
def test_decisions_about_predictions_weigh_little_unless_something_else_is_among_them(kinds, weighs):  # [W11]
    def one(kind):
        ids = {"id": uuid4(), "annotation": uuid4()}
        if kind == "r":
            return Reject(**ids, prediction=uuid4())
        return Create(**ids, label=1, shape=Tag(), prediction=uuid4() if kind == "a" else None)

    batch = Batch(id=uuid4(), action=uuid4(), operations=[one(kind) for kind in kinds])

    assert weight(Apply(sheet=1, batch=batch)) == weighs


def test_too_many_moves_are_told_once_and_not_handed_on(live, servers, enter, bob, sheet):  # [W11]
    bobs = enter(servers.url, bob)
    bobs.join(sheet)

    at_once(live, *({"type": "presence", "sheet": sheet, "cursor": [number, 0]} for number in range(200)))

    assert live.wait("refused")["code"] == "too_fast"
    assert live.silent("refused", seconds=0.3)
    bobs.wait("presences")
    assert len([message for message in bobs.inbox if message["type"] == "presences"]) < 30


def test_a_flood_closes_the_socket(live, sheet):  # [W11]
    for _ in range(10_000):
        live.send(type="presence", sheet=sheet)

    assert live.closed() == 4429


def test_a_flood_within_one_frame_closes_the_socket(live, sheet):  # [W11]
    at_once(live, *[{"type": "leave", "sheet": sheet}] * 3_000)

    assert live.closed() == 4429


def connect_and_read_nothing(url: str, session: str, sheet: int) -> socket.socket:
    """A socket in the sheet's room whose reader has stalled."""
    address = urlsplit(url)
    stalled = socket.socket()
    stalled.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**14)
    stalled.connect(("127.0.0.1", address.port))
    headers = f"Host: {address.netloc}\r\nOrigin: {url}\r\nCookie: sessionid={session}\r\nConnection: Upgrade\r\n"
    headers += "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
    stalled.sendall(f"GET /ws/ HTTP/1.1\r\n{headers}\r\n".encode())
    stalled.recv(2**12)
    hello = {"type": "hello", "protocol": PROTOCOL, "client": str(uuid4())}
    for message in (hello, {"type": "join", "sheet": sheet}):
        text = json.dumps(message).encode()
        stalled.sendall(bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text)
    return stalled


def test_readers_that_stall_hold_up_nobody_and_are_told_to_come_again_or_cut_off(  # [C1]
    live, servers, bob, vera, sheet, label
):
    """Bob reads on in the end, and Vera never does."""
    bobs, _ = sockets = [connect_and_read_nothing(servers.url, session_of(user), sheet) for user in (bob, vera)]
    people = [live.wait("arrived")["person"] for _ in sockets]
    veras = next(person["connection"] for person in people if person["user"] == vera.pk)
    live.answer(live.apply(sheet, create(label, CIRCLE)))

    told = 0
    while told < 2.5 * LIMIT:
        request = str(uuid4())
        live.send(type="redo" if live.copies[sheet].standing == {} else "undo", id=request, sheet=sheet)
        answer = live.answer(request, timeout=8)
        assert answer["type"] == "changes"
        told += len(json.dumps(answer))
        live.inbox = deque(message for message in live.inbox if message["type"] == "left")

    bobs.settimeout(30)
    end = b""
    while more := bobs.recv(2**20):
        end = (end + more)[-4:]
    assert end == (b"\x88\x02" + RESYNC.to_bytes(2, "big"))
    assert live.wait("left", connection=veras, timeout=40)
