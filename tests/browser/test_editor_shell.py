"""The editor around the stage: keys, palette, dialogs, roles, notices."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from django.db import connection
from playwright.sync_api import Locator, Page, expect

from annotator.live.presence import people_by_sheet
from annotator.models import Annotation, Sheet
from projects.models import Item, Membership, Project, User
from projects.services import projects
from tests.browser.conftest import PHONE, At, draw, rows, saved
from tests.browser.desk import Desk
from tests.browser.stage import wait_until
from tests.waiting import until

pytestmark = pytest.mark.browser


def chosen(page: Page, tool: str) -> None:
    expect(page.locator(f".rail [data-action={tool}]")).to_have_attribute("aria-pressed", "true")


# Keys and actions -----------------------------------------------------------------------------------------------------


def test_keys_choose_tools_and_labels_for_what_is_drawn_next_or_is_selected_and_are_text_in_a_field(
    at: At, photo: Item, bob: User, project: Project
):
    rim = project.labels.create(name="Rim", color="#8bd17c", shapes=["rectangle"], hotkey="r", position=4)
    page = at(photo, bob)
    empty = page.locator(".tabpanel .empty")
    page.keyboard.press("p")
    expect(empty).to_contain_text("Click corner after corner")
    page.keyboard.press("v")
    expect(empty).to_contain_text("Choose a tool to begin")
    page.keyboard.press("r")
    chosen(page, "rectangle")
    expect(page.locator(f"[data-label='{rim.pk}'] kbd")).to_have_count(0)  # a tool has its key

    page.keyboard.press("2")
    draw(page)
    expect(rows(page)).to_contain_text("Badge")
    page.keyboard.press("1")  # for the next one, and again for the one just drawn
    expect(page.locator(".foot")).to_contain_text("The next one is Face. Choose it again to relabel the one just drawn")
    expect(rows(page)).to_contain_text("Badge")
    page.keyboard.press("1")
    expect(rows(page)).to_contain_text("Face")
    expect(page.locator(".foot")).to_contain_text("Drag on the photo")
    saved(page)
    assert Annotation.objects.get().label.name == "Face"
    rows(page).click()  # who selects it means it
    page.keyboard.press("3")  # a label for polygons only
    expect(page.locator(".notice")).to_contain_text("Suit does not take the shape rectangle")
    expect(rows(page)).to_contain_text("Face")
    chosen(page, "polygon")
    page.keyboard.press("v")
    chosen(page, "select")
    page.locator("[data-attribute=age] input").press_sequentially("42")  # not keys but text
    expect(page.locator("[data-attribute=age] input")).to_have_value("42")
    expect(rows(page)).to_contain_text("Face")


def test_keys_copy_delete_take_back_and_walk_the_annotations(at: At, photo: Item, bob: User):
    page = at(photo, bob)
    page.keyboard.press("r")
    draw(page)
    expect(rows(page)).to_have_count(1)
    page.keyboard.press("Control+d")
    expect(rows(page)).to_have_count(2)
    page.keyboard.press("Delete")
    expect(rows(page)).to_have_count(1)
    page.keyboard.press("Control+z")
    expect(rows(page)).to_have_count(2)
    page.keyboard.press("Control+Shift+z")
    expect(rows(page)).to_have_count(1)
    page.keyboard.press("r")
    draw(page, 0.6, 0.6, 0.7, 0.7)
    page.keyboard.press("Escape")
    for row in (0, 1):
        page.keyboard.press("Tab")
        expect(rows(page).nth(row)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Tab")
    assert page.evaluate("!document.activeElement.closest('[data-region=stage]')")


def test_the_palette_finds_what_may_be_done_now_a_theme_is_kept_and_notices_wait_for_the_hand(
    at: At, photos: list[Item], bob: User, project: Project
):
    Item.objects.filter(pk=photos[1].pk).update(name="a photograph with quite a long name.png")
    page = at(photos[0], bob, color_scheme="light")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.keyboard.press("Control+k")
    expect(page.locator("[data-choice=done]")).to_be_visible()
    expect(page.locator("[data-choice=undo]")).to_have_count(0)
    page.keyboard.type("poly")
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_have_count(0)
    chosen(page, "polygon")

    onwards = page.locator(".topbar [data-action=next]")
    before = onwards.bounding_box()
    onwards.click()
    expect(page.locator(".crumbs b")).to_contain_text("quite a long name")
    assert onwards.bounding_box() == before  # it stays where it is

    page.keyboard.press("Control+k")
    page.keyboard.type("dark")
    page.keyboard.press("Enter")
    project.labels.all().delete()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator(".tabpanel .empty")).to_have_text("Nothing is labelled here yet.")

    saved(page)
    page.clock.install()
    page.keyboard.press("d")
    notice = page.locator(".notice", has_text="is done")
    notice.hover()
    page.clock.fast_forward(60_000)
    expect(notice).to_be_visible()
    page.mouse.move(0, 0)
    page.clock.fast_forward(60_000)
    expect(notice).to_have_count(0)


ESCAPE_THEN_QUESTION_MARK = """async () => {
    document.querySelector("dialog").dispatchEvent(new Event("cancel", { cancelable: true }))
    for (let turn = 0; turn < 100 && document.querySelector("dialog"); turn += 1) await null
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "?", bubbles: true }))
    await new Promise((later) => setTimeout(later, 100))
}"""


def test_keys_are_read_in_a_dialog_that_a_key_and_the_menu_open(at: At, photo: Item, bob: User):
    page = at(photo, bob)
    keys = page.get_by_role("dialog", name="Keys")
    page.keyboard.press("?")
    expect(keys).to_contain_text("Label Badge")
    expect(keys).to_contain_text("Undo yours")
    page.keyboard.press("Escape")
    expect(keys).to_have_count(0)

    page.get_by_role("button", name="You, Bob: menu").click()
    page.get_by_role("button", name="Keys", exact=True).last.click()
    expect(keys).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="You, Bob: menu").click()
    page.get_by_role("link", name="My projects").click()
    expect(page.get_by_role("heading", name="My projects")).to_be_visible()


def write(guidelines: str, alice: User, project: Project) -> None:
    def change() -> None:
        with closing(connection):
            projects.change(alice, project.pk, guidelines=guidelines)

    with ThreadPoolExecutor() as elsewhere:  # this thread runs the browser's loop
        elsewhere.submit(change).result()


def test_guidelines_are_read_in_a_dialog_and_a_dot_tells_of_those_that_are_to_be_read(
    at: At, photo: Item, alice: User, bob: User, project: Project
):
    write("Label **every** face." + "\n\nAnd its mouth." * 100, alice, project)
    page = at(photo, bob)
    keys, guidelines = (page.get_by_role("dialog", name=name) for name in ("Keys", "Guidelines"))
    expect(page.get_by_title("You have not read the guidelines yet.")).to_be_visible()
    with page.expect_response("**/guidelines/read/"):
        page.keyboard.press("g")
    expect(guidelines.locator("strong")).to_have_text("every")
    text = guidelines.locator(".written")
    text.focus()
    page.keyboard.press("Space")
    wait_until(lambda: text.evaluate("text => text.scrollTop") > 0, lambda: "it does not scroll")
    page.evaluate(ESCAPE_THEN_QUESTION_MARK)  # opened the moment another closes
    expect(keys).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".fresh")).to_have_count(0)

    until(lambda: people_by_sheet([Sheet.objects.get(item=photo).pk]))  # he is told what happens
    write("Label no face.", alice, project)
    expect(page.get_by_title("The guidelines have changed since you read them.")).to_be_visible()
    page.set_viewport_size(PHONE["viewport"])
    told = page.get_by_role("button", name="The guidelines have changed since you read them.")
    told.click()
    expect(guidelines).to_contain_text("Label no face.")
    expect(told).to_have_count(0)


# People ---------------------------------------------------------------------------------------------------------------


def zoom(page: Page) -> Locator:
    return page.locator(".zoom [data-action=actual]")


FORBIDDEN = """Object.defineProperty(window, "localStorage", {
    get() { throw new DOMException("The browser keeps nothing.", "SecurityError") },
})"""


def test_one_follows_another_whose_browser_keeps_nothing_and_feels_at_once_that_ones_role_changes(
    at: At, sign_in: Callable[..., Page], photo: Item, alice: User, bob: User, project: Project
):
    page, other = at(photo, bob), sign_in(alice, color_scheme="light")
    other.add_init_script(FORBIDDEN)
    manager = Desk(other, photo).open()
    other.keyboard.press("2")
    draw(other)
    other.keyboard.press("Control+k")
    other.keyboard.type("dark")
    other.keyboard.press("Enter")
    expect(rows(other)).to_contain_text("Badge")
    expect(other.locator("html")).to_have_attribute("data-theme", "dark")

    fitted = zoom(other).inner_text()
    page.get_by_role("button", name="Follow Alice").click()
    other.keyboard.press("+")
    other.keyboard.press("+")
    wait_until(lambda: fitted != zoom(other).inner_text() == zoom(page).inner_text(), zoom(page).inner_text)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Follow Alice")).to_have_attribute("aria-pressed", "false")

    membership = f"/api/members/{Membership.objects.get(project=project, user=bob).pk}/"
    manager.ask("PATCH", membership, {"role": "viewer"})
    expect(page.locator(".banner")).to_contain_text("not change it")
    manager.ask("PATCH", membership, {"role": "annotator"})
    expect(page.locator(".banner")).to_have_count(0)
    manager.ask("DELETE", membership)
    expect(page.locator(".banner")).to_contain_text("no longer a member")


def test_a_viewer_changes_nothing_and_sees_all_also_what_one_draws_who_signs_in_again_in_place(
    at: At, photo: Item, bob: User, vera: User
):
    page, viewer = at(photo, bob), at(photo, vera)
    draw(page)
    expect(rows(viewer)).to_have_count(1)
    expect(viewer.locator(".banner")).to_contain_text("You can look at this project but not change it")
    expect(viewer.locator(".rail")).to_have_count(0)
    rows(viewer).click()
    viewer.keyboard.press("Delete")
    viewer.keyboard.press("d")
    expect(viewer.get_by_role("button", name="Partly")).to_be_disabled()
    viewer.keyboard.press("Control+k")
    expect(viewer.locator("[data-choice=guidelines]")).to_be_visible()
    expect(viewer.locator("[data-choice=done]")).to_have_count(0)
    expect(rows(page)).to_have_count(1)
    saved(page)

    Desk(page, photo).ask("POST", "/accounts/logout/")
    dialog = page.get_by_role("dialog", name="Please sign in again")
    dialog.get_by_role("button", name="Later").click()
    draw(page, 0.6, 0.6, 0.7, 0.7)
    dialog.get_by_role("button", name="Later").click()  # it came again, as something waits
    page.get_by_role("button", name=re.compile("Signed out · 1 waiting")).click()
    expect(dialog.get_by_label("User name")).to_have_value("bob")
    dialog.get_by_label("Password").fill("a good password")
    dialog.get_by_role("button", name="Sign in").click()

    expect(dialog).to_have_count(0)
    saved(page)
    assert Annotation.objects.filter(sheet=Sheet.objects.get(item=photo)).count() == 2
    expect(rows(viewer)).to_have_count(2)
