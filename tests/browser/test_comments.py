"""Comments: two people talk about an item and its annotations, each in a browser and at a web process of their own."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from annotator.models import Comment
from projects.models import Item, User
from tests.browser.conftest import PHONE, At, draw, rows, saved
from tests.browser.desk import Desk

pytestmark = pytest.mark.browser

MARKUP = '<img src=x onerror="document.title=1"> & <b>bold</b>'


def say(page: Page, text: str) -> None:
    field = page.get_by_label("New comment")
    field.fill(text)
    field.press("Control+Enter")
    expect(field).to_have_value("")


def threads(page: Page) -> Locator:
    return page.locator("[data-thread]")


def tab(page: Page) -> Locator:
    return page.get_by_role("tab", name="Comments")


def test_two_people_talk_about_an_annotation_live(at: At, photo: Item, alice: User, bob: User) -> None:
    page, other = at(photo, bob), at(photo, alice, web=1)
    draw(page)
    saved(page)

    page.keyboard.press("Control+Alt+m")
    expect(page.get_by_label("New comment")).to_be_focused()
    expect(page.locator(".about")).to_contain_text("About this Face")
    page.keyboard.type("Is this one, @ali")
    page.get_by_role("option", name="Alice").wait_for()
    page.keyboard.press("Enter")
    page.keyboard.type("please?")
    page.get_by_role("button", name="Comment", exact=True).click()

    expect(threads(page).locator(".text b")).to_have_text("@Alice")
    expect(other.get_by_role("button", name="1 new comment")).to_be_visible()
    expect(tab(other)).to_contain_text("1")
    expect(rows(other).get_by_role("img", name="has comments")).to_be_visible()
    expect(other.locator("[data-pin]")).to_have_count(1)  # at the annotation's corner

    other.get_by_role("button", name="1 new comment").click()
    expect(threads(other)).to_contain_text("Is this one, @Alice please?")
    expect(threads(other).locator(".fresh")).to_have_count(1)
    expect(tab(other)).not_to_contain_text("1")
    threads(other).locator(".text").click()
    other.get_by_role("button", name="Answer").click()
    other.keyboard.type("Yes.")
    other.keyboard.press("Control+Enter")

    expect(threads(page).locator("[data-comment]")).to_have_count(2)
    page.get_by_role("button", name="Resolve", exact=True).click()
    expect(threads(other)).to_have_count(0)
    expect(other.locator("[data-pin]")).to_have_count(0)
    other.get_by_label("Show 1 resolved thread").check()
    expect(threads(other)).to_contain_text("Resolved by Bob")
    other.get_by_role("tab", name="Annotations").click()
    expect(rows(other)).to_have_attribute("aria-selected", "true")  # since the click on its thread
    expect(rows(other).get_by_role("img", name="has comments")).to_have_count(0)
    other.reload()
    saved(other)
    expect(tab(other)).not_to_contain_text("1")


def test_markup_is_shown_as_written_ones_own_comment_is_changed_and_deleted_and_a_draft_waits_for_the_network(
    at: At, photos: list[Item], bob: User, vera: User
) -> None:
    vera.name = MARKUP
    vera.save()
    page, other = at(photos[0], vera), at(photos[0], bob)
    other.on("dialog", lambda dialog: pytest.fail(dialog.message))
    tab(page).click()
    tab(other).click()
    say(page, f"{MARKUP} @vera")
    expect(threads(other).locator(".by b")).to_have_text(MARKUP)
    expect(threads(other).locator(".text")).to_have_text(f"{MARKUP} @{MARKUP}")
    expect(threads(other).locator("img")).to_have_count(0)
    expect(other).to_have_title(f"{photos[0].name} · Kitchen safety")
    expect(other.get_by_role("button", name="Edit")).to_have_count(0)
    expect(page.get_by_role("button", name="Resolve")).to_have_count(0)  # she only views

    page.get_by_role("button", name="Edit").click()
    page.get_by_label("Your comment").fill("Is this a mug?")
    page.get_by_role("button", name="Save").click()
    expect(threads(other)).to_contain_text("Is this a mug?")
    expect(threads(other)).to_contain_text("edited")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(threads(other)).to_have_count(0)
    assert Comment.objects.get().text == ""

    def lose_the_answer(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch()
        route.abort()

    page.route("**/comments/?sheet=*", lose_the_answer)
    draft = page.get_by_label("New comment")
    draft.fill("Is this a cup?")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(Desk(page, photos[0]).toast("The server cannot be reached.")).to_be_visible()
    page.get_by_role("button", name="Next item").click()
    expect(draft).to_have_value("")
    page.get_by_role("button", name="Previous item").click()
    expect(draft).to_have_value("Is this a cup?")
    page.unroute("**/comments/?sheet=*")
    page.get_by_role("button", name="Comment", exact=True).click()
    for each in (page, other):
        expect(threads(each)).to_contain_text("Is this a cup?")
    assert Comment.objects.exclude(text="").count() == 1


def test_a_comment_stands_at_a_place_and_who_is_mentioned_finds_it_by_the_bell_and_answers_on_the_phone(
    at: At, sign_in: Callable[..., Page], photo: Item, letter: Item, alice: User, bob: User
) -> None:
    page = at(photo, bob)
    draw(page)
    tab(page).click()
    expect(page.locator(".about")).to_contain_text("About this Face")
    page.get_by_role("button", name="At a place").click()
    box = page.locator("[data-region=stage]").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_label("New comment")).to_be_focused()
    say(page, "What is this, @alice?")
    expect(page.locator("[data-pin]")).to_have_attribute("title", "Bob: What is this, @alice?")
    place = Comment.objects.get().place
    assert (round(place["x"] / 10), round(place["y"] / 10)) == (40, 30)  # the middle

    phone = sign_in(alice, **PHONE)
    phone.goto("/")
    expect(phone.get_by_label("1 new notice")).to_be_visible()
    # At the bell itself, over nothing that stands beside it:
    bell, number = (phone.locator(part).bounding_box() for part in (".bell", ".bell-count"))
    assert bell and number and number["x"] + number["width"] < bell["x"] + bell["width"]
    phone.get_by_label("1 new notice").tap()
    phone.get_by_role("link", name="Bob mentioned you").tap()
    expect(threads(phone)).to_contain_text("What is this, @Alice?")
    expect(phone).to_have_url(re.compile(r"/items/\d+/#comment-\d+$"))
    threads(phone).get_by_role("button", name="At a place").tap()  # the panel makes room for the place
    phone.locator("[data-pin]").tap()
    expect(phone.locator("article.on")).to_contain_text("What is this, @Alice?")
    expect(phone.get_by_label("Notices")).to_be_visible()  # read

    phone.get_by_role("button", name="Answer").tap()
    phone.get_by_label("Your answer").fill("A cup.")
    phone.get_by_role("button", name="Answer").tap()
    expect(threads(page)).to_contain_text("A cup.")
    phone.get_by_role("button", name="Close").tap()
    say(page, "Sure?")
    phone.get_by_role("button", name="1 new comment").tap()  # nobody has seen it
    expect(threads(phone).filter(has_text="Sure?")).to_be_visible()

    page.goto(f"/projects/{letter.project_id}/items/{letter.pk}/")
    saved(page)
    tab(page).click()
    page.get_by_role("button", name="Select").first.click()
    first = page.locator("[data-block]").first.bounding_box()
    assert first
    page.mouse.dblclick(first["x"] + 20, first["y"] + 10)
    expect(page.locator(".about")).to_contain_text("About “Northwind”")
    say(page, "Who?")
    expect(threads(page).locator(".title")).to_have_text("Northwind")
    assert Comment.objects.latest("pk").place == {"type": "range", "start": 0, "end": 9}
    expect(page.locator(".pins i")).to_have_count(1)
