"""Projects, labels and members through the API."""

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from projects.access import get_project
from projects.errors import Conflict, Invalid
from projects.labels import TOOL_KEYS
from projects.models import Change, Project, Role
from projects.services import labels, members
from tests.cast import text
from tests.waiting import until, waiting_for_a_lock

pytestmark = pytest.mark.django_db

JSON = "application/json"


def send(client, method, path, body=None):
    return getattr(client, method)(f"/api/{path}", body or {}, content_type=JSON)


def logged(project, kind):
    return [change.record for change in Change.objects.filter(project=project, kind=kind).order_by("pk")]


# Projects -------------------------------------------------------------------------------------------------------------


def test_who_makes_a_project_owns_it_and_the_log_tells(owner, alice):
    made = send(owner, "post", "projects/", {"name": "  Čaj & <b>káva</b> ☕ ", "guidelines": "Label all."})

    assert made.status_code == 201
    assert made.json()["name"] == "Čaj & <b>káva</b> ☕"
    assert made.json()["role"] == "owner"
    project = Project.objects.get()
    assert logged(project, "project")[0]["guidelines"] == "Label all."
    assert logged(project, "membership")[0]["role"] == Role.OWNER


def test_one_sees_only_ones_own_projects(owner, project, other_project):
    listed = send(owner, "get", "projects/").json()

    assert [one["id"] for one in listed] == [project.pk]
    assert send(owner, "get", f"projects/{other_project.pk}/").json() == {
        "code": "not_found",
        "detail": "There is nothing here, or you have no access to it.",
    }


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\0b", None, {"a": 1}])
def test_a_name_that_cannot_be_is_refused_in_words(owner, name):
    answer = send(owner, "post", "projects/", {"name": name})

    assert answer.status_code == 400
    assert set(answer.json()) == {"code", "detail", "fields"}
    assert answer.json()["fields"]["name"]


def test_guidelines_have_a_length_that_the_page_keeps_to(owner, project):
    long = {"name": project.name, "guidelines": "x" * 100_001}

    page = owner.post(f"/projects/{project.pk}/settings/", long)
    api = send(owner, "patch", f"projects/{project.pk}/", long)

    assert "at most 100000 characters" in page.content.decode()
    assert "guidelines" in api.json()["fields"]
    project.refresh_from_db()
    assert project.guidelines == ""


def test_json_that_is_nested_too_deeply_is_refused_in_words(owner):
    answer = owner.post("/api/projects/", "[" * 100_000, content_type=JSON)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert "nested too deeply" in answer.json()["detail"]


def test_a_managers_change_keeps_what_it_does_not_name(client, project, rita):
    project.memberships.filter(user=rita).update(role=Role.MANAGER)
    client.force_login(rita)

    changed = send(client, "patch", f"projects/{project.pk}/", {"guidelines": "New."})

    assert (changed.json()["name"], changed.json()["guidelines"]) == ("Kitchen safety", "New.")


def test_a_project_in_the_trash_is_gone_for_all_and_its_rows_stay(owner, project, bob):
    label = project.labels.create(name="Cup", color="#112233", shapes=["tag"])

    assert send(owner, "delete", f"projects/{project.pk}/").status_code == 204
    paths = [f"projects/{project.pk}/", f"projects/{project.pk}/items/", f"labels/{label.pk}/"]

    assert [send(owner, "get", path).status_code for path in paths] == [404, 404, 404]
    assert Project.objects.get().trashed_at
    assert logged(project, "project")[-1]["trashed_at"]


# Labels ---------------------------------------------------------------------------------------------------------------


def add_label(client, project, **values):
    return send(client, "post", f"projects/{project.pk}/labels/", {"name": "Cup", **values})


def test_a_label_gets_a_colour_and_every_shape_unless_told(owner, project):
    first, second = add_label(owner, project).json(), add_label(owner, project, name="Plate").json()

    assert first["shapes"] == ["rectangle", "polygon", "span", "tag"]
    assert first["color"] != second["color"]
    assert (first["position"], second["position"]) == (0, 1)


def test_a_label_with_attributes_of_every_kind_comes_back_whole(owner, project):
    attributes = [
        {"id": "occluded", "name": "Occluded", "kind": "choice", "options": ["No", "Partly"]},
        {"id": "count", "name": "How many", "kind": "number", "options": []},
        {"id": "note", "name": "Anmerkung", "kind": "text", "options": []},
        {"id": "broken", "name": "שבור", "kind": "checkbox", "options": []},
    ]

    made = add_label(owner, project, color="#00ff7f", hotkey="q", shapes=["tag", "span"], attributes=attributes)

    assert made.status_code == 201
    assert made.json()["attributes"] == attributes
    assert made.json()["shapes"] == ["span", "tag"]
    assert send(owner, "get", f"labels/{made.json()['id']}/").json() | {"note": ""} == made.json()


@pytest.mark.parametrize(
    ("values", "field", "says"),
    [
        ({"color": "red"}, "color", "#rrggbb"),
        ({"color": "#12345"}, "color", "#rrggbb"),
        ({"shapes": []}, "shapes", "at least one shape"),
        ({"shapes": ["circle"]}, "shapes.0", "not a valid choice"),
        ({"hotkey": "r"}, "hotkey", "belongs to the editor"),
        ({"hotkey": "!"}, "hotkey", "A hotkey is one of"),
        ({"hotkey": "12"}, "hotkey", "at most 1 character"),
        ({"hotkey": "7"}, "hotkey", "taken by “Plate”"),
        ({"name": "Plate"}, "name", "called “Plate”"),
        ({"name": "x" * 101}, "name", "at most 100 characters"),
        ({"attributes": "none"}, "attributes", "Expected `array`"),
        ({"attributes": [{"id": "a", "name": "A", "kind": "colour"}]}, "attributes", "Invalid enum value"),
        ({"attributes": [{"id": "A b", "name": "A", "kind": "text"}]}, "attributes", "regex"),
        ({"attributes": [{"id": "a", "name": "A", "kind": "choice"}]}, "attributes", "give it options"),
        ({"attributes": [{"id": "a", "name": "A", "kind": "text", "options": ["x"]}]}, "attributes", "no options"),
        ({"attributes": [{"id": "a", "name": "A", "kind": "text"}] * 2}, "attributes", "Two attributes"),
        ({"attributes": [{"id": "a", "name": "A\0", "kind": "text"}]}, "attributes", "NUL"),
        ({"attributes": [{"id": "a", "name": "\ud800", "kind": "text"}]}, "attributes", "half a character"),
        ({"attributes": [{"id": "a", "name": "A", "kind": "choice", "options": ["\ud800"]}]}, "attributes", "half"),
        ({"attributes": [{"id": "a", "name": "A", "kind": "\ud800"}]}, "attributes", "half a character"),
        ({"shapes": ["\ud800"]}, "shapes.0", "not a valid choice"),
        ({"attributes": [{"id": f"a{n}", "name": str(n), "kind": "text"} for n in range(21)]}, "attributes", "20"),
    ],
)
def test_a_label_that_cannot_be_is_refused_in_words(owner, project, values, field, says):
    add_label(owner, project, name="Plate", hotkey="7")

    answer = add_label(owner, project, **values)

    assert answer.status_code == 400
    assert says in answer.json()["fields"][field]
    assert project.labels.count() == 1


def test_labels_that_are_added_at_once_differ_in_name_and_key(alice, project):
    made = labels.add_all(alice, project.pk, [{"name": "Cup", "hotkey": "2"}, {"name": "Dish"}, {"name": "Fork"}])

    assert [label.hotkey for label in made] == ["2", "1", "3"]
    for twice in ({"name": "Pan", "hotkey": ""}, {"hotkey": "q"}):
        with pytest.raises(Invalid):
            labels.add_all(alice, project.pk, [{"name": "Pot"} | twice, {"name": "Lid"} | twice])
    assert set(project.labels.all()) == set(made)


def test_the_editors_keys_are_the_same_here_and_there():
    """Digits and signs that the editor reserves are no hotkeys in any case."""
    source = Path(settings.BASE_DIR, "static/editor/keys.ts").read_text()
    reserved = re.search(r'RESERVED_KEYS.*new Set\("(.+?)"\)', source)[1]

    assert {key.lower() for key in reserved if key.isalpha()} == TOOL_KEYS


def test_a_changed_label_gets_a_version_and_the_log_keeps_the_old_one(owner, project):
    label = add_label(owner, project).json()

    changed = send(owner, "patch", f"labels/{label['id']}/", {"name": "Mug"}).json()

    assert (changed["name"], changed["version"], changed["color"]) == ("Mug", 2, label["color"])
    assert [(record["name"], record["version"]) for record in logged(project, "label")] == [("Cup", 1), ("Mug", 2)]


def test_a_removed_label_stays_for_what_has_it_and_frees_its_name_and_key(owner, project):
    label = add_label(owner, project, hotkey="7").json()

    assert send(owner, "delete", f"labels/{label['id']}/").status_code == 204
    again = add_label(owner, project, hotkey="7")
    listed = send(owner, "get", f"projects/{project.pk}/labels/").json()

    assert again.status_code == 201
    assert [one["removed"] for one in listed] == [True, False]
    assert send(owner, "patch", f"labels/{label['id']}/", {"name": "Mug"}).status_code == 404


# Members --------------------------------------------------------------------------------------------------------------


def add_member(client, project, username, role="annotator"):
    return send(client, "post", f"projects/{project.pk}/members/", {"username": username, "role": role})


def membership(project, user):
    return project.memberships.get(user=user).pk


def test_a_person_is_added_by_user_name_and_may_then_look(owner, client, project, mallory):
    added = add_member(owner, project, "Mallory", "viewer")
    client.force_login(mallory)

    assert added.status_code == 201
    assert added.json()["user"]["name"] == "Mallory"
    assert send(client, "get", f"projects/{project.pk}/").json()["role"] == "viewer"


def test_an_unknown_name_a_second_time_and_an_unknown_role_are_refused(owner, project, bob):
    answers = [
        add_member(owner, project, "nobody"),
        add_member(owner, project, "bob"),
        add_member(owner, project, "bob", "king"),
    ]

    assert [answer.status_code for answer in answers] == [400, 409, 400]
    assert "Nobody has this user name" in answers[0].json()["detail"]
    assert answers[1].json()["code"] == "already_member"
    assert "king" in answers[2].json()["fields"]["role"]


def test_a_manager_gives_and_takes_only_lower_roles(client, project, alice, bob, rita, mallory):
    project.memberships.filter(user=rita).update(role=Role.MANAGER)
    client.force_login(rita)

    assert add_member(client, project, "mallory", "manager").status_code == 403
    assert add_member(client, project, "mallory", "reviewer").status_code == 201
    changes = {alice: 403, rita: 403, bob: 200}
    for person, expected in changes.items():
        answer = send(client, "patch", f"members/{membership(project, person)}/", {"role": "viewer"})
        assert answer.status_code == expected, person
    assert send(client, "delete", f"members/{membership(project, alice)}/").status_code == 403
    assert send(client, "delete", f"members/{membership(project, bob)}/").status_code == 204


def test_the_last_owner_stays_until_there_is_another(owner, project, alice, bob):
    mine = membership(project, alice)

    refused = send(owner, "patch", f"members/{mine}/", {"role": "manager"})
    stays = send(owner, "delete", f"members/{mine}/")
    send(owner, "patch", f"members/{membership(project, bob)}/", {"role": "owner"})
    leaves = send(owner, "delete", f"members/{mine}/")

    assert (refused.status_code, refused.json()["code"]) == (409, "last_owner")
    assert "Make someone else the owner first" in stays.json()["detail"]
    assert leaves.status_code == 204


@pytest.mark.django_db(transaction=True)
def test_who_was_made_the_only_owner_while_leaving_stays(project, alice, bob):
    mine = membership(project, bob)

    def leave() -> None:
        with closing(connection):
            members.remove(bob, mine)

    with ThreadPoolExecutor(1) as elsewhere:
        with transaction.atomic():
            get_project(alice, project.pk, lock=True)
            leaving = elsewhere.submit(leave)
            until(waiting_for_a_lock)
            project.memberships.filter(pk=mine).update(role=Role.OWNER)
            project.memberships.filter(user=alice).update(role=Role.MANAGER)
        refused = leaving.exception()

    assert isinstance(refused, Conflict)


@pytest.mark.django_db(transaction=True)
def test_who_was_made_an_annotator_while_adding_someone_adds_nobody(project, alice, rita, mallory):
    project.memberships.filter(user=rita).update(role=Role.MANAGER)

    def add() -> None:
        with closing(connection):
            members.add(rita, project.pk, username="mallory", role=Role.REVIEWER)

    with ThreadPoolExecutor(1) as elsewhere:
        with transaction.atomic():
            get_project(alice, project.pk, lock=True)
            adding = elsewhere.submit(add)
            until(waiting_for_a_lock)
            project.memberships.filter(user=rita).update(role=Role.ANNOTATOR)
        refused = adding.exception()

    assert isinstance(refused, PermissionDenied)
    assert not project.memberships.filter(user=mallory).exists()


def test_anyone_may_leave_and_the_log_tells(client, project, vera):
    client.force_login(vera)

    left = send(client, "delete", f"members/{membership(project, vera)}/")

    assert left.status_code == 204
    assert send(client, "get", f"projects/{project.pk}/").status_code == 404
    assert logged(project, "membership")[-1] == {"user_id": vera.pk, "role": None}


@pytest.mark.django_db(transaction=True)
def test_new_items_do_not_wait_for_who_changes_the_project(project, alice):
    def add_item() -> None:
        with closing(connection), connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
            text(project, alice, "Hello.")

    with ThreadPoolExecutor(1) as elsewhere, transaction.atomic():
        get_project(alice, project.pk, lock=True)
        elsewhere.submit(add_item).result()

    assert project.items.count() == 1


def test_the_database_keeps_no_role_that_is_none(project, alice):
    with pytest.raises(IntegrityError):
        project.memberships.filter(user=alice).update(role=45)


def test_nobody_takes_out_a_member_of_another_project(owner, other_project, mallory):
    assert send(owner, "delete", f"members/{membership(other_project, mallory)}/").status_code == 404
