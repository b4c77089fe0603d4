"""Who is told of a comment or of work, and comments at a place of an item."""

import json
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotator import notices
from annotator.access import sheet_of
from annotator.messages import SetStatus
from annotator.models import Comment, Notice, NoticeKind, Sheet, Work
from annotator.operations import purging
from projects.models import Item, Project, User
from projects.services import items, members, projects
from tests.cast import person, photo, text
from tests.clients import client_of
from tests.grid import do
from tests.operations import door

pytestmark = pytest.mark.django_db

JSON = "application/json"


@pytest.fixture
def item(project, alice):
    return photo(project, alice)


def say(user, item, text, sheet=None, **more):
    address = f"/api/items/{item.pk}/comments/" + (f"?sheet={sheet}" if sheet else "")
    return client_of(user).post(address, {"text": text, **more}, content_type=JSON)


def told(user):
    answer = client_of(user).get("/api/notices/").json()
    return answer["unread"], [(one["kind"], one["by"]["name"], one["text"]) for one in answer["notices"]]


def test_who_is_mentioned_or_answered_is_told_once(item, alice, bob, rita, vera, mallory):
    first = say(bob, item, "A cup, @ALICE? @mallory @bob a@rita").json()
    say(vera, item, "No.", thread=first["id"])
    say(alice, item, "Ask @vera", thread=first["id"])

    assert told(bob) == (2, [("answer", "Alice", "Ask @vera"), ("answer", "Vera", "No.")])
    assert told(alice) == (1, [("mention", "Bob", "A cup, @Alice? @mallory @bob a@rita")])
    assert told(vera) == (1, [("mention", "Alice", "Ask @Vera")])
    assert told(rita) == told(mallory) == (0, [])


def test_the_longest_name_is_meant_as_in_the_page(project, item, alice, bob):
    for name in ("ann", "ann-marie", "זואי"):
        project.memberships.create(user=person(name), role=20)

    say(bob, item, "(@ann-marie), @זואי! and @annabel")

    assert set(Notice.objects.values_list("user__username", flat=True)) == {"ann-marie", "זואי"}


def test_a_mention_that_is_written_later_is_told_and_a_deleted_one_is_not(item, alice, bob):
    said = say(bob, item, "A cup?").json()
    address = f"/api/comments/{said['id']}/"

    client_of(bob).patch(address, {"text": "A cup, @alice?"}, content_type=JSON)
    client_of(bob).patch(address, {"text": "A mug, @alice?"}, content_type=JSON)
    assert told(alice) == (1, [("mention", "Bob", "A mug, @Alice?")])

    client_of(bob).delete(address)
    assert told(alice) == (0, [])


def test_a_notice_leads_to_its_comment_and_is_read_with_it(project, item, alice, bob):
    said = say(bob, item, "@alice").json()
    [notice] = client_of(alice).get("/api/notices/").json()["notices"]

    assert client_of(bob).get(notice["address"]).status_code == 404
    client_of(alice).get(notice["address"], headers={"Sec-Purpose": "prefetch;prerender"})
    assert told(alice)[0] == 1
    gone = client_of(alice).get(notice["address"])

    assert gone["Location"] == f"/projects/{project.pk}/items/{item.pk}/#comment-{said['id']}"
    assert client_of(alice).get("/api/notices/?count=1").json() == {"unread": 0, "notices": []}


def test_reading_the_comments_of_the_item_or_all_at_once_reads_the_notices(item, alice, bob):
    said = say(bob, item, "@alice").json()
    client_of(alice).post(f"/api/items/{item.pk}/comments/read/", {"comment": said["id"]}, content_type=JSON)
    assert told(alice)[0] == 0

    say(bob, item, "@alice again")
    assert told(alice)[0] == 1
    assert client_of(alice).delete("/api/notices/").status_code == 204
    assert told(alice)[0] == 0


@pytest.mark.parametrize("loss", ["leaves", "item", "project"])
def test_what_one_may_not_see_any_more_is_not_told(project, item, alice, bob, loss):
    say(alice, item, "@bob")
    match loss:
        case "leaves":
            members.remove(bob, project.memberships.get(user=bob).pk)
        case "item":
            items.trash(alice, item.pk)
        case "project":
            client_of(alice).delete(f"/api/projects/{project.pk}/")

    assert told(bob) == (0, [])


def test_in_a_blind_project_only_those_hear_who_may_see_the_sheet(project, item, alice, bob, rita, vera):
    """What bob's sheet is about is for bob, reviewers and above."""
    Project.objects.filter(pk=project.pk).update(blind=True)
    ann = person("ann")
    project.memberships.create(user=ann, role=20)
    item.refresh_from_db()
    sheet = sheet_of(item, bob)

    first = say(bob, item, "@ann @vera @rita @alice").json()
    say(rita, item, "@ann", sheet=sheet.pk, thread=first["id"])

    assert [told(one)[0] for one in (ann, vera, rita, alice, bob)] == [0, 0, 1, 1, 1]
    address = f"/api/comments/{first['id']}/"
    for stranger in (ann, vera):
        assert client_of(stranger).get(f"/api/items/{item.pk}/comments/?sheet={sheet.pk}").status_code == 404
        assert say(stranger, item, "?", sheet=sheet.pk).status_code == 404
        assert client_of(stranger).get(f"/api/items/{item.pk}/comments/").json()["comments"] == []
        assert client_of(stranger).patch(address, {"text": "x"}, content_type=JSON).status_code == 404
    assert User.objects.get(pk=ann.pk).memberships.count() == 1


def test_a_notice_of_anothers_sheet_which_the_page_does_not_show_is_told_in_full_and_stays(project, item, bob, rita):
    Project.objects.filter(pk=project.pk).update(blind=True)
    item.refresh_from_db()
    sheet_of(item, bob)
    words = "@rita " + "Is this a cup? " * 20
    say(bob, item, words)

    [notice] = client_of(rita).get("/api/notices/").json()["notices"]
    client_of(rita).get(notice["address"])

    assert notice["text"] == words.strip().replace("@rita", "@Rita")
    assert told(rita)[0] == 1


def test_the_bell_and_comments_read_no_texts_and_no_guidelines(project, alice, bob):
    item = text(project, alice, "Words.")
    first = say(bob, item, "@alice").json()

    with CaptureQueriesContext(connection) as queries:
        [notice] = client_of(alice).get("/api/notices/").json()["notices"]
        client_of(alice).get(notice["address"])
        say(alice, item, "Yes", thread=first["id"])
        say(alice, item, "Here", place={"start": 0, "end": 6})

    read = [query["sql"].partition(" FROM ")[0] for query in queries if query["sql"].startswith("SELECT")]
    assert len(read) > 10
    assert not any(
        '"projects_item"."text",' in sql or '."guidelines"' in sql for sql in read if "notice" in sql or "sheet" in sql
    )


# Work -----------------------------------------------------------------------------------------------------------------


def work_of(user):
    answer = client_of(user).get("/api/notices/").json()
    names = ("kind", "items", "item", "text")
    return answer["unread"], [(one["by"]["name"], *(one[name] for name in names)) for one in answer["notices"]]


def followed(user):
    """Where the latest notice leads to."""
    notice = client_of(user).get("/api/notices/").json()["notices"][0]
    return client_of(user).get(notice["address"])["Location"]


def test_who_is_assigned_items_hears_of_it_in_one_line_while_they_are_theirs(project, alice, bob, rita):
    items = [photo(project, alice) for _ in range(3)]
    given = do(alice, project, "assign", items, person=bob.pk)
    do(bob, project, "status", items, status="done")

    assert work_of(bob) == (1, [("Alice", "assigned", 3, "", "")])
    assert work_of(alice) == work_of(rita) == (0, [])
    assert followed(bob) == f"/projects/{project.pk}/?assignee=me"
    assert work_of(bob)[0] == 0

    do(rita, project, "assign", items[1:], person=rita.pk)
    assert work_of(bob)[1] == [("Alice", "assigned", 1, "photo.png", "")]
    assert work_of(rita) == (0, [])  # it was herself
    assert followed(bob) == f"/projects/{project.pk}/items/{items[0].pk}/"
    do(alice, project, "undo", items, action=given["action"])
    assert work_of(bob) == (0, [])


def test_who_has_finished_what_is_sent_back_hears_of_it_until_it_is_mended_or_taken_back(project, alice, bob, rita):
    items = [photo(project, alice) for _ in range(3)]
    do(bob, project, "status", items[:2], status="done")
    do(rita, project, "status", items[2:], status="done")

    sent = do(rita, project, "status", items, status="returned", reason="A face is missing")

    assert work_of(bob) == (1, [("Rita", "returned", 2, "", "A face is missing")])
    assert work_of(rita) == work_of(alice) == (0, [])
    assert followed(bob) == f"/projects/{project.pk}/?status=returned&finisher={bob.pk}"
    do(bob, project, "status", items[:1], status="done")
    assert work_of(bob) == (0, [("Rita", "returned", 1, "photo.png", "A face is missing")])
    assert followed(bob) == f"/projects/{project.pk}/items/{items[1].pk}/"
    do(rita, project, "undo", items, action=sent["action"])
    assert work_of(bob) == (0, [])


def test_what_is_sent_back_or_assigned_anew_stands_in_one_line_with_the_latest_reason(project, alice, bob, rita):
    item = photo(project, alice)
    for reason in ("A face is missing", "And another"):
        do(bob, project, "status", [item], status="done")
        do(rita, project, "status", [item], status="returned", reason=reason)
    for person_ in (bob, rita, bob):
        do(alice, project, "assign", [item], person=person_.pk)

    assert work_of(bob) == (
        2,
        [("Alice", "assigned", 1, "photo.png", ""), ("Rita", "returned", 1, "photo.png", "And another")],
    )


def test_the_bell_of_someone_with_much_work_looks_at_few_of_its_items(project, alice, bob):
    made = Item.objects.bulk_create(
        Item(project=project, kind="text", name="x", text="tea", created_by=alice, assignee=bob) for _ in range(4_000)
    )
    for at in range(0, len(made), 40):
        notices.give(NoticeKind.ASSIGNED, [item.pk for item in made[at : at + 40]], {bob.pk}, **by(alice, project))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE annotator_work_items, annotator_work, annotator_notice, projects_item")

    asked = notices.notices_of(bob, read_at=None)
    [plan] = json.loads(asked.explain(analyze=True, format="json"))

    assert len(asked) == 100
    assert looked_at(plan["Plan"]) < 2_000


def by(user, project):
    return {"project": project.pk, "by": user.pk, "action": uuid4()}


def looked_at(plan) -> int:
    """How many rows of work's items were read."""
    own = plan["Actual Rows"] * plan["Actual Loops"] if plan.get("Relation Name") == "annotator_work_items" else 0
    return own + sum(map(looked_at, plan.get("Plans", [])))


def test_when_what_was_sent_back_is_erased_nothing_is_left_of_why(project, alice, bob):
    gone, stays = photo(project, alice), photo(project, alice)
    do(bob, project, "status", [gone, stays], status="done")
    do(alice, project, "status", [gone], status="returned", reason="Her face is to be seen")
    do(alice, project, "status", [gone, stays], status="returned", reason="Look again")
    items.trash(alice, gone.pk)

    purging.purge_item(alice, gone.pk)
    assert list(Work.objects.values_list("reason", flat=True)) == ["Look again"]
    assert work_of(bob)[1] == [("Alice", "returned", 1, "photo.png", "Look again")]

    projects.trash(alice, project.pk)
    purging.purge_project(alice, project.pk)
    assert not Work.objects.exists()


def test_in_a_blind_project_each_hears_of_their_own_sheet(project, alice, bob, rita):
    Project.objects.filter(pk=project.pk).update(blind=True)
    ann = person("ann")
    project.memberships.create(user=ann, role=20)
    item = photo(project, alice)
    for one in (bob, ann):
        do(one, project, "status", [item], status="done")
    sheet = Sheet.objects.get(person=bob)

    door.ask(sheet, rita, SetStatus(uuid4(), sheet.pk, "returned", "Look again"))

    assert work_of(bob) == (1, [("Rita", "returned", 1, "photo.png", "Look again")])
    assert work_of(ann) == (0, [])


@pytest.mark.parametrize("loss", ["leaves", "item", "project"])
def test_of_work_that_one_has_lost_one_is_not_told(project, alice, bob, loss):
    item = photo(project, alice)
    do(bob, project, "status", [item], status="done")
    do(alice, project, "status", [item], status="returned", reason="No")
    do(alice, project, "assign", [item], person=bob.pk)
    assert work_of(bob)[0] == 2

    match loss:
        case "leaves":
            members.remove(bob, project.memberships.get(user=bob).pk)
        case "item":
            items.trash(alice, item.pk)
        case "project":
            client_of(alice).delete(f"/api/projects/{project.pk}/")

    assert work_of(bob) == (0, [])


# Places ---------------------------------------------------------------------------------------------------------------


def test_a_comment_stands_on_a_point_or_a_range(project, item, alice, bob):
    words = text(project, alice, "Dear 👩‍🚀 all")
    point, range_ = {"type": "point", "x": 800, "y": 0.5}, {"type": "range", "start": 5, "end": 8}

    on_image, in_text = say(bob, item, "Here", place=point), say(bob, words, "These", place=range_)

    assert (on_image.status_code, on_image.json()["place"]) == (201, point)
    assert (in_text.status_code, in_text.json()["place"]) == (201, range_)
    read = client_of(alice).get(f"/api/items/{item.pk}/comments/").json()["comments"]
    assert [one["place"] for one in read] == [point]


@pytest.mark.parametrize(
    "place",
    [
        {"type": "point", "x": 801, "y": 1},
        {"type": "point", "x": -1, "y": 1},
        {"type": "point", "x": 1},
        {"type": "range", "start": 0, "end": 1},
        {"type": "line"},
        7,
    ],
)
def test_a_place_beside_the_image_is_none(item, bob, place):
    assert say(bob, item, "Here", place=place).status_code == 400
    assert not Comment.objects.exists()


@pytest.mark.parametrize(("start", "end"), [(3, 3), (3, 2), (0, 9), (0, 2**60)])
def test_a_range_beside_the_text_is_none(project, alice, bob, start, end):
    words = text(project, alice, "Dear all")

    assert say(bob, words, "Here", place={"type": "range", "start": start, "end": end}).status_code == 400


def test_an_answer_stands_where_its_thread_does(item, bob):
    point = {"type": "point", "x": 1, "y": 1}
    first = say(bob, item, "Here", place=point).json()

    assert say(bob, item, "There", thread=first["id"], place=point).status_code == 400
