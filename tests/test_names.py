"""Names that are long, of emoji or of HTML, wherever people name something: shown as they are, or refused."""

import re

import pytest
from django.test import Client

from annotator.models import SavedFilter
from projects.models import User
from projects.names import cleaned, initials
from projects.services import invitations, items, labels
from tests.clients import client_of

pytestmark = pytest.mark.django_db

HTML = "<b>&\"'</b><script>x</script>"
EMOJI = "👩‍🚀🏳️‍🌈é"
LONG = "n" * 500
UNSEEN = "\u200b\u200d\u2060\u3164"
TURNED = "abc\u202edcba\u2066"


@pytest.fixture
def fields(project, alice, bob):
    """Of each form: its path, what is posted beside the name, the field, and where the name is shown then."""
    label = labels.add(alice, project.pk, name="Cup", shapes=["tag"])
    settings, secret = (
        f"/projects/{project.pk}/settings/",
        invitations.secret_of(invitations.invite(alice, project.pk, role=20)),
    )
    shapes = {"color": "#336699", "shapes": ["tag"]}
    you = {"username": "alice", "color": alice.color}
    attribute = shapes | {"name": "Cup", "attribute_id": "", "attribute_kind": "text", "attribute_options": ""}
    return {
        "project": ("/projects/new/", {}, "name", "/"),
        "renamed": (settings, {"guidelines": ""}, "name", "/"),
        "label": (f"/projects/{project.pk}/labels/", shapes, "name", settings),
        "relabelled": (f"/labels/{label.pk}/", shapes, "name", settings),
        "several": (f"/projects/{project.pk}/labels/several/", {"shapes": ["tag"]}, "names", settings),
        "attribute": (f"/labels/{label.pk}/", attribute, "attribute_name", settings),
        "token": ("/accounts/tokens/", {}, "name", "/accounts/tokens/"),
        "person": ("/accounts/profile/", you, "name", settings),
        "newcomer": (f"/join/{secret}/", {}, "name", settings),
    }


FIELDS = ["project", "renamed", "label", "relabelled", "several", "attribute", "token", "person", "newcomer"]
ESCAPED = "&lt;b&gt;&amp;&quot;&#x27;&lt;/b&gt;&lt;script&gt;x&lt;/script&gt;"


@pytest.mark.parametrize("field", FIELDS)
def test_html_and_emoji_are_shown_as_they_were_written(client, owner, fields, field, alice):
    path, more, name, shown = fields[field]

    for written, escaped in ((HTML, ESCAPED), (EMOJI, EMOJI)):
        speaker = type(client)() if field == "newcomer" else owner
        speaker.post(path, {**more, name: written})
        page = client_of(alice).get(shown).content.decode()
        assert escaped in page
        assert "<script>x" not in page


@pytest.mark.parametrize("field", FIELDS)
def test_a_name_of_500_characters_has_its_sentence_and_nothing_is_made(client, owner, fields, field, alice):
    path, more, name, shown = fields[field]
    people = User.objects.count()
    speaker = type(client)() if field == "newcomer" else owner

    told = speaker.post(path, {**more, name: LONG}).content.decode()

    assert re.search(r"Use at most \d+ characters; this has 500\.|1 to 100 characters", told)
    assert LONG not in client_of(alice).get(shown).content.decode()
    assert User.objects.count() == people


@pytest.mark.parametrize("field", FIELDS)
def test_a_name_that_cannot_be_seen_is_as_none(client, owner, fields, field, alice):
    path, more, name, shown = fields[field]
    people = User.objects.count()
    speaker = type(client)() if field == "newcomer" else owner

    blank = speaker.post(path, {**more, name: " "})
    told = speaker.post(path, {**more, name: UNSEEN})

    assert told.status_code == blank.status_code
    page = client_of(alice).get(shown).content.decode()
    assert "\u2060" not in page
    assert User.objects.count() == people


@pytest.mark.parametrize("field", FIELDS)
def test_marks_that_turn_what_follows_are_taken_out_of_names(client, owner, fields, field, alice):
    path, more, name, shown = fields[field]
    speaker = type(client)() if field == "newcomer" else owner

    speaker.post(path, {**more, name: TURNED})

    page = client_of(alice).get(shown).content.decode()
    assert "abcdcba" in page and "\u202e" not in page


def test_filters_items_and_options_have_such_names_too(owner, project):
    def post(path, **values):
        return owner.post(path, values, content_type="application/json")

    blind = post(f"/api/projects/{project.pk}/filters/", name=UNSEEN, query="")
    turned = post(f"/api/projects/{project.pk}/filters/", name=TURNED, query="")
    option = {"id": "a", "name": "a", "kind": "choice", "options": [UNSEEN]}
    label = post(f"/api/projects/{project.pk}/labels/", name="Cup", attributes=[option])

    assert (blind.status_code, turned.json()["name"], SavedFilter.objects.count()) == (400, "abcdcba", 1)
    assert (label.status_code, items.clean_name(UNSEEN)) == (400, "Untitled")


@pytest.mark.parametrize("name", [EMOJI, "شَریف\u200cها", "a\u0301", "\U000e0001x", "\0"])
def test_what_joins_visible_characters_stays(name):
    assert cleaned(f" {name} ") == name


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Zoë de Vries", "ZV"),
        ("\u200bPaul\u200b \u200b\u200d", "P"),
        ("e\u0301lan", "É"),
        ("👩‍🔬 Curie", "👩C"),
        ("🇩🇪 Team", "🇩🇪T"),
        (UNSEEN, ""),
    ],
)
def test_initials_are_of_what_is_seen(name, letters):
    assert initials(name) == letters


@pytest.mark.parametrize("username", ["nora@example.org", ".", "-.-", "\u3164\u3164", "olivia\u3164"])
def test_a_user_name_is_seen_and_looks_like_no_address(owner, alice, username):
    you = {"name": "Alice", "color": alice.color, "username": username}
    new = {"name": "Nora", "username": username, "password1": "quite a long one"}

    answers = [owner.post("/accounts/profile/", you), Client().post("/accounts/signup/", new)]

    for answer in answers:
        assert re.search("holds no @|needs a letter", answer.content.decode())
    assert not User.objects.filter(username=username).exists()


def test_who_has_such_a_user_name_already_keeps_it(owner, alice):
    User.objects.filter(pk=alice.pk).update(username="alice@example.org")

    owner.post("/accounts/profile/", {"name": "Al", "color": alice.color, "username": "alice@example.org"})

    assert User.objects.get(pk=alice.pk).name == "Al"
