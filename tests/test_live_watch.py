"""A page without a sheet is told what happens in its project [C7]."""

from uuid import uuid4

import pytest

from annotator.bulk import StatusOfMany, carry_out
from projects.services import members
from tests.cast import photo

pytestmark = pytest.mark.django_db(transaction=True)


def test_who_watches_is_told_at_once_what_is_done_to_many_items(servers, enter, project, alice, bob):
    item = photo(project, alice)
    live = enter(servers.urls[1], bob)
    live.send(type="watch", project=project.pk)
    live.wait("watching", project=project.pk)

    carry_out(alice, project.pk, StatusOfMany(id=uuid4(), items=[item.pk], status="done"))

    live.wait("items_changed", project=project.pk, timeout=2)


def test_strangers_are_told_nothing_and_who_is_let_out_no_more(servers, enter, project, alice, bob, mallory):
    item = photo(project, alice)
    stranger, live = enter(servers.url, mallory), enter(servers.url, bob)
    for one in (stranger, live):
        one.send(type="watch", project=project.pk)
    assert stranger.wait("refused")["code"] == "not_found"
    live.wait("watching")

    members.remove(alice, project.memberships.get(user=bob).pk)
    assert live.wait("refused")["code"] == "not_found"
    carry_out(alice, project.pk, StatusOfMany(id=uuid4(), items=[item.pk], status="done"))

    assert live.silent("items_changed")
    assert stranger.silent("items_changed", seconds=0.1)
