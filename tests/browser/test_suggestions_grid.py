"""What models suggest on the grid, in a real browser: it appears by itself, and many are decided by one key."""

import pytest
from playwright.sync_api import Page, expect

from annotator.models import Annotation
from annotator.shapes import Rectangle, Span, Tag
from tests.browser.cards import card, opened, selected, told
from tests.browser.desk import Desk
from tests.detectors.proposing import proposed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SOON = 15_000  # the grid asks every four seconds


def boxes(count):
    return [Rectangle(50 * n, 20 * n, 40, 60) for n in range(count)]


def shows(page: Page, name: str, suggestions: int, annotations: int) -> None:
    found = card(page, name)
    for what, count in (("suggestion", suggestions), ("annotation", annotations)):
        expect(found.locator(f'[title*="{what}"]')).to_have_count(1 if count else 0, timeout=SOON)
        expect(found.locator(f'[title^="{count} {what}"]')).to_have_count(1 if count else 0, timeout=SOON)


def test_forty_appear_by_themselves_and_are_accepted_by_one_key_while_another_sees_them_arrive(
    sign_in, alice, bob, project, photos, labels
):
    hers, his = opened(sign_in(alice), project), opened(sign_in(bob), project)
    editor = Desk(hers.context.new_page(), photos[0]).open()
    for photo, count in zip(photos, (14, 13, 13), strict=True):
        for shape in boxes(count):
            proposed(alice, photo, labels["Face"], shape)
    shows(his, "steelblue", 14, 0)
    expect(card(his, "steelblue").locator("path.proposed")).to_have_count(1)  # one a colour
    expect(editor.rows).to_have_count(0)

    his.keyboard.press("Control+a")
    selected(his, 3)
    his.keyboard.press("a")

    expect(his.get_by_text("40 suggestions were accepted.")).to_be_visible()
    expect(editor.rows).to_have_count(14)
    for page in (his, hers):
        shows(page, "steelblue", 0, 14)
        expect(page.locator("path.proposed")).to_have_count(0)
    assert Annotation.objects.filter(deleted=False, created_by=bob).count() == 40

    told(his, "accepted").get_by_role("button", name="Undo").click()

    expect(editor.rows).to_have_count(0)
    shows(his, "steelblue", 14, 0)


def test_some_are_rejected_by_label_and_how_sure_they_are_and_the_filter_finds_the_rest(
    sign_in, alice, project, letter, photo, labels
):
    proposed(alice, letter, labels["Badge"], Span(28, 34, "kettle"))
    proposed(alice, photo, labels["Face"], *boxes(3))
    proposed(alice, photo, labels["blurred"], Tag())
    page = opened(sign_in(alice), project)
    expect(card(page, "letter").locator("mark.proposed")).to_have_text("kettle")
    expect(card(page, "steelblue").locator(".tagged.proposed")).to_have_text("blurred")
    page.keyboard.press("Control+a")
    page.get_by_role("button", name="Suggestions").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("5 suggestions are open.")).to_be_visible()

    dialog.get_by_label("sure").fill("75")
    expect(dialog.get_by_text("4 suggestions are open.")).to_be_visible()
    dialog.get_by_label("Label").select_option("Face")
    dialog.get_by_role("button", name="Reject 2").click()

    expect(page.get_by_text("2 suggestions were rejected. 1: Nothing is suggested for it.")).to_be_visible()
    shows(page, "steelblue", 2, 0)
    page.get_by_label("Select letter").check()
    page.keyboard.press("x")
    expect(page.get_by_text("1 suggestion was rejected.")).to_be_visible()
    page.get_by_label("Marked").select_option("With suggestions")
    expect(page.get_by_role("gridcell")).to_have_count(1)
    expect(card(page, "steelblue")).to_be_visible()
