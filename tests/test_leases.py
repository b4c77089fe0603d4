"""What to do next: each is handed an item that waits and that nobody else is at."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from django.db import connection, transaction
from django.utils import timezone

from annotator.leases import free_among, hand_out, lease, waiting_for
from annotator.models import Lease, Sheet
from projects.models import Item, Project
from tests.cast import photo
from tests.clients import client_of
from tests.waiting import until, waiting_for_a_lock

pytestmark = pytest.mark.django_db


@pytest.fixture
def bobs(bob):
    return client_of(bob)


def test_start_opens_the_first_item_that_waits(owner, project, alice):
    done, waiting = photo(project, alice), photo(project, alice)
    Sheet.objects.create(item=done, status="done")

    assert owner.get(f"/projects/{project.pk}/start/")["Location"] == f"/projects/{project.pk}/items/{waiting.pk}/"


def opened(client, project):
    """The item that “Start labelling” opens."""
    return client.get(f"/projects/{project.pk}/start/")["Location"].rstrip("/").rsplit("/", 1)[1]


def test_two_who_start_are_handed_different_items(owner, bobs, project, alice):
    first, second = photo(project, alice), photo(project, alice)

    assert opened(owner, project) == opened(owner, project) == str(first.pk)
    assert opened(bobs, project) == str(second.pk)
    assert opened(owner, project) == str(first.pk)


def test_who_has_finished_one_goes_on_to_the_next_that_nobody_is_at_and_from_the_last_to_the_first(
    owner, bobs, project, alice
):
    def after(client, item):
        return client.post(f"/api/items/{item.pk}/to-label/").json()["item"]

    first, second, third = (photo(project, alice) for _ in range(3))
    assert opened(bobs, project) == str(first.pk)

    assert after(owner, first) == second.pk
    assert after(bobs, first) == third.pk
    assert after(bobs, third) == first.pk
    Sheet.objects.filter(item__in=[first, second]).update(status="done")
    assert after(bobs, third) is None


def test_who_asks_whether_something_waits_is_handed_nothing(owner, project, alice, bob):
    left, waiting = photo(project, alice), photo(project, alice)

    def waits():
        return owner.get(f"/api/items/{left.pk}/to-label/").json()["item"]

    assert waits() == waiting.pk
    assert not Lease.objects.exists()
    Item.objects.filter(pk=waiting.pk).update(assignee=bob)
    assert waits() is None


@pytest.mark.django_db(transaction=True)
def test_two_who_start_in_the_same_moment_are_handed_different_items(project, alice, bob):
    first, second = photo(project, alice), photo(project, alice)

    def bobs_turn():
        with closing(connection):
            return hand_out(bob, project)

    with transaction.atomic(), ThreadPoolExecutor() as threads:
        assert hand_out(alice, project) == first  # and alice's request is not done yet
        assert threads.submit(bobs_turn).result() == second


@pytest.mark.django_db(transaction=True)
def test_who_looks_a_moment_before_the_other_takes_it_is_not_handed_the_same_item(project, alice, bob):
    photo(project, alice)
    _, _, open_, _ = waiting_for(bob, project)
    slow = free_among(open_, bob).extra(where=["pg_advisory_xact_lock_shared(1) IS NOT NULL"])

    def bobs_turn():
        with closing(connection):
            return lease(bob, slow)

    with ThreadPoolExecutor() as threads, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(1)")
        bobs = threads.submit(bobs_turn)
        until(waiting_for_a_lock)  # bob looks
        hand_out(alice, project)

    assert bobs.result() is None
    assert Lease.objects.get().person == alice


def test_an_item_that_was_handed_out_and_left_alone_is_handed_out_again(owner, bobs, project, alice):
    first, _ = photo(project, alice), photo(project, alice)
    opened(owner, project)
    Lease.objects.update(until=timezone.now())

    assert opened(bobs, project) == str(first.pk)


def test_where_others_are_at_all_that_waits_one_joins_them(owner, bobs, project, alice):
    only = photo(project, alice)

    assert opened(owner, project) == opened(bobs, project) == str(only.pk)


def test_an_item_that_someone_looks_at_is_handed_to_nobody_else(servers, enter, owner, project, alice, bob):
    first, second = photo(project, alice), photo(project, alice)
    enter(servers.url, bob).join(Sheet.objects.create(item=first).pk)

    assert opened(owner, project) == str(second.pk)


def test_in_a_blind_project_everyone_starts_with_the_first(owner, bobs, project, alice):
    Project.objects.update(blind=True)
    first, _ = photo(project, alice), photo(project, alice)

    assert opened(owner, project) == opened(bobs, project) == str(first.pk)
