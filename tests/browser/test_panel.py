"""What stands beside the stage: annotations with their attributes and tags, and the history."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from annotator.access import sheet_of
from annotator.messages import Create
from annotator.models import Annotation
from annotator.shapes.rectangle import Rectangle
from projects.models import Item, User
from tests.browser.conftest import At, Labels, draw, rows, saved
from tests.browser.desk import Desk
from tests.browser.paper import apply

pytestmark = pytest.mark.browser


def create(label: int, place: dict[str, float]) -> dict[str, object]:
    shape = {"type": "rectangle", **place}
    return {"type": "create", "id": str(uuid4()), "annotation": str(uuid4()), "label": label, "shape": shape}


# Annotations in the panel ---------------------------------------------------------------------------------------------


def test_two_people_see_each_others_unfinished_shapes_and_attributes_and_that_a_label_was_removed(
    at: At, photo: Item, alice: User, bob: User, labels: Labels
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

    rows(page).click()
    page.get_by_role("button", name="Partly").click()
    other.locator("[data-attribute=age] input").fill("34")
    other.keyboard.press("Enter")
    expect(other.get_by_role("button", name="Partly")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-attribute=age] input")).to_have_value("34")
    for each in (page, other):
        saved(each)
    assert Annotation.objects.get().attributes == {"occluded": "Partly", "age": 34}

    Desk(other, photo).ask("DELETE", f"/api/labels/{labels['Face'].pk}/")
    label = page.locator(f"[data-label='{labels['Face'].pk}']")
    expect(label).to_contain_text("removed")
    expect(label).to_be_disabled()
    expect(rows(page)).to_contain_text("Face")


def test_attributes_are_set_by_keys_taken_back_and_listed_with_them(at: At, photo: Item, bob: User, labels: Labels):
    labels["Face"].attributes += [{"id": "glasses", "name": "Glasses", "kind": "checkbox"}]
    labels["Face"].save()
    page = at(photo, bob)
    occluded, glasses, age = (page.locator(f"[data-attribute={id_}]") for id_ in ("occluded", "glasses", "age"))
    pressed = ("aria-pressed", "true")
    draw(page)

    page.keyboard.press("Alt+1")
    expect(occluded.get_by_role("button", name="No")).to_have_attribute(*pressed)
    page.keyboard.press("Alt+1")
    expect(occluded.get_by_role("button", name="Partly")).to_have_attribute(*pressed)
    page.keyboard.press("Alt+1")
    expect(occluded.locator(".on")).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(occluded.get_by_role("button", name="Partly")).to_have_attribute(*pressed)
    page.keyboard.press("Alt+3")
    expect(glasses.get_by_role("button", name="Yes")).to_have_attribute(*pressed)
    page.keyboard.press("Alt+2")
    page.keyboard.type("34")
    page.keyboard.press("Enter")
    expect(occluded).to_contain_text("Alt 1")

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Occluded: next option Alt 1")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type("Age: type")
    page.keyboard.press("Enter")
    expect(age.locator("input")).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.type("e")
    page.keyboard.press("Enter")
    expect(page.locator(".notice")).to_contain_text("That is no number: Age keeps its value.")
    expect(age.locator("input")).to_have_value("34")
    saved(page)
    assert Annotation.objects.get().attributes == {"occluded": "Partly", "glasses": True, "age": 34}


def test_tags_are_set_by_keys_and_taken_off_by_them_by_the_list_and_by_their_button(
    at: At, photo: Item, bob: User, labels: Labels
):
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


# History --------------------------------------------------------------------------------------------------------------


def test_a_reviewer_reads_who_did_what_restores_an_earlier_moment_and_can_take_that_back(  # [U6]
    at: At, photos: list[Item], bob: User, rita: User
):
    reviewer, page = at(photos[0], rita), at(photos[0], bob)
    entries = reviewer.locator(".history [data-clock]")
    draw(reviewer)
    reviewer.keyboard.press("h")
    expect(entries).to_have_count(1)
    reviewer.keyboard.press("Shift+D")
    reviewer.keyboard.type("too dark")
    reviewer.keyboard.press("Enter")
    reviewer.get_by_role("button", name="Back to it").click()
    expect(entries).to_have_count(2)
    expect(entries.first).to_contain_text("You skipped it: too dark")
    expect(reviewer.get_by_role("button", name="Restore to here")).to_have_count(0)
    reviewer.get_by_role("button", name="Reopen").first.click()
    expect(entries.first).to_contain_text("reopened it")
    reviewer.keyboard.press("Escape")
    reviewer.keyboard.press("Control+z")
    expect(entries.first).to_contain_text("took back: drew Face")

    for place in (0.2, 0.6):
        draw(page, place, place, place + 0.1, place + 0.1)
        page.keyboard.press("Escape")
    expect(entries).to_have_count(6)
    entries.nth(1).hover()
    entries.nth(1).get_by_role("button", name="Restore to here").click()
    reviewer.get_by_role("button", name="Restore", exact=True).click()
    expect(rows(page)).to_have_count(1)
    told = "Rita restored an earlier moment. One of your annotations is gone; the history has what was done."
    expect(page.locator(".notice").filter(has_text=told)).to_have_count(1)
    expect(reviewer.locator(".notice").filter(has_text="restored")).to_have_count(0)
    expect(entries.first).to_contain_text("restored an earlier moment")
    reviewer.keyboard.press("Control+z")
    expect(rows(page)).to_have_count(2)

    rows(page).first.click()
    page.keyboard.press("2")
    page.keyboard.press("h")
    expect(page.locator(".history [data-clock]").first).to_contain_text("relabelled to Badge")
    expect(page.get_by_role("button", name="Restore to here")).to_have_count(0)


def test_thousands_are_listed_a_window_at_a_time_and_what_lies_further_back_is_fetched_or_a_failure_told(
    at: At, photo: Item, bob: User, labels: Labels
):
    sheet, face = sheet_of(photo, bob).pk, labels["Face"].pk
    for left in range(50):
        apply(sheet, bob, [Create(uuid4(), uuid4(), face, Rectangle(x=left, y=0, width=8, height=8))])
    page = at(photo, bob)
    places = [{"x": place % 790, "y": place // 790 * 10, "width": 8, "height": 8} for place in range(50, 2_000)]
    batch = {"id": str(uuid4()), "action": str(uuid4()), "operations": [create(face, place) for place in places]}
    Desk(page, photo).ask("POST", f"/api/sheets/{sheet}/operations/", batch)
    expect(page.get_by_role("tab", name="Annotations")).to_contain_text("2,000")
    assert rows(page).count() < 80
    page.locator("#tab-panel .list").evaluate("list => list.scrollTop = list.scrollHeight")
    expect(rows(page).last).to_have_attribute("aria-posinset", "2000")

    page.keyboard.press("h")
    entries = page.locator(".history [data-clock]")
    expect(entries).to_have_count(50)
    page.route("**/log/?before=*", lambda route: route.abort(), times=1)
    page.get_by_role("button", name="Older").click()
    expect(page.locator(".history")).to_contain_text("The server cannot be reached.")
    page.get_by_role("button", name="Try again").click()
    expect(entries).to_have_count(51)
