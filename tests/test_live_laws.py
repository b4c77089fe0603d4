"""Two raw clients at two web processes, whatever they do and the network does to them, end in the same state."""

import json
from typing import Any
from uuid import UUID, uuid4

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotator.models import Operation, Sheet
from annotator.reading import read
from tests.cast import photo
from tests.clients import session_of
from tests.live import BOX, Live, create, delete, update

# A step: who, what, on which annotation, with which value, and what becomes of the message.
step = st.tuples(
    st.integers(0, 1),
    st.sampled_from(("create", "shape", "note", "delete", "restore", "undo", "redo", "reconnect")),
    st.integers(0, 5),
    st.integers(1, 9),
    st.sampled_from(("sent", "sent", "repeated", "held back", "lost with its answer")),
)


class Player:
    """Sends what it is told, in the order the network makes of it; keeps what is not acknowledged, as browsers do."""

    def __init__(self, url: str, session: str, sheet: int) -> None:
        self.url, self.session, self.sheet = url, session, sheet
        self.unanswered: dict[str, dict[str, Any]] = {}
        self.held: list[str] = []
        self.live = Live(url, session)
        self.live.join(sheet)

    def ask(self, request: str, message: dict[str, Any], fate: str) -> None:
        self.unanswered[request] = message
        if fate == "held back":
            self.held.append(request)
            return
        self.live.send(**message)
        if fate == "repeated":
            self.live.send(**message)
        if fate == "lost with its answer":
            self.reconnect()
        for late in self.held[::-1]:
            self.live.send(**self.unanswered[late])
        self.held.clear()

    def reconnect(self) -> None:
        """Cut off, with answers on the way; comes back with what it has, and asks again what was not answered."""
        copy = self.live.copies[self.sheet]
        self.live.close()
        self.live = Live(self.url, self.session)
        self.live.copies[self.sheet] = copy
        self.live.join(self.sheet, copy.clock)
        for message in self.unanswered.values():
            self.live.send(**message)

    def settle(self) -> None:
        for request, message in self.unanswered.items():
            if request in self.held:
                self.live.send(**message)
        for request in self.unanswered:
            self.live.answer(request)


def message(what: str, sheet: int, label: int, annotations: list[str], which: int, value: int) -> dict[str, Any]:
    request = str(uuid4())
    if what in ("undo", "redo"):
        return {"type": what, "id": request, "sheet": sheet}
    if what == "create" or not annotations:
        operation = create(label, BOX | {"x": float(value)})
        annotations.append(operation["annotation"])
    else:
        annotation = annotations[which % len(annotations)]
        operation = {
            "shape": update(annotation, shape=BOX | {"y": float(value)}),
            "note": update(annotation, attributes={"note": str(value)}),
            "delete": delete(annotation),
            "restore": {"type": "restore", "id": str(uuid4()), "annotation": annotation},
        }[what]
    return {
        "type": "apply",
        "sheet": sheet,
        "batch": {"id": request, "action": str(uuid4()), "operations": [operation]},
    }


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(step, min_size=5, max_size=40))
def test_two_clients_and_the_database_end_in_the_same_state(servers, project, alice, bob, steps):  # [W3] [W4] [G1]
    attributes = [{"id": "note", "name": "Note", "kind": "text"}]
    label = project.labels.create(name=str(uuid4()), color="#f4b740", shapes=["rectangle"], attributes=attributes).pk
    sheet = Sheet.objects.create(item=photo(project, alice)).pk
    players = [Player(url, session_of(user), sheet) for url, user in zip(servers.urls, (alice, bob), strict=True)]
    annotations: list[str] = []

    for who, what, which, value, fate in steps:
        if what == "reconnect":
            players[who].reconnect()
            continue
        asked = message(what, sheet, label, annotations, which, value)
        players[who].ask(asked["batch"]["id"] if "batch" in asked else asked["id"], asked, fate)
    for player in players:
        player.settle()

    now = read(sheet)
    standing = {str(record.id): json.loads(msgspec.json.encode(record)) for record in now.records}
    for player in players:
        assert player.live.until(sheet, now.clock).standing == standing
        player.live.close()
    keys = list(Operation.objects.filter(sheet=sheet).values_list("key", flat=True))
    assert len(keys) == len(set(keys))
    assert {UUID(id_) for id_ in annotations} >= {record.id for record in now.records}
