"""Every message a browser can send, as each role, a stranger and signed-out; none may be missing from the table."""

from typing import Any, get_args
from uuid import uuid4

import pytest

from annotator.messages import Incoming
from annotator.models import Annotation, Operation, Sheet
from projects.models import Role
from tests.cast import photo
from tests.live import Live, create

# From this role on one may; below, members are refused as `permission_denied`.
TABLE: dict[str, Role] = {
    "hello": Role.VIEWER,
    "join": Role.VIEWER,
    "leave": Role.VIEWER,
    "watch": Role.VIEWER,
    "presence": Role.VIEWER,
    "apply": Role.ANNOTATOR,
    "undo": Role.ANNOTATOR,
    "redo": Role.ANNOTATOR,
    "set_status": Role.ANNOTATOR,
    "set_unsure": Role.ANNOTATOR,
    "restore_to": Role.REVIEWER,
}
ROLES = {"vera": Role.VIEWER, "bob": Role.ANNOTATOR, "rita": Role.REVIEWER, "alice": Role.OWNER}
REQUESTS = ("apply", "undo", "redo", "set_status", "set_unsure", "restore_to")


@pytest.fixture
def label(project):
    return project.labels.create(name="Face", color="#f4b740", shapes=["rectangle"]).pk


@pytest.fixture
def sheet(servers, project, alice):
    return Sheet.objects.create(item=photo(project, alice)).pk


def content(kind: str, sheet: int, label: int) -> dict[str, Any]:
    """A good message of the kind."""
    request = {"type": kind, "id": str(uuid4()), "sheet": sheet}
    return {
        "hello": {"type": "hello", "protocol": 1, "client": str(uuid4())},
        "join": {"type": "join", "sheet": sheet},
        "leave": {"type": "leave", "sheet": sheet},
        "watch": {"type": "watch", "project": 1},
        "presence": {"type": "presence", "sheet": sheet, "cursor": [1, 2]},
        "apply": {
            "type": "apply",
            "sheet": sheet,
            "batch": {"id": request["id"], "action": str(uuid4()), "operations": [create(label)]},
        },
        "undo": request,
        "redo": request,
        "set_status": request | {"status": "done"},
        "set_unsure": request | {"unsure": True},
        "restore_to": request | {"clock": 0},
    }[kind]


def asked(live: Live, message: dict[str, Any]) -> str:
    """The code of the refusal, or "" when the answer is another."""
    live.send(**message)
    answer = live.answer(message["batch"]["id"] if "batch" in message else message["id"])
    return answer["code"] if answer["type"] == "refused" else ""


def test_no_message_is_missing_from_the_table():
    assert {message.__struct_config__.tag for message in get_args(Incoming)} == set(TABLE)


@pytest.mark.parametrize("name", ROLES)
def test_each_role_may_do_what_the_table_says(servers, enter, project, request, sheet, label, name):
    live = enter(servers.url, request.getfixturevalue(name))
    live.join(sheet)

    for kind in REQUESTS:
        code = asked(live, content(kind, sheet, label))
        assert code == ("" if ROLES[name] >= TABLE[kind] else "permission_denied"), kind


@pytest.mark.parametrize("name", ROLES)
def test_each_role_may_come_look_and_be_seen(servers, enter, project, alice, request, sheet, label, name):
    watching, live = enter(servers.urls[1], alice), enter(servers.url, request.getfixturevalue(name))
    watching.join(sheet)

    assert live.wait("welcome")
    assert live.join(sheet)["role"] == ROLES[name]
    live.send(**content("presence", sheet, label))
    while not (moved := watching.wait("presences")["moved"]):  # a room tells its clock even when nobody moves
        pass
    assert moved[0]["cursor"] == [1.0, 2.0]
    live.send(**content("leave", sheet, label))
    assert watching.wait("left")


def test_a_stranger_finds_nothing_and_changes_nothing(servers, enter, project, alice, mallory, sheet, label):
    watching, live = enter(servers.urls[1], alice), enter(servers.url, mallory)
    watching.join(sheet)

    live.send(**content("join", sheet, label))
    assert live.wait("refused")["code"] == "not_found"
    for kind in REQUESTS:
        assert asked(live, content(kind, sheet, label)) == "not_found", kind
        assert asked(live, content(kind, sheet + 1_000, label)) == "not_found", kind
    for kind in ("presence", "leave"):
        live.send(**content(kind, sheet, label))

    assert watching.silent("arrived")
    assert not any(message["type"] == "left" or message.get("moved") for message in watching.inbox)
    assert not Annotation.objects.exists()
    assert Sheet.objects.get(pk=sheet).status == "todo"


@pytest.mark.parametrize("kind", TABLE)
def test_signed_out_nothing_is_answered_but_a_request_to_sign_in(servers, enter, project, sheet, label, kind):
    live = enter(servers.url, hello=False)

    live.send(**content(kind, sheet, label))

    assert live.closed() == 4401
    assert [message["type"] for message in live.inbox] == ["refused"]
    assert not Operation.objects.exists()


def test_in_a_blind_project_a_sheet_is_its_persons_and_the_reviewers(
    servers, enter, project, alice, bob, rita, vera, label
):
    project.blind = True
    project.save()
    bobs = Sheet.objects.create(item=photo(project, alice), person=bob).pk

    for user, code in ((vera, "not_found"), (rita, ""), (bob, "")):
        live = enter(servers.url, user)
        live.send(**content("join", bobs, label))
        assert live.wait("refused" if code else "joined", sheet=bobs).get("code", "") == code
        assert asked(live, content("apply", bobs, label)) == code


def test_a_role_that_ends_while_one_draws_refuses_what_comes_after(servers, enter, project, bob, sheet, label):
    live = enter(servers.url, bob)
    live.join(sheet)
    live.draw(sheet, label)

    project.memberships.filter(user=bob).update(role=Role.VIEWER)

    assert asked(live, content("apply", sheet, label)) == "permission_denied"
    assert Annotation.objects.count() == 1
