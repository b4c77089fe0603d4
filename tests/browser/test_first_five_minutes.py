"""The first five minutes of a team: a project, a colleague's phone, data of their own, both label, both see how far."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from annotator.models import Annotation
from projects.models import User
from tests.browser.conftest import PHONE, draw, rows, saved
from tests.browser.test_importing import coco
from tests.images import encoded, picture
from tests.imports import zipped
from tests.servers import Servers

pytestmark = pytest.mark.browser


def listen(page: Page, said: list[str]) -> Page:
    """What a page complains of."""
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    return page


def test_from_nothing_to_labels_of_two_in_one_go(sign_in, chromium: Browser, servers: Servers, alice: User):
    complaints: list[str] = []
    laptop = listen(sign_in(alice), complaints)
    phone = listen(chromium.new_page(base_url=servers.urls[1], **PHONE), complaints)

    laptop.goto("/")
    laptop.get_by_label("Name of the new project").fill("Our kitchen")
    laptop.get_by_role("button", name="New project").click()
    laptop.get_by_role("link", name="To the items").click()
    laptop.wait_for_url(re.compile(r"/projects/\d+/$"))  # until all of it is there

    laptop.get_by_role("button", name="Share").click()
    laptop.get_by_role("button", name="Make a link").click()
    link = laptop.get_by_label("The link", exact=True).input_value()
    laptop.get_by_role("dialog", name="Share").get_by_role("button", name="Close").click()
    phone.goto(f"/join/{link.partition('/join/')[2]}")
    phone.get_by_label("Your name").fill("Zoë")
    phone.get_by_role("button", name="Join").click()
    expect(phone.locator(".crumbs")).to_contain_text("Our kitchen")

    dropped = zipped({"annotations.json": coco(), "images/cups.png": encoded(picture(400, 300), "PNG")})
    laptop.locator("#files").set_input_files({"name": "cups.zip", "mimeType": "application/zip", "buffer": dropped})
    card = laptop.get_by_role("region", name="Import")
    card.get_by_role("button", name="Import").click()
    card.get_by_role("link", name="Show the items").click()

    laptop.get_by_role("link", name="Start labelling").click()
    phone.reload()
    phone.get_by_role("link", name="cups.png").first.click()
    expect(rows(laptop)).to_have_count(4)
    draw(laptop, 0.2, 0.6, 0.3, 0.7)
    saved(laptop)
    draw(phone, 0.6, 0.6, 0.8, 0.8)
    saved(phone)
    expect(rows(laptop)).to_have_count(6)

    for page in (laptop, phone):
        page.goto(page.url.partition("items/")[0] + "dashboard/")
        expect(page.get_by_label("In short")).to_contain_text("6 annotations")
        expect(page.get_by_role("region", name="People")).to_contain_text("Zoë")
    laptop.get_by_role("link", name="To the items").click()
    laptop.get_by_role("button", name="Download").click()
    with laptop.expect_download() as download:
        laptop.get_by_role("dialog", name="Download").get_by_role("link", name="With images").nth(1).click()

    assert download.value.suggested_filename == "Our kitchen COCO JSON.zip"
    assert Annotation.objects.values("created_by").distinct().count() == 2
    assert complaints == []
    phone.close()
