"""From item to item: nothing that was begun is lost on the way, and nothing happens to the wrong item."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from annotator.live.presence import people_by_sheet
from annotator.models import Annotation, Sheet
from projects.models import Item, Project, User
from tests.browser.conftest import PHONE, At, add_photos, draw, rows, saved
from tests.browser.stage import wait_until
from tests.conftest import WIDE
from tests.waiting import until

pytestmark = pytest.mark.browser


FETCHED = "address => performance.getEntriesByType('resource').some(({ name }) => name.endsWith(address))"


def name(page: Page) -> Locator:
    return page.locator(".crumbs b")


def test_the_next_item_is_there_already_takes_what_the_previous_one_has_and_back_leads_back(
    at: At, photos: list[Item], bob: User
):
    page = at(photos[0], bob)
    draw(page)
    page.keyboard.press("Escape")
    draw(page, 0.6, 0.6, 0.8, 0.8)
    page.keyboard.press("Escape")
    saved(page)
    page.wait_for_function(FETCHED, arg=f"/api/items/{photos[1].pk}/media/")
    page.evaluate("window.sameLoad = true; performance.clearResourceTimings()")

    page.keyboard.press("j")
    expect(name(page)).to_have_text("seagreen.png")
    assert page.url.endswith(f"/items/{photos[1].pk}/")
    assert not page.evaluate(FETCHED, f"/api/items/{photos[1].pk}/media/")

    page.keyboard.press("Shift+K")
    expect(rows(page)).to_have_count(2)
    expect(page.locator(".notice")).to_contain_text("2 annotations are copied from the previous item.")
    saved(page)
    page.keyboard.press("Control+z")
    expect(rows(page)).to_have_count(0)

    page.keyboard.press("2")
    page.keyboard.press("p")
    page.go_back()
    expect(name(page)).to_have_text("steelblue.png")
    assert page.evaluate("window.sameLoad")
    page.reload()
    expect(page.locator(".rail [data-action=polygon]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".labels .on")).to_contain_text("Badge")


def test_an_arrow_key_just_before_one_leaves_is_saved_and_a_key_held_down_takes_back_all_but_finishes_one_item(
    at: At, photos: list[Item], bob: User
):
    def left() -> float:
        return Annotation.objects.filter(deleted=False).latest("clock").shape["x"]

    there_are = Annotation.objects.count
    page = at(photos[0], bob)
    ways: list[Callable[[], object]] = [page.reload, lambda: page.keyboard.press("j")]
    for count, leave in enumerate(ways):
        expect(rows(page)).to_have_count(count)
        draw(page, 0.2 + count / 3, 0.2, 0.3 + count / 3, 0.3)
        wait_until(lambda there=count + 1: there_are() == there, there_are)
        before = left()
        page.keyboard.press("ArrowRight")
        leave()
        wait_until(lambda moved=before + 1: left() == moved, left)

    page.keyboard.press("k")
    expect(rows(page)).to_have_count(2)
    page.keyboard.down("Control")
    for _ in range(4):  # two drawn and moved
        page.keyboard.down("z")
    page.keyboard.up("z")
    page.keyboard.up("Control")
    expect(rows(page)).to_have_count(0)

    page.keyboard.down("Enter")
    page.locator(".notice").hover()  # it stays
    expect(name(page)).to_have_text("seagreen.png")
    page.keyboard.down("Enter")
    page.get_by_role("button", name="Done").focus()
    page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    expect(page.locator(".notice")).to_have_count(1)
    expect(name(page)).to_have_text("seagreen.png")
    done = Sheet.objects.filter(status="done")
    wait_until(done.exists, done.exists)
    assert done.get().item == photos[0]


def test_what_is_skipped_says_why_and_done_goes_on_to_the_next_item_that_nobody_is_at(
    at: At, photos: list[Item], bob: User, rita: User
):
    page, reviewer = at(photos[0], bob), at(photos[0], rita)
    page.keyboard.press("Shift+D")
    page.get_by_label("Why?").fill("Too dark")
    page.get_by_role("button", name="Skip", exact=True).click()
    expect(name(page)).to_have_text("seagreen.png")
    page.get_by_role("button", name="Back to it").click()
    expect(name(page)).to_have_text("steelblue.png")
    expect(reviewer.locator("[data-status]")).to_have_text("Skipped")
    for size in (PHONE["viewport"], WIDE):
        reviewer.set_viewport_size(size)
        expect(reviewer.get_by_text("Skipped: Too dark")).to_be_visible()
    reviewer.get_by_role("button", name="Reopen").click()

    expect(page.locator("[data-status]")).to_have_text("In progress")
    face = page.get_by_role("button", name="Follow Rita")
    expect(face).to_be_visible()
    reviewer.keyboard.press("j")
    expect(face).to_have_count(0)
    there = [Sheet.objects.get(item=photos[1]).pk]
    until(lambda: any(person.user == rita.pk for people in people_by_sheet(there).values() for person in people))
    page.keyboard.press("Enter")
    expect(name(page)).to_have_text("sienna.png")
    page.get_by_role("button", name="Back to it").click()
    expect(page.locator("[data-status]")).to_have_text("Done")
    reviewer.keyboard.press("k")
    expect(reviewer.locator("[data-status]")).to_have_text("Done")


def test_a_reviewer_sends_back_reopens_and_accepts_what_is_done(at: At, photos: list[Item], bob: User, rita: User):
    page, reviewer = at(photos[0], bob), at(photos[0], rita)
    status = page.locator("[data-status]")
    reviewer.keyboard.press("d")
    expect(page.locator(".notice")).to_contain_text("Rita has set it to Done.")
    reviewer.get_by_role("button", name="Back to it").click()
    expect(status).to_have_text("Done")
    expect(page.get_by_role("button", name="Next to label")).to_be_visible()
    expect(page.get_by_role("button", name="Reopen")).to_have_count(0)

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
    expect(reviewer.get_by_role("button", name="Nothing left to review")).to_be_disabled()
    page.get_by_role("button", name="Next to label").click()
    expect(name(page)).not_to_have_text("steelblue.png")


def test_where_nothing_was_left_the_way_on_comes_back_with_the_work(
    at: At, photo: Item, project: Project, alice: User, bob: User, rita: User
):
    page, reviewer = at(photo, bob), at(photo, rita)
    page.keyboard.press("d")
    expect(page.get_by_role("button", name="Nothing left to label")).to_be_disabled()
    expect(reviewer.locator("[data-status]")).to_have_text("Done")
    reviewer.keyboard.press("Shift+A")
    expect(reviewer.get_by_role("button", name="Nothing left to review")).to_be_disabled()

    add_photos(alice, project, "seagreen")
    page.get_by_role("button", name="Next to label").click()
    expect(name(page)).to_have_text("seagreen.png")
    saved(page)
    page.keyboard.press("d")
    reviewer.get_by_role("button", name="Next to review").click()
    expect(name(reviewer)).to_have_text("seagreen.png")


def test_who_is_given_work_or_gets_it_back_hears_of_it_by_the_bell(
    sign_in, photos: list[Item], project: Project, alice: User, bob: User, rita: User
):
    page = sign_in(bob)
    page.goto("/")
    boss = sign_in(alice)
    boss.goto(f"/projects/{project.pk}/")
    for item in photos[:2]:
        boss.get_by_label(f"Select {item.name}").check()
    boss.get_by_role("button", name="Assign").click()
    boss.get_by_role("button", name="Assign to Bob").click()
    page.get_by_label("1 new notice").click()  # without a reload
    page.get_by_role("link", name="Alice assigned 2 items to you").click()
    expect(page.locator("a.item")).to_have_count(2)
    expect(page.get_by_label("Notices")).to_be_visible()

    page.goto(f"/projects/{project.pk}/items/{photos[0].pk}/")
    page.wait_for_selector("[data-save=saved]")
    page.keyboard.press("d")
    expect(name(page)).to_have_text(photos[1].name)
    saved(page)
    reviewer = sign_in(rita)
    reviewer.goto(f"/projects/{project.pk}/items/{photos[0].pk}/")
    reviewer.locator("[data-action=return]").click()
    reviewer.get_by_label("What is to be mended?").fill("Two faces are missing")
    reviewer.get_by_role("button", name="Send back", exact=True).click()
    page.get_by_label("1 new notice").click()
    page.get_by_role("link", name="Rita sent 1 item back to you").click()
    expect(page.get_by_text("Sent back: Two faces are missing")).to_be_visible()


def begin_polygon(page: Page) -> None:
    page.keyboard.press("p")
    box = page.locator("[data-region=stage]").bounding_box()
    assert box
    for x, y in [(0.4, 0.4), (0.6, 0.4), (0.5, 0.6)]:
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])


def test_what_was_begun_on_one_item_is_finished_there_or_given_up_and_happens_to_no_other(
    at: At, photos: list[Item], rita: User
):
    page = at(photos[0], rita)
    dialog = page.get_by_role("dialog")
    expect(page.locator("[data-status]")).to_have_text("To do")
    begin_polygon(page)
    for key in ("j", "d", "Shift+D", "v", "r"):
        page.keyboard.press(key)
        expect(page.locator(".notice")).to_contain_text("Finish the shape (Enter) or give it up (Esc) first.")
        expect(dialog).to_have_count(0)
        page.locator(".notice").get_by_role("button").click()
        expect(page.locator(".notice")).to_have_count(0)
    page.keyboard.press("Enter")  # the shape, not yet the item
    expect(rows(page)).to_have_count(1)
    expect(name(page)).to_have_text("steelblue.png")
    expect(page.locator("[data-status]")).to_have_text("In progress")

    page.keyboard.press("r")
    page.keyboard.press("j")
    expect(name(page)).to_have_text("seagreen.png")
    for place in (0.2, 0.6):
        draw(page, place, place, place + 0.1, place + 0.1)
        page.keyboard.press("Escape")
    page.keyboard.press("Shift+D")
    expect(page.get_by_role("dialog", name="Skip this item")).to_be_visible()
    page.go_back()
    expect(name(page)).to_have_text("steelblue.png")
    expect(dialog).to_have_count(0)

    page.keyboard.press("j")
    expect(name(page)).to_have_text("seagreen.png")
    page.keyboard.press("h")
    page.get_by_text("drew Face").nth(1).hover()
    page.get_by_role("button", name="Restore to here").last.click()
    expect(page.get_by_role("dialog", name="Restore to this moment?")).to_be_visible()
    page.go_back()
    expect(name(page)).to_have_text("steelblue.png")
    expect(dialog).to_have_count(0)


def test_offline_one_sees_what_was_labelled_on_an_item_fetched_ahead_or_that_it_is_not_known(
    at: At, photos: list[Item], alice: User, bob: User
):
    other = at(photos[1], alice)
    draw(other)
    saved(other)
    page = at(photos[0], bob)
    go_on_offline(page, photos[1])
    expect(rows(page)).to_have_count(1)
    page.context.set_offline(False)
    expect(page.locator("[data-save=saved]")).to_be_visible()
    expect(rows(page)).to_have_count(1)

    page.route("**/annotations/", lambda route: route.abort())
    page.reload()
    go_on_offline(page, photos[2])
    unknown = page.get_by_text("The labels of this item are not here yet.").locator("visible=true")
    for size in (PHONE["viewport"], WIDE):
        page.set_viewport_size(size)
        expect(unknown).to_have_count(1)
    expect(page.locator("[data-status]")).to_have_count(0)
    page.context.set_offline(False)
    expect(unknown).to_have_count(0)
    expect(page.locator("[data-status]")).to_have_text("To do")


def go_on_offline(page: Page, item: Item) -> None:
    page.wait_for_function(FETCHED, arg=f"/api/items/{item.pk}/media/")
    page.context.set_offline(True)
    expect(page.locator("[data-save=offline]")).to_be_visible()
    page.keyboard.press("j")
    expect(name(page)).to_have_text(item.name)
