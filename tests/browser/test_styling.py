"""What Chromium has to style anew when little changes: with the whole page, no card comes within a frame."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TWO_FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def styled_anew(page: Page, script: str) -> int:
    """How many elements at once at the most, until what the script does is painted."""
    browser = page.context.browser
    assert browser
    browser.start_tracing(page=page, categories=["devtools.timeline"])
    page.evaluate(f"{script}; {TWO_FRAMES}")
    events = json.loads(browser.stop_tracing())["traceEvents"]
    return max(one["args"].get("elementCount", 0) for one in events if one["name"] == "UpdateLayoutTree")


def test_an_element_that_comes_into_the_page_of_items_or_the_editor_has_little_else_styled_anew(
    sign_in, alice, project, photo
):
    page = sign_in(alice)
    for address, place in (("", ".picture"), (f"items/{photo.pk}/", ".panel")):
        page.goto(f"/projects/{project.pk}/{address}")
        expect(page.locator(place).first).to_be_visible()

        script = f"document.querySelector('{place}').append(new Image())"
        until(lambda script=script: styled_anew(page, script) < 40)  # the first time something may still come


def test_what_arrives_makes_way_for_the_bar_of_what_is_selected(sign_in, alice, project, photo):
    page = sign_in(alice)
    page.goto(f"/projects/{project.pk}/")
    bottom = "document.querySelector('.arrivals').getBoundingClientRect().bottom"
    alone = page.evaluate(bottom)

    page.get_by_role("checkbox").first.check()
    bar = page.get_by_role("toolbar", name="Selected items")

    expect(bar).to_be_visible()
    assert page.evaluate(bottom) < alone - bar.evaluate("(element) => element.offsetHeight")
    page.keyboard.press("Escape")
    expect(bar).to_have_count(0)
    assert page.evaluate(bottom) == alone
