"""What models suggest, as people see and decide it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from annotator.models import Annotation
from annotator.shapes import Rectangle, Span, Tag
from projects.models import Item, User
from tests.browser.conftest import LETTER, At, Labels, rows, saved
from tests.browser.stage import Stage, wait_until
from tests.detectors.proposing import proposed

pytestmark = pytest.mark.browser

FACE = Rectangle(100, 100, 200, 150)
FAR = Rectangle(500, 350, 100, 120)
THIRD = Rectangle(500, 50, 80, 90)


def meanwhile(work: Callable[[], object]) -> None:
    """While pages are open, which takes a thread of its own, as the others are told."""

    def run() -> None:
        work()
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(run).result()


def shown(page: Page, suggested: int, annotations: int) -> None:
    """On the stage and in the panel."""
    expect(page.locator("[data-drawn]")).to_have_attribute("data-suggested", str(suggested))
    expect(page.locator("[data-drawn]")).to_have_attribute("data-drawn", str(annotations))
    expect(page.locator("[data-suggestion]")).to_have_count(suggested)
    expect(rows(page)).to_have_count(annotations)


def decided(item: Item) -> tuple[int, int]:
    """How many were accepted, and rejected."""
    found = Annotation.objects.filter(sheet__item=item, prediction__isnull=False)
    return found.filter(deleted=False).count(), found.filter(rejected=True).count()


def test_two_people_see_what_is_suggested_and_what_the_other_accepts_rejects_and_takes_back(
    at: At, photo: Item, alice: User, bob: User, vera: User, labels: Labels
):
    page, other = at(photo, bob), at(photo, vera)
    shown(page, 0, 0)
    meanwhile(lambda: proposed(alice, photo, labels["Face"], FACE, FAR))
    for each in (page, other):
        shown(each, 2, 0)
    expect(other.get_by_role("button", name="Face 90 %")).to_be_visible()
    expect(other.get_by_role("button", name="Accept")).to_have_count(0)
    expect(other.get_by_role("button", name="Reject")).to_have_count(0)

    Stage(page, photo).click(200, 180)
    page.get_by_role("group", name="Suggestion", exact=True).get_by_role("button", name="Accept").click()
    for each in (page, other):
        shown(each, 1, 1)
    page.keyboard.press("Delete")  # the next one is selected now
    shown(other, 0, 1)
    saved(page)
    assert decided(photo) == (1, 1)
    page.keyboard.press("Control+z")
    shown(other, 1, 1)

    rows(page).click()
    expect(page.get_by_label("Selection")).to_contain_text("Suggested by model.json, 90 %")
    page.keyboard.press("Delete")
    shown(other, 1, 0)
    page.get_by_role("tab", name="History").click()
    expect(page.get_by_role("listitem").first).to_contain_text("rejected the suggestion Face")
    expect(page.get_by_role("list", name="History")).to_contain_text("accepted the suggestion Face")


def test_all_that_is_sure_enough_is_accepted_and_taken_back_at_once_and_what_an_annotation_says_is_not_shown(
    at: At, photo: Item, alice: User, labels: Labels
):
    proposed(alice, photo, labels["Face"], FACE, FAR, THIRD)
    proposed(alice, photo, labels["Badge"], FACE, score=0.75)
    proposed(alice, photo, labels["blurred"], Tag(), score=0.95)
    page = at(photo, alice)
    expect(page.locator("[data-suggestion]")).to_have_count(5)
    chip = page.locator("[data-suggested-tag]")
    expect(chip).to_contain_text("blurred 95 %")

    page.get_by_role("slider", name="At least").fill("0.78")
    expect(page.locator("[data-suggestion]")).to_have_count(3)
    page.get_by_role("button", name="Accept 3 suggestions").click()
    expect(page.locator("[data-tag]")).to_contain_text("blurred")
    expect(rows(page)).to_have_count(2)
    page.keyboard.press("Control+z")
    expect(chip).to_be_visible()
    expect(rows(page)).to_have_count(0)

    page.get_by_role("slider", name="At least").fill("0")
    page.get_by_role("group", name="Suggestions of which label").get_by_role("button", name="Face").click()
    page.get_by_role("button", name="Reject 3 suggestions").click()
    expect(page.locator("[data-suggestion]")).to_have_count(2)
    saved(page)
    assert decided(photo) == (0, 3)

    page.keyboard.press("2")
    stage = Stage(page, photo)
    page.keyboard.press("r")
    stage.drag((110, 105), (300, 250))
    expect(page.locator("[data-drawn]")).to_have_attribute("data-suggested", "0")
    page.keyboard.press("Delete")
    expect(page.locator("[data-drawn]")).to_have_attribute("data-suggested", "1")


def test_words_that_are_suggested_are_accepted_by_keys(at: At, letter: Item, alice: User, bob: User, labels: Labels):
    start = LETTER.index("New York City")
    spans = [Span(0, 9, "Northwind"), Span(start, start + 13, "New York City")]
    proposed(alice, letter, labels["Face"], *spans)
    page = at(letter, bob)
    suggested = page.locator(".mark.suggested")
    expect(suggested).to_have_count(2)
    expect(page.locator(".block .label").first).to_have_text("Face 90 %")

    page.keyboard.press("Shift+N")
    expect(page.locator(".mark.suggested.selected")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(suggested).to_have_count(1)
    expect(rows(page)).to_contain_text("Northwind")
    page.keyboard.press("Backspace")
    expect(suggested).to_have_count(0)
    wait_until(lambda: decided(letter) == (1, 1), lambda: decided(letter))
