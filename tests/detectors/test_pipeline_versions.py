"""Pipelines under their names: each saving is a version, and nobody's goes over another's unseen."""

import pytest
from django.test import Client

from detectors import saving
from projects.errors import Conflict, Invalid
from projects.models import Project, Role, User
from projects.services.versions import Overtaken
from tests.cast import text
from tests.clients import client_of

JSON = "application/json"


def graph(x: int = 0, **config: object) -> dict[str, object]:
    return {
        "nodes": [
            {"id": "items", "kind": "items", "config": {"of": "text"}},
            {"id": "dates", "kind": "patterns", "config": {"numbers": False} | config, "x": x},
        ],
        "edges": [{"source": "items", "target": "dates"}],
    }


@pytest.fixture
def version(project: Project, alice: User):
    project.labels.create(name="date", color="#336699", shapes=["span"])
    return saving.save(alice, project.pk, name="Dates", graph=graph(), fresh=True)


@pytest.fixture
def mia(project: Project, rita: User) -> User:
    """Another manager."""
    project.memberships.filter(user=rita).update(role=Role.MANAGER)
    return rita


def test_who_saves_after_another_is_told_and_can_put_theirs_after_it(version, alice, mia):
    theirs = saving.save_after(mia, version.pipeline_id, graph=graph(emails=False), after=1)
    assert theirs.number == 2

    with pytest.raises(Overtaken, match="Rita has saved v2 meanwhile") as refused:
        saving.save_after(alice, version.pipeline_id, graph=graph(money=False), after=1)
    assert refused.value.fields == {"number": "2"}

    assert saving.save_after(alice, version.pipeline_id, graph=graph(money=False), after=2).number == 3
    answer = client_of(alice).get(f"/api/pipelines/{version.pipeline_id}/versions/").json()
    assert [(one["number"], one["created_by"]["name"]) for one in answer] == [(3, "Alice"), (2, "Rita"), (1, "Alice")]
    first = client_of(alice).get(f"/api/pipelines/{version.pipeline_id}/versions/1/").json()
    assert first["graph"]["nodes"][1]["config"] == {"numbers": False}


def test_a_node_that_was_moved_makes_a_version_and_nothing_new_makes_none(version, alice):
    moved = saving.save_after(alice, version.pipeline_id, graph=graph(x=10), after=1)
    again = saving.save_after(alice, version.pipeline_id, graph=graph(x=10), after=2)

    assert (moved.number, again.number) == (2, 2)


def test_two_pipelines_have_no_name_in_common(version, project, alice):
    other = saving.save(alice, project.pk, name="Days", graph=graph(), fresh=True)

    for attempt in (
        lambda: saving.save(alice, project.pk, name=" Dates ", graph=graph(), fresh=True),
        lambda: saving.rename(alice, other.pipeline_id, "Dates"),
    ):
        with pytest.raises(Conflict, match="There is a pipeline “Dates” already"):
            attempt()
    assert saving.rename(alice, other.pipeline_id, " Days! ").name == "Days!"
    assert saving.rename(alice, other.pipeline_id, "Days!").name == "Days!"


def test_a_pipeline_is_tried_on_one_item_after_the_other(version, project, alice):
    first, second = (text(project, alice, f"On {day}.") for day in ("2024-05-31", "2024-06-02"))
    client = client_of(alice)
    client.raise_request_exception = False

    found = client.get(f"/api/projects/{project.pk}/pipelines/sample/", {"of": "text"}).json()
    assert (found["id"], found["previous"], found["next"]) == (first.pk, None, second.pk)
    found = client.get(f"/api/projects/{project.pk}/pipelines/sample/", {"of": "text", "item": second.pk}).json()
    assert (found["text"], found["previous"], found["next"]) == ("On 2024-06-02.", first.pk, None)
    assert client.get(f"/api/projects/{project.pk}/pipelines/sample/", {"of": "image"}).status_code == 404

    body = {"graph": graph(), "item": second.pk}
    shown = client.post(f"/api/projects/{project.pk}/pipelines/preview/", body, content_type=JSON).json()
    assert shown["nodes"]["dates"]["count"] == 1
    assert shown["nodes"]["dates"]["found"][0]["place"] == [3, 13]


def test_members_try_what_managers_have_saved_on_items_of_the_project(version, project, other_project, alice, vera):
    item, elsewhere = text(project, alice, "On 2024-05-31."), text(other_project, alice, "On 2024-05-31.")
    address, client = f"/api/pipelines/{version.pipeline_id}/versions/1/preview/", client_of(vera)

    shown = client.post(address, {"item": item.pk}, content_type=JSON).json()

    assert shown["nodes"]["dates"]["count"] == 1
    assert client.post(address, {"item": elsewhere.pk}, content_type=JSON).status_code == 404


def test_members_see_a_pipeline_and_only_managers_are_offered_to_begin_one(version, project, alice, vera):
    def page(user: User, path: str) -> str:
        client: Client = client_of(user)
        return client.get(f"/projects/{project.pk}/pipelines/{path}").content.decode()

    assert "New pipeline" in page(alice, "") and "New pipeline" not in page(vera, "")
    assert "Dates" in page(vera, "")
    assert '"manages": false' in page(vera, f"{version.pipeline_id}/")


def test_what_is_drawn_is_tried_though_the_project_lacks_its_labels_yet(project, alice):
    item, client = text(project, alice, "On 2024-05-31."), client_of(alice)

    body = {"graph": graph(), "item": item.pk}
    shown = client.post(f"/api/projects/{project.pk}/pipelines/preview/", body, content_type=JSON).json()

    assert shown["nodes"]["dates"]["count"] == 1
    with pytest.raises(Invalid, match="no such label"):
        saving.save(alice, project.pk, name="Dates", graph=graph())
