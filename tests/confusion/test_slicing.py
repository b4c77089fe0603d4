"""Slices of things that somebody has chosen on the map."""

from uuid import UUID, uuid4

import pytest

from tests.clients import client_of
from tests.confusion.cups import cups_and_bowls, learned
from tests.confusion.test_evaluations import now

pytestmark = pytest.mark.django_db


def test_what_is_chosen_is_kept_under_a_name_and_judged_by_itself(alice, bob, vera, project):
    cups_and_bowls(project, alice, wrong=[0, 7])
    evaluation = learned(project, alice)
    things = [str(UUID(one["id"])) for one in now(client_of(bob), evaluation, "margin")["mistakes"]][:2]
    address = f"/api/projects/{project.pk}/slices/"

    made = client_of(bob).post(address, {"name": " Hard ones ", "things": things}, "application/json").json()

    assert (made["name"], made["count"]) == ("Hard ones", 2)
    assert client_of(vera).get(address).json() == [made]
    assert {UUID(one) for one in client_of(vera).get(f"/api/slices/{made['id']}/").json()["things"]} == set(
        map(UUID, things)
    )
    page = client_of(vera).get(f"/projects/{project.pk}/evaluations/{evaluation.pk}/", {"slice": made["id"]})
    assert "2 things of 40" in page.content.decode()
    assert '<b class="num">0.000</b> accuracy' in page.content.decode()

    again = client_of(bob).post(address, {"name": "Hard ones", "things": things}, "application/json")
    assert again.status_code == 409
    assert "another name" in again.json()["detail"]
    assert client_of(bob).delete(f"/api/slices/{made['id']}/").status_code == 204
    assert client_of(vera).get(address).json() == []


def test_of_nothing_or_without_a_name_there_is_none(alice, project):
    address = f"/api/projects/{project.pk}/slices/"

    assert client_of(alice).post(address, {"name": "Empty", "things": []}, "application/json").status_code == 400
    assert (
        client_of(alice).post(address, {"name": " ", "things": [str(uuid4())]}, "application/json").status_code == 400
    )
