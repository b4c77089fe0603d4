"""The first five minutes of a team: a project, a colleague's phone, data of their own, both label, both see how far."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from annotator.models import Annotation
from projects.models import User
from tests.browser.conftest import PHONE, draw, drop, rows, saved, tap_two_corners
from tests.browser.test_importing import kitchen
from tests.servers import Servers

pytestmark = pytest.mark.browser


def listen(page: Page, said: list[str]) -> Page:
    """What a page complains of."""
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    return page


def test_from_nothing_to_labels_of_two_in_one_go(
    sign_in, chromium: Browser, servers: Servers, alice: User, tmp_path: Path
):
    complaints: list[str] = []
    laptop = listen(sign_in(alice), complaints)
    phone = listen(chromium.new_page(base_url=servers.urls[1], **PHONE), complaints)

    laptop.goto("/")
    laptop.get_by_label("Name of the new project").fill("Our kitchen")
    laptop.get_by_role("button", name="New project").click()
    laptop.wait_for_url(re.compile(r"/projects/\d+/$"))  # until all of it is there

    join_by_link(phone, laptop)
    expect(phone.locator(".crumbs")).to_contain_text("Our kitchen")

    drop(laptop, kitchen(tmp_path / "kitchen"))
    card = laptop.get_by_role("region", name="Import")
    card.get_by_role("button", name="Import").click()
    card.get_by_role("link", name="Show the items").click()

    laptop.get_by_role("link", name="Start labelling").click()
    phone.get_by_role("link", name="cups.png").first.tap()
    expect(rows(laptop)).to_have_count(4)
    draw(laptop, 0.2, 0.6, 0.3, 0.7)
    saved(laptop)
    tap_two_corners(phone, 0.6, 0.8)
    saved(phone)
    expect(rows(laptop)).to_have_count(6)

    for page in (laptop, phone):
        page.goto(page.url.partition("items/")[0] + "dashboard/")
        expect(page.get_by_label("In short")).to_contain_text("6 annotations")
        expect(page.get_by_role("region", name="People")).to_contain_text("Zoë")
    asked = []
    laptop.on("request", lambda request: asked.append(request.url.partition("/projects/")[2]))
    with laptop.expect_response("**/here/"):
        laptop.locator("#here").dispatch_event("pulse")  # as every four seconds; all the numbers come less often
    assert [url for url in asked if url.endswith("dashboard/")] == []
    laptop.get_by_role("link", name="To the items").click()
    laptop.get_by_role("button", name="Download").click()
    with laptop.expect_download() as download:
        laptop.get_by_role("dialog", name="Download").get_by_role("link", name="With images").nth(1).click()

    assert download.value.suggested_filename == "Our kitchen COCO JSON.zip"
    assert Annotation.objects.values("created_by").distinct().count() == 2
    assert complaints == []
    phone.close()


def join_by_link(phone: Page, laptop: Page) -> None:
    laptop.get_by_role("button", name="Share").click()
    laptop.get_by_role("button", name="Make a link").click()
    link = laptop.get_by_label("The link", exact=True).input_value()
    laptop.keyboard.press("Escape")
    expect(laptop.get_by_role("dialog", name="Share")).to_be_hidden()
    phone.goto(f"/join/{link.partition('/join/')[2]}")
    phone.get_by_label("Your name").fill("Zoë")
    phone.get_by_role("button", name="Join").click()
