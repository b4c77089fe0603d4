"""The grid: which items are found, what their cards show, and what is done to many at once."""

import random
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from annotator.access import sheet_of
from annotator.messages import Apply, Batch, Create
from annotator.models import Annotation, Operation, Sheet
from annotator.operations import Request, perform
from annotator.shapes import Polygon, Rectangle, Span, Tag
from projects.models import Change, Item, Project, Role
from tests.cast import photo, text
from tests.clients import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def face(project):
    return project.labels.create(name="Face", color="#5ec8ff", shapes=["rectangle", "polygon", "span"])


@pytest.fixture
def blurred(project):
    return project.labels.create(name="blurred", color="#e0567a", shapes=["tag"])


def named(project, creator, name, content="words"):
    item = text(project, creator, content)
    Item.objects.filter(pk=item.pk).update(name=name)
    return item


def draw(user, item, label, shape):
    """An annotation of the person's, through the door."""
    create = Create(id=uuid4(), annotation=uuid4(), label=label.pk, shape=shape)
    sheet = sheet_of(item, user).pk
    [outcome] = perform(sheet, [Request(user.pk, Apply(sheet, Batch(uuid4(), uuid4(), [create])))])
    return outcome.changes[0].record.id


def ask(user, project, **asked):
    answer = client_of(user).get(f"/api/projects/{project.pk}/grid/", asked)
    assert answer.status_code == 200, answer.content
    return answer.json()


def found(user, project, **asked):
    return [card["id"] for card in ask(user, project, **asked)["items"]]


# Finding --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sort", ["oldest", "newest", "name", "status"])
def test_pages_follow_each_other_and_hold_every_item_once(project, alice, sort):
    chance = random.Random(0)
    items = [named(project, alice, chance.choice(["Äpfel", "äpfel", "b", "Bücher", "C"])) for _ in range(23)]
    for item in items[:15]:
        Sheet.objects.create(item=item, status=chance.choice(["todo", "in_progress", "done", "skipped"]))
    whole = found(alice, project, sort=sort)

    paged, cursor = [], ""
    while cursor is not None:
        page = ask(alice, project, sort=sort, limit=4, cursor=cursor)
        paged += [card["id"] for card in page["items"]]
        cursor = page["next"]

    assert paged == whole
    assert sorted(paged) == [item.pk for item in items]


def test_the_orders_are_what_they_say(project, alice):
    names = ["b", "A", "C"]
    items = [named(project, alice, name).pk for name in names]
    for item, status in zip(items, ["done", "skipped", "in_progress"], strict=True):
        Sheet.objects.create(item_id=item, status=status)
    todo = named(project, alice, "d").pk
    b, a, c = items

    assert found(alice, project) == found(alice, project, sort="oldest") == [b, a, c, todo]
    assert found(alice, project, sort="newest") == [todo, c, a, b]
    assert found(alice, project, sort="name") == [a, b, c, todo]
    assert found(alice, project, sort="status") == [todo, c, a, b]


def test_a_page_far_away_is_reached_by_skipping(project, alice):
    items = [text(project, alice, "words").pk for _ in range(10)]
    first = ask(alice, project, limit=3)

    assert found(alice, project, cursor=first["next"], skip=4, limit=2) == items[7:9]


def test_items_of_a_status_are_counted_beside_the_others(project, alice):
    items = [text(project, alice, "words") for _ in range(4)]
    Sheet.objects.create(item=items[1], status="done")
    Sheet.objects.create(item=items[2], status="todo")

    page = ask(alice, project, status="todo", counts=1)

    assert [card["id"] for card in page["items"]] == [items[0].pk, items[2].pk, items[3].pk]
    assert page["counts"] == {"total": 3, "by_status": {"todo": 3, "done": 1}}


def test_items_are_found_by_label_and_author_of_one_annotation(project, alice, bob, face, blurred):
    both, apart, deleted = (photo(project, alice) for _ in range(3))
    draw(bob, both, face, Rectangle(1, 2, 3, 4))
    draw(alice, apart, face, Rectangle(1, 2, 3, 4))
    draw(bob, apart, blurred, Tag())
    Annotation.objects.filter(pk=draw(bob, deleted, face, Rectangle(1, 2, 3, 4))).update(deleted=True)

    assert found(alice, project, label=face.pk) == [both.pk, apart.pk]
    assert found(alice, project, author=bob.pk) == [both.pk, apart.pk]
    assert found(alice, project, label=face.pk, author=bob.pk) == [both.pk]
    assert found(alice, project, tag=blurred.pk) == [apart.pk]
    assert found(alice, project, tag=face.pk) == []


def test_items_are_found_by_when_they_were_added(project, alice):
    old, new = text(project, alice, "old"), text(project, alice, "new")
    Item.objects.filter(pk=old.pk).update(created_at=datetime(2026, 1, 31, 23, 30, tzinfo=UTC))

    assert found(alice, project, **{"from": "2026-02-01"}) == [new.pk]
    assert found(alice, project, to="2026-01-31") == [old.pk]
    assert found(alice, project, to="2026-01-31T23:30:00Z") == []
    assert found(alice, project, to="2026-01-31T20:31:00-03:00") == [old.pk]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("kettle", ["kettle-07.jpg", "letter"]),
        ("KETT", ["kettle-07.jpg", "letter"]),
        ("07", ["kettle-07.jpg"]),
        ("kettle-07", ["kettle-07.jpg"]),
        ("kettle invoice", ["letter"]),
        ("kettleinvoice", []),
        ("größ", ["Größe"]),
        ("世界", ["Größe"]),
        ("שלום", ["Größe"]),
        ("it's", ["Größe"]),
        ("'; DROP TABLE projects_item; --", []),
        ("' | ! & ( <-> :* \\", ["kettle-07.jpg", "letter", "Größe"]),
        ("a\0b", []),
        ("   ", ["kettle-07.jpg", "letter", "Größe"]),
    ],
)
def test_words_are_found_in_names_and_texts_by_their_beginnings(project, alice, words, names):
    named(project, alice, "kettle-07.jpg", "nothing")
    named(project, alice, "letter", "The invoice of a kettle.")
    named(project, alice, "Größe", "世界 שלום it's 👋")

    assert [card["name"] for card in ask(alice, project, q=words)["items"]] == names


@pytest.mark.parametrize("first", [0x4E00, 0x20000])
def test_a_text_of_the_greatest_length_in_which_no_word_comes_twice_is_kept_and_found(project, alice, first):
    words = [chr(first + number // 600) + chr(first + number % 600) for number in range(333_333)]
    long = text(project, alice, " ".join(words))

    assert found(alice, project, q=words[30_000]) == [long.pk]


def test_what_is_in_the_trash_or_elsewhere_is_not_found(project, other_project, alice, mallory):
    text(other_project, mallory, "kettle")
    trashed = text(project, alice, "kettle")
    Item.objects.filter(pk=trashed.pk).update(trashed_at=datetime.now(UTC))

    assert found(alice, project, q="kettle") == []
    assert ask(alice, project, ids=trashed.pk)["items"] == []


WRONG = [{"sort": "size"}, {"status": "lost"}, {"label": "x"}, {"from": "yesterday"}, {"to": "2026-02-31"}]
WRONG += [{"ids": "1,"}, {"cursor": "bm9uZQ=="}, {"cursor": "é"}, {"cursor": "WyJhIl0="}, {"skip": "-1"}]


@pytest.mark.parametrize("asked", [*WRONG, {"from": "2026-01-01T10:00"}])
def test_what_cannot_be_asked_is_refused_in_words(project, alice, asked):
    answer = client_of(alice).get(f"/api/projects/{project.pk}/grid/", asked)

    assert answer.status_code == 400
    assert answer.json()["fields"].keys() == asked.keys()


def test_numbers_too_large_for_the_database_find_nothing(project, alice):
    text(project, alice, "words")

    assert found(alice, project, label="9" * 18, author="9" * 18) == []
    assert found(alice, project, ids="9" * 18) == []
    assert found(alice, project, skip="9" * 18) == []


# Cards ----------------------------------------------------------------------------------------------------------------


def test_a_card_shows_what_is_drawn_on_its_image(project, alice, bob, face, blurred):
    item = photo(project, alice)
    draw(alice, item, face, Rectangle(10, 20, 30.04, 40))
    draw(alice, item, face, Polygon([(0, 0), (100, 0), (0, 100)]))
    draw(bob, item, blurred, Tag())

    [card] = ask(bob, project)["items"]

    assert (card["width"], card["height"], card["annotations"], card["status"]) == (800, 600, 3, "in_progress")
    assert card["thumbnail"] == f"/api/items/{item.pk}/thumbnail/"
    assert card["outlines"] == [
        {"color": "#5ec8ff", "ring": [10, 20, 40, 20, 40, 60, 10, 60]},
        {"color": "#5ec8ff", "ring": [0, 0, 100, 0, 0, 100]},
    ]
    assert card["tags"] == [blurred.pk]


def test_a_card_shows_the_spans_of_its_snippet_and_no_others(project, alice, face):
    item = text(project, alice, "👋 kettle " + "x" * 500)
    draw(alice, item, face, Span(2, 8, "kettle"))
    draw(alice, item, face, Span(390, 410, "x" * 20))
    draw(alice, item, face, Span(400, 410, "x" * 10))

    [card] = ask(alice, project)["items"]

    assert card["snippet"] == ("👋 kettle " + "x" * 500)[:400]
    assert [(span["start"], span["end"]) for span in card["spans"]] == [(2, 8), (390, 400)]
    assert card["annotations"] == 3


def test_of_a_card_two_hundred_are_drawn_and_long_polygons_with_fewer_corners(project, alice, face):
    item = photo(project, alice)
    corners = [(x, 0) for x in range(700)] + [(x, 10) for x in reversed(range(700))]
    draw(alice, item, face, Polygon(corners))
    shape = {"type": "rectangle", "x": 0, "y": 0, "width": 1, "height": 1}
    one = Annotation.objects.get()
    Annotation.objects.bulk_create(
        Annotation(
            id=uuid4(), sheet_id=one.sheet_id, label=face, shape=shape, clock=2, stamps={}, created_by=alice,
            created_at=one.created_at, updated_by=alice, updated_at=one.created_at,
        )
        for _ in range(1_100)
    )  # fmt: skip

    [card] = ask(alice, project)["items"]

    assert (len(card["outlines"]), card["annotations"]) == (200, 1_000)
    assert max(len(outline["ring"]) for outline in card["outlines"]) == 2 * 40


def test_in_a_blind_project_one_sees_ones_own_work_and_reviewers_see_all(project, alice, bob, rita, vera, face):
    Project.objects.update(blind=True)
    project.refresh_from_db()
    item, other = photo(project, alice), photo(project, alice)
    draw(bob, item, face, Rectangle(1, 2, 3, 4))
    draw(alice, item, face, Rectangle(5, 6, 7, 8))
    Sheet.objects.filter(person=bob).update(status="done")

    def seen(user):
        page = ask(user, project, counts=1)
        return page["items"][0]["annotations"], page["items"][0]["status"], page["counts"]["by_status"]

    assert seen(bob) == (1, "done", {"done": 1, "todo": 1})
    assert seen(vera) == (0, "todo", {"todo": 2})
    assert seen(rita) == (2, "todo", {"todo": 2})
    assert found(bob, project, label=face.pk, author=bob.pk) == [item.pk]
    assert found(bob, project, author=alice.pk) == []
    assert found(vera, project, label=face.pk) == []
    assert found(rita, project, author=bob.pk) == [item.pk]
    assert other.pk in found(vera, project)


def test_who_is_on_an_item_is_on_its_card(servers, enter, transactional_db, project, alice, bob):
    item = photo(project, alice)
    enter(servers.url, bob).join(Sheet.objects.create(item=item).pk)

    [card] = ask(alice, project)["items"]

    assert [(one["user"], one["name"]) for one in card["people"]] == [(bob.pk, "Bob")]


# Many at once ---------------------------------------------------------------------------------------------------------


def do(user, project, kind, items, **values):
    body = {"type": kind, "id": str(uuid4()), "items": [item.pk for item in items], **values}
    answer = client_of(user).post(f"/api/projects/{project.pk}/bulk/", body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    return answer.json()


def status_of(items):
    return [Sheet.objects.get(item=item).status for item in items]


def test_many_are_done_at_once_and_that_is_one_action(project, alice, bob):
    items = [photo(project, alice) for _ in range(3)]

    told = do(bob, project, "status", items, status="done")

    assert told["done"] == [item.pk for item in items]
    assert told["refused"] == []
    assert status_of(items) == ["done"] * 3
    assert {str(action) for action in Change.objects.values_list("action", flat=True)} == {told["action"]}


def test_sent_twice_it_is_done_once(project, alice, bob):
    item = photo(project, alice)
    body = {"type": "status", "id": str(uuid4()), "items": [item.pk], "status": "done"}

    for _ in range(2):
        client_of(bob).post(f"/api/projects/{project.pk}/bulk/", body, content_type="application/json")

    assert Change.objects.count() == 1


def test_what_cannot_be_done_to_some_is_said_and_done_to_the_others(project, other_project, alice, bob, mallory):
    done, todo = photo(project, alice), photo(project, alice)
    elsewhere, trashed = photo(other_project, mallory), photo(project, alice)
    Item.objects.filter(pk=trashed.pk).update(trashed_at=datetime.now(UTC))
    Sheet.objects.create(item=done, status="done")

    told = do(bob, project, "status", [done, todo, elsewhere, trashed], status="skipped", reason="Too dark")
    unsaid = do(bob, project, "status", [todo], status="skipped")

    assert told["done"] == [todo.pk]
    assert {one["code"]: one["items"] for one in told["refused"]} == {
        "permission_denied": [done.pk],
        "not_found": [elsewhere.pk, trashed.pk],
    }
    assert Sheet.objects.get(item=todo).reason == "Too dark"
    assert "Say in a few words" in unsaid["refused"][0]["detail"]
    assert not Sheet.objects.filter(item=elsewhere).exists()


def test_ones_own_status_is_taken_back_even_that_it_is_done(project, alice, bob):
    items = [photo(project, alice) for _ in range(3)]
    do(alice, project, "status", items[:1], status="skipped", reason="Dark")
    told = do(bob, project, "status", items, status="done")
    do(alice, project, "status", items[2:], status="skipped", reason="Blurred")

    undone = do(bob, project, "undo", items, action=told["action"])

    assert undone["done"] == [items[0].pk, items[1].pk]
    assert [one["items"] for one in undone["refused"]] == [[items[2].pk]]
    assert "Another status was set since" in undone["refused"][0]["detail"]
    assert status_of(items) == ["skipped", "todo", "skipped"]
    assert Sheet.objects.get(item=items[0]).reason == "Dark"


def test_nobody_takes_back_what_another_did(project, alice, bob):
    item = photo(project, alice)
    told = do(alice, project, "status", [item], status="done")

    do(bob, project, "undo", [item], action=told["action"])

    assert status_of([item]) == ["done"]


def test_many_are_tagged_and_the_tag_is_taken_back_with_the_status_it_moved(project, alice, bob, face, blurred):
    fresh, tagged = photo(project, alice), photo(project, alice)
    draw(alice, tagged, blurred, Tag())

    told = do(bob, project, "tag", [fresh, tagged], label=blurred.pk)
    there = Annotation.objects.filter(sheet__item=fresh, deleted=False).count()
    undone = do(bob, project, "undo", [fresh], action=told["action"])

    assert told["done"] == [fresh.pk]
    assert [one["code"] for one in told["refused"]] == ["already_tagged"]
    assert there == 1
    assert undone["done"] == [fresh.pk]
    assert not Annotation.objects.filter(sheet__item=fresh, deleted=False).exists()
    assert status_of([fresh, tagged]) == ["todo", "in_progress"]
    assert do(bob, project, "tag", [fresh], label=face.pk)["refused"][0]["detail"].endswith("the shape tag.")


def test_a_tag_is_taken_off_many_and_put_back(project, alice, bob, blurred):
    tagged, bare = photo(project, alice), photo(project, alice)
    draw(alice, tagged, blurred, Tag())

    told = do(bob, project, "untag", [tagged, bare], label=blurred.pk)
    left = Annotation.objects.filter(deleted=False).count()
    do(bob, project, "undo", told and [tagged], action=told["action"])

    assert told["done"] == [tagged.pk]
    assert [one["code"] for one in told["refused"]] == ["not_tagged"]
    assert left == 0
    assert Annotation.objects.get(sheet__item=tagged).deleted is False
    assert set(Operation.objects.filter(kind="delete").values_list("actor", flat=True)) == {bob.pk}


def test_many_go_to_the_trash_and_come_back(project, alice, bob):
    items = [photo(project, alice) for _ in range(3)]

    told = do(alice, project, "trash", items)
    again = do(alice, project, "trash", items)
    gone = found(alice, project)
    undone = do(alice, project, "undo", items, action=told["action"])

    assert (told["done"], gone, undone["done"]) == ([i.pk for i in items], [], [i.pk for i in items])
    assert again["refused"] == [
        {"code": "in_trash", "detail": "It is in the trash already.", "items": [item.pk for item in items]}
    ]
    assert found(alice, project) == [item.pk for item in items]
    assert {str(action) for action in Change.objects.filter(kind="item").values_list("action", flat=True)} >= {
        told["action"],
        undone["action"],
    }


def test_more_than_a_thousand_and_nonsense_are_refused_whole(project, alice):
    def refused(**body):
        body = {"type": "trash", "id": str(uuid4())} | body
        path = f"/api/projects/{project.pk}/bulk/"
        return client_of(alice).post(path, body, content_type="application/json").status_code

    assert refused(items=list(range(1_001))) == 400
    assert refused(items=[]) == 400
    assert refused(items=[1], type="burn") == 400
    assert refused(items=[1], more=1) == 400
    assert refused(items=[-1]) == 400


def test_in_a_blind_project_a_status_is_of_ones_own_sheet(project, alice, bob, rita):
    Project.objects.update(blind=True)
    item = photo(project, alice)

    do(bob, project, "status", [item], status="done")
    do(rita, project, "status", [item], status="skipped", reason="Dark")

    assert dict(Sheet.objects.values_list("person", "status")) == {bob.pk: "done", rita.pk: "skipped"}
    assert project.memberships.get(user=bob).role == Role.ANNOTATOR
