"""One's own account in a real browser: by everyone, on the phone, in both themes."""

import os

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password
from playwright.sync_api import Page, expect

from projects.models import PRESENCE_COLORS
from projects.services import people
from tests.cast import PASSWORD, text
from tests.images import encoded, picture
from tests.test_accounts_codes import code_of
from tests.test_pages_browser import PHONE, serious_findings

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIGNED_IN = ["profile", "email", "sessions", "tokens", "password/change", "2fa", "reauthenticate", "social"]
SIGNED_OUT = ["login", "signup", "password/reset", "password/reset/done", "password/reset/key/1-a", "confirm-email/a"]
SIGNED_OUT += ["inactive", "password/reset/key/done", "social/login/cancelled", "social/login/error"]


def fits_and_is_for_all(page: Page, name: str) -> None:
    for kind, size in (("wide", {"width": 1440, "height": 900}), ("phone", PHONE)):
        page.set_viewport_size(size)
        assert serious_findings(page) == [], (name, kind)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (name, kind)
        if folder := os.environ.get("SHOTS"):
            theme = page.evaluate("document.documentElement.dataset.theme")
            page.screenshot(path=f"{folder}/acc-{name.replace('/', '-')}-{theme}-{kind}.png", full_page=True)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_account_pages_can_be_used_by_all_and_fit_the_phone(sign_in, alice, theme):
    alice.name, alice.email = "N" * 150, f"{'e' * 60}@example.com"
    alice.save()
    page = sign_in(alice, color_scheme=theme)

    for name in SIGNED_IN:
        page.goto(f"/accounts/{name}/")
        fits_and_is_for_all(page, name)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_before_signing_in_can_be_used_by_all_and_fit_the_phone(chromium, servers, db, theme):
    page = chromium.new_page(base_url=servers.url, color_scheme=theme)

    for name in SIGNED_OUT:
        page.goto(f"/accounts/{name}/")
        fits_and_is_for_all(page, name)
    page.close()


def test_a_person_gives_themselves_a_face_and_others_see_it(sign_in, alice, bob, project):
    page = sign_in(alice)
    page.goto("/")
    page.get_by_label("Alice: your account").click()
    page.get_by_role("link", name="Your account").click()

    page.get_by_label("Name", exact=True).fill("Alice Liddell")
    page.get_by_label("Colour 4 of 8").check()
    page.get_by_label("Time zone").select_option("Europe/Berlin")
    face = {"name": "me.png", "mimeType": "image/png", "buffer": encoded(picture(300, 300), "PNG")}
    page.get_by_label("Picture").set_input_files(face)
    page.get_by_role("button", name="Save").click()

    expect(page.locator(".notes .note")).to_contain_text("Saved.")
    expect(page.locator(".topbar .face img")).to_be_visible()
    other = sign_in(bob)
    other.goto(f"/projects/{project.pk}/settings/")
    shown = other.locator("#members .face img")
    expect(shown).to_have_count(1)
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 300
    fits_and_is_for_all(page, "profile-picture")
    alice.refresh_from_db()
    assert (alice.name, alice.color) == ("Alice Liddell", PRESENCE_COLORS[3])


def test_the_time_zone_of_the_browser_is_one_press_away(sign_in, alice):
    page = sign_in(alice, timezone_id="Asia/Tokyo")
    page.goto("/accounts/profile/")
    fits_and_is_for_all(page, "profile-zone")

    page.get_by_role("button", name="Take this browser’s: Asia/Tokyo").click()
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_label("Time zone")).to_have_value("Asia/Tokyo")
    expect(page.get_by_role("button", name="Take this browser’s")).to_have_count(0)
    alice.refresh_from_db()
    assert alice.time_zone == "Asia/Tokyo"


def test_who_has_no_password_is_led_to_set_one(sign_in, db):
    page = sign_in(people.create("zoë", name="Zoë"))
    page.goto("/")

    page.get_by_label("Zoë: your account").click()
    fits_and_is_for_all(page, "menu")
    page.get_by_role("link", name="Keep this account").click()
    fits_and_is_for_all(page, "profile-no-password")
    page.get_by_role("link", name="Set a password").click()
    page.get_by_label("Password", exact=True).fill("quite a long one")
    page.get_by_label("Password (again)").fill("quite a long one")
    page.get_by_role("button", name="Keep the password").click()

    expect(page.locator(".notes .note")).to_contain_text("Your password is kept.")
    page.get_by_label("Zoë: your account").click()
    expect(page.get_by_role("link", name="Keep this account")).to_have_count(0)


def test_a_new_token_is_copied(sign_in, alice):
    page = sign_in(alice, permissions=["clipboard-read", "clipboard-write"])
    page.goto("/accounts/tokens/")

    page.get_by_label("What the token is for").fill("Nightly export")
    page.get_by_role("button", name="Make a token").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    secret = page.get_by_label("The new token").input_value()
    page.get_by_role("button", name="Copy").click()

    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    fits_and_is_for_all(page, "tokens-new")


def test_ending_a_session_puts_the_other_browser_out(sign_in, alice, project):
    item = text(project, alice, "Dear all")
    here, there = sign_in(alice), sign_in(alice, web=1)
    there.goto(f"/projects/{project.pk}/items/{item.pk}/")
    expect(there.get_by_text("Saved", exact=True)).to_be_visible()
    here.goto("/accounts/sessions/")
    fits_and_is_for_all(here, "sessions-two")

    here.get_by_role("button", name="End the session").click()

    expect(here.get_by_role("button", name="End the session")).to_have_count(0)
    expect(there.get_by_text("Signed out")).to_be_visible()
    there.reload()
    expect(there.get_by_role("heading", name="Sign in")).to_be_visible()


def test_codes_are_set_up_by_scanning(sign_in, alice):
    # In as many rounds as the servers want: they would hash it anew, and that ends the session.
    alice.password = make_password("a good password", hasher=PBKDF2PasswordHasher())
    alice.save()
    page = sign_in(alice)
    page.goto("/accounts/2fa/")
    page.get_by_role("link", name="Set up").click()
    page.get_by_label("Password").fill("a good password")
    page.get_by_role("button", name="Go on").click()

    assert page.locator("img.qr").evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    fits_and_is_for_all(page, "2fa-set-up")
    page.get_by_label("Code").fill(code_of(page.get_by_label("The key").input_value()))
    page.get_by_role("button", name="Turn on").click()

    expect(page.locator(".codes li")).to_have_count(10)
    fits_and_is_for_all(page, "2fa-recovery")
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_text("On since")).to_be_visible()
    fits_and_is_for_all(page, "2fa-on")


def test_who_has_codes_signs_in_again_beside_the_editor(sign_in, alice, project):
    item = text(project, alice, "Dear all")
    secret = generate_totp_secret()
    TOTP.activate(alice, secret)
    page = sign_in(alice)
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
