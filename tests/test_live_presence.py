"""Who is there and what they are doing. Marks like [P1] are the rules of docs/protocol.md."""

import time
from uuid import uuid4

import pytest

from annotator.live.presence import people_by_sheet
from annotator.models import Sheet
from tests.cast import photo


@pytest.fixture
def sheet(servers, project, alice):
    return Sheet.objects.create(item=photo(project, alice)).pk


@pytest.fixture
def alices(servers, enter, alice, sheet):
    live = enter(servers.urls[0], alice)
    live.join(sheet)
    return live


@pytest.fixture
def bobs(servers, enter, bob, alices, sheet):
    """At the other web process."""
    live = enter(servers.urls[1], bob)
    live.join(sheet)
    live.connection = alices.wait("arrived")["person"]["connection"]
    return live


def moved(live, connection):
    """What is told of the connection next."""
    while True:
        for one in live.wait("presences")["moved"]:
            if one["connection"] == connection:
                return one


def test_the_others_see_the_cursor_the_selection_and_the_unfinished_shape(alices, bobs, sheet):
    selected = str(uuid4())
    draft = {"shape": {"type": "polygon", "points": [[1.0, 2.0]]}, "label": 7, "annotation": None}

    bobs.send(type="presence", sheet=sheet, cursor=[3.5, 4.5], selection=[selected], draft=draft, view=[0, 0, 9, 9])

    seen = moved(alices, bobs.connection)
    assert (seen["cursor"], seen["selection"], seen["draft"]) == ([3.5, 4.5], [selected], draft)


def test_identity_is_the_servers_and_cannot_be_chosen(alices, bobs, sheet):  # [P1]
    bobs.send(type="presence", sheet=sheet, cursor=[1, 1], connection="someone-else")

    assert bobs.wait("refused")["code"] == "unreadable"


def test_presence_carries_the_clock_so_that_a_gap_shows(alices, bobs, sheet):  # [P1] [G1]
    bobs.send(type="presence", sheet=sheet, cursor=[1, 1])

    assert alices.wait("presences")["clock"] == Sheet.objects.get(pk=sheet).clock


def test_many_moves_arrive_as_few_frames_and_the_last_one_arrives(alices, bobs, sheet):
    for number in range(25):
        bobs.send(type="presence", sheet=sheet, cursor=[number, 0])
        time.sleep(0.005)

    while moved(alices, bobs.connection)["cursor"] != [24.0, 0.0]:
        pass


def test_who_comes_later_sees_where_the_others_are(servers, enter, alices, bobs, rita, sheet):
    bobs.send(type="presence", sheet=sheet, cursor=[5, 6])
    moved(alices, bobs.connection)

    for url in servers.urls:
        late = enter(url, rita)
        late.join(sheet)
        assert moved(late, bobs.connection)["cursor"] == [5.0, 6.0]


def test_two_tabs_of_one_person_are_two_connections(servers, enter, alices, alice, sheet):
    second = enter(servers.urls[1], alice)

    people = second.join(sheet)["people"]

    assert len({person["connection"] for person in people}) == 2
    assert {person["user"] for person in people} == {alice.pk}


def test_every_room_is_told_something_now_and_then_so_that_a_dead_network_shows(alices):  # [P4]
    assert alices.wait("presences")["moved"] == []


def test_the_project_page_knows_who_is_on_which_sheet(alices, bobs, sheet):
    people = people_by_sheet([sheet, sheet + 1])

    assert {person.name for person in people[sheet]} == {"Alice", "Bob"}
    assert sheet + 1 not in people
    bobs.close()
    assert alices.wait("left")
    assert [person.name for person in people_by_sheet([sheet])[sheet]] == ["Alice"]
