"""Names that are long, of emoji or of HTML, wherever people name something: shown as they are, or refused."""

import re

import pytest

from projects.models import User
from projects.services import invitations, labels
from tests.clients import client_of

pytestmark = pytest.mark.django_db

HTML = "<b>&\"'</b><script>x</script>"
EMOJI = "👩‍🚀🏳️‍🌈é"
LONG = "n" * 500


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
