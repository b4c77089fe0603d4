"""What one did while the server was out of reach: it is counted, found again, and never lost without a word."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from annotator.models import Annotation
from projects.models import Item, Label, Membership, User
from tests.browser.conftest import draw
from tests.browser.desk import Desk

pytestmark = pytest.mark.browser

SignIn = Callable[..., Page]

UNTIL_STORED = """async count => {
    const answer = asked => new Promise((resolve, reject) => {
        asked.onsuccess = () => resolve(asked.result)
        asked.onerror = () => reject(asked.error)
    })
    for (let stored = 0; stored !== count; await new Promise(again => setTimeout(again, 50))) {
        const found = (await indexedDB.databases()).find(({ name }) => name.startsWith("live-"))
        if (!found) continue
        const db = await answer(indexedDB.open(found.name))
        stored = await answer(db.transaction("rows").objectStore("rows").count())
        db.close()
    }
}"""


@pytest.fixture
def desk(sign_in: SignIn, photo: Item, bob: User) -> Desk:
    """Bob has the first photo open."""
    return Desk(sign_in(bob), photo).open()


@pytest.fixture
def manager(sign_in: SignIn, photo: Item, alice: User) -> Desk:
    return Desk(sign_in(alice, web=1), photo).open()


def go_offline(desk: Desk) -> None:
    desk.page.context.set_offline(True)
    expect(desk.saved("offline")).to_be_visible()


def go_on(desk: Desk, item: Item) -> None:
    """To the next item, which was fetched ahead."""
    there = "address => performance.getEntriesByType('resource').some(({ name }) => name.endsWith(address))"
    desk.page.wait_for_function(there, arg=f"/api/items/{item.pk}/media/")
    desk.page.keyboard.press("j")
    expect(desk.page.locator(".crumbs")).to_contain_text(item.name)


# What waits is counted ------------------------------------------------------------------------------------------------


def test_what_waits_on_the_item_before_is_counted_on_the_next(desk: Desk, photos: list[Item]):
    desk.page.wait_for_load_state("networkidle")
    go_offline(desk)
    desk.draw((100, 100), (200, 200))

    go_on(desk, photos[1])
    expect(desk.saved("offline")).to_contain_text("1 waiting")
    desk.page.context.set_offline(False)

    expect(desk.saved()).to_be_visible()
    assert Annotation.objects.get().sheet.item == photos[0]


def test_who_must_sign_in_again_is_told_what_waits_on_other_items(desk: Desk, photos: list[Item], bob: User):
    desk.page.wait_for_load_state("networkidle")
    Session.objects.all().delete()
    dialog = desk.page.get_by_role("dialog", name="Please sign in again")
    expect(dialog).to_contain_text("all you did is saved")
    dialog.get_by_role("button", name="Later").click()
    draw(desk.page)
    go_on(desk, photos[1])
    desk.saved("signed_out").get_by_role("button").click()

    expect(dialog).to_contain_text("1 change waits here")
    desk.sign_in_again(bob, "a good password")
    expect(desk.saved()).to_be_visible()
    assert Annotation.objects.get().sheet.item == photos[0]


# What is refused on return --------------------------------------------------------------------------------------------


def test_work_whose_label_was_removed_meanwhile_is_kept_as_a_file(desk: Desk, manager: Desk, labels: dict[str, Label]):
    go_offline(desk)
    for left in (100, 300, 500):
        desk.draw((left, 100), (left + 100, 200))
    manager.ask("DELETE", f"/api/labels/{labels['Face'].pk}/")
    desk.page.context.set_offline(False)

    banner = desk.page.locator(".banner")
    expect(banner).to_contain_text("3 changes could not be saved")
    expect(desk.toast("What you did is kept")).to_have_count(1)
    expect(desk.saved("unsaved")).to_be_visible()
    desk.page.reload()
    banner.get_by_role("button", name="Take them as a file").click()
    dialog = desk.page.get_by_role("dialog", name="3 changes could not be saved")
    expect(dialog).to_contain_text("The label “Face” was removed.")
    with desk.page.expect_download() as download:
        dialog.get_by_role("button", name="Download").click()
    dialog.get_by_role("button", name="Remove them from this browser").click()

    expect(desk.saved()).to_be_visible()
    rows = json.loads(Path(download.value.path()).read_text())["rows"]
    shapes = [operation["shape"] for row in rows for operation in row["message"]["batch"]["operations"]]
    assert [round(shape["x"], -1) for shape in shapes] == [100, 300, 500]
    assert not Annotation.objects.exists()


def test_a_conflict_on_another_item_names_it_and_leads_there(desk: Desk, manager: Desk, photos: list[Item]):
    manager.draw((100, 100), (200, 200))
    expect(desk.rows).to_have_count(1)
    desk.page.wait_for_load_state("networkidle")
    go_offline(desk)
    desk.move((150, 150), (150, 350))
    manager.move((150, 150), (450, 150))
    expect(manager.saved()).to_be_visible()
    go_on(desk, photos[1])
    desk.page.context.set_offline(False)

    notice = desk.toast(f"Something you did offline on {photos[0].name}")
    expect(notice).to_be_visible()
    expect(desk.saved("unsaved")).to_be_visible()
    notice.get_by_role("button", name="Dismiss").click()
    desk.page.get_by_role("button", name="1 to decide").click()
    expect(desk.page.locator(".crumbs")).to_contain_text(photos[0].name)
    desk.page.get_by_role("button", name="Keep theirs").click()

    expect(desk.saved()).to_be_visible()


# Access ---------------------------------------------------------------------------------------------------------------


def test_who_is_made_a_member_again_works_on_without_loading_the_page(desk: Desk, manager: Desk, bob: User):
    membership = Membership.objects.get(user=bob)
    manager.ask("DELETE", f"/api/members/{membership.pk}/")
    banner = desk.page.locator(".banner")
    expect(banner).to_contain_text("you are no longer a member")

    manager.ask("POST", f"/api/projects/{membership.project_id}/members/", {"username": "bob", "role": "annotator"})
    expect(banner).to_have_count(0)
    desk.draw((100, 100), (200, 200))

    expect(manager.rows).to_have_count(1)


def test_an_item_that_goes_to_the_trash_says_so_and_the_next_one_is_worked_on(
    desk: Desk, manager: Desk, photos: list[Item]
):
    manager.ask("DELETE", f"/api/items/{photos[0].pk}/")
    expect(desk.page.locator(".banner")).to_contain_text("This item was removed")

    go_on(desk, photos[1])
    expect(desk.page.locator(".banner")).to_have_count(0)
    desk.draw((100, 100), (200, 200))
    expect(desk.saved()).to_be_visible()
    assert Annotation.objects.get().sheet.item == photos[1]


# On the other pages ---------------------------------------------------------------------------------------------------


@pytest.fixture
def grid(desk: Desk, photo: Item) -> Page:
    """The project's page, after Bob has drawn two boxes offline and closed the editor."""
    go_offline(desk)
    desk.draw((100, 100), (200, 200))
    desk.draw((400, 300), (500, 400))
    desk.page.evaluate(UNTIL_STORED, 2)
    desk.page.close()
    desk.page.context.set_offline(False)
    page = desk.page.context.new_page()
    page.goto(f"/projects/{photo.project_id}/")
    return page


def test_the_project_page_says_what_waits_and_leads_to_where_it_is_sent(grid: Page, photo: Item):
    note = grid.get_by_text("2 changes are not saved yet")
    expect(note).to_be_visible()

    note.get_by_role("link", name=f"Open {photo.name}").click()
    expect(grid.locator("[data-annotation]")).to_have_count(2)
    expect(grid.locator("[data-save=saved]")).to_be_visible()
    grid.go_back()

    expect(grid.locator(".item").first).to_be_visible()
    expect(note).to_have_count(0)
    assert Annotation.objects.count() == 2


@pytest.mark.parametrize("where", ["the menu", "its own page"])
def test_signing_out_warns_of_what_waits_on_every_page(grid: Page, where: str):
    def sign_out() -> None:
        if where == "the menu":
            grid.get_by_label("your account").click()
        else:
            grid.goto("/accounts/logout/")
        grid.get_by_role("button", name="Sign out").click()

    question = grid.get_by_role("dialog")
    sign_out()
    expect(question).to_contain_text("2 changes are not saved yet. After signing out they wait in this browser")
    question.get_by_role("button", name="Cancel").click()
    expect(question).to_have_count(0)
    expect(grid.get_by_label("Password")).to_have_count(0)

    grid.reload()
    sign_out()
    question.get_by_role("button", name="Sign out").click()
    expect(grid.get_by_label("Password")).to_be_visible()


def test_who_has_nothing_waiting_signs_out_without_a_question(desk: Desk, photo: Item):
    desk.page.goto(f"/projects/{photo.project_id}/")
    desk.page.get_by_label("your account").click()
    desk.page.get_by_role("button", name="Sign out").click()

    expect(desk.page.get_by_label("Password")).to_be_visible()


# The browser's storage ------------------------------------------------------------------------------------------------


def test_a_browser_that_throws_its_storage_away_while_one_is_offline_loses_nothing(desk: Desk, photo: Item):
    go_offline(desk)
    desk.draw((100, 100), (200, 200))
    expect(desk.saved("offline")).to_contain_text("1 waiting")
    origin = desk.page.evaluate("location.origin")
    browser = desk.page.context.new_cdp_session(desk.page)
    browser.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "indexeddb"})
    desk.draw((400, 300), (500, 400))
    expect(desk.saved("offline")).to_contain_text("2 waiting")
    desk.page.evaluate(UNTIL_STORED, 2)
    desk.page.close()

    desk.page.context.set_offline(False)
    returned = Desk(desk.page.context.new_page(), photo).open()

    expect(returned.rows).to_have_count(2)
    expect(returned.saved()).to_be_visible()
    assert Annotation.objects.count() == 2
