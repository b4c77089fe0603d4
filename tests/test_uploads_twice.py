"""The same files uploaded again: what the project has already is not added once more, and it is said."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from projects.services import items, projects
from tests.images import encoded, picture

pytestmark = pytest.mark.django_db


def upload(client, project, *files):
    sent = [SimpleUploadedFile(name, body) for name, body in files]
    return client.post(f"/api/projects/{project.pk}/items/", {"files": sent})


def test_the_same_files_again_are_refused_until_they_are_in_the_trash(owner, alice, project):
    photo, text = ("a.png", encoded(picture(20, 20), "PNG")), ("a.txt", b"tea")
    assert upload(owner, project, photo, text).status_code == 201

    again = upload(owner, project, photo, text)
    other = upload(owner, project, ("b.png", photo[1]), ("a.txt", b"coffee"), ("b.png", photo[1]), photo)

    assert again.status_code == 400
    assert again.json()["refused"] == [
        {"name": name, "code": "there", "detail": "It is in the project already."} for name in ("a.png", "a.txt")
    ]
    assert [one["name"] for one in other.json()["created"]] == ["b.png", "a.txt"]
    assert [(one["name"], one["code"]) for one in other.json()["refused"]] == [("b.png", "there"), ("a.png", "there")]
    for item in project.items.all():
        items.trash(alice, item.pk)
    assert upload(owner, project, photo, text).status_code == 201


def test_another_projects_items_are_not_this_ones(owner, alice, project):
    photo = ("a.png", encoded(picture(20, 20), "PNG"))
    assert upload(owner, projects.create(alice, name="Elsewhere"), photo).status_code == 201
    assert upload(owner, project, photo).status_code == 201
