"""Who may do what: every page and endpoint, tried as each role, as a stranger and signed out, from one table."""

from contextlib import contextmanager

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.test import Client
from django.test.client import ClientHandler
from django.urls import URLPattern, get_resolver, resolve
from django.utils import timezone

from annotator.access import sheet_of
from detectors import saving
from detectors.confusion import columns, points
from projects.models import Project, Role, User
from projects.services import invitations, items, people, projects
from tests.cast import person, photo, text
from tests.clients import client_of
from tests.roles import (
    ANNOTATOR,
    ASK,
    BATCH,
    CREATE,
    DO,
    EVERYONE,
    EXPORTS,
    GRAPH,
    HEIR,
    JSON,
    LABEL,
    MANAGER,
    MOVE,
    PREVIEW,
    READ,
    STATUS,
    TABLE,
    TRASH,
    VIEWER,
    WOULD_MOVE,
    Row,
)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume asynchronous iterators"),
]


@pytest.fixture
def ids(project, alice, cast):
    """What the paths and bodies of the table name. The member is walter."""
    project.demo = "welcome"
    project.save()
    item = photo(project, alice)
    for path in (item.media.path, item.media.thumbnail_path):
        default_storage.save(path, ContentFile(b"bytes"))
    type(item.media).objects.update(has_thumbnail=True)
    User.objects.filter(pk=alice.pk).update(picture="0" * 64)
    alice.refresh_from_db()
    default_storage.save(alice.picture_path, ContentFile(b"bytes"))
    walter, wanda = people.create("walter"), people.create("wanda")
    trashed_project = Project.objects.create(name="Trashed", trashed_at=timezone.now())
    elsewhere = Project.objects.create(name="Elsewhere")
    for one in project.memberships.all():
        trashed_project.memberships.create(user=one.user, role=one.role)
        elsewhere.memberships.create(user=one.user, role=one.role)
    return {
        "project": project.pk,
        "elsewhere": elsewhere.pk,
        "item": item.pk,
        "example": project.examples.create(media=item.media, name="cup.png", created_by=alice).pk,
        "trashed": items.trash(alice, text(project, alice, "Words.").pk).pk,
        "trashed_project": trashed_project.pk,
        "sheet": sheet_of(item, alice).pk,
        "comment": sheet_of(item, alice).comments.create(author=alice, text="A cup?").pk,
        "label": project.labels.create(**LABEL).pk,
        "filter": project.filters.create(owner=alice, name="Done", query="status=done", shared=True).pk,
        "pictured": alice.pk,
        "import": project.imports.create(created_by=alice, state="ready").pk,
        "run": project.runs.create(name="results.json", source="import", created_by=alice).pk,
        **pipelines(project, alice, item),
        "evaluation": evaluation(project, alice),
        "slice": project.slices.create(name="Few", things=[], created_by=alice).pk,
        "back_end": project.back_ends.create(
            name="Away", address="http://127.0.0.1:9", interactive=True, created_by=alice
        ).pk,
        "member": project.memberships.create(user=walter, role=VIEWER).pk,
        "link": people.make_link(wanda),
        "invitation": invitations.secret_of(invitations.invite(alice, project.pk, role=ANNOTATOR)),
    }


def pipelines(project, alice, item):
    """One that can be run, and runs of it: one that goes on, and one in which something has failed."""
    version = saving.save(alice, project.pk, name="Faces", graph=GRAPH)
    made = {"version": version, "source": "pipeline", "created_by": alice}
    failed = project.runs.create(name="Failed", **made)
    failed.failures.create(item=item, node="faces", detail="It is broken.")
    going = project.runs.create(name="Going", state="running", **made)
    return {"pipeline": version.pipeline_id, "failed_run": failed.pk, "going_run": going.pk}


def evaluation(project, alice):
    """One of a run, of no point."""
    run = project.runs.create(name="Evaluated", source="import", created_by=alice)
    made = {"name": "Evaluated", "subject": "tags", "kind": "image", "state": "done", "created_by": alice}
    return project.evaluations.create(run=run, digest=columns.keep(points.none()), **made).pk


@pytest.fixture
def cast(project, alice, bob, rita, vera, mallory):
    manager = person("manager")
    project.memberships.create(user=manager, role=MANAGER)
    return {"vera": vera, "bob": bob, "rita": rita, "manager": manager, "alice": alice, "mallory": mallory}


@pytest.fixture
def cookies(cast):
    """By name, of those who are signed in: to sign in takes as long as most answers."""
    return {who: client_of(user).cookies for who, user in cast.items()}


@contextmanager
def undone():
    """Whatever was done is taken back, so that the next one finds the same."""
    point = transaction.savepoint()
    yield
    transaction.savepoint_rollback(point)


HANDLER = ClientHandler(enforce_csrf_checks=False)  # to load the middleware takes longer than most answers


def ask(row, ids, cookies):
    client = Client()
    client.handler = HANDLER
    client.cookies.update(cookies or {})
    kind = {"content_type": JSON} if row.is_api else {}
    answer = getattr(client, row.method)(row.path.format(**ids), completed(row, ids), **kind)
    if row.is_api and answer.status_code >= 400:
        assert {"code", "detail"} <= set(answer.json())
    return answer.status_code


def test_each_may_do_what_the_table_says_and_no_more(ids, cookies, subtests):
    for row in TABLE:
        answers = {}
        with subtests.test(f"{row.method} {row.path}"):
            for who in EVERYONE:
                with undone():
                    answers[who] = ask(row, ids, cookies.get(who))

            assert answers == {who: row.expected(who) for who in EVERYONE}


# What one does with an archived project, rather than in it; and filters are about how one looks at it.
WITH_THE_ARCHIVED = {
    "post /projects/{project}/archive/",
    "post /projects/{project}/bring-back/",
    "post /projects/{project}/trash/",
    "post /projects/{project}/duplicate/",
    "post /projects/{trashed_project}/restore/",
    "post /api/projects/{trashed_project}/purge/",
    "post /api/projects/{project}/archive/",
    "delete /api/projects/{project}/archive/",
    "delete /api/projects/{project}/",
    "patch /api/filters/{filter}/",
    "delete /api/filters/{filter}/",
}
COMMENT = Row("post", "/api/items/{item}/comments/", VIEWER, 201, {"text": "Is this a cup?"})


def test_nobody_changes_anything_in_an_archived_project(ids, cookies, project, alice):
    changes = [row for row in TABLE if isinstance(row.least, Role) and row.least > VIEWER and row.method != "get"]
    projects.archive(alice, project.pk)
    answers = {}

    for row in [*changes, COMMENT]:
        with undone():
            answers[f"{row.method} {row.path}"] = ask(row, ids, cookies["alice"])

    assert {row for row, status in answers.items() if status != 403} == WITH_THE_ARCHIVED


@pytest.mark.django_db(transaction=True)
def test_members_export_and_strangers_do_not(ids, cookies):
    for row in EXPORTS:
        answers = {who: ask(row, ids, cookies.get(who)) for who in EVERYONE}

        assert answers == {who: row.expected(who) for who in EVERYONE}, row.path


def completed(row, ids):
    """The body with the ids that are known only now."""
    if row.body is STATUS:
        return {**STATUS, "sheet": ids["sheet"]}
    if row.body is BATCH:
        return {**BATCH, "operations": [{**CREATE, "label": ids["label"]}]}
    if row.body is ASK:
        return {"back_end": ids["back_end"]}
    if row.body is READ:
        return {"comment": ids["comment"]}
    if row.body is PREVIEW:
        return {**PREVIEW, "item": ids["item"]}
    if row.body is HEIR:
        return {"to": ids["member"]}
    if row.body in (MOVE, WOULD_MOVE):
        return {**row.body, "items": [ids["item"]], "project": ids["elsewhere"]}
    if row.body in (DO, TRASH):
        return {**row.body, "items": [ids["item"]]}
    return row.body


def routes(patterns, before=""):
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route
        else:
            yield from routes(pattern.url_patterns, route)


def test_no_page_and_no_endpoint_is_missing_from_the_table():
    names = (
        "project",
        "item",
        "sheet",
        "label",
        "member",
        "pictured",
        "import",
        "run",
        "failed_run",
        "going_run",
        "pipeline",
        "trashed",
        "trashed_project",
        "comment",
        "filter",
        "back_end",
        "example",
        "evaluation",
        "slice",
    )
    numbers = dict.fromkeys(names, 1)
    tried = {
        resolve(row.path.format(**numbers, link="secret", invitation="secret").partition("?")[0]).route
        for row in [*TABLE, *EXPORTS]
    }

    assert tried == set(routes(get_resolver().url_patterns))
