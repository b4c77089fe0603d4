"""From item to item: nothing that was begun is lost on the way, and nothing happens to the wrong item."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from annotator.models import Annotation, Sheet
from projects.models import Item, User
from tests.browser.conftest import PHONE, At, Labels, draw, rows, saved
from tests.browser.stage import wait_until

pytestmark = pytest.mark.browser


FETCHED = "address => performance.getEntriesByType('resource').some(({ name }) => name.endsWith(address))"


def name(page: Page) -> Locator:
    return page.locator(".crumbs b")


def test_the_next_item_is_shown_without_loading_the_page_and_back_leads_back(at: At, photos: list[Item], bob: User):
    page = at(photos[0], bob)
    page.evaluate("window.sameLoad = true")

    page.keyboard.press("j")
    expect(page.locator(".crumbs")).to_contain_text("seagreen.png")
    assert page.url.endswith(f"/items/{photos[1].pk}/")
    page.go_back()

    expect(page.locator(".crumbs")).to_contain_text("steelblue.png")
    assert page.evaluate("window.sameLoad")


def test_the_next_item_is_fetched_ahead(at: At, photos: list[Item], bob: User):
    page = at(photos[0], bob)
    page.wait_for_function(FETCHED, arg=f"/api/items/{photos[1].pk}/media/")
    page.wait_for_timeout(300)
    page.evaluate("performance.clearResourceTimings()")

    page.keyboard.press("j")
    expect(page.locator(".crumbs")).to_contain_text("seagreen.png")

    assert not page.evaluate(FETCHED, f"/api/items/{photos[1].pk}/media/")


def test_what_is_on_the_previous_item_is_copied_and_one_undo_takes_it_back(at: At, photos: list[Item], bob: User):
    page = at(photos[0], bob)
    draw(page)
    page.keyboard.press("Escape")
    draw(page, 0.6, 0.6, 0.8, 0.8)
    saved(page)
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(name(page)).to_have_text("seagreen.png")

    page.keyboard.press("Shift+K")
    expect(rows(page)).to_have_count(2)
    expect(page.locator(".notice")).to_contain_text("2 annotations are copied from the previous item.")
    saved(page)
    page.keyboard.press("Control+z")

    expect(rows(page)).to_have_count(0)


def test_done_goes_on_to_the_next_item(at: At, photos: list[Item], bob: User, rita: User):
    page, reviewer = at(photos[0], bob), at(photos[0], rita)

    page.keyboard.press("Enter")

    expect(page.locator(".crumbs")).to_contain_text("seagreen.png")
    expect(reviewer.locator("[data-status]")).to_have_text("Done")
    page.get_by_role("button", name="Back to it").click()
    expect(page.locator("[data-status]")).to_have_text("Done")


def test_a_reviewer_sends_back_reopens_and_accepts_what_is_done(at: At, photo: Item, bob: User, rita: User):
    page, reviewer = at(photo, bob), at(photo, rita)
    status = page.locator("[data-status]")
    reviewer.keyboard.press("d")
    expect(status).to_have_text("Done")
    expect(page.get_by_role("button", name="Reopen")).to_have_count(0)

    reviewer.get_by_role("button", name="Back to it").click()
    reviewer.get_by_role("button", name="Reopen").click()
    expect(status).to_have_text("In progress")

    reviewer.keyboard.press("d")
    reviewer.get_by_role("button", name="Back to it").click()
    expect(reviewer.locator("[data-status]")).to_have_text("Done")
    reviewer.keyboard.press("Shift+B")
    reviewer.get_by_label("What is to be mended?").fill("Two faces are missing")
    reviewer.get_by_role("button", name="Send back", exact=True).click()
    expect(page.get_by_text("Sent back: Two faces are missing")).to_be_visible()
    draw(page)
    expect(status).to_have_text("Sent back")
    page.keyboard.press("d")
    page.get_by_role("button", name="Back to it").click()
    expect(reviewer.locator("[data-status]")).to_have_text("Done")
    reviewer.keyboard.press("Shift+A")

    expect(status).to_have_text("Accepted")
    expect(page.get_by_text("It has been accepted. Ask a reviewer to send it back.")).to_be_visible()
    expect(page.get_by_role("button", name="Rectangle")).to_have_count(0)


def test_skipping_asks_for_a_reason_that_the_next_person_reads(at: At, photos: list[Item], bob: User, rita: User):
    page, reviewer = at(photos[0], bob), at(photos[0], rita)

    page.keyboard.press("Shift+D")
    page.get_by_label("Why?").fill("Too dark")
    page.get_by_role("button", name="Skip", exact=True).click()

    expect(page.locator(".crumbs")).to_contain_text("seagreen.png")
    expect(reviewer.locator("[data-status]")).to_have_text("Skipped")
    expect(reviewer.get_by_text("Skipped: Too dark")).to_be_visible()


def test_on_a_phone_too_one_reads_why_an_item_was_skipped(at: At, photo: Item, bob: User, labels: Labels):
    Sheet.objects.create(item=photo, status="skipped", reason="Too dark")

    page = at(photo, bob, **PHONE)

    expect(page.get_by_text("Skipped: Too dark")).to_be_visible()


def test_enter_finishes_a_shape_before_it_finishes_the_item(at: At, photo: Item, bob: User):
    page = at(photo, bob)
    page.keyboard.press("p")
    box = page.locator("[data-region=stage]").bounding_box()
    assert box
    for x, y in [(0.4, 0.4), (0.6, 0.4), (0.5, 0.6)]:
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])

    page.keyboard.press("Enter")

    expect(rows(page)).to_have_count(1)
    expect(page.locator("[data-status]")).not_to_have_text("Done")


def test_work_that_begins_shows_as_in_progress(at: At, photo: Item, bob: User):
    page = at(photo, bob)
    expect(page.locator("[data-status]")).to_have_text("To do")

    draw(page)

    expect(page.locator("[data-status]")).to_have_text("In progress")


def test_the_last_label_and_tool_are_kept(at: At, photos: list[Item], bob: User):
    page = at(photos[0], bob)
    page.keyboard.press("2")
    page.keyboard.press("p")

    page.keyboard.press("j")
    expect(page.locator(".crumbs")).to_contain_text("seagreen.png")
    page.reload()

    expect(page.locator(".rail [data-action=polygon]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".labels .on")).to_contain_text("Badge")


def begin_polygon(page: Page) -> None:
    page.keyboard.press("p")
    box = page.locator("[data-region=stage]").bounding_box()
    assert box
    for x, y in [(0.4, 0.4), (0.6, 0.4), (0.5, 0.6)]:
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])


@pytest.mark.parametrize("leave", [lambda page: page.keyboard.press("j"), lambda page: page.reload()])
def test_an_arrow_key_just_before_one_leaves_is_saved(
    at: At, photos: list[Item], bob: User, leave: Callable[[Page], object]
):
    page = at(photos[0], bob)
    draw(page)
    saved(page)
    before = Annotation.objects.get().shape["x"]

    page.keyboard.press("ArrowRight")
    leave(page)

    wait_until(lambda: Annotation.objects.get().shape["x"] == before + 1, lambda: Annotation.objects.get().shape)


def test_a_key_held_down_marks_one_item_as_done(at: At, photos: list[Item], bob: User):
    page = at(photos[0], bob)

    page.keyboard.down("Enter")
    expect(name(page)).to_have_text("seagreen.png")
    page.keyboard.down("Enter")
    page.get_by_role("button", name="Done").focus()
    page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    page.keyboard.press("?")

    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    expect(page.locator(".notice")).to_have_count(1)
    expect(name(page)).to_have_text("seagreen.png")
    assert list(Sheet.objects.filter(status="done").values_list("item", flat=True)) == [photos[0].pk]


def test_a_key_held_down_goes_on_moving_zooming_and_taking_back(at: At, photo: Item, bob: User):
    page = at(photo, bob)
    for place in (0.2, 0.5, 0.7):
        draw(page, place, place, place + 0.1, place + 0.1)
        page.keyboard.press("Escape")
    expect(rows(page)).to_have_count(3)

    page.keyboard.down("Control")
    for _ in range(3):
        page.keyboard.down("z")

    expect(rows(page)).to_have_count(0)


def test_the_dialog_for_skipping_one_item_does_not_skip_another(at: At, photos: list[Item], bob: User):
    page = at(photos[0], bob)
    page.keyboard.press("j")
    expect(name(page)).to_have_text("seagreen.png")
    page.keyboard.press("Shift+D")
    expect(page.get_by_role("dialog", name="Skip this item")).to_be_visible()

    page.go_back()

    expect(name(page)).to_have_text("steelblue.png")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_dialog_for_restoring_one_item_does_not_restore_another(at: At, photos: list[Item], rita: User):
    page = at(photos[0], rita)
    page.keyboard.press("j")
    expect(name(page)).to_have_text("seagreen.png")
    for place in (0.2, 0.6):
        draw(page, place, place, place + 0.1, place + 0.1)
        page.keyboard.press("Escape")
    page.keyboard.press("h")
    page.get_by_text("drew Face").nth(1).hover()
    page.get_by_role("button", name="Restore to here").last.click()
    expect(page.get_by_role("dialog", name="Restore to this moment?")).to_be_visible()

    page.go_back()

    expect(name(page)).to_have_text("steelblue.png")
    expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize("key", ["j", "d", "Shift+D", "v", "r"])
def test_a_begun_polygon_is_not_thrown_away_by_the_way(at: At, photos: list[Item], bob: User, key: str):
    page = at(photos[0], bob)
    begin_polygon(page)

    page.keyboard.press(key)

    expect(page.locator(".notice")).to_contain_text("Finish the shape (Enter) or give it up (Esc) first.")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(rows(page)).to_have_count(1)
    expect(name(page)).to_have_text("steelblue.png")


def test_what_was_labelled_on_an_item_fetched_ahead_is_seen_offline(at: At, photos: list[Item], alice: User, bob: User):
    other = at(photos[1], alice)
    draw(other)
    saved(other)
    page = at(photos[0], bob)

    go_on_offline(page, photos)

    expect(rows(page)).to_have_count(1)
    page.context.set_offline(False)
    expect(page.locator("[data-save=saved]")).to_be_visible()
    expect(rows(page)).to_have_count(1)


def go_on_offline(page: Page, photos: list[Item]) -> None:
    page.wait_for_function(FETCHED, arg=f"/api/items/{photos[1].pk}/media/")
    page.context.set_offline(True)
    expect(page.locator("[data-save=offline]")).to_be_visible()
    page.keyboard.press("j")
    expect(name(page)).to_have_text("seagreen.png")


@pytest.mark.parametrize("look", [{}, PHONE], ids=["wide", "phone"])
def test_an_item_opened_offline_does_not_look_as_if_nobody_had_labelled_it(
    at: At, photos: list[Item], bob: User, look: dict[str, object]
):
    page = at(photos[0], bob, **look)
    page.route("**/annotations/", lambda route: route.abort())
    page.reload()

    go_on_offline(page, photos)

    unknown = page.get_by_text("The labels of this item are not here yet.").locator("visible=true")
    expect(unknown).to_have_count(1)
    expect(page.locator("[data-status]")).to_have_count(0)
    page.context.set_offline(False)
    expect(unknown).to_have_count(0)
    expect(page.locator("[data-status]")).to_have_text("To do")
