"""The trash, what is found there and brought back, and what a purge leaves: nothing that anyone said."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from time import monotonic, sleep
from uuid import uuid4

import pytest
from celery import current_app
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.utils import timezone

from annotator import history, reading
from annotator.access import sheet_of
from annotator.messages import Apply, Batch, Create, Refused, SetStatus, Update
from annotator.models import Operation
from annotator.operations import Request, perform
from annotator.operations.purging import purge_expired, purge_item
from annotator.shapes import Span
from annotator.versions import make_version, state_at
from projects import media
from projects.models import Change, Item, Media, SignInLink
from projects.services import items, people, projects
from tests.cast import text
from tests.images import encoded, picture
from tests.waiting import until, waiting_for_a_lock

pytestmark = pytest.mark.django_db

JSON = "application/json"


@pytest.fixture
def label(project):
    note = {"id": "note", "name": "Notiz", "kind": "text"}
    return project.labels.create(name="Patient", color="#f4b740", shapes=["span"], attributes=[note])


@pytest.fixture
def letter(alice, project):
    return items.add_text(alice, project.pk, name="confidential.txt", text="Dear Zebulon, get well.")


def ask(client, method, path):
    return getattr(client, method)(f"/api/{path}", content_type=JSON)


def listed(client, project, query=""):
    return [item["id"] for item in ask(client, "get", f"projects/{project.pk}/items/{query}").json()["results"]]


def do(item, person, *operations):
    sheet = sheet_of(item, person).pk
    return perform(sheet, [Request(person.pk, Apply(sheet, Batch(uuid4(), uuid4(), list(operations))))])[0]


def mark(item, person, label, words="Zebulon"):
    """A span over the words, whose note is changed once."""
    start = item.text.index(words)
    span, annotation = Span(start, start + len(words), words), uuid4()
    do(item, person, Create(uuid4(), annotation, label.pk, span, {"note": "broken leg"}))
    do(item, person, Update(uuid4(), annotation, attributes={"note": "broken arm"}))
    return annotation


def skip(item, person):
    sheet = sheet_of(item, person).pk
    perform(sheet, [Request(person.pk, SetStatus(uuid4(), sheet, "skipped", "Names a minor."))])


def logged(item):
    return [c.record for c in Change.objects.filter(kind="item", target=item.pk).order_by("pk")]


def found_anywhere(*words):
    """Those of the words that any table of the database holds."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            for word in words:
                cursor.execute(f'SELECT 1 FROM "{table}" AS t WHERE t::text ILIKE %s LIMIT 1', [f"%{word}%"])
                if cursor.fetchone():
                    found.add(word)
    return found


# The trash ------------------------------------------------------------------------------------------------------------


def test_an_item_in_the_trash_is_gone_for_all_and_found_there_by_managers(owner, project, letter):
    other = text(project, letter.created_by, "Stays.")

    assert ask(owner, "delete", f"items/{letter.pk}/").status_code == 204

    assert listed(owner, project) == [other.pk]
    assert listed(owner, project, "?trashed=1") == [letter.pk]
    paths = [f"items/{letter.pk}/", f"items/{letter.pk}/open/", f"sheets/{sheet_of(letter, letter.created_by).pk}/log/"]
    assert [ask(owner, "get", path).status_code for path in paths] == [404, 404, 404]


def test_a_restored_item_has_its_annotations_and_the_log_tells_of_both(owner, alice, project, letter, label):
    mark(letter, alice, label)
    before = reading.read(sheet_of(letter, alice).pk)

    ask(owner, "delete", f"items/{letter.pk}/")
    restored = ask(owner, "post", f"items/{letter.pk}/restore/")

    assert (restored.status_code, restored.json()["trashed_at"]) == (200, None)
    assert listed(owner, project) == [letter.pk]
    assert reading.read(sheet_of(letter, alice).pk) == before
    assert [bool(record["trashed_at"]) for record in logged(letter)] == [False, True, False]


def test_asking_twice_changes_nothing_more(owner, letter):
    for _ in range(2):
        assert ask(owner, "delete", f"items/{letter.pk}/").status_code == 204
    for _ in range(2):
        assert ask(owner, "post", f"items/{letter.pk}/restore/").status_code == 200

    assert len(logged(letter)) == 3


# Purging --------------------------------------------------------------------------------------------------------------


def test_a_purge_leaves_no_word_of_the_item_anywhere(owner, alice, bob, letter, label):
    words = ("confidential", "Zebulon", "broken", "minor")
    mark(letter, bob, label)
    skip(letter, alice)
    assert found_anywhere(*words) == set(words)

    ask(owner, "delete", f"items/{letter.pk}/")
    assert ask(owner, "post", f"items/{letter.pk}/purge/").status_code == 204

    assert found_anywhere(*words) == set()
    assert {bytes(operation.body) for operation in Operation.objects.all()} == {b""}  # a hash can be guessed at
    assert logged(letter)[-1]["purged_at"]


def test_a_purged_item_is_nowhere_and_does_not_come_back(owner, project, letter):
    ask(owner, "delete", f"items/{letter.pk}/")
    ask(owner, "post", f"items/{letter.pk}/purge/")

    assert ask(owner, "post", f"items/{letter.pk}/restore/").status_code == 404
    assert listed(owner, project, "?trashed=1") == []


def test_what_is_not_in_the_trash_is_not_purged(owner, project, letter):
    answers = [ask(owner, "post", f"{path}/purge/") for path in (f"items/{letter.pk}", f"projects/{project.pk}")]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(409, "not_in_trash")] * 2
    assert Item.objects.get().text == letter.text


def test_versions_history_and_exports_no_longer_have_a_purged_item(owner, alice, project, letter, label):
    other = text(project, alice, "Dear Yolanda, all is well.")
    mark(letter, alice, label)
    kept = mark(other, alice, label, "Yolanda")
    version = make_version(project, alice)
    sheet = sheet_of(letter, alice)

    items.trash(alice, letter.pk)
    purge_item(alice, letter.pk)

    assert [row.id for _, row in state_at(version)] == [kept]
    assert [row.id for _, row in state_at(make_version(project, alice))] == [kept]
    assert reading.read(sheet.pk).records == []
    assert [record.deleted for record in reading.read(sheet.pk, since=1).records] == [True]
    assert [part.quote for entry in history.log(sheet.pk, None).entries for part in entry.parts] == [None, None]
    formats = ask(owner, "get", f"projects/{project.pk}/formats/").json()
    assert "The attributes of 1 span are left out." in next(f["loses"] for f in formats if f["id"] == "conll")


def test_the_id_of_a_purged_operation_is_not_used_again(alice, project, letter, label):
    operation = Create(uuid4(), uuid4(), label.pk, Span(0, 4, "Dear"))
    do(letter, alice, operation)
    items.trash(alice, letter.pk)
    purge_item(alice, letter.pk)

    answer = do(text(project, alice, "Dear all"), alice, operation)

    assert isinstance(answer, Refused)
    assert answer.code == "key_reused"


@pytest.mark.django_db(transaction=True)
def test_a_purge_waits_for_who_is_still_writing(alice, letter, label):
    sheet_of(letter, alice)

    def purge() -> None:
        with closing(connection):
            items.trash(alice, letter.pk)
            purge_item(alice, letter.pk)

    with ThreadPoolExecutor(1) as elsewhere:
        with transaction.atomic():
            mark(letter, alice, label)
            purging = elsewhere.submit(purge)
            until(waiting_for_a_lock)  # for the sheet
        purging.result()

    assert found_anywhere("Zebulon", "broken") == set()


def test_a_purged_project_leaves_no_word_either(owner, alice, project, letter, label):
    projects.change(alice, project.pk, name="Ward seven", guidelines="Mark whoever is ill.")
    words = ("Ward seven", "whoever", "Patient", "Notiz", "confidential", "Zebulon", "broken", "minor")
    mark(letter, alice, label)
    skip(letter, alice)
    assert found_anywhere(*words) == set(words)

    ask(owner, "delete", f"projects/{project.pk}/")
    assert ask(owner, "post", f"projects/{project.pk}/purge/").status_code == 204

    assert found_anywhere(*words) == set()
    assert ask(owner, "post", f"projects/{project.pk}/purge/").status_code == 404


def test_nothing_is_uploaded_into_a_project_that_went_to_the_trash_meanwhile(alice, project):
    """The files are looked at first, which takes a while."""

    def files():
        yield SimpleUploadedFile("late.txt", b"late")
        projects.trash(alice, project.pk)

    with pytest.raises(Http404):
        items.add_files(alice, project.pk, files())

    assert not project.items.exists()


def test_an_item_stays_an_image_or_a_text_until_it_is_purged(letter):
    for values in ({"text": None}, {"text": None, "name": "", "trashed_at": timezone.now()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Item.objects.update(**values)


def test_after_thirty_days_in_the_trash_all_is_purged(alice, project, other_project, mallory, label):
    now = timezone.now()
    old, young, restored = (text(project, alice, words) for words in ("Oldenburg", "Young", "Restored"))
    elsewhere = text(other_project, mallory, "Elsewhere")
    mark(old, alice, label, "Oldenburg")
    for item, days in ((old, 31), (young, 29), (restored, 31)):
        items.trash(alice, item.pk)
        Item.objects.filter(pk=item.pk).update(trashed_at=now - timedelta(days=days))
    items.restore(alice, restored.pk)
    other_project.trashed_at = now - timedelta(days=31)
    other_project.save()

    purge_expired()

    texts = dict(Item.objects.values_list("pk", "text"))
    assert texts == {old.pk: None, young.pk: "Young", restored.pk: "Restored", elsewhere.pk: None}
    assert found_anywhere("Oldenburg", "Elsewhere") == set()


# Images ---------------------------------------------------------------------------------------------------------------


def upload(alice, project, count=1):
    """The same image so many times."""
    content = encoded(picture(mode="LA"), "TIFF")
    files = [SimpleUploadedFile(f"{number}.tiff", content) for number in range(count)]
    created = items.add_files(alice, project.pk, files).created
    media.make_thumbnails([created[0].media_id])
    return created


def purge(alice, item):
    items.trash(alice, item.pk)
    purge_item(alice, item.pk)


def stored(one):
    return [default_storage.exists(path) for path in (one.path, one.shown_path, one.thumbnail_path)]


def test_an_image_stays_until_no_item_shows_it(alice, project):
    first, second = upload(alice, project, count=2)

    purge(alice, first)
    items.collect_media()
    still = stored(second.media)
    purge(alice, second)
    items.collect_media()

    assert (still, stored(second.media)) == ([True] * 3, [False] * 3)
    assert not Media.objects.exists()


def test_an_image_in_the_trash_stays(alice, project):
    (item,) = upload(alice, project)
    items.trash(alice, item.pk)

    items.collect_media()

    assert stored(item.media) == [True] * 3


@pytest.mark.django_db(transaction=True)
def test_an_image_that_is_uploaded_again_at_the_same_moment_stays(alice, project):
    (item,) = upload(alice, project)
    purge(alice, item)

    def collect() -> None:
        with closing(connection):
            items.collect_media()

    with ThreadPoolExecutor(1) as elsewhere:
        with transaction.atomic():
            (again,) = upload(alice, project)
            collecting = elsewhere.submit(collect)
            until(waiting_for_a_lock)  # for the upload
        collecting.result()

    assert stored(again.media) == [True] * 3


def test_an_upload_mends_what_a_broken_off_collection_left(alice, project):
    (item,) = upload(alice, project)
    one = item.media
    purge(alice, item)
    media.discard(one)  # and then the lights went out

    (again,) = upload(alice, project)
    items.collect_media()

    assert stored(again.media) == [True] * 3


# In the night ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_in_the_night_the_worker_empties_the_trash_collects_its_images_and_forgets(servers, alice, project):
    month = timedelta(days=31)
    (item,) = upload(alice, project)
    items.trash(alice, item.pk)
    Item.objects.update(trashed_at=timezone.now() - month)
    people.make_link(alice, lifetime=-month)

    deadline = monotonic() + 60
    while Media.objects.exists() or SignInLink.objects.exists():  # the worker takes two at a time, in any order
        for entry in settings.CELERY_BEAT_SCHEDULE.values():
            current_app.send_task(entry["task"])
        assert monotonic() < deadline
        sleep(0.3)

    assert Item.objects.get().purged_at
    assert stored(item.media) == [False] * 3


def test_the_trash_lists_the_items_of_each_project_and_several_come_back_at_once(client, alice, bob, project, letter):
    gone = [text(project, alice, f"Letter {n}") for n in range(3)]
    for item in [*gone, letter]:
        items.trash(alice, item.pk)
    Item.objects.filter(pk=letter.pk).update(trashed_at=timezone.now() - timedelta(days=10, hours=1))
    client.force_login(alice)
    page = f"/projects/{project.pk}/trash/items/"

    assert "4 items in the trash" in client.get("/trash/").content.decode()
    assert (
        f'<a href="{page}">Trash <span class="num">4</span>' in client.get(f"/projects/{project.pk}/").content.decode()
    )
    listed = client.get(page).content.decode()
    assert [listed.count(words) for words in ("erased in 30 days", "erased in 20 days")] == [3, 1]
    assert listed.index(f'value="{gone[2].pk}"') < listed.index(f'value="{gone[0].pk}"') < listed.index("confidential")
    some = {"item": [gone[0].pk, letter.pk, "nonsense"], "shown": [one.pk for one in gone]}
    left = client.post(page, some).content.decode()
    assert "2 items are back." in left and "confidential" not in left and left.count("erased in") == 2
    assert "Choose the items" in client.post(page).content.decode()
    assert "No item is in the trash." in client.post(page, {"then": "all", **some}).content.decode()

    assert not Item.objects.filter(project=project).exclude(trashed_at=None).exists()
    client.force_login(bob)
    assert "Trash <span" not in client.get(f"/projects/{project.pk}/").content.decode()
    assert project.name not in client.get("/trash/").content.decode()


def test_the_trash_goes_by_pages_and_only_to_items_of_the_project(client, alice, project, letter, monkeypatch):
    monkeypatch.setattr("projects.trash.PAGE", 2)
    other = projects.create(alice, name="Other")
    elsewhere = items.trash(alice, text(other, alice, "Elsewhere").pk)
    for item in [text(project, alice, "One"), text(project, alice, "Two"), letter]:
        items.trash(alice, item.pk)
    client.force_login(alice)
    page = f"/projects/{project.pk}/trash/items/"

    client.post(page, {"item": [elsewhere.pk]})

    assert Item.objects.get(pk=elsewhere.pk).trashed_at
    assert [client.get(f"{page}?page={n}").content.decode().count("erased in") for n in (1, 2)] == [2, 1]
