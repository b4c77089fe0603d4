"""The grid: which items are found, and what their cards show."""

import random
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from annotator import finding
from annotator.access import sheet_of
from annotator.finding import Filters, Search
from annotator.models import Annotation, Comment, CommentRead, Sheet
from annotator.shapes import Polygon, Rectangle, Span, Tag
from projects.access import get_project
from projects.models import Item, Project
from tests.cast import photo, text
from tests.clients import client_of
from tests.grid import ask, draw, found

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
    assert page["choices"]["people"][0]["name"] == str(alice)


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
        ("gro\u0308ß", ["Größe"]),
        ("Köln", ["旅行日記"]),
        ("Ko\u0308ln", ["旅行日記"]),
        ("日", ["旅行日記"]),
        ("日記 köln", ["旅行日記"]),
        ("記日", []),
        ("界", ["Größe"]),
        ("50%", ["旅行日記"]),
        ("%", ["旅行日記"]),
        ("_", []),
        ("👋", ["Größe"]),
        ("≠", ["旅行日記"]),
        ("=\u0338", ["旅行日記"]),
        ("≯", ["旅行日記"]),
        ("' | ! & ( <-> :* \\", []),
        ("\0", ["kettle-07.jpg", "letter", "Größe", "旅行日記"]),
        ("a\0b", []),
        ("   ", ["kettle-07.jpg", "letter", "Größe", "旅行日記"]),
    ],
)
def test_words_are_found_in_names_and_texts_by_their_beginnings(project, alice, words, names):
    named(project, alice, "kettle-07.jpg", "nothing")
    named(project, alice, "letter", "The invoice of a kettle.")
    named(project, alice, "Größe", "世界 שלום it's 👋")
    named(project, alice, "旅行日記", "50 % more in Ko\u0308ln =\u0338 ≯")

    assert [card["name"] for card in ask(alice, project, q=words)["items"]] == names


def test_signs_alone_are_looked_for_in_names_where_there_are_many_texts(project, alice, monkeypatch):
    named(project, alice, "What?!", "tea")
    named(project, alice, "letter", "Tea?!")
    monkeypatch.setattr(finding, "LOOKED_THROUGH", 5)

    assert len(found(alice, project, q="?!")) == 1
    assert len(found(alice, project, q="?! tea")) == 2


@pytest.mark.parametrize(("words", "read"), [("", False), (" ", False), ("kettle", False), ("日", True), ("%", True)])
def test_whole_texts_are_read_only_for_what_their_words_do_not_tell(project, alice, words, read):
    searched = Search(alice, get_project(alice, project.pk), Filters(words=words)).found()

    assert ("i.text" in searched) is read


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
WRONG += [{"worked": "2026-01-31 10:00Z"}, {"worked": "x"}]
WRONG += [
    {"ids": "1,"},
    {"cursor": "bm9uZQ=="},
    {"cursor": "é"},
    {"cursor": "WyJhIl0="},
    {"sort": "name", "cursor": "WyJcdTAwMDAiLDFd"},
    {"skip": "-1"},
]


@pytest.mark.parametrize("asked", [*WRONG, {"from": "2026-01-01T10:00"}])
def test_what_cannot_be_asked_is_refused_in_words(project, alice, asked):
    answer = client_of(alice).get(f"/api/projects/{project.pk}/grid/", asked)

    assert answer.status_code == 400
    assert set() < answer.json()["fields"].keys() <= asked.keys()


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
    full, long = photo(project, alice), photo(project, alice)
    corners = [(x, 0) for x in range(700)] + [(x, 10) for x in reversed(range(700))]
    draw(alice, full, face, Rectangle(0, 0, 1, 1))
    shape = {"type": "rectangle", "x": 0, "y": 0, "width": 1, "height": 1}
    one = Annotation.objects.get()
    draw(alice, long, face, Polygon(corners))
    Annotation.objects.bulk_create(
        Annotation(
            id=uuid4(), sheet_id=one.sheet_id, label=face, shape=shape, clock=2, stamps={}, created_by=alice,
            created_at=one.created_at, updated_by=alice, updated_at=one.created_at,
        )
        for _ in range(1_100)
    )  # fmt: skip

    filled, drawn = ask(alice, project)["items"]

    assert (len(filled["outlines"]), filled["annotations"]) == (200, 1_000)
    [thinned] = [outline["ring"] for outline in drawn["outlines"]]
    assert (len(thinned), thinned[:4], thinned[-2:]) == (2 * 40, [0, 0, 35, 0], [34, 10])


def test_what_is_drawn_on_a_card_is_told_once_and_again_when_it_has_changed(project, alice, face):
    item = photo(project, alice)
    draw(alice, item, face, Rectangle(1, 2, 3, 4))
    [card] = ask(alice, project)["items"]

    [same] = ask(alice, project, ids=item.pk, known=card["clock"])["items"]
    draw(alice, item, face, Rectangle(1, 2, 3, 4))
    [fresh] = ask(alice, project, ids=item.pk, known=card["clock"])["items"]

    nothing = {"annotations": None, "outlines": None, "spans": None, "tags": None}
    assert same == card | nothing
    assert (fresh["annotations"], len(fresh["outlines"]), fresh["clock"] > card["clock"]) == (2, 2, True)


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


def test_comments_are_counted_those_one_has_not_read_apart_and_items_found_by_them(project, alice, bob):
    _, said, unsure = (photo(project, alice) for _ in range(3))
    sheet = sheet_of(said, alice)
    read = Comment.objects.create(sheet=sheet, author=bob, text="A cup?")
    Comment.objects.create(sheet=sheet, author=bob, text="", deleted_at=datetime.now(UTC))
    Comment.objects.create(sheet=sheet, author=bob, text="A mug.")
    CommentRead.objects.create(user=alice, sheet=sheet, comment=read.pk)
    Sheet.objects.create(item=unsure, unsure=True)

    told = [(card["comments"], card["unread"], card["unsure"]) for card in ask(alice, project)["items"]]

    assert told == [(0, 0, False), (2, 1, False), (0, 0, True)]
    assert found(alice, project, mark="comments") == found(bob, project, mark="comments") == [said.pk]
    assert (found(alice, project, mark="unread"), found(bob, project, mark="unread")) == ([said.pk], [])
    assert found(alice, project, mark="unsure") == [unsure.pk]


def test_in_a_blind_project_reviewers_see_what_is_said_on_each_sheet_and_others_on_their_own(project, alice, bob, rita):
    Project.objects.update(blind=True)
    project.refresh_from_db()
    item = photo(project, alice)
    Comment.objects.create(sheet=sheet_of(item, alice), author=alice, text="Hm.")
    Sheet.objects.update(unsure=True)

    for mark in ("unsure", "unread"):
        assert (found(bob, project, mark=mark), found(rita, project, mark=mark)) == ([], [item.pk])
    [card] = ask(bob, project)["items"]
    assert (card["comments"], card["unsure"]) == (0, False)
