"""One's own account: what others see of a person, sessions and tokens."""

import asyncio
import re
from datetime import UTC, datetime

import pytest
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken
from PIL import Image

from projects import visits
from projects.models import PRESENCE_COLORS, User
from projects.services import invitations, people
from tests.cast import text
from tests.clients import client_of
from tests.images import encoded, picture, turned

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume asynchronous iterators"),
]

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1 Version/19.0 Mobile/15E148 Safari/604.1"
)


@pytest.fixture(autouse=True)
def fresh():
    cache.clear()
    visits._noted.clear()


def told(**changes):
    return {"name": "Alice", "username": "alice", "color": PRESENCE_COLORS[0], "time_zone": ""} | changes


def read(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


# What others see ------------------------------------------------------------------------------------------------------


def test_a_person_changes_how_others_see_them(owner, alice):
    changed = told(name=" Alice Liddell ", username="liddell", color=PRESENCE_COLORS[3], time_zone="Asia/Tokyo")

    answer = owner.post("/accounts/profile/", changed)

    alice.refresh_from_db()
    assert answer.status_code == 302
    assert (alice.name, alice.username, alice.color) == ("Alice Liddell", "liddell", PRESENCE_COLORS[3])
    assert alice.time_zone == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": " "}, "This field cannot be blank."),
        ({"name": "N" * 151}, "at most 150 characters"),
        ({"name": "a\0b"}, "Remove the NUL character."),
        ({"username": "BOB"}, "Someone has this user name."),
        ({"username": "with spaces"}, "Enter a valid username."),
        ({"color": "#000000"}, "Choose one of these colours."),
        ({"time_zone": "Mars/Olympus"}, "Choose a time zone of the list."),
    ],
)
def test_what_cannot_be_kept_gets_its_sentence_and_what_was_typed_stays(owner, alice, bob, changes, sentence):
    answer = owner.post("/accounts/profile/", told(name="Typed") | changes)

    alice.refresh_from_db()
    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert "name" in changes or 'value="Typed"' in answer.content.decode()
    assert (alice.name, alice.username) == ("Alice", "alice")


def test_a_picture_is_kept_small_and_upright_and_stands_in_place_of_the_initials(owner, alice, bob, project):
    photo = SimpleUploadedFile("me.jpg", turned(6), "image/jpeg")

    owner.post("/accounts/profile/", told() | {"picture": photo})
    alice.refresh_from_db()
    address = re.search(r'<img src="(/people/[^"]+)"', read(client_of(bob), f"/projects/{project.pk}/settings/"))[1]
    seen = client_of(bob).get(address)
    item = text(project, alice, "Words.").pk
    said = owner.post(f"/api/items/{item}/comments/", {"text": "A cup?"}, content_type="application/json").json()
    handed = client_of(bob).get(f"/projects/{project.pk}/").context["grid"]["people"]

    assert said["author"]["picture"] == address
    assert {one["name"]: one["picture"] for one in handed}["Alice"] == address
    with default_storage.open(alice.picture_path) as file, Image.open(file) as kept:
        assert (kept.format, kept.size) == ("WEBP", (32, 64))
    assert seen.headers["Content-Type"] == "image/webp"


def test_a_new_picture_replaces_the_old_one_and_leaves_no_file_behind(owner, alice, django_capture_on_commit_callbacks):
    paths = []
    for width in (900, 600):
        with django_capture_on_commit_callbacks(execute=True):
            people.set_picture(alice, SimpleUploadedFile("me.png", encoded(picture(width, 300), "PNG")))
        paths.append(alice.picture_path)

    assert [default_storage.exists(path) for path in paths] == [False, True]
    with django_capture_on_commit_callbacks(execute=True):
        owner.post("/accounts/profile/", told(no_picture="1"))
    assert not default_storage.exists(paths[1])
    assert "<img" not in read(owner, "/accounts/profile/")


def test_a_picture_that_is_chosen_again_meanwhile_stays(alice, django_capture_on_commit_callbacks):
    def choose(width):
        with django_capture_on_commit_callbacks() as after:
            people.set_picture(alice, SimpleUploadedFile("me.png", encoded(picture(width, 300), "PNG")))
        return after

    choose(900)
    replaced = choose(600)
    choose(900)
    for callback in replaced:
        callback()

    assert default_storage.exists(alice.picture_path)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "This is no image we can read."),
        (encoded(picture(400, 300), "PNG")[:200], "damaged or cut short"),
    ],
)
def test_what_is_no_picture_is_refused(owner, alice, content, sentence):
    before = alice.name
    body = told(name="Half done") | {"picture": SimpleUploadedFile("me.png", content)}
    answer = owner.post("/accounts/profile/", body)

    alice.refresh_from_db()
    assert sentence in answer.content.decode()
    assert (alice.name, alice.picture) == (before, "")


def test_only_those_who_share_a_project_see_ones_picture(alice, bob, mallory, project):
    people.set_picture(alice, SimpleUploadedFile("me.png", encoded(picture(), "PNG")))

    answers = [client_of(one).get(f"/people/{alice.pk}/picture/").status_code for one in (alice, bob, mallory)]

    assert answers == [200, 200, 404]


def test_dates_are_shown_in_ones_own_time_zone(owner, alice):
    AuthToken.objects.create(alice)
    AuthToken.objects.update(created=datetime(2026, 7, 1, 22, 30, tzinfo=UTC))

    shown = [read(owner, "/accounts/tokens/")]
    for zone in ("Asia/Tokyo", "America/New_York"):
        User.objects.update(time_zone=zone)
        shown.append(read(owner, "/accounts/tokens/"))

    assert "1 Jul 2026, 22:30" in shown[0]
    assert "2 Jul 2026, 07:30" in shown[1]
    assert "1 Jul 2026, 18:30" in shown[2]
    assert timezone.get_current_timezone_name() == "UTC"


def test_who_has_no_password_is_told_that_they_cannot_come_back_until_they_set_one(client, alice, project):
    link = invitations.address_of(invitations.invite(alice, project.pk, role=20)).partition("//")[2].partition("/")[2]
    client.post(f"/{link}", {"name": "Zoë Müller"})

    before = read(client, "/accounts/profile/")
    client.post("/accounts/password/set/", {"password1": "quite a long one", "password2": "quite a long one"})
    after = read(client, "/accounts/profile/")
    back = Client()
    back.post("/accounts/login/", {"login": "zoë.müller", "password": "quite a long one"})

    assert "you cannot come back as Zoë Müller" in before
    assert "Keep this account" in read(client_of(people.create("other")), "/")
    assert "cannot come back" not in after
    assert back.get("/api/me/").json()["name"] == "Zoë Müller"


# Sessions -------------------------------------------------------------------------------------------------------------


def signed_in(user, agent, address="10.0.0.7"):
    client = Client(headers={"user-agent": agent}, REMOTE_ADDR=address)
    client.force_login(user)
    client.get("/")
    return client


def test_one_sees_where_one_is_signed_in_and_ends_a_session(alice, bob):
    laptop, phone = signed_in(alice, FIREFOX), signed_in(alice, IPHONE, "10.0.0.8")
    bobs = signed_in(bob, "curl/8")

    page = read(laptop, "/accounts/sessions/")
    [end] = re.findall(r'name="session" value="(\d+)"', page)
    bobs.post("/accounts/sessions/", {"session": end})
    kept = phone.get("/api/me/").status_code
    laptop.post("/accounts/sessions/", {"session": end})

    assert "Firefox on Linux" in page
    assert "Safari on iPhone" in page
    assert "10.0.0.8" in page
    assert "curl" not in page
    assert kept == 200  # bob cannot end it
    assert phone.get("/api/me/").status_code == 401
    assert laptop.get("/api/me/").status_code == 200


def test_all_other_sessions_end_at_once_and_this_one_stays(alice):
    here, *others = [signed_in(alice, FIREFOX) for _ in range(3)]

    here.post("/accounts/sessions/", {"others": "1"})

    assert [one.get("/api/me/").status_code for one in [here, *others]] == [200, 401, 401]
    assert "End all others" not in read(here, "/accounts/sessions/")


def test_when_a_session_was_last_seen_is_noted_and_forgotten_with_it(alice):
    client = signed_in(alice, FIREFOX)
    noted = people.sessions_of(alice)[0].last_seen_at
    visits._noted.clear()
    client.get("/")

    later = people.sessions_of(alice)[0].last_seen_at
    Session.objects.all().delete()
    people.forget_expired()

    assert later > noted
    assert people.sessions_of(alice) == []


@pytest.mark.django_db(transaction=True)
async def test_live_sockets_hear_that_a_session_has_ended():
    alice = await sync_to_async(people.create)("alice", password="a good password")
    here = await sync_to_async(signed_in)(alice, FIREFOX)
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(f"user.{alice.pk}", channel)

    await sync_to_async(here.post)("/accounts/sessions/", {"others": "1"})

    assert await asyncio.wait_for(layer.receive(channel), 5) == {"type": "session.ended"}


# Tokens ---------------------------------------------------------------------------------------------------------------


def test_a_token_is_shown_once_works_and_ends(owner, bob):
    answer = owner.post("/accounts/tokens/", {"name": "Nightly <export> 🦊"})
    made = read(owner, answer.headers["Location"])
    token = re.search(r'data-copy="(\w+)"', made)[1]
    header = {"Authorization": f"Token {token}"}

    again = read(owner, "/accounts/tokens/")
    name = Client().get("/api/me/", headers=header).json()["username"]
    key = re.search(r'name="end" value="(\w+)"', again)[1]
    client_of(bob).post("/accounts/tokens/", {"end": key})
    kept = Client().get("/api/me/", headers=header).status_code
    owner.post("/accounts/tokens/", {"end": key})

    assert token not in again
    assert key in again
    assert "Nightly &lt;export&gt; 🦊" in again
    assert name == "alice"
    assert kept == 200  # bob cannot end it
    assert Client().get("/api/me/", headers=header).status_code == 401


def test_at_a_session_that_was_left_open_nobody_makes_a_token_or_changes_the_address(alice):
    stranger = client_of(alice)

    answers = [
        stranger.post("/accounts/tokens/", {"name": "Mine"}),
        stranger.post("/accounts/email/", {"email": "thief@example.org", "action_add": "1"}),
    ]
    by_program = stranger.post("/api/tokens/", {"name": "Mine"})

    assert ["/accounts/reauthenticate/" in answer.headers["Location"] for answer in answers] == [True, True]
    assert (by_program.status_code, by_program.json()["code"]) == (403, "reauthentication_required")
    assert not AuthToken.objects.exists() and not mail.outbox


def test_a_program_that_writes_bearer_is_told_what_to_write_and_not_who_has_signed_in(owner):
    bearer = {"Authorization": "Bearer abc"}  # of a proxy in front

    answer = Client().get("/api/me/", headers=bearer)

    assert owner.get("/api/me/", headers=bearer).json()["username"] == "alice"
    assert (answer.status_code, answer.json()["detail"]) == (401, "Write “Authorization: Token …” instead of “Bearer”.")


def test_a_token_makes_no_tokens(owner):
    token = owner.post("/api/tokens/", {"name": "Mine"}).json()["token"]

    answer = Client().post("/api/tokens/", {"name": "Another"}, headers={"Authorization": f"Token {token}"})

    assert answer.status_code == 401 and AuthToken.objects.count() == 1


def test_who_has_no_password_yet_makes_a_token_all_the_same(alice):
    alice.set_unusable_password()
    alice.save()

    answer = client_of(alice).post("/accounts/tokens/", {"name": "Mine"})

    assert answer.status_code == 302 and AuthToken.objects.count() == 1


def test_who_has_too_many_tokens_is_told_to_end_some(owner, alice):
    for _ in range(50):
        AuthToken.objects.create(alice)

    answer = owner.post("/accounts/tokens/", {"name": "One more"}).content.decode()

    assert "End those you do not need." in answer
    assert AuthToken.objects.count() == 50


@pytest.mark.parametrize(("name", "why"), [(" ", "Say what it is for"), ("x" * 500, "at most 100"), ("a\0", "NUL")])
def test_a_token_without_a_fitting_name_is_not_made(owner, name, why):
    assert why in owner.post("/accounts/tokens/", {"name": name}).content.decode()
    assert not AuthToken.objects.exists()


# Bad input ------------------------------------------------------------------------------------------------------------

EVIL = '"><img src=x onerror=alert(1)><script>alert(1)</script>'


def test_a_name_and_a_browser_that_are_markup_are_shown_as_text(alice):
    User.objects.update(name=EVIL, email="a@example.com")
    client = signed_in(alice, EVIL)

    for name in ("profile", "email", "sessions", "tokens", "2fa", "password/change", "social"):
        page = read(client, f"/accounts/{name}/")
        assert "<img src=x" not in page, name
        scripts = [tag for tag in re.findall(r"<script[^>]*>", page) if "src=" not in tag]
        assert scripts == [], name


@pytest.mark.parametrize("name", ["👩‍🔬" * 20, "שלום", "名前"])
def test_names_of_every_script_are_kept_and_have_initials(owner, alice, name):
    owner.post("/accounts/profile/", told(name=name))

    alice.refresh_from_db()
    assert alice.name == name
    assert f">{name[0]}<" in read(owner, "/accounts/profile/")
