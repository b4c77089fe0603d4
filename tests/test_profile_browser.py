"""One's own account in a real browser: by everyone, on the phone, in both themes."""

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from playwright.sync_api import Page, expect

from projects.models import PRESENCE_COLORS, Role
from projects.services import people
from tests.axe import serious_findings
from tests.cast import PASSWORD, text
from tests.images import encoded, picture
from tests.test_accounts_codes import code_of
from tests.test_pages_browser import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIGNED_IN = ["profile", "email", "password/change", "social"]
SIGNED_OUT = ["login", "signup", "password/reset", "password/reset/done", "password/reset/key/1-a", "confirm-email/a"]
SIGNED_OUT += ["inactive", "password/reset/key/done", "social/login/cancelled", "social/login/error"]


def fits_and_is_for_all(page: Page, name: str) -> None:
    for kind, size in (("wide", {"width": 1440, "height": 900}), ("phone", PHONE)):
        page.set_viewport_size(size)
        assert serious_findings(page) == [], (name, kind)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (name, kind)


def test_the_account_pages_fit_the_phone_ending_a_session_puts_the_other_browser_out_and_a_token_is_copied(
    sign_in, alice, project
):
    alice.name, alice.email = "N" * 150, f"{'e' * 60}@example.com"
    alice.save()
    item = text(project, alice, "Dear all")
    page = sign_in(alice, permissions=["clipboard-read", "clipboard-write"])
    for name in SIGNED_IN:
        page.goto(f"/accounts/{name}/")
        fits_and_is_for_all(page, name)

    there = sign_in(alice, web=1)
    there.goto(f"/projects/{project.pk}/items/{item.pk}/")
    expect(there.get_by_text("Saved", exact=True)).to_be_visible()
    page.goto("/accounts/sessions/")
    fits_and_is_for_all(page, "sessions-two")
    page.get_by_role("button", name="End the session").click()
    expect(page.get_by_role("button", name="End the session")).to_have_count(0)
    expect(there.get_by_text("Signed out")).to_be_visible()
    there.reload()
    expect(there.get_by_role("heading", name="Sign in")).to_be_visible()

    page.goto("/accounts/tokens/")
    fits_and_is_for_all(page, "tokens")
    page.get_by_label("What the token is for").fill("Nightly export")
    page.get_by_role("button", name="Make a token").click()
    expect(page.get_by_label("Password")).to_be_visible()
    fits_and_is_for_all(page, "reauthenticate")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    secret = page.get_by_label("The new token").input_value()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    fits_and_is_for_all(page, "tokens-new")


def test_the_pages_before_signing_in_can_be_used_by_all_and_fit_the_phone(chromium, servers, db):
    page = chromium.new_page(base_url=servers.url)

    page.goto("/enter/unknown/")
    fits_and_is_for_all(page, "enter")
    for name in SIGNED_OUT:
        page.goto(f"/accounts/{name}/")
        fits_and_is_for_all(page, name)
    page.close()


def test_who_came_by_a_link_sets_a_password_and_gives_themselves_a_face_that_others_see(sign_in, bob, project):
    zoe = people.create("zoë", name="Zoë")
    project.memberships.create(user=zoe, role=Role.ANNOTATOR)
    page = sign_in(zoe, timezone_id="Asia/Tokyo")
    page.goto("/")
    page.get_by_label("Zoë: your account").click()
    fits_and_is_for_all(page, "menu")
    page.get_by_role("link", name="Keep this account").click()
    expect(page.get_by_role("link", name="Set a password")).to_be_visible()
    fits_and_is_for_all(page, "profile-no-password")
    page.get_by_role("link", name="Set a password").click()
    page.get_by_label("Password", exact=True).fill("quite a long one")
    page.get_by_label("Password (again)").fill("quite a long one")
    page.get_by_role("button", name="Keep the password").click()
    expect(page.locator(".notes .note")).to_contain_text("Your password is kept.")

    page.get_by_label("Zoë: your account").click()
    expect(page.get_by_role("link", name="Keep this account")).to_have_count(0)
    page.get_by_role("link", name="Your account").click()
    page.get_by_label("Name", exact=True).fill("Zoë Liddell")
    page.get_by_label("Colour 4 of 8").check()
    page.get_by_label("Time zone").select_option("Europe/Berlin")
    page.get_by_role("button", name="Take this browser’s: Asia/Tokyo").click()
    face = {"name": "me.png", "mimeType": "image/png", "buffer": encoded(picture(300, 300), "PNG")}
    page.get_by_label("Picture").set_input_files(face)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".notes .note")).to_contain_text("Saved.")
    expect(page.locator(".topbar .face img")).to_be_visible()
    expect(page.get_by_label("Time zone")).to_have_value("Asia/Tokyo")
    expect(page.get_by_role("button", name="Take this browser’s")).to_have_count(0)
    fits_and_is_for_all(page, "profile-picture")
    zoe.refresh_from_db()
    assert (zoe.name, zoe.color, zoe.time_zone) == ("Zoë Liddell", PRESENCE_COLORS[3], "Asia/Tokyo")

    other = sign_in(bob)
    other.goto(f"/projects/{project.pk}/settings/")
    shown = other.locator("#members .face img")
    expect(shown).to_have_count(1)
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 300


def test_codes_are_set_up_by_scanning_and_signing_in_again_beside_the_editor_asks_for_one(sign_in, alice, project):
    # In as many rounds as the servers want: they would hash it anew, and that ends the session.
    alice.password = make_password("a good password", hasher=PBKDF2PasswordHasher())
    alice.save()
    item = text(project, alice, "Dear all")
    page = sign_in(alice)
    page.goto("/accounts/2fa/")
    fits_and_is_for_all(page, "2fa")
    page.get_by_role("link", name="Set up").click()
    page.get_by_label("Password").fill("a good password")
    page.get_by_role("button", name="Go on").click()
    assert page.locator("img.qr").evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    fits_and_is_for_all(page, "2fa-set-up")
    secret = page.get_by_label("The key").input_value()
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Turn on").click()
    expect(page.locator(".codes li")).to_have_count(10)
    fits_and_is_for_all(page, "2fa-recovery")
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_text("On since")).to_be_visible()
    fits_and_is_for_all(page, "2fa-on")

    page.goto(f"/projects/{project.pk}/items/{item.pk}/")
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    people.end_sessions(alice, keep="")
    dialog = page.get_by_role("dialog", name="Please sign in again")
    dialog.get_by_label("Password").fill("a good password")
    dialog.get_by_role("button", name="Sign in", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("Now your code")
    with page.context.expect_page() as opened:
        dialog.get_by_role("link", name="Open the sign-in page").click()
    opened.value.get_by_label("Code").fill(code_of(secret))
    opened.value.get_by_role("button", name="Sign in").click()
    expect(opened.value.get_by_role("heading", name="My projects")).to_be_visible()
    dialog.get_by_role("button", name="I have signed in").click()

    expect(dialog).to_have_count(0)
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()


def test_who_is_signed_out_while_labelling_is_asked_back_in_and_what_waits_is_sent_when_they_are(
    sign_in, alice, project
):
    item = text(project, alice, "Dear all")
    page = sign_in(alice)
    page.goto(f"/projects/{project.pk}/items/{item.pk}/")
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    other = page.context.new_page()
    other.goto("/accounts/logout/")
    other.get_by_role("button", name="Sign out").click()
    dialog = page.get_by_role("dialog", name="Please sign in again")
    dialog.get_by_role("button", name="Later").click()
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Unsure").click()
    expect(dialog).to_contain_text("1 change waits here")

    other.goto("/accounts/login/")
    other.get_by_label("User name or e-mail").fill("alice")
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("heading", name="My projects")).to_be_visible()
    page.evaluate("dispatchEvent(new Event('focus'))")

    expect(dialog).to_have_count(0)
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()


def test_a_picture_that_is_too_large_is_told_beneath_its_field_and_not_sent(sign_in, alice):
    page = sign_in(alice)
    page.goto("/accounts/profile/")
    field = page.get_by_label("Picture")
    field.set_input_files({"name": "me.png", "mimeType": "image/png", "buffer": bytes(16 * 2**20)})
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The picture has more than 15.0\xa0MB. Choose a smaller one.")).to_be_visible()
    field.set_input_files({"name": "me.png", "mimeType": "image/png", "buffer": encoded(picture(30, 30), "PNG")})
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. Who has a project open")).to_be_visible()
