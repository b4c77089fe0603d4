"""The editor can be used by all, in the light and in the dark, wide and on a phone."""

import pytest
from playwright.sync_api import expect

from projects.models import Item, User
from tests.axe import serious_findings
from tests.browser.conftest import PHONE, At, draw

pytestmark = pytest.mark.browser

SIZES = {"wide": {}, "phone": PHONE}


@pytest.fixture(params=SIZES)
def size(request: pytest.FixtureRequest) -> dict[str, object]:
    return SIZES[request.param]


def test_the_editor_of_an_image(at: At, size: dict[str, object], photo: Item, rita: User, bob: User):
    at(photo, bob)
    page = at(photo, rita, **size)
    draw(page)
    assert serious_findings(page) == []

    page.keyboard.press("Control+Alt+m")
    page.keyboard.type("Is this a face, @bob ?")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("[data-thread]")
    page.keyboard.type("Or @")
    assert serious_findings(page) == []
    page.locator("[data-region=stage]").focus()

    page.keyboard.press("h")
    page.wait_for_selector(".history [data-clock]")
    assert serious_findings(page) == []

    if size == PHONE:  # the dialogs are the same there
        return
    for keys in ("Control+k", "?", "g", "t", "Shift+D"):
        page.keyboard.press(keys)
        page.wait_for_selector("dialog")
        assert serious_findings(page) == [], keys
        page.keyboard.press("Escape")
        expect(page.locator("dialog")).to_have_count(0)


def test_the_editor_of_a_text(at: At, size: dict[str, object], letter: Item, rita: User, vera: User):
    page = at(letter, rita, **size)
    page.keyboard.press("4")
    assert serious_findings(page) == []

    assert serious_findings(at(letter, vera, **size)) == []
