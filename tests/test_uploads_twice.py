"""The same files uploaded again: what the project has already is not added once more, and it is said."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction

from projects.services import items, projects
from tests.images import encoded, picture
from tests.waiting import until, waiting_for_a_lock

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


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("name", "body"), [("a.png", encoded(picture(20, 20), "PNG")), ("a.txt", b"tea")], ids=["image", "text"]
)
def test_the_same_file_at_the_same_moment_is_added_once(alice, project, name, body):
    def again() -> items.Upload:
        with closing(connection):
            return items.add_files(alice, project.pk, [SimpleUploadedFile(name, body)])

    with ThreadPoolExecutor(1) as elsewhere, transaction.atomic():
        first = items.add_files(alice, project.pk, [SimpleUploadedFile(name, body)])
        second = elsewhere.submit(again)
        until(lambda: waiting_for_a_lock() or second.done())

    assert [item.name for item in first.created] == [name]
    assert [one.code for one in second.result().refused] == ["there"]
