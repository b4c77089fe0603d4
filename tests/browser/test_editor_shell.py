"""The editor around the stage: keys, palette, panel, history, items, roles."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from annotator.models import Annotation, Sheet
from projects.models import Item, Label, Membership, Project, User
from tests.browser.conftest import draw
from tests.browser.desk import Desk
from tests.browser.stage import wait_until

pytestmark = pytest.mark.browser

At = Callable[..., Page]
Labels = dict[str, Label]


def rows(page: Page):
    return page.locator("[data-annotation]")


def saved(page: Page) -> None:
    expect(page.locator("[data-save]")).to_have_attribute("data-save", "saved")


def create(label: Label, place: dict[str, float]) -> dict[str, object]:
    shape = {"type": "rectangle", **place}
    return {"type": "create", "id": str(uuid4()), "annotation": str(uuid4()), "label": label.pk, "shape": shape}


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

    expect(page.locator(".toast")).to_contain_text("Suit does not take the shape rectangle")
    expect(rows(page)).to_contain_text("Face")


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
    text = page.get_by_role("dialog").get_by_text("Label every face.")
    text.focus()
    page.keyboard.press("Space")

    wait_until(lambda: text.evaluate("text => text.scrollTop") > 0, lambda: "it does not scroll")


def test_the_own_face_leads_to_the_projects_and_to_the_keys(at: At, photo: Item, bob: User):
    page = at(photo, bob)

    page.get_by_role("button", name="You, Bob: menu").click()
    page.get_by_role("button", name="Keys", exact=True).last.click()
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="You, Bob: menu").click()
    page.get_by_role("link", name="My projects").click()

    expect(page.get_by_role("heading", name="My projects")).to_be_visible()


def test_a_hotkey_that_a_tool_has_gives_way_to_a_digit(at: At, photo: Item, bob: User, labels: Labels):
    Label.objects.filter(pk=labels["Badge"].pk).update(hotkey="r")

    page = at(photo, bob)
    page.keyboard.press("p")
    page.keyboard.press("r")

    expect(page.locator(".rail [data-action=rectangle]")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(f"[data-label='{labels['Badge'].pk}'] kbd")).to_have_text("2")


# Items ----------------------------------------------------------------------------------------------------------------


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
    fetched = "address => performance.getEntriesByType('resource').some(({ name }) => name.endsWith(address))"
    page.wait_for_function(fetched, arg=f"/api/items/{photos[1].pk}/media/")
    page.wait_for_timeout(300)
    page.evaluate("performance.clearResourceTimings()")

    page.keyboard.press("j")
    expect(page.locator(".crumbs")).to_contain_text("seagreen.png")

    assert not page.evaluate(fetched, f"/api/items/{photos[1].pk}/media/")


def test_done_goes_on_to_the_next_item(at: At, photos: list[Item], bob: User, rita: User):
    page, reviewer = at(photos[0], bob), at(photos[0], rita)

    page.keyboard.press("Enter")

    expect(page.locator(".crumbs")).to_contain_text("seagreen.png")
    expect(reviewer.locator("[data-status]")).to_have_text("Done")
    page.get_by_role("button", name="Back to it").click()
    expect(page.locator("[data-status]")).to_have_text("Done")


def test_a_reviewer_reopens_what_is_done_and_an_annotator_does_not(at: At, photo: Item, bob: User, rita: User):
    page, reviewer = at(photo, bob), at(photo, rita)
    reviewer.keyboard.press("d")
    expect(page.locator("[data-status]")).to_have_text("Done")
    expect(page.get_by_role("button", name="Reopen")).to_have_count(0)

    reviewer.get_by_role("button", name="Back to it").click()
    reviewer.get_by_role("button", name="Reopen").click()

    expect(page.locator("[data-status]")).to_have_text("In progress")


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


def test_a_notice_stays_while_one_points_at_it_and_goes_afterwards(at: At, photo: Item, bob: User):
    page = at(photo, bob)
    page.clock.install()
    page.keyboard.press("d")
    notice = page.locator(".toast", has_text="is done")
    notice.hover()
    page.clock.fast_forward(60_000)
    expect(notice).to_be_visible()

    page.mouse.move(0, 0)
    page.clock.fast_forward(60_000)

    expect(notice).to_have_count(0)


# Annotations in the panel ---------------------------------------------------------------------------------------------


def test_two_people_fill_in_different_attributes_and_both_see_both(at: At, photo: Item, alice: User, bob: User):
    page, other = at(photo, bob), at(photo, alice)
    draw(page)
    rows(other).click()

    page.get_by_role("button", name="Partly").click()
    other.locator("[data-attribute=age] input").fill("34")
    other.keyboard.press("Enter")

    expect(other.get_by_role("button", name="Partly")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-attribute=age] input")).to_have_value("34")
    saved(page)
    assert Annotation.objects.get().attributes == {"occluded": "Partly", "age": 34}


def test_a_number_that_cannot_be_read_leaves_the_one_that_was_there(at: At, photo: Item, bob: User):
    page = at(photo, bob)
    draw(page)
    field = page.locator("[data-attribute=age] input")
    field.fill("34")
    field.press("Enter")

    field.press("End")
    field.press_sequentially("e")
    field.press("Enter")

    expect(page.locator(".toast")).to_contain_text("That is no number: Age keeps its value.")
    expect(field).to_have_value("34")
    saved(page)
    assert Annotation.objects.get().attributes == {"age": 34}


def test_tags_are_set_by_key_and_by_the_chooser_and_taken_off(at: At, photo: Item, bob: User, labels: Labels):
    page = at(photo, bob)
    tag = page.locator(f"[data-tag='{labels['blurred'].pk}']")

    page.keyboard.press("4")
    expect(tag).to_have_count(1)
    page.keyboard.press("t")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(tag).to_have_count(0)
    page.keyboard.press("4")
    page.get_by_role("button", name="Take off the tag blurred").click()

    expect(tag).to_have_count(0)


def test_an_unfinished_shape_of_another_stands_in_the_list_under_their_name(
    at: At, photo: Item, alice: User, bob: User
):
    page, other = at(photo, bob), at(photo, alice)
    box = other.locator("[data-region=stage]").bounding_box()
    assert box

    other.mouse.move(box["x"] + 300, box["y"] + 300)
    other.mouse.down()
    other.mouse.move(box["x"] + 400, box["y"] + 400, steps=4)

    expect(page.locator("#tab-panel .row")).to_contain_text("being drawn")
    expect(page.locator("#tab-panel .row")).to_contain_text("Alice")
    other.mouse.up()
    expect(page.locator("#tab-panel")).not_to_contain_text("being drawn")


def test_thousands_of_annotations_are_listed_a_window_at_a_time(at: At, photo: Item, bob: User, labels: Labels):
    page = at(photo, bob)
    places = [{"x": i % 790, "y": i // 790 * 10, "width": 8, "height": 8} for i in range(5_000)]
    batch = {"id": str(uuid4()), "action": str(uuid4()), "operations": [create(labels["Face"], at) for at in places]}
    Desk(page, photo).ask("POST", f"/api/sheets/{Sheet.objects.get(item=photo).pk}/operations/", batch)

    expect(page.get_by_role("tab", name="Annotations")).to_contain_text("5,000")

    assert rows(page).count() < 80
    page.locator("#tab-panel .list").evaluate("list => list.scrollTop = list.scrollHeight")
    expect(rows(page).last).to_have_attribute("aria-posinset", "5000")


def test_a_removed_label_stays_on_old_annotations_and_is_offered_no_more(
    at: At, photo: Item, alice: User, bob: User, labels: Labels
):
    page, manager = at(photo, bob), at(photo, alice)
    draw(page)
    saved(page)

    Desk(manager, photo).ask("DELETE", f"/api/labels/{labels['Face'].pk}/")

    expect(page.locator(f"[data-label='{labels['Face'].pk}']")).to_contain_text("removed")
    expect(page.locator(f"[data-label='{labels['Face'].pk}']")).to_be_disabled()
    expect(rows(page)).to_contain_text("Face")


# History --------------------------------------------------------------------------------------------------------------


def test_a_reviewer_restores_an_earlier_moment_and_can_take_that_back(at: At, photo: Item, bob: User, rita: User):
    page, reviewer = at(photo, bob), at(photo, rita)
    draw(page, 0.2, 0.2, 0.3, 0.3)
    page.keyboard.press("Escape")
    draw(page, 0.6, 0.6, 0.7, 0.7)
    expect(rows(reviewer)).to_have_count(2)

    reviewer.get_by_role("tab", name="History").click()
    entries = reviewer.locator(".history [data-clock]")
    expect(entries).to_have_count(2)
    entries.nth(1).hover()
    entries.nth(1).get_by_role("button", name="Restore to here").click()
    reviewer.get_by_role("button", name="Restore", exact=True).click()

    expect(rows(page)).to_have_count(1)
    expect(entries.first).to_contain_text("restored an earlier moment")
    reviewer.keyboard.press("Control+z")
    expect(rows(page)).to_have_count(2)


def test_an_annotator_reads_the_history_but_restores_nothing(at: At, photo: Item, bob: User):
    page = at(photo, bob)
    draw(page)
    page.keyboard.press("2")

    page.keyboard.press("h")

    expect(page.locator(".history [data-clock]").first).to_contain_text("relabelled to Badge")
    expect(page.get_by_role("button", name="Restore to here")).to_have_count(0)


def test_what_lies_further_back_is_fetched_and_a_failure_is_told(at: At, photo: Item, bob: User, labels: Labels):
    page = at(photo, bob)
    sheet = Sheet.objects.get(item=photo).pk
    for left in range(51):
        operation = create(labels["Face"], {"x": left, "y": 0, "width": 8, "height": 8})
        batch = {"id": str(uuid4()), "action": str(uuid4()), "operations": [operation]}
        Desk(page, photo).ask("POST", f"/api/sheets/{sheet}/operations/", batch)
    page.keyboard.press("h")
    entries = page.locator(".history [data-clock]")
    expect(entries).to_have_count(50)

    page.route("**/log/?before=*", lambda route: route.abort(), times=1)
    page.get_by_role("button", name="Older").click()
    expect(page.locator(".history")).to_contain_text("The server cannot be reached.")
    page.get_by_role("button", name="Try again").click()

    expect(entries).to_have_count(51)


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

    dialog.get_by_label("User name").fill("bob")
    dialog.get_by_label("Password").fill("a good password")
    dialog.get_by_role("button", name="Sign in").click()

    expect(dialog).to_have_count(0)
    saved(page)
    assert Annotation.objects.filter(sheet=Sheet.objects.get(item=photo)).count() == 1


# Layout ---------------------------------------------------------------------------------------------------------------

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def test_on_a_phone_the_tools_are_below_and_large_enough_for_thumbs(at: At, photo: Item, bob: User):
    page = at(photo, bob, **PHONE)

    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for button in page.locator(".phone button:visible").all():
        box = button.bounding_box()
        assert box and box["height"] >= 44 and box["width"] >= 44
    expect(page.locator(".hint")).to_contain_text("Drag on the photo")


def test_on_a_phone_the_panel_comes_up_from_below(at: At, photo: Item, bob: User):
    page = at(photo, bob, **PHONE)
    expect(page.locator(".panel")).not_to_be_visible()

    page.get_by_role("button", name="Labels and annotations").tap()
    page.locator(".labels .row", has_text="Badge").tap()
    page.locator(".grip").tap()

    expect(page.locator(".panel")).not_to_be_visible()
    expect(page.get_by_role("button", name="Labels and annotations")).to_contain_text("Badge")


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
