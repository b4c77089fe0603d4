"""A laptop shares a link, a phone joins by it, and both are in the same project."""

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, Route, expect

from projects.models import Invitation, Item, Project, User
from tests.browser.conftest import PHONE
from tests.servers import Servers

pytestmark = pytest.mark.browser


def test_a_phone_joins_by_the_link_that_a_laptop_shows(
    sign_in, chromium: Browser, servers: Servers, project: Project, photos: list[Item], alice: User
):
    laptop = sign_in(alice, permissions=["clipboard-read", "clipboard-write"])
    held: list[Route] = []
    slow = True
    laptop.route("**/assets/main-*.js", lambda route: held.append(route) if slow else route.continue_())
    with laptop.expect_request("**/assets/main-*.js"):
        laptop.goto(f"/projects/{project.pk}/", wait_until="commit")

    laptop.locator("[data-opens=share]").dispatch_event("click")  # on a slow network: the scripts are not there yet
    assert held and laptop.locator("dialog[open]").count() == 0
    slow = False
    for script in held:
        script.continue_()
    dialog = laptop.get_by_role("dialog", name="Share")
    dialog.get_by_role("button", name="Make a link").click()
    expect(dialog.get_by_role("img", name="The link as a QR code").locator("svg")).to_be_visible()
    dialog.get_by_role("button", name="Copy").click()
    expect(dialog.get_by_role("button", name="Copied")).to_be_visible()
    address = laptop.evaluate("navigator.clipboard.readText()")
    assert address == dialog.get_by_label("The link", exact=True).input_value()

    phone = chromium.new_page(**PHONE)
    phone.goto(phone_address(address, servers))
    phone.get_by_label("Your name").fill("Zoë")
    phone.get_by_role("button", name="Join").click()
    phone.get_by_role("button", name="Progress, guidelines, people").tap()
    expect(phone.get_by_role("heading", name="People")).to_be_visible()
    expect(phone.get_by_text("Zoë")).not_to_have_count(0)
    phone.close()

    late = chromium.new_page(**PHONE)
    a_late_colleague_asks_and_is_let_in(late, phone_address(address, servers), laptop, project)

    Invitation.objects.update(expires_at=None)
    laptop.get_by_role("button", name="Share").click()
    dialog.get_by_role("button", name="Take back the link").click()
    laptop.get_by_role("dialog").last.get_by_role("button", name="Take back the link").click()
    expect(dialog.get_by_role("img", name="The link as a QR code")).to_have_count(0)

    laptop.route("**/assets/main-*.js", lambda route: route.abort())
    laptop.reload()
    expect(laptop.get_by_role("alert")).to_contain_text("Load the page again")


def phone_address(link: str, servers: Servers) -> str:
    """Where the test's server is: the link says where people find it."""
    return f"{servers.url}/join/{link.partition('/join/')[2]}"


def a_late_colleague_asks_and_is_let_in(late: Page, link: str, laptop: Page, project: Project) -> None:
    Invitation.objects.update(expires_at=timezone.now())
    late.goto(link)
    late.get_by_label("Your name").fill("Lea")
    late.get_by_role("button", name="Ask to be let in").tap()
    expect(late.get_by_text("You have asked to join")).to_be_visible()
    laptop.reload()
    laptop.get_by_label("1 new notice").click()
    laptop.get_by_role("link", name="Lea asks to join").click()
    laptop.get_by_label("Lea as").select_option("Reviewer")
    laptop.get_by_role("button", name="Let in").click()
    expect(laptop.get_by_label("Role of Lea")).to_have_value("30")
    late.get_by_role("link", name=project.name).tap()  # it stands there without a reload
    expect(late.get_by_role("link", name="Start")).to_be_visible()
    late.close()
