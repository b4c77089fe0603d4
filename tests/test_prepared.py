"""Transactions whose beginning and end travel with what runs in them."""

from collections.abc import Callable, Iterator

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from projects.models import Project
from projects.prepared import Prepared, brief, run

RENAME = Prepared(
    "rename_a_project",
    "UPDATE projects_project SET name = %(to)s WHERE id = %(project)s RETURNING name",
    to="text",
    project="bigint",
)

BREAK = Prepared(
    "break_the_connection",
    "SELECT pg_terminate_backend(pg_backend_pid()) FROM projects_project WHERE id = %(project)s",
    project="bigint",
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def seen(project: Project) -> Iterator[Callable[[], str]]:
    """The project's name, as others see it."""
    other = connection.get_new_connection(connection.get_connection_params())
    other.autocommit = True

    def name() -> str:
        with other.cursor() as cursor:
            cursor.execute("SELECT name FROM projects_project WHERE id = %s", [project.pk])
            return cursor.fetchone()[0]

    yield name
    other.close()


def test_all_is_committed_at_the_end_and_told_then(project, seen):
    told = []
    with brief():
        transaction.on_commit(lambda: told.append(seen()))
        assert run(RENAME, project=project.pk, to="First") == [("First",)]
        assert run(RENAME, project=project.pk, to="Second") == [("Second",)]
        assert seen() == project.name
    assert (seen(), told) == ("Second", ["Second"])


def test_what_runs_last_is_committed_with_that(project, seen):
    with brief():
        run(RENAME, project=project.pk, to="First")
        run(RENAME, last=True, project=project.pk, to="Second")
        assert seen() == "Second"


def test_what_fails_leaves_nothing_and_the_next_goes_on(project, seen):
    was = project.name
    with pytest.raises(ZeroDivisionError), brief():
        run(RENAME, project=project.pk, to="First")
        raise ZeroDivisionError
    for last in (False, True):
        with pytest.raises(IntegrityError), brief():
            run(RENAME, project=project.pk, to="First")
            run(RENAME, last=last, project=project.pk, to=None)
    with brief():
        run(RENAME, project=project.pk, to="First")
        with pytest.raises(IntegrityError), transaction.atomic():  # to its savepoint
            run(RENAME, project=project.pk, to=None)
        transaction.set_rollback(True)
    assert seen() == was

    with brief():
        run(RENAME, project=project.pk, to="Last")
    with transaction.atomic():
        assert Project.objects.get(pk=project.pk).name == seen() == "Last"


def test_within_another_transaction_it_ends_with_that(project, seen):
    was = project.name
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        with brief():
            run(RENAME, last=True, project=project.pk, to="First")
        assert seen() == was
        raise ZeroDivisionError
    assert seen() == was


def test_a_connection_that_breaks_says_so_and_is_made_anew(project, seen):
    was = project.name
    with pytest.raises(OperationalError), brief():
        run(RENAME, project=project.pk, to="First")
        run(BREAK, last=True, project=project.pk)
    assert seen() == was
    with brief():
        run(RENAME, project=project.pk, to="Second")
    assert seen() == "Second"
