"""A laptop shares a link, a phone joins by it, and both are in the same project."""

import pytest
from playwright.sync_api import Browser, Route, expect

from projects.models import Item, Project, User
from tests.browser.conftest import PHONE
from tests.servers import Servers

pytestmark = pytest.mark.browser


def test_a_phone_joins_by_the_link_that_a_laptop_shows(
    sign_in, chromium: Browser, servers: Servers, project: Project, photos: list[Item], alice: User
):
    laptop = sign_in(alice, permissions=["clipboard-read", "clipboard-write"])
    late: list[Route] = []
    slow = True
    laptop.route("**/assets/main-*.js", lambda route: late.append(route) if slow else route.continue_())
    laptop.goto(f"/projects/{project.pk}/", wait_until="commit")

    laptop.locator("[data-opens=share]").dispatch_event("click")  # on a slow network: the scripts are not there yet
    slow = False
    for script in late:
        script.continue_()
    dialog = laptop.get_by_role("dialog", name="Share")
    dialog.get_by_role("button", name="Make a link").click()
    expect(dialog.get_by_role("img", name="The link as a QR code").locator("svg")).to_be_visible()
    dialog.get_by_role("button", name="Copy").click()
    expect(dialog.get_by_role("button", name="Copied")).to_be_visible()
    address = laptop.evaluate("navigator.clipboard.readText()")
    assert address == dialog.get_by_label("The link", exact=True).input_value()

    phone = chromium.new_page(**PHONE)
    phone.goto(address.replace(address.split("/join/")[0], servers.url))
    phone.get_by_label("Your name").fill("Zoë")
    phone.get_by_role("button", name="Join").click()
    phone.get_by_role("button", name="Progress, guidelines, people").tap()
    expect(phone.get_by_role("heading", name="People")).to_be_visible()
    expect(phone.get_by_text("Zoë")).not_to_have_count(0)
    phone.close()

    dialog.get_by_role("button", name="Take back the link").click()
    laptop.get_by_role("dialog").last.get_by_role("button", name="Take back the link").click()
    expect(dialog.get_by_role("img", name="The link as a QR code")).to_have_count(0)
