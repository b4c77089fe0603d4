"""Comments about an item and its annotations: who says, changes and resolves what, and what is refused."""

from uuid import uuid4

import pytest

from annotator import operations
from annotator.access import sheet_of
from annotator.messages import Apply, Batch, Create, Delete
from annotator.models import Comment
from annotator.operations import purging
from annotator.shapes import Rectangle
from projects.services import items
from tests.cast import photo, text
from tests.clients import client_of

pytestmark = pytest.mark.django_db

JSON = "application/json"


@pytest.fixture
def item(project, alice):
    return photo(project, alice)


@pytest.fixture
def label(project):
    return project.labels.create(name="Cup", color="#336699", shapes=["rectangle"])


def comments(user, item, sheet=None):
    return client_of(user).get(f"/api/items/{item.pk}/comments/" + (f"?sheet={sheet}" if sheet else ""))


def said(user, item):
    return [comment["text"] for comment in comments(user, item).json()["comments"]]


def say(user, item, text="Is this a cup?", sheet=None, **more):
    address = f"/api/items/{item.pk}/comments/" + (f"?sheet={sheet}" if sheet else "")
    return client_of(user).post(address, {"text": text, **more}, content_type=JSON)


def change(user, comment, text):
    return client_of(user).patch(f"/api/comments/{comment['id']}/", {"text": text}, content_type=JSON)


def delete(user, comment):
    return client_of(user).delete(f"/api/comments/{comment['id']}/")


def resolve(user, comment, resolved=True):
    address = f"/api/comments/{comment['id']}/resolve/"
    return client_of(user).post(address, {"resolved": resolved}, content_type=JSON)


def mark_read(user, item, comment):
    address = f"/api/items/{item.pk}/comments/read/"
    return client_of(user).post(address, {"comment": comment["id"]}, content_type=JSON).status_code


def perform(item, user, operation):
    sheet = sheet_of(item, user).pk
    batch = Batch(id=uuid4(), action=uuid4(), operations=[operation])
    operations.perform(sheet, [operations.Request(user.pk, Apply(sheet=sheet, batch=batch))])


@pytest.fixture
def draw(label):
    def draw(item, user):
        shape = Rectangle(x=1, y=1, width=5, height=5)
        create = Create(id=uuid4(), annotation=uuid4(), label=label.pk, shape=shape)
        perform(item, user, create)
        return create.annotation

    return draw


def erase(item, user, annotation):
    perform(item, user, Delete(id=uuid4(), annotation=annotation))


# Saying ---------------------------------------------------------------------------------------------------------------


def test_a_viewer_asks_and_an_annotator_answers_and_both_read_it(item, vera, bob, draw):
    annotation = draw(item, bob)

    first = say(vera, item, "  Is this a cup?\n", annotation=str(annotation)).json()
    say(bob, item, "A mug.", thread=first["id"])

    asked, answered = comments(vera, item).json()["comments"]
    assert (asked["text"], asked["author"]["name"]) == ("Is this a cup?", "Vera")
    assert (asked["annotation"], asked["thread"]) == (str(annotation), asked["id"])
    assert (answered["text"], answered["annotation"], answered["thread"]) == ("A mug.", None, asked["id"])


def test_markup_and_every_script_are_kept_as_they_were_written(item, bob):
    bob.name = "<b>Bob</b>"
    bob.save()
    text = '<img src=x onerror="alert(1)"> שלום 👩‍🔬 @alice'

    say(bob, item, text)

    answer = comments(bob, item)
    assert answer["Content-Type"] == "application/json"
    assert answer.json()["comments"][0]["text"] == text
    assert answer.json()["comments"][0]["author"]["name"] == "<b>Bob</b>"


def test_a_comment_that_is_sent_again_after_its_answer_was_lost_is_said_once(item, bob, vera):
    key = str(uuid4())
    first = say(vera, item, id=key).json()

    assert say(vera, item, id=key).json() == first
    assert [say(vera, item, "Another.", id=key).status_code, say(bob, item, id=key).status_code] == [409, 409]
    change(vera, first, "Is this a mug?")
    assert say(vera, item, id=key).json()["text"] == "Is this a mug?"
    assert said(bob, item) == ["Is this a mug?"]


def test_to_look_for_comments_opens_no_item(item, bob):
    assert comments(bob, item).json() == {"sheet": None, "read": 0, "comments": []}
    assert not item.sheets.exists()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (" \n ", "Write something first."),
        ("a" * 5_001, "A comment has at most 5,000 characters. Shorten it."),
        ("a\0b", "The comment holds a NUL character. Remove it."),
    ],
)
def test_what_cannot_be_kept_is_refused_in_words(item, bob, text, why):
    comment = say(bob, item, "First.").json()

    for answer in (say(bob, item, text), change(bob, comment, text)):
        assert (answer.status_code, answer.json()["detail"]) == (400, why)
    assert said(bob, item) == ["First."]


def test_five_thousand_characters_are_taken_however_many_bytes_they_have(item, bob):
    assert say(bob, item, "👍" * 5_000).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        b'{"text": "half \\ud800"}',
        b'{"text": 5}',
        b"{}",
        b"[",
        b'{"text": "a", "thread": -1}',
        b'{"text": "a", "by": 1}',
    ],
)
def test_what_cannot_be_read_is_refused(item, bob, body):
    answer = client_of(bob).post(f"/api/items/{item.pk}/comments/", body, content_type=JSON)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert said(bob, item) == []


def test_an_annotation_of_another_sheet_or_of_none_is_refused(project, item, alice, bob, draw):
    elsewhere = draw(photo(project, alice), bob)

    for annotation in (elsewhere, uuid4()):
        answer = say(bob, item, annotation=str(annotation))
        assert (answer.status_code, answer.json()["detail"]) == (400, "There is no such annotation here.")


def test_a_deleted_annotation_begins_no_thread_but_its_threads_go_on(item, bob, vera, draw):
    annotation = draw(item, bob)
    first = say(bob, item, annotation=str(annotation)).json()
    erase(item, bob, annotation)

    answer = say(vera, item, annotation=str(annotation))

    assert (answer.status_code, answer.json()["code"]) == (409, "deleted")
    assert say(vera, item, "I see.", thread=first["id"]).status_code == 201


def test_an_answer_belongs_to_a_thread_of_this_item_and_has_no_annotation_of_its_own(project, item, alice, bob, draw):
    elsewhere = say(bob, photo(project, alice)).json()
    first = say(bob, item).json()
    second = say(bob, item, "A mug.", thread=first["id"]).json()

    assert say(bob, item, thread=elsewhere["id"]).status_code == 400
    assert say(bob, item, thread=second["id"]).status_code == 400
    assert say(bob, item, thread=first["id"], annotation=str(draw(item, bob))).status_code == 400
    assert len(said(bob, item)) == 2


def test_a_thousand_comments_are_enough_for_an_item(item, bob):
    sheet = sheet_of(item, bob)
    Comment.objects.bulk_create(Comment(sheet=sheet, author=bob, text="More.") for _ in range(999))

    assert say(bob, item).status_code == 201
    assert (say(bob, item).status_code, say(bob, item).json()["code"]) == (409, "sheet_full")


# Changing and deleting ------------------------------------------------------------------------------------------------


def test_only_the_author_changes_and_deletes(item, alice, vera, mallory):
    comment = say(vera, item).json()

    assert [change(who, comment, "No.").status_code for who in (alice, mallory)] == [403, 404]
    assert [delete(who, comment).status_code for who in (alice, mallory)] == [403, 404]
    changed = change(vera, comment, "Is this a mug?").json()
    assert (changed["text"], changed["edited_at"] is not None) == ("Is this a mug?", True)


def test_nothing_is_left_of_a_deleted_text_and_its_answers_stay(item, bob, vera):
    first = say(vera, item, "My secret.").json()
    answer = say(bob, item, "Oh.", thread=first["id"]).json()

    assert delete(vera, first).status_code == 204
    assert delete(vera, first).status_code == 204  # said twice

    gone, stays = comments(bob, item).json()["comments"]
    assert (gone["text"], gone["deleted"], stays["text"]) == ("", True, "Oh.")
    assert not Comment.objects.filter(text__contains="secret").exists()
    assert change(vera, first, "Again.").status_code == 409
    delete(bob, answer)
    assert said(bob, item) == []
    assert say(bob, item, thread=first["id"]).json()["code"] == "deleted"


def test_a_purged_item_keeps_no_comments(item, alice):
    say(alice, item)
    items.trash(alice, item.pk)
    assert say(alice, item).status_code == 404

    purging.purge_item(alice, item.pk)

    assert not Comment.objects.exists()


# Resolving and reading ------------------------------------------------------------------------------------------------


def test_who_may_annotate_resolves_by_any_comment_of_a_thread_and_an_answer_opens_it_again(item, bob, vera):
    first = say(vera, item).json()
    answer = say(bob, item, "A mug.", thread=first["id"]).json()

    assert resolve(vera, first).status_code == 403
    resolved = resolve(bob, answer).json()

    assert (resolved["id"], resolved["resolved_by"]["name"]) == (first["id"], "Bob")
    assert resolve(bob, first, resolved=False).json()["resolved_at"] is None
    resolve(bob, first)
    say(vera, item, "Sure?", thread=first["id"])
    assert comments(vera, item).json()["comments"][0]["resolved_at"] is None


def test_what_is_read_stays_read(project, item, alice, bob, vera):
    first, second = say(bob, item).json(), say(bob, item).json()
    elsewhere = say(bob, photo(project, alice)).json()

    assert comments(vera, item).json()["read"] == 0
    assert [mark_read(vera, item, comment) for comment in (second, first, elsewhere)] == [204, 204, 404]

    assert comments(vera, item).json()["read"] == second["id"]
    assert comments(bob, item).json()["read"] == 0


# Blind projects -------------------------------------------------------------------------------------------------------


def test_in_a_blind_project_only_reviewers_see_what_is_said_about_anothers_sheet(project, alice, bob, vera, rita):
    project.blind = True
    project.save()
    item = text(project, alice, "Words.")
    other = text(project, alice, "More words.")
    comment = say(bob, item, "Is this right?").json()
    sheet = sheet_of(item, bob).pk

    assert (said(bob, item), said(vera, item), said(rita, item)) == (["Is this right?"], [], [])
    assert comments(rita, item, sheet).json()["comments"][0]["text"] == "Is this right?"
    assert say(rita, item, "Yes.", sheet, thread=comment["id"]).status_code == 201
    assert said(bob, item) == ["Is this right?", "Yes."]
    assert comments(vera, item, sheet).status_code == 404
    assert say(vera, item, "No.", sheet).status_code == 404
    assert resolve(vera, comment).status_code == 404
    assert comments(rita, other, sheet).status_code == 404


# Live -----------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_everyone_in_the_room_is_told_of_whatever_changes_and_no_one_else(  # [M1]
    servers, enter, project, item, alice, bob, vera
):
    sheet, elsewhere = sheet_of(item, alice).pk, sheet_of(photo(project, alice), alice).pk
    here, there, outside = enter(servers.urls[0], vera), enter(servers.urls[1], bob), enter(servers.urls[0], alice)
    here.join(sheet)
    there.join(sheet)
    outside.join(elsewhere)
    told = []

    def tell(answer):
        told.append(answer.status_code < 300 and all(live.wait("commented", sheet=sheet) for live in (here, there)))
        return answer

    comment = tell(say(bob, item)).json()
    tell(change(bob, comment, "A mug?"))
    tell(resolve(bob, comment))
    tell(delete(bob, comment))

    assert told == [True] * 4
    assert outside.silent("commented")
    say(bob, item, "a\0b")
    assert here.silent("commented")
