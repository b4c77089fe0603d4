"""A label that is in use is removed, and what had it gets another one while somebody looks at it."""

import pytest
from playwright.sync_api import Route, expect

from projects.models import Item, User
from tests.browser.conftest import At, Labels, draw, rows, saved

pytestmark = pytest.mark.browser


def test_what_had_a_removed_label_gets_another_one_before_the_eyes_of_all(
    at: At, sign_in, photo: Item, labels: Labels, alice: User, bob: User
):
    page = at(photo, bob)
    draw(page)
    saved(page)
    expect(rows(page)).to_contain_text("Face")
    manager = sign_in(alice)
    manager.goto(f"/projects/{photo.project_id}/settings/")

    manager.locator(".label summary", has_text="Face").click()
    manager.get_by_role("button", name="Remove", exact=True).first.click()
    dialog = manager.get_by_role("dialog", name="Remove “Face”")
    expect(dialog).to_contain_text("1 annotation has this label.")
    dialog.get_by_label("The other label").select_option(label="Badge")
    dialog.get_by_role("button", name="Remove the label").click()

    expect(manager.locator(".label summary", has_text="Face")).to_have_count(0)
    expect(rows(page)).to_contain_text("Badge")

    manager.goto(f"/labels/{labels['Badge'].pk}/removal/")  # by its address, as from a bookmark
    expect(manager.get_by_role("dialog", name="Remove “Badge”")).to_contain_text("1 annotation has this label.")
    manager.keyboard.press("Escape")
    expect(manager.get_by_role("heading", name="Members")).to_be_visible()


def test_while_a_dialog_waits_for_the_server_nothing_in_it_is_of_another_label(sign_in, alice, project, labels: Labels):
    page = sign_in(alice)
    page.goto(f"/projects/{project.pk}/settings/")
    dialog = page.locator("#removal")

    def remove(name: str) -> None:
        label = page.locator(".label", has=page.locator("summary", has_text=name))
        if not label.evaluate("label => label.open"):
            label.locator("summary").click()
        label.get_by_role("button", name="Remove", exact=True).click()

    remove("Face")
    dialog.get_by_role("button", name="Cancel").click()
    late: list[Route] = []
    page.route("**/removal/", lambda route: late.append(route))

    def held(count: int) -> Route:
        while len(late) < count:
            page.wait_for_timeout(20)
        return late[count - 1]

    remove("Badge")
    expect(dialog).to_have_text("One moment …")
    held(1).continue_()
    expect(dialog).to_contain_text("Remove “Badge”")
    dialog.get_by_role("button", name="Cancel").click()

    remove("Face")
    expect(dialog).to_have_text("One moment …")
    held(2).abort()
    expect(dialog).to_be_hidden()
    expect(page.locator("#toasts")).to_contain_text("The server cannot be reached.")
