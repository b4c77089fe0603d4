"""What a client says to each server. Every message carries an id that starts with MARK and the client's number."""

import json
from typing import NamedTuple
from uuid import uuid4

MARK = b"be9c4a1f-"
TEXT, BINARY = 0x81, 0x82
ANNOTATIONS = 20  # that each client works on
FILL = "x" * 100


def mark(client: int) -> bytes:
    return MARK + b"%04x-" % client


def marked(client: int, number: int) -> str:
    return f"{mark(client).decode()}4000-8000-{number:012x}"


class Place(NamedTuple):
    """Where in the product the clients work; client n has session n and sheet n, both counted round."""

    origin: str
    label: int
    sheets: list[int]
    sessions: list[str]


class Ours:
    """Each message moves a rectangle: one operation in a batch of its own, committed before it comes back."""

    opcode = TEXT
    ready = b'"type":"joined"'

    def __init__(self, place: Place) -> None:
        self.place = place
        self.annotations: dict[int, list[str]] = {}

    def path(self) -> str:
        return "/ws/"

    def headers(self, client: int) -> dict[str, str]:
        return {"Origin": self.place.origin, "Cookie": f"sessionid={self.session(client)}"}

    def session(self, client: int) -> str:
        return self.place.sessions[client % len(self.place.sessions)]

    def sheet(self, client: int) -> int:
        return self.place.sheets[client % len(self.place.sheets)]

    def opening(self, client: int) -> list[str]:
        hello = {"type": "hello", "protocol": 1, "client": str(uuid4())}
        return [json.dumps(hello), json.dumps({"type": "join", "sheet": self.sheet(client)})]

    def preparation(self, client: int) -> list[str]:
        """What is there to be moved."""
        self.annotations[client] = [str(uuid4()) for _ in range(ANNOTATIONS)]
        create = {"type": "create", "label": self.place.label, "shape": rectangle(client)}
        operations = [create | {"annotation": one, "id": str(uuid4())} for one in self.annotations[client]]
        return [self.apply(client, str(uuid4()), operations)]

    def message(self, client: int, number: int) -> bytes:
        annotation = self.annotations[client][number % ANNOTATIONS]
        update = {"type": "update", "id": str(uuid4()), "annotation": annotation, "shape": rectangle(number)}
        return self.apply(client, marked(client, number), [update]).encode()

    def apply(self, client: int, batch: str, operations: list[dict[str, object]]) -> str:
        content = {"id": batch, "action": str(uuid4()), "operations": operations}
        return json.dumps({"type": "apply", "sheet": self.sheet(client), "batch": content})


class Idle(Ours):
    """Joins, and does nothing more."""

    def preparation(self, client: int) -> list[str]:
        return []


def rectangle(number: int) -> dict[str, object]:
    return {"type": "rectangle", "x": 10.5 + number % 900, "y": 20.25 + number % 700, "width": 64.5, "height": 48.125}


class Plain:
    """For servers that hand on what they get: 150 bytes of text."""

    opcode = TEXT
    ready = b"\r\n\r\n"

    def path(self) -> str:
        return "/"

    def headers(self, client: int) -> dict[str, str]:
        return {}

    def opening(self, client: int) -> list[str]:
        return []

    preparation = opening

    def message(self, client: int, number: int) -> bytes:
        return json.dumps({"id": marked(client, number), "fill": FILL}).encode()


class Yjs(Plain):
    """A Yjs update of its own making: one new key of a shared map, with the same text as its value."""

    opcode = BINARY

    def __init__(self) -> None:
        self.document = f"/{uuid4()}"

    def path(self) -> str:
        return self.document

    def message(self, client: int, number: int) -> bytes:
        content = super().message(client, number)
        # any content, under a key, of a root type: a list of one string
        struct = b"\x28\x01" + sized(b"map") + sized(b"%d-%d" % (client, number)) + b"\x01\x77" + sized(content)
        update = b"\x01\x01" + varuint(client + 1) + varuint(number) + struct + b"\x00"
        return b"\x00\x02" + sized(update)


def sized(content: bytes) -> bytes:
    return varuint(len(content)) + content


def varuint(number: int) -> bytes:
    """lib0's variable-length integer."""
    digits = bytearray()
    while number > 127:
        digits.append(number & 127 | 128)
        number >>= 7
    return bytes([*digits, number])


def dialect(name: str, place: Place | None) -> Ours | Plain:
    if place is not None:
        return Idle(place) if name == "idle" else Ours(place)
    return Yjs() if name == "yjs" else Plain()
