"""Filters of the grid under a name: one's own, and those that members share."""

from importlib import import_module

import pytest
from django.db import IntegrityError, connection, transaction

from annotator.models import SavedFilter
from tests.clients import client_of

pytestmark = pytest.mark.django_db
JSON = "application/json"


def save(user, project, **values):
    body = {"name": "Left to do", "query": "status=todo&assignee=me"} | values
    return client_of(user).post(f"/api/projects/{project.pk}/filters/", body, content_type=JSON)


def names(user, project):
    return [(one["name"], one["mine"]) for one in client_of(user).get(f"/api/projects/{project.pk}/filters/").json()]


def test_one_sees_ones_own_filters_and_those_that_others_share(project, alice, bob):
    save(bob, project)
    shared = save(bob, project, name="  Zürich 🏙 ", shared=True).json()

    assert shared["name"] == "Zürich 🏙"
    assert names(bob, project) == [("Left to do", True), ("Zürich 🏙", True)]
    assert names(alice, project) == [("Zürich 🏙", False)]


def test_only_who_saved_it_changes_a_filter_and_managers_remove_what_is_shared(project, alice, bob, rita):
    own, shared = save(bob, project).json()["id"], save(bob, project, name="Ours", shared=True).json()["id"]

    def change(who, pk, **values):
        return client_of(who).patch(f"/api/filters/{pk}/", values, content_type=JSON).status_code

    assert (change(alice, shared, name="Mine"), change(alice, own, name="Mine")) == (403, 404)
    assert change(bob, own, name="Mine", shared=True) == 200
    assert names(rita, project) == [("Mine", False), ("Ours", False)]
    assert client_of(rita).delete(f"/api/filters/{shared}/").status_code == 403
    assert client_of(alice).delete(f"/api/filters/{shared}/").status_code == 204
    left = save(bob, project, name="Left", shared=True).json()["id"]
    project.memberships.filter(user=bob).delete()
    assert (change(rita, left, name="Ours"), change(alice, left, name="Ours")) == (403, 200)  # or nobody could
    assert change(bob, own, name="Still mine") == 404


@pytest.mark.parametrize(
    "values", [{"name": " "}, {"name": "x" * 101}, {"name": "a\0"}, {"query": "q=\0"}, {"query": "x" * 1001}]
)
def test_what_is_no_name_and_no_filter_is_refused(project, bob, values):
    answer = save(bob, project, **values)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert not SavedFilter.objects.exists()


def test_two_filters_of_a_person_are_not_named_alike(project, alice, bob):
    save(bob, project, shared=True)
    other = save(bob, project, name="Other").json()["id"]

    again = save(bob, project, name=" Left to do ")
    renamed = client_of(bob).patch(f"/api/filters/{other}/", {"name": "Left to do"}, content_type=JSON)

    assert [(answer.status_code, answer.json()["code"]) for answer in (again, renamed)] == [(409, "name_taken")] * 2
    assert client_of(bob).patch(f"/api/filters/{other}/", {"name": "Other"}, content_type=JSON).status_code == 200
    assert save(alice, project).status_code == 201


def test_of_two_at_once_one_gets_the_name_and_doubles_of_old_were_told_apart(project, bob, rita):
    migration = import_module("annotator.migrations.0025_names_of_filters")
    values = {"project": project, "query": "", "name": "Left"}
    SavedFilter.objects.create(owner=rita, **values)
    SavedFilter.objects.create(owner=bob, **values)
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedFilter.objects.create(owner=bob, **values)

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE annotator_savedfilter DROP CONSTRAINT names_of_filters_differ")
        doubles = [SavedFilter.objects.create(owner=bob, **values).pk for _ in range(2)]
        cursor.execute(migration.RENAME)

    assert names(bob, project) == [("Left", True), *((f"Left {pk}", True) for pk in doubles)]
    assert names(rita, project) == [("Left", True)]
