"""The editor and the grid on a phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from annotator.models import Sheet
from projects.models import Item, Project, User
from tests.browser.cards import card, opened, selected
from tests.browser.conftest import PHONE, At, draw, rows, saved, tap_two_corners
from tests.browser.stage import Fingers
from tests.cast import person

pytestmark = pytest.mark.browser

OVERLAPS = """bar => {
    const parts = [...bar.querySelectorAll("a, button, .crumbs b, .words")].map((part) => part.getBoundingClientRect())
    const shown = parts.filter(({ width }) => width > 1)
    const along = (a, b, from, to) => a[from] < b[to] - 0.5 && b[from] < a[to] - 0.5
    const meets = (a, b) => along(a, b, "left", "right") && along(a, b, "top", "bottom")
    return shown.flatMap((part, i) => shown.slice(i + 1).filter((other) => meets(part, other))).length
}"""

SCROLLING = """panel => [panel, ...panel.querySelectorAll("*")]
    .filter((part) => getComputedStyle(part).overflowY === "auto" && part.scrollHeight > part.clientHeight)
    .map((part) => part.classList[0])"""


def test_tools_are_below_the_panel_comes_up_above_them_and_one_goes_on_offline(
    at: At, photo: Item, alice: User, bob: User, project: Project
):
    Item.objects.filter(pk=photo.pk).update(name="a photograph with quite a long name.png")
    for position in range(8):
        project.labels.create(name=f"Label {position}", color="#5ec8ff", shapes=["rectangle"], position=4 + position)
    at(photo, alice)
    page = at(photo, bob, **PHONE)
    words, done = page.locator("[data-save] .words"), page.locator("[data-action=done]")
    panel, opener = page.locator(".panel"), page.get_by_role("button", name="Labels and annotations")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for button in page.locator(".phone button:visible").all():
        box = button.bounding_box()
        assert box and box["height"] >= 44 and box["width"] >= 44  # large enough for thumbs
    expect(page.locator(".hint")).to_contain_text("Drag on the photo")
    expect(words).to_have_css("position", "absolute")  # out of sight while all is well

    expect(panel).not_to_be_visible()
    opener.tap()
    page.locator(".labels .row", has_text="Badge").tap()  # the photo is wanted next
    expect(panel).not_to_be_visible()
    expect(opener).to_contain_text("Badge")
    draw(page)
    opener.tap()
    page.get_by_text("Position, pixels").scroll_into_view_if_needed()
    expect(page.get_by_text("Position, pixels")).to_be_in_viewport(ratio=1)
    inside, tools = panel.bounding_box(), page.locator(".phone").bounding_box()
    assert inside and tools and inside["y"] + inside["height"] <= tools["y"]
    assert panel.evaluate(SCROLLING) == ["panel"]
    page.locator(".grip").tap()
    expect(panel).not_to_be_visible()

    saved(page)
    bar = page.locator(".topbar").bounding_box()
    page.context.set_offline(True)
    expect(words).to_have_text("Offline")
    expect(words).to_have_css("position", "static")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    draw(page, 0.6, 0.6, 0.8, 0.7)
    expect(words).to_have_text("Offline · 1 waiting")  # the title gives way to it
    expect(page.locator(".phone [data-action=undo]")).to_be_visible()
    expect(page.locator(".phone [data-action=delete]")).to_be_visible()
    assert page.locator(".phone .name").evaluate("name => name.scrollWidth <= name.clientWidth")
    assert page.locator(".topbar").evaluate(OVERLAPS) == 0
    assert page.locator(".topbar").bounding_box() == bar  # the photo moves under no finger
    expect(done).to_be_in_viewport(ratio=1)
    assert done.evaluate("done => done.scrollWidth <= done.clientWidth")


def test_the_tags_of_an_image_stand_above_it_and_the_comments_come_up_with_their_field(
    at: At, photo: Item, alice: User, bob: User, project: Project
):
    long = project.labels.create(name="blurred so much " * 6, color="#5ec8ff", shapes=["tag"], position=9)
    at(photo, alice)
    page = at(photo, bob, **PHONE)
    tags, field = page.get_by_role("group", name="Tags of the item"), page.get_by_label("New comment")
    expect(page.locator(".phone [data-action=tags]")).to_have_count(0)  # it stands with the tags
    tags.get_by_role("button", name="+ tag").tap()
    for name in ("blurred", long.name):
        page.get_by_role("dialog").get_by_text(name, exact=True).tap()
    page.keyboard.press("Escape")
    expect(tags.locator("[data-tag]")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert all(tag.bounding_box()["height"] == 36 for tag in tags.locator("[data-tag]").all())
    tags.get_by_role("button", name="Take off the tag blurred", exact=True).tap()
    expect(tags.locator("[data-tag]")).to_have_count(1)

    draw(page)
    page.get_by_role("button", name="Comments").tap()
    expect(field).to_be_in_viewport(ratio=1)
    expect(page.locator(".labels")).to_have_count(0)
    page.get_by_role("button", name="Labels and annotations").tap()
    expect(page.locator("[data-annotation]")).to_have_count(1)
    expect(field).to_have_count(0)
    page.get_by_role("button", name="Comments").tap()
    page.get_by_role("button", name="Comments").tap()
    expect(page.locator(".panel")).not_to_be_visible()

    page.get_by_role("button", name="Labels and annotations").tap()
    page.locator(".labels .row", has_text="Badge").tap()
    expect(page.locator(".hint")).to_contain_text("The next one is Badge. Choose it again")
    expect(page.locator(".panel")).not_to_be_visible()


def test_commenting_stands_first_among_all_actions_and_what_is_begun_can_be_given_up(at: At, photo: Item, bob: User):
    page = at(photo, bob, **PHONE)
    actions = page.get_by_role("dialog", name="All actions")
    page.get_by_role("button", name="All actions").tap()
    first = [row.get_attribute("data-choice") for row in actions.get_by_role("option").all()[:3]]
    assert sorted(filter(None, first)) == ["comment", "skip", "unsure"]
    actions.get_by_role("button", name="Close").tap()
    expect(actions).to_have_count(0)

    page.get_by_role("button", name="Comments").tap()
    page.get_by_role("button", name="At a place").tap()
    page.get_by_role("button", name="Give up").tap()
    expect(page.get_by_text("Choose where it stands.")).to_have_count(0)


def test_the_place_of_a_comment_stays_in_sight_and_so_does_the_button_below_the_members(
    at: At, photo: Item, bob: User, project: Project
):
    for n in range(8):
        project.memberships.create(user=person(f"ann{n}"), role=20)
    page = at(photo, bob, **PHONE)
    panel = page.get_by_role("complementary")
    page.get_by_role("button", name="Comments").tap()
    page.get_by_role("button", name="At a place").tap()
    expect(panel).not_to_be_visible()
    page.get_by_role("button", name="Choose a place for the comment").tap(position={"x": 195, "y": 420})

    field, pin = page.get_by_label("New comment"), page.get_by_title("Your comment")
    expect(field).to_be_focused()
    expect(panel).to_have_css("transform", "none")  # it has come up
    where, sheet = pin.bounding_box(), panel.bounding_box()
    assert where and sheet and where["y"] + where["height"] < sheet["y"]

    page.route("**/comments/?sheet=*", lambda route: route.abort())
    field.fill("Is it")
    send, notice = page.get_by_role("button", name="Comment", exact=True), page.locator(".notice")
    send.tap()
    expect(notice).to_contain_text("The server cannot be reached.")
    lies, below = notice.bounding_box(), panel.bounding_box()
    assert lies and below and lies["y"] >= 0 and lies["y"] + lies["height"] <= below["y"]
    notice.get_by_role("button", name="Dismiss").tap()
    page.unroute("**/comments/?sheet=*")
    field.fill("")

    field.press_sequentially("Look, @ann")
    expect(page.get_by_role("option")).not_to_have_count(0)
    expect(page.get_by_role("button", name="Comment", exact=True)).to_be_in_viewport(ratio=1)
    expect(field).to_be_in_viewport(ratio=1)
    page.get_by_role("option").last.tap()
    page.get_by_role("button", name="Comment", exact=True).tap()
    page.get_by_role("button", name="Answer").tap()
    expect(field).not_to_be_visible()  # one field is enough
    page.get_by_label("Your answer").press_sequentially("And @ann")
    expect(page.get_by_role("button", name="Answer", exact=True)).to_be_in_viewport(ratio=1)


def test_a_long_label_is_cut_in_the_bar_below(at: At, photo: Item, bob: User, project: Project):
    project.labels.filter(pk=project.labels.filter(shapes__contains="rectangle").earliest("pk").pk).update(
        name="W" * 100
    )
    page = at(photo, bob)
    page.keyboard.press("r")
    page.keyboard.press("1")
    bar = page.locator(".foot")

    expect(bar.locator("bdi")).to_have_text("W" * 100)
    assert bar.evaluate("bar => bar.scrollWidth <= bar.clientWidth")
    assert bar.locator("bdi").evaluate("name => name.scrollWidth > name.clientWidth")
    expect(bar.get_by_text("Drag on the photo")).to_be_in_viewport()


# The grid -------------------------------------------------------------------------------------------------------------


def test_on_the_grid_a_long_press_chooses_and_what_is_about_the_project_comes_up(sign_in, rita, project, photos):
    page = opened(sign_in(rita, **PHONE), project)
    a_long_press_chooses(page)

    about = page.get_by_role("complementary", name="About the project")
    expect(about).to_be_hidden()
    page.get_by_role("button", name="Progress, guidelines, people").tap()
    expect(about).to_contain_text("Rita")
    about.get_by_role("button", name="Close").tap()
    expect(about).to_be_hidden()


def test_a_reviewer_finds_an_item_draws_with_two_taps_tags_comments_sends_back_and_accepts(
    sign_in, rita, project, photos
):
    Sheet.objects.create(item=photos[0], status="in_progress")
    page = opened(sign_in(rita, **PHONE), project)
    page.get_by_role("link", name=re.compile("^In progress")).tap()
    expect(page.get_by_role("gridcell")).to_have_count(1)
    card(page, "steelblue").locator(".name").tap()
    page.wait_for_selector("[data-save=saved]")

    tap_two_corners(page, 0.45, 0.6)
    page.get_by_role("button", name="Labels and annotations").tap()
    expect(rows(page)).to_have_count(1)
    page.get_by_role("button", name="Labels and annotations").tap()
    page.get_by_role("button", name="+ tag").tap()
    page.get_by_role("dialog").get_by_text("blurred").tap()
    page.touchscreen.tap(195, 20)  # beside the dialog
    expect(page.get_by_role("group", name="Tags of the item")).to_contain_text("blurred")
    page.get_by_role("button", name="Comments").tap()
    expect(page.get_by_label("New comment")).to_be_in_viewport(ratio=1)
    page.get_by_label("New comment").fill("Is this a cup?")
    page.get_by_role("button", name="Comment", exact=True).tap()
    expect(page.locator(".threads")).to_contain_text("Is this a cup?")
    page.get_by_role("complementary").get_by_role("button", name="Close").tap()

    page.get_by_role("button", name="Done").tap()
    page.get_by_role("button", name="Back to it").tap()
    page.get_by_role("button", name="Send back").tap()
    page.get_by_role("button", name="A label is wrong").tap()
    page.get_by_role("dialog").get_by_role("button", name="Send back").tap()
    expect(page.get_by_text("steelblue.png is sent back. Nothing else waits for review.")).to_be_visible()
    expect(page.locator("[data-status]")).to_have_text("Sent back")

    Sheet.objects.update_or_create(item=photos[2], person=None, defaults={"status": "done"})
    page.get_by_role("button", name="Done").tap()
    page.get_by_role("button", name="Back to it").first.tap()
    page.get_by_role("button", name="Accept").tap()

    expect(page.get_by_text("steelblue.png is accepted.")).to_be_visible()
    expect(page.locator(".crumbs")).to_contain_text("sienna.png")  # and not the next, which is to do
    sheet = Sheet.objects.get(item=photos[0])
    accepted = f"async () => (await (await fetch('/api/sheets/{sheet.pk}/annotations/')).json()).status === 'accepted'"
    page.wait_for_function(accepted)
    assert (sheet.annotations.count(), sheet.comments.count()) == (2, 1)


def a_long_press_chooses(page: Page) -> None:
    """And the next tap, too; there are two columns."""
    page.get_by_text("Saved filters").tap()
    expect(page.get_by_text("None yet. Filter")).to_be_in_viewport(ratio=1)
    page.get_by_text("Saved filters").tap()
    first, second = (page.get_by_role("gridcell").nth(n).bounding_box() for n in (0, 1))
    assert first["y"] == second["y"]
    assert page.get_by_role("row").first.get_by_role("gridcell").count() == 2
    fingers, address = Fingers(page), page.url

    fingers.send("touchStart", (first["x"] + 80, first["y"] + 80))
    selected(page, 1)
    fingers.send("touchEnd")
    selected(page, 1)
    fingers.tap((second["x"] + 80, second["y"] + 80))
    selected(page, 2)
    assert page.url == address
    fingers.tap((first["x"] + 80, first["y"] + 80))
    fingers.tap((second["x"] + 80, second["y"] + 80))
    expect(page.get_by_role("toolbar")).to_have_count(0)


def test_what_is_done_with_an_annotation_is_large_enough_for_thumbs(at: At, photo: Item, letter: Item, bob: User):
    page = at(photo, bob, **PHONE)
    draw(page)
    page.get_by_role("button", name="Labels and annotations").tap()
    panel = page.get_by_role("complementary")
    for part in (panel.get_by_role("button", name="Duplicate"), panel.get_by_role("spinbutton", name="Age")):
        expect(part).to_have_css("height", "44px")

    page.goto(f"/projects/{letter.project_id}/items/{letter.pk}/")
    page.locator("[data-block]").first.evaluate("block => getSelection().selectAllChildren(block)")
    expect(page.get_by_role("button", name="Label as Face")).to_have_css("min-height", "44px")
