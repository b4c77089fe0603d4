"""The dashboard tells what is done and left, by whom, and what happened last."""

import re
from datetime import timedelta
from time import time
from urllib.parse import parse_qsl
from uuid import uuid4

import pytest
from django.db.models import F
from django.utils import timezone

from annotator import dashboard, operations, overview
from annotator.access import sheet_of
from annotator.dashboard import Dashboard
from annotator.live import presence
from annotator.messages import Apply, Batch, Create, Person, SetStatus
from annotator.models import Annotation, Sheet
from annotator.shapes.rectangle import Rectangle
from projects.models import Item
from projects.services import items
from tests.cast import photo
from tests.clients import client_of
from tests.grid import ask, do, found

LINKS = re.compile(r'<a\b[^>]* href="/projects/\d+/\?(.*?)"(.*?)</a>', re.DOTALL)

pytestmark = pytest.mark.django_db


@pytest.fixture
def label(project):
    return project.labels.create(name="Face", color="#f4b740", shapes=["rectangle"])


@pytest.fixture
def other(project):
    return project.labels.create(name="Badge", color="#5ec8ff", shapes=["rectangle"])


def draw(item, user, label, source="person"):
    sheet = sheet_of(item, user).pk
    create = Create(id=uuid4(), annotation=uuid4(), label=label.pk, shape=Rectangle(x=1, y=1, width=5, height=5))
    batch = Batch(id=uuid4(), action=uuid4(), operations=[create])
    operations.perform(sheet, [operations.Request(user.pk, Apply(sheet=sheet, batch=batch), source=source)])


def finish(item, user, status="done", reason="", source="person"):
    sheet = sheet_of(item, user).pk
    message = SetStatus(id=uuid4(), sheet=sheet, status=status, reason=reason)
    operations.perform(sheet, [operations.Request(user.pk, message, source=source)])


def read(user, project):
    return Dashboard(user, project).read()


def test_what_each_did_is_counted_by_label_person_and_day(project, alice, bob, label, other):
    cat, letter = photo(project, alice), photo(project, alice)
    draw(cat, alice, label)
    draw(cat, bob, other)
    draw(letter, bob, label)
    finish(cat, bob)
    finish(letter, alice)
    finish(letter, bob, "todo")
    finish(letter, alice, "skipped", "empty")
    finish(cat, alice, "accepted")

    told = read(alice, project)

    assert (told["annotations"], told["progress"].finished, told["progress"].total) == (3, 2, 2)
    assert [(row.label.name, row.annotations, row.items) for row in told["labels"]] == [("Face", 2, 2), ("Badge", 1, 1)]
    assert [(part.user, part.annotations, part.finished) for part in told["people"]] == [(bob, 2, 1), (alice, 1, 1)]
    assert [(day.annotations, day.finished) for day in told["days"]] == [(0, 0)] * 13 + [(3, 2)]
    assert told["days"][-1].date == timezone.localdate()
    assert [(one.item, one.user, one.status) for one in told["latest"]] == [
        (cat.pk, alice, "accepted"),
        (letter.pk, alice, "skipped"),
    ]


def test_who_did_how_much_on_which_day_is_written_and_leads_there(client, project, alice, bob, label):
    cat, old = photo(project, alice), photo(project, alice)
    for user in (alice, bob, bob):
        draw(cat, user, label)
    draw(old, alice, label)
    Annotation.objects.filter(sheet__item=old).update(created_at=timezone.now() - timedelta(days=2))
    finish(old, bob)
    client.force_login(alice)

    told = read(alice, project)["worked"]
    page = client.get(f"/projects/{project.pk}/dashboard/").content.decode()

    assert [(total.user, [count for _, count in counts]) for total, counts in told] == [(alice, [1, 1]), (bob, [0, 2])]
    [bobs] = re.findall(rf'href="/projects/\d+/\?(worked=[^"]*author={bob.pk})">2</a>', page)
    assert found(alice, project, **dict(parse_qsl(bobs.replace("&amp;", "&")))) == [cat.pk]
    [day] = re.findall(rf'href="/projects/\d+/\?(finished=[^"]*finisher={bob.pk})">1</a>', page)
    assert found(alice, project, **dict(parse_qsl(day.replace("&amp;", "&")))) == [old.pk]


def test_who_is_here_can_be_followed_to_where_they_are(client, project, alice, bob, rita, mallory):
    cat = photo(project, alice)
    page, items = f"/projects/{project.pk}/dashboard/", f"/projects/{project.pk}/"
    sheet = sheet_of(cat, bob).pk
    bobs = presence.encode(Person("1", bob.pk, "Bob", bob.color))
    presence.client().zadd(presence.key(sheet), {bobs: time() + 30})
    for user, path in ((bob, f"{items}items/{cat.pk}/"), (rita, items), (mallory, items), (rita, "/nowhere/")):
        client_of(user).get("/api/notices/", {"count": 1, "at": path})
    client.force_login(alice)

    def here(address):
        faces = re.findall(r'<a class="face".*?</a>', client.get(address).content.decode(), re.DOTALL)
        return [re.findall(r'(?:href|title)="(.*?)"', face) for face in faces]

    told = [
        [page, "Alice looks at the dashboard"],
        [f"{items}items/{cat.pk}/", f"Bob is on {cat.name}"],
        [items, "Rita looks at the items"],
    ]
    assert here(page) == here(f"{items}here/") == told
    presence.client().delete(presence.key(sheet))
    assert here(f"{items}here/")[1] == [items, "Bob has an item open"]


def test_what_was_sent_back_and_then_accepted_was_finished_by_who_did_it(project, alice, bob):
    mended, returned, at_once = (photo(project, alice) for _ in range(3))
    for item, words in ((mended, ["done", "returned", "accepted"]), (returned, ["done", "returned"])):
        for word in words:
            finish(item, bob if word == "done" else alice, word, "Look again")
    finish(at_once, alice, "accepted")

    told = read(alice, project)

    assert told["progress"].finished == 2
    assert {part.user: part.finished for part in told["people"]} == {bob: 1, alice: 1}
    assert [day.finished for day in told["days"]][-1] == 2


def test_what_was_imported_counts_and_is_nobodys_work(client, project, alice, bob, label):
    imported, drawn = photo(project, alice), photo(project, alice)
    finish(imported, alice, source="import")
    draw(imported, alice, label, source="import")
    draw(drawn, bob, label)

    told = read(alice, project)
    client.force_login(alice)
    page = client.get(f"/projects/{project.pk}/dashboard/").content.decode()

    assert (told["annotations"], told["imported"], told["progress"].finished) == (2, 1, 1)
    assert [(part.user, part.annotations, part.finished) for part in told["people"]] == [(bob, 1, 0)]
    assert sum(day.annotations for day in told["days"]) == 1
    assert sum(day.finished for day in told["days"]) == 0
    assert re.search(r"made=any.>2</a></b> <span>annotations, <a [^>]*made=imported.>1 imported</a>", page)
    assert found(alice, project, made="any") == [imported.pk, drawn.pk]
    assert (found(alice, project, made="imported"), found(alice, project, made="people")) == ([imported.pk], [drawn.pk])
    assert found(alice, project, finisher=alice.pk) == []
    assert "</b> imported <bdi>Face</bdi>" in page
    assert found(alice, project, author=alice.pk) == []
    worked = Annotation.objects.get(sheet__item=drawn).created_at
    assert found(alice, project, worked=f"{timezone.localdate(worked)}") == [drawn.pk]
    [record] = client.get(f"/api/sheets/{sheet_of(imported, alice).pk}/annotations/").json()["records"]
    assert (record["imported"], record["created_by"]) == (True, alice.pk)


def test_days_are_those_of_ones_own_time_zone_and_older_ones_fall_out(project, alice, label):
    item = photo(project, alice)
    draw(item, alice, label)
    draw(item, alice, label)
    at = timezone.now().replace(hour=23, minute=30) - timedelta(days=2)
    first, second = Annotation.objects.order_by("clock")
    Annotation.objects.filter(pk=first.pk).update(created_at=at)
    Annotation.objects.filter(pk=second.pk).update(created_at=at - timedelta(days=20))

    def counted():
        return {day.date: day.annotations for day in read(alice, project)["days"] if day.annotations}

    assert counted() == {at.date(): 1}
    with timezone.override("Asia/Tokyo"):
        assert counted() == {at.date() + timedelta(days=1): 1}


def test_what_is_in_the_trash_or_deleted_does_not_count(project, alice, label):
    item = photo(project, alice)
    draw(item, alice, label)
    items.trash(alice, item.pk)

    told = read(alice, project)

    assert (told["annotations"], told["progress"].total, told["latest"], told["people"]) == (0, 0, [], [])


def test_time_on_an_item_leaves_out_breaks(project, alice, label):
    item = photo(project, alice)
    draw(item, alice, label)
    for minutes in (1, 1.5, 27.5):
        Sheet.objects.update(worked_at=F("worked_at") - timedelta(minutes=minutes))
        draw(item, alice, label)

    assert 150 <= read(alice, project)["seconds"] < 170  # drawing itself took a moment
    assert (found(alice, project, took=150), found(alice, project, took=170)) == ([item.pk], [])


def test_a_label_that_is_made_and_used_while_the_page_is_read_is_on_it(project, alice):
    dashboard = Dashboard(alice, project)
    draw(photo(project, alice), alice, project.labels.create(name="New", color="#f4b740", shapes=["rectangle"]))

    told = dashboard.read()

    assert [(row.label.name, row.annotations) for row in told["labels"]] == [("New", 1)]
    assert [one.label.name for one in told["latest"]] == ["New"]


def test_what_was_done_to_many_items_at_once_is_one_of_the_latest(client, project, alice, bob, label, monkeypatch):
    items = [photo(project, alice) for _ in range(21)]
    monkeypatch.setattr(dashboard, "LOOKED_AT", 3)  # the greatest action leaves room for what was before
    for item in items[:2]:
        draw(item, bob, label)
    do(alice, project, "status", items[2:], status="done")
    client.force_login(alice)

    told = read(alice, project)["latest"]
    page = client.get(f"/projects/{project.pk}/dashboard/").content.decode()

    assert [(one.user, one.items, one.more) for one in told][:2] == [(alice, 19, False), (bob, 1, False)]
    assert "set them done" in page
    assert "and 18 other items" in page
    monkeypatch.setattr(dashboard, "LOOKED_AT", 1)
    assert "and more than 18 other items" in client.get(f"/projects/{project.pk}/dashboard/").content.decode()


def test_an_empty_project_has_a_dashboard_too(client, project, alice):
    client.force_login(alice)

    page = client.get(f"/projects/{project.pk}/dashboard/").content.decode()

    assert "Nothing is labelled yet." in page
    assert "Nothing has happened yet." in page
    assert read(alice, project)["seconds"] is None


def test_of_many_items_the_page_is_there_before_its_numbers(client, project, alice, label, monkeypatch):
    draw(photo(project, alice), alice, label)
    photo(project, alice)
    monkeypatch.setattr(overview, "AT_ONCE", 1)
    client.force_login(alice)
    address = f"/projects/{project.pk}/dashboard/"

    at_once, then = (client.get(address, headers=more).content.decode() for more in ({}, {"HX-Request": "true"}))

    assert 'hx-trigger="load, pulse"' in at_once
    assert "Alice looks at the dashboard" in at_once
    assert "?made=any" not in at_once
    assert 'hx-trigger="pulse"' in then
    assert '?made=any">1</a>' in then


def test_what_others_hide_or_throw_away_is_taken_off_all_counts(project, alice, bob, vera, label, other):
    kept, blind, thrown = (photo(project, alice) for _ in range(3))
    draw(kept, alice, label)
    draw(kept, bob, other)
    for item in (blind, thrown):
        draw(item, alice, other)
        draw(item, bob, label)
        finish(item, bob)
    Sheet.objects.filter(item=blind).update(person=alice)  # of when the project was blind
    items.trash(alice, thrown.pk)

    def told(user):
        found = read(user, project)
        labels = [(row.label.name, row.annotations, row.items) for row in found["labels"]]
        people = {part.user.name: (part.annotations, part.finished) for part in found["people"]}
        return found["annotations"], labels, people, [one.item for one in found["latest"]]

    everything = (4, [("Face", 2, 2), ("Badge", 2, 2)], {"Alice": (2, 0), "Bob": (2, 1)}, [blind.pk, kept.pk])
    assert told(alice) == everything
    shared = (2, [("Face", 1, 1), ("Badge", 1, 1)], {"Alice": (1, 0), "Bob": (1, 0)}, [kept.pk])
    assert (told(bob), told(vera)) == (shared, shared)


def test_in_a_blind_project_an_annotator_sees_their_own_part(project, alice, bob, label):
    project.blind = True
    project.save()
    item = photo(project, alice)
    draw(item, alice, label)
    draw(item, bob, label)

    assert [part.user for part in read(bob, project)["people"]] == [bob]
    assert read(alice, project)["annotations"] == 2
    assert [found(user, project, made="any", author=bob.pk) for user in (alice, bob)] == [[item.pk], [item.pk]]


def test_the_page_links_numbers_to_the_items(client, project, alice, bob, label, other):
    today = timezone.localdate()
    cat, letter, old, untouched = (photo(project, alice) for _ in range(4))
    Item.objects.update(created_at=timezone.now() - timedelta(days=7))
    draw(cat, alice, label)
    draw(letter, bob, other)
    draw(old, alice, label)
    Annotation.objects.filter(sheet__item=old).update(created_at=timezone.now() - timedelta(days=2))
    for item, user, status in ((cat, alice, "done"), (letter, bob, "skipped"), (old, alice, "done")):
        finish(item, user, status, "dark")
    finish(old, alice, "accepted")
    client.force_login(alice)
    page = client.get(f"/projects/{project.pk}/dashboard/").content.decode()

    def leads_to(title):
        """The items behind the one link that says so."""
        [query] = {link for link, text in LINKS.findall(page) if title in text}
        return found(alice, project, **dict(parse_qsl(query)))

    assert leads_to("</b> finished") == [cat.pk, letter.pk, old.pk]
    assert leads_to(f"{today:%A, %-d %B}: 2 annotations") == [cat.pk, letter.pk]
    assert leads_to(f"{today - timedelta(days=2):%A, %-d %B}: 1 annotation") == [old.pk]
    assert leads_to("To do <b>1</b>") == [untouched.pk]
    assert leads_to(">Face<") == [cat.pk, old.pk]
    assert leads_to(f"{bob}</span>") == [letter.pk]
    finishers = {int(pk): int(count) for pk, count in re.findall(r'finisher=(\d+)">(\d+)</a></td>\s*</tr>', page)}
    assert finishers == {alice.pk: 2, bob.pk: 1}
    assert found(alice, project, finisher=alice.pk) == [cat.pk, old.pk]
    assert found(alice, project, finisher=bob.pk, finished=f"{today}") == [letter.pk]
    assert f'href="/projects/{project.pk}/items/{cat.pk}/"' in page
    assert ask(alice, project, status="finished", counts=1)["counts"]["total"] == 3
