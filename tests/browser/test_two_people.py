"""Two people on one photo, each in a browser of their own and at a web process of their own."""

import io
from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from playwright.sync_api import Page, expect

from annotator.models import Annotation
from projects.models import Item, Label, Membership, Project, User
from projects.services import items
from tests.browser.desk import Desk

pytestmark = pytest.mark.browser


@pytest.fixture
def face(project: Project) -> Label:
    return project.labels.create(name="Face", color="#f4b740", hotkey="1", shapes=["rectangle"])


@pytest.fixture
def hand(project: Project) -> Label:
    return project.labels.create(name="Hand", color="#5ec8ff", hotkey="2", shapes=["rectangle"], position=1)


@pytest.fixture
def item(project: Project, alice: User, face: Label, hand: Label) -> Item:
    file = io.BytesIO()
    Image.new("RGB", (800, 600), "#8899aa").save(file, "PNG")
    upload = SimpleUploadedFile("photo.png", file.getvalue(), "image/png")
    (created,) = items.add_files(alice, project.pk, [upload]).created
    return created


@pytest.fixture
def a(sign_in: Callable[..., Page], alice: User, item: Item) -> Desk:
    return Desk(sign_in(alice), item).open()


@pytest.fixture
def b(sign_in: Callable[..., Page], bob: User, item: Item) -> Desk:
    return Desk(sign_in(bob, web=1), item).open()


def stored(item: Item) -> list[Annotation]:
    return list(Annotation.objects.filter(sheet__item=item, deleted=False).order_by("clock"))


def left(annotation: Annotation) -> float:
    return float(annotation.shape["x"])


def test_both_draw_at_once_and_each_sees_the_others_unfinished_box(a: Desk, b: Desk, item: Item) -> None:
    for desk in (a, b):
        desk.page.keyboard.press("r")
    a.press((100, 100))
    b.press((400, 300))
    a.pull((200, 200))
    b.pull((500, 400))

    expect(a.page.get_by_text("· being drawn")).to_be_visible()
    expect(b.page.get_by_text("· being drawn")).to_be_visible()

    a.drop()
    b.drop()
    for desk in (a, b):
        expect(desk.rows).to_have_count(2)
        expect(desk.saved()).to_be_visible()
    assert sorted(round(left(annotation), -1) for annotation in stored(item)) == [100, 400]


def test_both_change_different_properties_of_one_box_and_both_keep_their_work(
    a: Desk, b: Desk, item: Item, hand: Label
) -> None:
    a.draw((100, 100), (200, 200))
    expect(b.rows).to_have_count(1)
    b.rows.click()
    a.page.keyboard.press("v")
    a.press((150, 150))
    a.pull((350, 150))
    expect(b.page.get_by_text("Alice is moving it")).to_be_visible()
    b.page.keyboard.press("2")
    a.drop()

    for desk in (a, b):
        expect(desk.rows.get_by_text("Hand")).to_be_visible()
        expect(desk.saved()).to_be_visible()
    (box,) = stored(item)
    assert (round(left(box), -1), box.label) == (300, hand)


def test_one_deletes_what_the_other_drags(a: Desk, b: Desk, item: Item) -> None:
    a.draw((100, 100), (200, 200))
    expect(b.rows).to_have_count(1)
    a.page.keyboard.press("v")
    a.press((150, 150))
    a.pull((350, 150))
    b.rows.click()
    b.page.keyboard.press("Delete")

    expect(a.toast("Bob has deleted what you were changing")).to_be_visible()
    a.drop()
    for desk in (a, b):
        expect(desk.rows).to_have_count(0)
        expect(desk.saved()).to_be_visible()
    assert stored(item) == []


def test_one_goes_offline_works_closes_the_tab_and_returns(a: Desk, b: Desk, item: Item) -> None:
    a.draw((100, 100), (200, 200))
    expect(b.rows).to_have_count(1)
    context = b.page.context
    context.set_offline(True)
    expect(b.saved("offline")).to_be_visible()
    b.draw((400, 300), (500, 400))
    b.move((150, 150), (150, 350))
    expect(b.saved("offline")).to_contain_text("2 waiting")
    b.page.close()
    a.draw((600, 100), (700, 200))
    expect(a.rows).to_have_count(2)

    context.set_offline(False)
    returned = Desk(context.new_page(), item).open()
    for desk in (a, returned):
        expect(desk.rows).to_have_count(3)
        expect(desk.saved()).to_be_visible()
    assert sorted(round(left(annotation), -1) for annotation in stored(item)) == [100, 400, 600]
    assert max(annotation.shape["y"] for annotation in stored(item) if left(annotation) < 200) > 250


def test_what_both_changed_while_one_was_offline_is_theirs_to_choose(a: Desk, b: Desk, item: Item) -> None:
    a.draw((100, 100), (200, 200))
    expect(b.rows).to_have_count(1)
    b.page.context.set_offline(True)
    expect(b.saved("offline")).to_be_visible()
    b.move((150, 150), (150, 350))
    a.move((150, 150), (450, 150))
    expect(a.saved()).to_be_visible()
    b.page.context.set_offline(False)

    expect(b.page.get_by_text("1 change to decide")).to_be_visible()
    assert round(left(stored(item)[0]), -1) == 400
    b.page.get_by_role("button", name="Keep mine").click()
    expect(b.saved()).to_be_visible()
    assert round(left(stored(item)[0]), -1) == 100


def test_undo_does_not_touch_the_others_work_and_survives_a_reload(a: Desk, b: Desk, item: Item) -> None:
    a.draw((100, 100), (200, 200))
    expect(b.rows).to_have_count(1)
    b.draw((400, 300), (500, 400))
    expect(a.rows).to_have_count(2)
    a.page.reload()
    expect(a.rows).to_have_count(2)
    a.page.keyboard.press("Control+z")

    for desk in (a, b):
        expect(desk.rows).to_have_count(1)
    assert [annotation.created_by.username for annotation in stored(item)] == ["bob"]

    a.page.keyboard.press("Control+Shift+z")
    for desk in (a, b):
        expect(desk.rows).to_have_count(2)


def test_a_session_that_expires_in_mid_drag_loses_nothing(a: Desk, b: Desk, item: Item, bob: User) -> None:
    b.draw((100, 100), (200, 200))
    expect(a.rows).to_have_count(1)
    b.page.keyboard.press("v")
    b.press((150, 150))
    b.pull((350, 150))
    Session.objects.get(pk=session_of(b.page)).delete()
    expect(b.saved("signed_out")).to_be_visible()
    b.pull((450, 150))
    b.drop()
    expect(b.saved("signed_out")).to_contain_text("1 waiting")

    if not b.page.get_by_role("dialog").is_visible():
        b.saved("signed_out").get_by_role("button").click()
    b.sign_in_again(bob, "a good password")
    expect(b.saved()).to_be_visible()
    assert round(left(stored(item)[0]), -1) == 400


def test_a_label_removed_under_a_stale_browser_is_refused_with_a_reason(
    a: Desk, b: Desk, item: Item, face: Label
) -> None:
    b.page.keyboard.press("1")
    b.page.keyboard.press("r")
    b.page.context.set_offline(True)
    expect(b.saved("offline")).to_be_visible()
    b.drag((100, 100), (200, 200))
    expect(b.rows).to_have_count(1)
    a.ask("DELETE", f"/api/labels/{face.pk}/")
    b.page.context.set_offline(False)

    expect(b.toast("The label “Face” was removed. Choose another one.")).to_be_visible()
    expect(b.rows).to_have_count(0)
    expect(b.page.get_by_text("1 change could not be saved")).to_be_visible()
    expect(b.page.get_by_label("Labels").get_by_text("Face")).to_have_count(0)
    assert stored(item) == []


def test_a_role_that_ends_while_one_draws(a: Desk, b: Desk, item: Item, bob: User) -> None:
    b.draw((100, 100), (200, 200))
    expect(a.rows).to_have_count(1)
    b.press((400, 300))
    b.pull((500, 400))
    a.ask("DELETE", f"/api/members/{Membership.objects.get(user=bob).pk}/")

    expect(b.toast("There is nothing here, or you have no access to it.")).to_be_visible()
    b.drop()
    expect(b.rows).to_have_count(1)
    assert len(stored(item)) == 1


def test_a_role_that_falls_while_one_draws(a: Desk, b: Desk, item: Item, bob: User) -> None:
    b.page.keyboard.press("r")
    b.press((400, 300))
    b.pull((500, 400))
    a.ask("PATCH", f"/api/members/{Membership.objects.get(user=bob).pk}/", {"role": "viewer"})

    expect(b.page.get_by_role("button", name="Rectangle")).to_have_count(0)
    b.drop()
    expect(b.rows).to_have_count(0)
    assert stored(item) == []


def session_of(page: Page) -> str:
    return next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "sessionid")
