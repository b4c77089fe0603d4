"""Two people edit one setting: the second is told what the first wrote, keeps their own text, and decides."""

import re

import pytest

from projects.models import Role
from projects.services import labels
from tests.cast import person
from tests.clients import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def maria(project):
    manager = person("maria")
    project.memberships.create(user=manager, role=Role.MANAGER)
    return client_of(manager)


def version_in(page):
    return re.search(r'name="version" value="(\d+)"', page)[1]


def test_guidelines_of_another_are_shown_and_ones_own_stay_until_one_decides(owner, maria, project):
    path = f"/projects/{project.pk}/settings/"
    seen = version_in(owner.get(path).content.decode())
    maria.post(path, {"name": project.name, "guidelines": "Hers <b>", "version": seen})

    refused = owner.post(path, {"name": project.name, "guidelines": "Mine", "version": seen}).content.decode()
    project.refresh_from_db()

    assert project.guidelines == "Hers <b>"
    assert "Maria has changed this meanwhile." in refused
    assert ">Hers &lt;b&gt;</dd>" in refused and ">Mine</textarea>" in refused and "<dt>Name" not in refused

    insisting = {"name": project.name, "guidelines": "Mine", "version": version_in(refused)}
    assert "Saved" in owner.post(path, insisting).content.decode()
    project.refresh_from_db()
    assert project.guidelines == "Mine"


def test_the_same_change_twice_is_none(owner, maria, project):
    path = f"/projects/{project.pk}/settings/"
    posted = {"name": "New name", "guidelines": "A\r\nB", "version": 1}

    assert all("Saved" in one.post(path, posted).content.decode() for one in (owner, maria))


def test_a_label_is_not_overwritten_unseen(owner, maria, project, alice):
    label = labels.add(alice, project.pk, name="Cup", shapes=["tag"])
    posted = {"name": "Cup", "color": label.color, "shapes": ["tag"], "version": label.version}

    maria.post(f"/labels/{label.pk}/", posted | {"name": "Mug"})
    refused = owner.post(f"/labels/{label.pk}/", posted | {"name": "Glass"}).content.decode()

    assert "Maria has changed this meanwhile." in refused
    assert ">Mug</dd>" in refused and 'value="Glass"' in refused
    assert ">Mug</span>" in refused and ">Glass</span>" not in refused  # its line says what it is called
    owner.post(f"/labels/{label.pk}/", posted | {"name": "Glass", "version": version_in(refused)})
    label.refresh_from_db()
    assert label.name == "Glass"


def test_of_attributes_more_than_the_name_is_told(owner, project, alice):
    size = {"id": "size", "name": "Size", "kind": "choice", "options": ["S", "L"]}
    label = labels.add(alice, project.pk, name="Cup", attributes=[size])
    labels.change(alice, label.pk, attributes=[size | {"options": ["S", "M", "L"]}])
    body = {"attributes": [size | {"name": "Measure"}], "version": 1}

    refused = owner.patch(f"/api/labels/{label.pk}/", body, content_type="application/json").json()

    assert refused["fields"]["attributes"] == "Size (choice: S, M, L)"


def test_a_role_is_not_overwritten_unseen(owner, maria, project, bob):
    membership = project.memberships.get(user=bob)

    maria.post(f"/members/{membership.pk}/", {"role": 30, "version": 1})
    refused = owner.post(f"/members/{membership.pk}/", {"role": 10, "version": 1}).content.decode()
    membership.refresh_from_db()

    assert "Maria has changed this meanwhile." in refused
    assert membership.role == Role.REVIEWER


@pytest.mark.parametrize("what", ["project", "label", "member"])
def test_the_api_tells_what_stands_there_when_one_names_the_version_one_has_seen(owner, project, alice, bob, what):
    label, member = labels.add(alice, project.pk, name="Cup"), project.memberships.get(user=bob)
    path, first, second = {
        "project": (f"/api/projects/{project.pk}/", {"name": "One"}, {"name": "Two"}),
        "label": (f"/api/labels/{label.pk}/", {"name": "One"}, {"name": "Two"}),
        "member": (f"/api/members/{member.pk}/", {"role": "viewer"}, {"role": "reviewer"}),
    }[what]

    def patch(body, **more):
        return owner.patch(path, body | more, content_type="application/json")

    seen = owner.get(path).json()["version"]
    changed = patch(first, version=seen).json()["version"]
    refused = patch(second, version=seen)

    assert (refused.status_code, refused.json()["code"]) == (409, "overtaken")
    assert refused.json()["fields"]["version"] == str(changed)
    assert patch(second, version=changed).status_code == 200
    assert patch(first).status_code == 200
