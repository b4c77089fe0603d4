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
from tests.browser.desk import UNTIL_STORED, Desk

pytestmark = pytest.mark.browser

SignIn = Callable[..., Page]


@pytest.fixture
def desk(sign_in: SignIn, photos: list[Item], bob: User) -> Desk:
    """Bob has the first photo open."""
    return Desk(sign_in(bob), photos[0]).open()


@pytest.fixture
def manager(sign_in: SignIn, photos: list[Item], alice: User) -> Desk:
    return Desk(sign_in(alice, web=1), photos[0]).open()


def fetched_ahead(desk: Desk, item: Item) -> None:
    there = "address => performance.getEntriesByType('resource').some(({ name }) => name.endsWith(address))"
    desk.page.wait_for_function(there, arg=f"/api/items/{item.pk}/media/")


def go_offline(desk: Desk) -> None:
    desk.page.context.set_offline(True)
    expect(desk.saved("offline")).to_be_visible()


def go_on(desk: Desk, item: Item) -> None:
    """To the next item, which was fetched ahead."""
    desk.page.keyboard.press("j")
    expect(desk.page.locator(".crumbs")).to_contain_text(item.name)


# What waits is counted ------------------------------------------------------------------------------------------------


def test_what_waits_on_the_item_before_is_counted_on_the_next_also_for_who_must_sign_in_again(
    desk: Desk, photos: list[Item], bob: User
):
    fetched_ahead(desk, photos[1])
    go_offline(desk)
    desk.draw((100, 100), (200, 200))
    go_on(desk, photos[1])
    expect(desk.saved("offline")).to_contain_text("1 waiting")
    desk.page.context.set_offline(False)
    expect(desk.saved()).to_be_visible()
    assert Annotation.objects.get().sheet.item == photos[0]

    desk.open()
    fetched_ahead(desk, photos[1])
    Session.objects.all().delete()
    dialog = desk.page.get_by_role("dialog", name="Please sign in again")
    expect(dialog).to_contain_text("all you did is saved")
    dialog.get_by_role("button", name="Later").click()
    draw(desk.page)
    expect(dialog).to_contain_text("1 change waits here")
    dialog.get_by_role("button", name="Later").click()
    go_on(desk, photos[1])
    desk.saved("signed_out").get_by_role("button").click()
    expect(dialog).to_contain_text("1 change waits here")
    desk.sign_in_again(bob, "a good password")
    expect(desk.saved()).to_be_visible()
    assert [one.sheet.item for one in Annotation.objects.all()] == [photos[0], photos[0]]


# What is refused on return --------------------------------------------------------------------------------------------


def test_work_whose_label_was_removed_meanwhile_is_kept_as_a_file(desk: Desk, manager: Desk, labels: dict[str, Label]):
    go_offline(desk)
    for left in (100, 300, 500):
        desk.draw((left, 100), (left + 100, 200))
    expect(desk.rows).to_have_count(3)
    manager.ask("DELETE", f"/api/labels/{labels['Face'].pk}/")
    desk.page.context.set_offline(False)

    banner = desk.page.locator(".banner")
    expect(banner).to_contain_text("3 changes could not be saved")
    reason = "The label “Face” was removed. Choose another one. What you did is kept"
    expect(desk.toast(reason)).to_have_count(1)
    expect(desk.saved("unsaved")).to_be_visible()
    expect(desk.rows).to_have_count(0)
    expect(desk.page.get_by_label("Labels").get_by_text("Face")).to_have_count(0)
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


def test_what_both_changed_while_one_was_offline_is_theirs_to_choose_wherever_they_are(
    desk: Desk, manager: Desk, photos: list[Item]
):
    manager.draw((100, 100), (200, 200))
    expect(desk.rows).to_have_count(1)
    fetched_ahead(desk, photos[1])
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
    expect(desk.page.get_by_text("1 change to decide")).to_be_visible()
    desk.page.get_by_role("button", name="Keep theirs").click()
    expect(desk.saved()).to_be_visible()
    assert corner() == (400, 100)

    go_offline(desk)
    desk.move((450, 150), (450, 350))
    manager.move((450, 150), (150, 150))
    expect(manager.saved()).to_be_visible()
    desk.page.context.set_offline(False)
    expect(desk.page.get_by_text("1 change to decide")).to_be_visible()
    assert corner() == (100, 100)
    desk.page.get_by_role("button", name="Keep mine").click()
    expect(desk.saved()).to_be_visible()
    assert corner() == (400, 300)


def corner() -> tuple[float, float]:
    """Of the one box."""
    shape = Annotation.objects.get().shape
    return round(shape["x"], -1), round(shape["y"], -1)


# Access ---------------------------------------------------------------------------------------------------------------


def test_a_role_ends_comes_again_and_falls_while_one_draws_and_the_item_goes_to_the_trash(
    desk: Desk, manager: Desk, photos: list[Item], bob: User
):
    def members(method: str, path: str = "", **body: str) -> None:
        manager.ask(method, f"/api/{path or f'members/{Membership.objects.get(user=bob).pk}'}/", body or None)

    banner, tool = desk.page.locator(".banner"), desk.page.get_by_role("button", name="Rectangle")
    desk.draw((100, 100), (200, 200))
    expect(manager.rows).to_have_count(1)
    desk.press((400, 300))
    desk.pull((500, 400))
    members("DELETE")
    expect(desk.toast("You were removed from “Kitchen safety”. Ask Alice to let you in again.")).to_be_visible()
    expect(banner).to_contain_text("you are no longer a member")
    desk.drop()
    expect(desk.rows).to_have_count(1)
    assert Annotation.objects.count() == 1

    members("POST", f"projects/{photos[0].project_id}/members", username="bob", role="annotator")
    expect(banner).to_have_count(0)
    desk.draw((400, 300), (500, 400))
    expect(manager.rows).to_have_count(2)

    desk.press((600, 100))
    desk.pull((700, 200))
    members("PATCH", role="viewer")
    expect(desk.toast("what you had begun was not kept")).to_be_visible()
    expect(tool).to_have_count(0)
    desk.drop()
    expect(desk.rows).to_have_count(2)
    assert Annotation.objects.count() == 2

    members("PATCH", role="annotator")
    expect(tool).to_be_visible()
    manager.ask("DELETE", f"/api/items/{photos[0].pk}/")
    expect(banner).to_contain_text("This item was removed")
    go_on(desk, photos[1])
    expect(banner).to_have_count(0)
    desk.draw((100, 100), (200, 200))
    expect(desk.rows).to_have_count(1)
    expect(desk.saved()).to_be_visible()
    assert Annotation.objects.latest("created_at").sheet.item == photos[1]


# On the other pages ---------------------------------------------------------------------------------------------------


def test_other_pages_say_what_waits_warn_before_one_signs_out_and_lead_to_where_it_is_sent(
    desk: Desk, photos: list[Item], bob: User
):
    go_offline(desk)
    desk.draw((100, 100), (200, 200))
    desk.draw((400, 300), (500, 400))
    desk.page.evaluate(UNTIL_STORED, 2)
    desk.page.close()
    desk.page.context.set_offline(False)
    page = desk.page.context.new_page()
    project = f"/projects/{photos[0].project_id}/"
    question, password = page.get_by_role("dialog"), page.get_by_label("Password", exact=True)

    page.goto(project)
    page.get_by_label("your account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(question).to_contain_text("2 changes are not saved yet. After signing out they wait in this browser")
    question.get_by_role("button", name="Cancel").click()
    expect(question).to_have_count(0)
    expect(password).to_have_count(0)
    page.goto("/accounts/logout/")
    page.get_by_role("button", name="Sign out").click()
    expect(question).to_contain_text("2 changes are not saved yet. After signing out they wait in this browser")
    question.get_by_role("button", name="Sign out").click()
    expect(password).to_be_visible()

    Desk(page, photos[0]).sign_in_again(bob, "a good password")
    expect(password).to_have_count(0)
    page.goto(project)
    note = page.get_by_text("2 changes are not saved yet")
    note.get_by_role("link", name=f"Open {photos[0].name}").click()
    expect(page.locator("[data-annotation]")).to_have_count(2)
    expect(page.locator("[data-save=saved]")).to_be_visible()
    page.go_back()
    expect(page.locator(".item").first).to_be_visible()
    expect(note).to_have_count(0)
    assert Annotation.objects.count() == 2

    page.get_by_label("your account").click()
    page.get_by_role("button", name="Sign out").click()  # nothing waits, so nothing is asked
    expect(password).to_be_visible()
