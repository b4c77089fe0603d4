"""Two people on one photo, each in a browser of their own and at a web process of their own."""

from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from annotator.models import Annotation
from projects.models import Item, Label, User
from tests.browser.desk import UNTIL_STORED, Desk

pytestmark = pytest.mark.browser


@pytest.fixture
def a(sign_in: Callable[..., Page], alice: User, photo: Item) -> Desk:
    return Desk(sign_in(alice), photo).open()


@pytest.fixture
def b(sign_in: Callable[..., Page], bob: User, photo: Item) -> Desk:
    return Desk(sign_in(bob, web=1), photo).open()


def stored(item: Item) -> list[Annotation]:
    return list(Annotation.objects.filter(sheet__item=item, deleted=False).order_by("clock"))


def left(annotation: Annotation) -> float:
    return float(annotation.shape["x"])


def both_have(a: Desk, b: Desk, count: int) -> None:
    for desk in (a, b):
        expect(desk.rows).to_have_count(count)
        expect(desk.saved()).to_be_visible()


def test_both_draw_at_once_change_different_properties_of_one_box_and_one_deletes_what_the_other_drags(
    a: Desk, b: Desk, photo: Item, labels: dict[str, Label]
) -> None:
    for desk in (a, b):
        desk.page.keyboard.press("r")
    a.press((100, 100))
    b.press((400, 300))
    a.pull((200, 200))
    b.pull((500, 400))
    for desk in (a, b):
        expect(desk.page.get_by_text("· being drawn")).to_be_visible()
    a.drop()
    b.drop()
    both_have(a, b, 2)
    assert sorted(round(left(annotation), -1) for annotation in stored(photo)) == [100, 400]

    for desk in (a, b):
        desk.page.keyboard.press("v")
    b.drag((150, 150), (150, 150))  # a click
    a.press((150, 150))
    a.pull((350, 150))
    expect(b.page.get_by_text("Alice is moving it")).to_be_visible()
    b.page.keyboard.press("2")
    a.drop()
    for desk in (a, b):
        expect(desk.rows.get_by_text("Badge")).to_be_visible()
    both_have(a, b, 2)
    (box,) = (annotation for annotation in stored(photo) if annotation.label == labels["Badge"])
    assert round(left(box), -1) == 300

    a.press((450, 350))
    a.pull((650, 350))
    b.rows.filter(has_text="Face").click()
    b.page.keyboard.press("Delete")
    expect(a.toast("Bob has deleted what you were changing")).to_be_visible()
    a.drop()
    both_have(a, b, 1)
    assert stored(photo) == [box]


def test_undo_does_not_touch_the_others_work_and_survives_a_reload_and_a_session_that_expires_in_mid_drag_loses_nothing(
    a: Desk, b: Desk, photo: Item, bob: User
) -> None:
    a.draw((100, 100), (200, 200))
    expect(b.rows).to_have_count(1)
    b.draw((400, 300), (500, 400))
    expect(a.rows).to_have_count(2)
    a.page.reload()
    expect(a.rows).to_have_count(2)
    a.page.keyboard.press("Control+z")
    both_have(a, b, 1)
    assert [annotation.created_by.username for annotation in stored(photo)] == ["bob"]
    a.page.keyboard.press("Control+Shift+z")
    both_have(a, b, 2)

    b.page.keyboard.press("v")
    b.press((450, 350))
    b.pull((250, 350))
    Session.objects.get(pk=session_of(b.page)).delete()
    expect(b.saved("signed_out")).to_be_visible()
    b.pull((150, 350))
    b.drop()
    expect(b.saved("signed_out")).to_contain_text("1 waiting")
    if not b.page.get_by_role("dialog").is_visible():
        b.saved("signed_out").get_by_role("button").click()
    b.sign_in_again(bob, "a good password")
    expect(b.saved()).to_be_visible()
    assert [round(left(annotation), -1) for annotation in stored(photo)] == [100, 100]


def test_one_goes_offline_works_while_the_browser_throws_its_storage_away_closes_the_tab_and_returns(
    a: Desk, b: Desk, photo: Item
) -> None:
    a.draw((100, 100), (200, 200))
    expect(b.rows).to_have_count(1)
    context = b.page.context
    context.set_offline(True)
    expect(b.saved("offline")).to_be_visible()
    b.draw((400, 300), (500, 400))
    expect(b.saved("offline")).to_contain_text("1 waiting")
    origin = b.page.evaluate("location.origin")
    browser = context.new_cdp_session(b.page)
    browser.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "indexeddb"})
    b.move((150, 150), (150, 350))
    expect(b.saved("offline")).to_contain_text("2 waiting")
    b.page.evaluate(UNTIL_STORED, 2)
    b.page.close()
    a.draw((600, 100), (700, 200))
    expect(a.rows).to_have_count(2)

    context.set_offline(False)
    returned = Desk(context.new_page(), photo).open()
    both_have(a, returned, 3)
    assert sorted(round(left(annotation), -1) for annotation in stored(photo)) == [100, 400, 600]
    assert max(annotation.shape["y"] for annotation in stored(photo) if left(annotation) < 200) > 250


def session_of(page: Page) -> str:
    return next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "sessionid")
