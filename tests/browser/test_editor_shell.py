"""The editor around the stage: keys, palette, roles, notices, layout."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from annotator.models import Annotation, Sheet
from projects.models import Item, Label, Membership, Project, User
from tests.browser.conftest import PHONE, At, Labels, draw, rows, saved
from tests.browser.desk import Desk
from tests.browser.stage import wait_until

pytestmark = pytest.mark.browser

# Keys and actions -----------------------------------------------------------------------------------------------------


def test_keys_choose_the_tool_and_the_label_of_the_next_shape(at: At, photo: Item, bob: User):
    page = at(photo, bob)

    page.keyboard.press("2")
    draw(page)

    expect(rows(page)).to_contain_text("Badge")
    page.keyboard.press("p")
    expect(page.locator(".rail [data-action=polygon]")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("v")
    expect(page.locator(".rail [data-action=select]")).to_have_attribute("aria-pressed", "true")


def test_a_label_that_allows_only_polygons_brings_the_polygon_tool(at: At, photo: Item, bob: User):
    page = at(photo, bob)

    page.keyboard.press("3")

    expect(page.locator(".rail [data-action=polygon]")).to_have_attribute("aria-pressed", "true")


def test_a_labels_key_relabels_the_selection(at: At, photo: Item, bob: User):
    page = at(photo, bob)
    draw(page)

    page.keyboard.press("2")

    expect(rows(page)).to_contain_text("Badge")
    saved(page)
    assert Annotation.objects.get().label.name == "Badge"


def test_a_shape_that_a_label_does_not_take_keeps_its_label_and_that_is_said(at: At, photo: Item, bob: User):
    page = at(photo, bob)
    draw(page)

    page.keyboard.press("3")

    expect(page.locator(".notice")).to_contain_text("Suit does not take the shape rectangle")
    expect(rows(page)).to_contain_text("Face")


def test_an_empty_list_says_to_draw_only_while_a_tool_draws(at: At, photo: Item, bob: User, project: Project):
    page = at(photo, bob)
    empty = page.locator(".tabpanel .empty")
    page.keyboard.press("p")
    expect(empty).to_contain_text("Click corner after corner")
    page.keyboard.press("v")
    expect(empty).to_contain_text("Choose a tool to begin")

    project.labels.all().delete()
    page.reload()

    expect(empty).to_have_text("Nothing is labelled here yet.")


def test_keys_are_text_while_one_types(at: At, photo: Item, bob: User):
    page = at(photo, bob)
    draw(page)

    page.locator("[data-attribute=age] input").press_sequentially("42")

    expect(page.locator("[data-attribute=age] input")).to_have_value("42")
    expect(rows(page)).to_contain_text("Face")


def test_tab_walks_the_annotations_and_then_leaves_the_stage(at: At, photo: Item, bob: User):
    page = at(photo, bob)
    draw(page, 0.2, 0.2, 0.3, 0.3)
    page.keyboard.press("Escape")
    draw(page, 0.6, 0.6, 0.7, 0.7)
    page.keyboard.press("Escape")

    page.keyboard.press("Tab")
    expect(rows(page).nth(0)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Tab")
    expect(rows(page).nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Tab")
    assert page.evaluate("!document.activeElement.closest('[data-region=stage]')")


def test_copies_deletes_and_takes_back_by_keys(at: At, photo: Item, bob: User):
    page = at(photo, bob)
    draw(page)

    page.keyboard.press("Control+d")
    expect(rows(page)).to_have_count(2)
    page.keyboard.press("Delete")
    expect(rows(page)).to_have_count(1)
    page.keyboard.press("Control+z")
    expect(rows(page)).to_have_count(2)
    page.keyboard.press("Control+Shift+z")
    expect(rows(page)).to_have_count(1)


def test_the_palette_finds_an_action_by_words_and_runs_it(at: At, photo: Item, bob: User):
    page = at(photo, bob)

    page.keyboard.press("Control+k")
    page.keyboard.type("poly")
    page.keyboard.press("Enter")

    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator(".rail [data-action=polygon]")).to_have_attribute("aria-pressed", "true")


def test_the_palette_offers_only_what_may_be_done_now(at: At, photo: Item, bob: User, vera: User):
    page, viewer = at(photo, bob), at(photo, vera)

    for person in (page, viewer):
        person.keyboard.press("Control+k")

    expect(page.locator("[data-choice=done]")).to_be_visible()
    expect(page.locator("[data-choice=undo]")).to_have_count(0)
    expect(viewer.locator("[data-choice=done]")).to_have_count(0)
    expect(viewer.locator("[data-choice=guidelines]")).to_be_visible()


def test_the_question_mark_lists_the_keys_of_tools_and_labels(at: At, photo: Item, bob: User):
    page = at(photo, bob)

    page.keyboard.press("?")

    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Label Badge")
    expect(page.get_by_role("dialog")).to_contain_text("Undo yours")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


ESCAPE_THEN_QUESTION_MARK = """async () => {
    document.querySelector("dialog").dispatchEvent(new Event("cancel", { cancelable: true }))
    for (let turn = 0; turn < 100 && document.querySelector("dialog"); turn += 1) await null
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "?", bubbles: true }))
    await new Promise((later) => setTimeout(later, 100))
}"""


def test_a_dialog_that_is_opened_the_moment_another_closes_stays(at: At, photo: Item, bob: User):
    page = at(photo, bob)
    page.keyboard.press("g")
    expect(page.get_by_role("dialog", name="Guidelines")).to_be_visible()

    page.evaluate(ESCAPE_THEN_QUESTION_MARK)

    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


def test_the_space_bar_scrolls_what_is_read_over_a_photo(at: At, photo: Item, bob: User, project: Project):
    Project.objects.filter(pk=project.pk).update(guidelines="Label every face.\n" * 200)
    page = at(photo, bob)

    page.keyboard.press("g")
    text = page.get_by_role("dialog").locator(".written")
    text.focus()
    page.keyboard.press("Space")

    wait_until(lambda: text.evaluate("text => text.scrollTop") > 0, lambda: "it does not scroll")


def test_a_dot_tells_of_guidelines_that_are_new_or_have_changed(at: At, photo: Item, bob: User, project: Project):
    def write(text: str) -> None:
        Project.objects.filter(pk=project.pk).update(guidelines=text)

    write("Label **every** face.")
    page = at(photo, bob)

    expect(page.get_by_title("You have not read the guidelines yet.")).to_be_visible()
    with page.expect_response("**/guidelines/read/"):
        page.keyboard.press("g")
    expect(page.get_by_role("dialog").locator("strong")).to_have_text("every")
    page.keyboard.press("Escape")
    expect(page.locator(".fresh")).to_have_count(0)

    write("Label no face.")
    page.reload()
    expect(page.get_by_title("The guidelines have changed since you read them.")).to_be_visible()


def test_the_own_face_leads_to_the_projects_and_to_the_keys(at: At, photo: Item, bob: User):
    page = at(photo, bob)

    page.get_by_role("button", name="You, Bob: menu").click()
    page.get_by_role("button", name="Keys", exact=True).last.click()
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="You, Bob: menu").click()
    page.get_by_role("link", name="My projects").click()

    expect(page.get_by_role("heading", name="My projects")).to_be_visible()


def test_a_hotkey_that_a_tool_has_gives_way_to_it(at: At, photo: Item, bob: User, labels: Labels):
    Label.objects.filter(pk=labels["Badge"].pk).update(hotkey="r")

    page = at(photo, bob)
    page.keyboard.press("p")
    page.keyboard.press("r")

    expect(page.locator(".rail [data-action=rectangle]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(f"[data-label='{labels['Badge'].pk}'] kbd")).to_have_count(0)


def test_a_notice_stays_while_one_points_at_it_and_goes_afterwards(at: At, photo: Item, bob: User):
    page = at(photo, bob)
    page.clock.install()
    page.keyboard.press("d")
    notice = page.locator(".notice", has_text="is done")
    notice.hover()
    page.clock.fast_forward(60_000)
    expect(notice).to_be_visible()

    page.mouse.move(0, 0)
    page.clock.fast_forward(60_000)

    expect(notice).to_have_count(0)


# People ---------------------------------------------------------------------------------------------------------------


def test_a_click_on_a_face_follows_that_person_until_escape(at: At, photo: Item, alice: User, bob: User):
    page, other = at(photo, bob), at(photo, alice)

    page.get_by_role("button", name="Follow Alice").click()
    other.keyboard.press("+")
    other.keyboard.press("+")

    other.wait_for_timeout(500)  # until the zoom rests
    zoom = other.locator(".zoom [data-action=actual]").inner_text()
    expect(page.locator(".zoom [data-action=actual]")).to_have_text(zoom)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Follow Alice")).to_have_attribute("aria-pressed", "false")


def test_a_viewer_sees_everything_and_changes_nothing(at: At, photo: Item, bob: User, vera: User):
    page, viewer = at(photo, bob), at(photo, vera)

    draw(page)

    expect(rows(viewer)).to_have_count(1)
    expect(viewer.locator(".banner")).to_contain_text("You can look at this project but not change it")
    expect(viewer.locator(".rail")).to_have_count(0)
    rows(viewer).click()
    viewer.keyboard.press("Delete")
    viewer.keyboard.press("d")
    expect(viewer.get_by_role("button", name="Partly")).to_be_disabled()
    expect(rows(page)).to_have_count(1)


def test_a_role_that_changes_is_felt_at_once(at: At, photo: Item, alice: User, bob: User, project: Project):
    page, manager = at(photo, bob), at(photo, alice)
    membership = f"/api/members/{Membership.objects.get(project=project, user=bob).pk}/"

    Desk(manager, photo).ask("PATCH", membership, {"role": "viewer"})
    expect(page.locator(".banner")).to_contain_text("not change it")
    Desk(manager, photo).ask("PATCH", membership, {"role": "annotator"})
    expect(page.locator(".banner")).to_have_count(0)
    Desk(manager, photo).ask("DELETE", membership)

    expect(page.locator(".banner")).to_contain_text("no longer a member")


def test_who_is_signed_out_signs_in_again_in_place_and_nothing_is_lost(at: At, photo: Item, bob: User):
    page = at(photo, bob)
    Desk(page, photo).ask("POST", "/accounts/logout/")
    dialog = page.get_by_role("dialog", name="Please sign in again")
    dialog.get_by_role("button", name="Later").click()
    draw(page)
    page.get_by_role("button", name=re.compile("Signed out · 1 waiting")).click()

    expect(dialog.get_by_label("User name")).to_have_value("bob")
    dialog.get_by_label("Password").fill("a good password")
    dialog.get_by_role("button", name="Sign in").click()

    expect(dialog).to_have_count(0)
    saved(page)
    assert Annotation.objects.filter(sheet=Sheet.objects.get(item=photo)).count() == 1


# Layout ---------------------------------------------------------------------------------------------------------------


def test_on_a_phone_the_tools_are_below_and_large_enough_for_thumbs(at: At, photo: Item, bob: User):
    page = at(photo, bob, **PHONE)

    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for button in page.locator(".phone button:visible").all():
        box = button.bounding_box()
        assert box and box["height"] >= 44 and box["width"] >= 44
    expect(page.locator(".hint")).to_contain_text("Drag on the photo")


def test_on_a_phone_too_one_reads_that_one_is_offline(at: At, photo: Item, bob: User):
    page = at(photo, bob, **PHONE)
    words = page.locator("[data-save] .words")
    expect(words).to_have_css("position", "absolute")  # out of sight while all is well

    page.context.set_offline(True)

    expect(words).to_have_text("Offline")
    expect(words).to_have_css("position", "static")
    assert page.evaluate("document.documentElement.scrollWidth") == 390


OVERLAPS = """bar => {
    const parts = [...bar.querySelectorAll("a, button, .crumbs b, .words")].map((part) => part.getBoundingClientRect())
    const shown = parts.filter(({ width }) => width > 1)
    const along = (a, b, from, to) => a[from] < b[to] - 0.5 && b[from] < a[to] - 0.5
    const meets = (a, b) => along(a, b, "left", "right") && along(a, b, "top", "bottom")
    return shown.flatMap((part, i) => shown.slice(i + 1).filter((other) => meets(part, other))).length
}"""


def test_on_a_phone_the_title_gives_way_so_that_one_reads_what_waits(at: At, photo: Item, alice: User, bob: User):
    Item.objects.filter(pk=photo.pk).update(name="a photograph with quite a long name.png")
    at(photo, alice)
    page = at(photo, bob, **PHONE)

    page.context.set_offline(True)
    draw(page)

    expect(page.locator("[data-save] .words")).to_have_text("Offline · 1 waiting")
    assert page.locator(".topbar").evaluate(OVERLAPS) == 0
    expect(page.locator("[data-action=done]")).to_be_in_viewport(ratio=1)
    assert page.locator("[data-action=done]").evaluate("done => done.scrollWidth <= done.clientWidth")


SCROLLING = """panel => [panel, ...panel.querySelectorAll("*")]
    .filter((part) => getComputedStyle(part).overflowY === "auto" && part.scrollHeight > part.clientHeight)
    .map((part) => part.classList[0])"""


def test_on_a_phone_the_panel_scrolls_as_one_above_the_tools(at: At, photo: Item, bob: User, project: Project):
    for position in range(8):
        project.labels.create(name=f"Label {position}", color="#5ec8ff", shapes=["rectangle"], position=4 + position)
    page = at(photo, bob, **PHONE)
    draw(page)

    page.get_by_role("button", name="Labels and annotations").tap()
    page.get_by_text("Position, pixels").scroll_into_view_if_needed()

    expect(page.get_by_text("Position, pixels")).to_be_in_viewport(ratio=1)
    panel, tools = page.locator(".panel").bounding_box(), page.locator(".phone").bounding_box()
    assert panel and tools and panel["y"] + panel["height"] <= tools["y"]
    assert page.locator(".panel").evaluate(SCROLLING) == ["panel"]


def test_on_a_phone_one_takes_back_and_deletes_beside_a_label_that_can_be_read(at: At, photo: Item, bob: User):
    page = at(photo, bob, **PHONE)
    draw(page)

    expect(page.locator(".phone [data-action=undo]")).to_be_visible()
    expect(page.locator(".phone [data-action=delete]")).to_be_visible()
    assert page.locator(".phone .name").evaluate("name => name.scrollWidth <= name.clientWidth")


def test_previous_and_next_stay_where_they_are_from_item_to_item(at: At, photos: list[Item], bob: User):
    Item.objects.filter(pk=photos[1].pk).update(name="a photograph with quite a long name.png")
    page = at(photos[0], bob)
    before = page.locator(".topbar [data-action=next]").bounding_box()

    page.locator(".topbar [data-action=next]").click()

    expect(page.locator(".crumbs b")).to_contain_text("quite a long name")
    assert page.locator(".topbar [data-action=next]").bounding_box() == before


def test_on_a_phone_the_panel_comes_up_from_below(at: At, photo: Item, bob: User):
    page = at(photo, bob, **PHONE)
    expect(page.locator(".panel")).not_to_be_visible()

    page.get_by_role("button", name="Labels and annotations").tap()
    page.locator(".labels .row", has_text="Badge").tap()  # the photo is wanted next

    expect(page.locator(".panel")).not_to_be_visible()
    expect(page.get_by_role("button", name="Labels and annotations")).to_contain_text("Badge")
    page.get_by_role("button", name="Labels and annotations").tap()
    page.locator(".grip").tap()
    expect(page.locator(".panel")).not_to_be_visible()


def test_a_theme_is_chosen_and_kept(at: At, photo: Item, bob: User):
    page = at(photo, bob, color_scheme="light")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")

    page.keyboard.press("Control+k")
    page.keyboard.type("dark")
    page.keyboard.press("Enter")
    page.reload()

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


FORBIDDEN = """Object.defineProperty(window, "localStorage", {
    get() { throw new DOMException("The browser keeps nothing.", "SecurityError") },
})"""


def test_a_browser_that_forbids_to_store_anything_opens_the_editor_all_the_same(
    sign_in: Callable[..., Page], photo: Item, bob: User
):
    page = sign_in(bob, color_scheme="light")
    page.add_init_script(FORBIDDEN)
    Desk(page, photo).open()

    page.keyboard.press("2")
    draw(page)
    page.keyboard.press("Control+k")
    page.keyboard.type("dark")
    page.keyboard.press("Enter")

    expect(rows(page)).to_contain_text("Badge")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
