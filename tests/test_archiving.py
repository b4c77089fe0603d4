"""A project that is finished is archived: everyone looks, nobody changes; an owner brings it back or hands it over."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from annotator import operations
from annotator.access import place, sheet_of
from annotator.messages import Apply, Batch, Create
from annotator.operations import Request
from annotator.shapes import Tag
from projects.access import ARCHIVED
from projects.models import Change, Project, Role
from projects.services import invitations, items, projects
from tests.cast import photo
from tests.waiting import until, waiting_for_a_lock

pytestmark = pytest.mark.django_db


@pytest.fixture
def archived(project, alice):
    return projects.archive(alice, project.pk)


def tag(sheet, label):
    create = Create(id=uuid4(), annotation=uuid4(), label=label.pk, shape=Tag())
    return Apply(sheet=sheet.pk, batch=Batch(id=uuid4(), action=uuid4(), operations=[create]))


def test_who_has_the_item_open_becomes_a_viewer_and_is_refused_with_the_sentence(project, alice, bob):
    label = project.labels.create(name="Cup", color="#336699", shapes=["tag"])
    sheet = sheet_of(photo(project, alice), bob)
    assert place(bob.pk, sheet.pk) == (Role.ANNOTATOR, project.pk)

    projects.archive(alice, project.pk)
    [outcome] = operations.perform(sheet.pk, [Request(bob.pk, tag(sheet, label))])

    assert (outcome.code, outcome.detail) == ("permission_denied", ARCHIVED)
    assert place(bob.pk, sheet.pk) == (Role.VIEWER, project.pk)

    projects.bring_back(alice, project.pk)
    [outcome] = operations.perform(sheet.pk, [Request(bob.pk, tag(sheet, label))])

    assert outcome.changes
    assert place(bob.pk, sheet.pk) == (Role.ANNOTATOR, project.pk)


@pytest.mark.django_db(transaction=True)
def test_what_was_begun_before_is_not_written_into_it(project, alice):
    """Who has asked for their role already waits for the archiving, and is refused then."""
    one, other, gone = (photo(project, alice) for _ in range(3))
    items.trash(alice, gone.pk)
    tries = [
        partial(items.add_text, alice, project.pk, name="Late", text="Words."),
        partial(items.trash_many, alice, project.pk, [one.pk], action=uuid4()),
        partial(items.trash, alice, other.pk),
        partial(items.restore, alice, gone.pk),
    ]
    with ThreadPoolExecutor() as pool:
        with transaction.atomic():
            projects.archive(alice, project.pk)
            late = [pool.submit(elsewhere, each) for each in tries]
            until(lambda: waiting_for_a_lock() == len(tries))
        refusals = [each.exception() for each in late]

    assert [str(refusal) for refusal in refusals] == [ARCHIVED] * len(tries)
    assert project.items.filter(trashed_at=None).count() == 2


def elsewhere(change):
    try:
        return change()
    finally:
        connection.close()


def test_not_even_a_comment_is_written(client, archived, alice, vera):
    item = photo(archived, alice)
    client.force_login(vera)

    answer = client.post(f"/api/items/{item.pk}/comments/", {"text": "?"}, content_type="application/json")

    assert (answer.status_code, answer.json()["detail"]) == (403, ARCHIVED)


def test_a_reviewer_still_sees_all_sheets_of_a_blind_project(client, project, alice, bob, rita):
    Project.objects.filter(pk=project.pk).update(blind=True, archived_at=timezone.now())
    item = photo(project, alice)
    theirs = item.sheets.create(person=bob)

    assert place(rita.pk, theirs.pk) == (Role.VIEWER, project.pk)
    client.force_login(rita)
    assert client.get(f"/api/sheets/{theirs.pk}/annotations/").status_code == 200


def test_it_stands_apart_and_only_owners_bring_it_back(owner, archived, bob):
    home, page = owner.get("/").content.decode(), owner.get(f"/projects/{archived.pk}/").content.decode()
    settings = owner.get(f"/projects/{archived.pk}/settings/").content.decode()

    assert home.index("Archived") < home.index(archived.name)
    assert ">Owner<" in home
    assert ARCHIVED in page and "Bring it back" in page and "Upload" not in page and "Start" not in page
    assert ARCHIVED in settings and "Add a label" not in settings
    others = Client()
    others.force_login(bob)
    assert "Bring it back" not in others.get(f"/projects/{archived.pk}/").content.decode()

    assert owner.post(f"/projects/{archived.pk}/bring-back/")["HX-Redirect"] == f"/projects/{archived.pk}/"
    assert "Archived" not in owner.get("/").content.decode()
    records = Change.objects.filter(project=archived, kind="project").order_by("pk").values_list("record", flat=True)
    assert [bool(record["archived_at"]) for record in records] == [True, False]


def test_it_can_be_duplicated_and_put_into_the_trash_and_stays_archived_when_it_comes_back(archived, alice):
    assert projects.duplicate(alice, archived.pk).archived_at is None

    projects.trash(alice, archived.pk)
    assert projects.restore(alice, archived.pk).archived_at


def test_a_link_lets_nobody_in(client, project, alice):
    secret = invitations.secret_of(invitations.invite(alice, project.pk, role=Role.ANNOTATOR))
    projects.archive(alice, project.pk)

    answer = client.post(f"/join/{secret}/", {"name": "Zoë"})

    assert answer.status_code == 410
    assert "is archived" in answer.content.decode()


@pytest.mark.parametrize(("then", "left"), [("stay", Role.MANAGER), ("leave", None)])
def test_an_owner_hands_the_project_over(owner, project, alice, bob, then, left):
    heir = project.memberships.get(user=bob)
    assert "Hand over" in owner.get(f"/projects/{project.pk}/settings/").content.decode()

    answer = owner.post(f"/projects/{project.pk}/transfer/", {"to": heir.pk, "then": then})

    assert answer["HX-Redirect"] == ("/" if left is None else f"/projects/{project.pk}/settings/")
    roles = dict(project.memberships.values_list("user", "role"))
    assert (roles[bob.pk], roles.get(alice.pk)) == (Role.OWNER, left)


@pytest.mark.parametrize("to", ["", "0", "own", "elsewhere"])
def test_it_is_handed_to_another_member_only(owner, project, other_project, alice, to):
    ids = {"own": project.memberships.get(user=alice).pk, "elsewhere": other_project.memberships.get().pk}

    answer = owner.post(f"/projects/{project.pk}/transfer/", {"to": ids.get(to, to)})

    assert "Choose another member of the project." in answer.content.decode()
    assert project.memberships.get(user=alice).role == Role.OWNER
