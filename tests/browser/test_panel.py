"""What stands beside the stage: annotations with their attributes and tags, and the history."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from annotator.models import Annotation, Sheet
from projects.models import Item, Label, User
from tests.browser.conftest import At, Labels, draw, rows, saved
from tests.browser.desk import Desk

pytestmark = pytest.mark.browser


def create(label: Label, place: dict[str, float]) -> dict[str, object]:
    shape = {"type": "rectangle", **place}
    return {"type": "create", "id": str(uuid4()), "annotation": str(uuid4()), "label": label.pk, "shape": shape}


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

    expect(page.locator(".notice")).to_contain_text("That is no number: Age keeps its value.")
    expect(field).to_have_value("34")
    saved(page)
    assert Annotation.objects.get().attributes == {"age": 34}


def test_attributes_are_set_by_keys_taken_back_and_listed_with_them(at: At, photo: Item, bob: User, labels: Labels):
    labels["Face"].attributes += [{"id": "glasses", "name": "Glasses", "kind": "checkbox"}]
    labels["Face"].save()
    page = at(photo, bob)
    draw(page)
    occluded, glasses = page.locator("[data-attribute=occluded]"), page.locator("[data-attribute=glasses]")

    page.keyboard.press("Alt+1")
    expect(occluded.get_by_role("button", name="No")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Alt+1")
    expect(occluded.get_by_role("button", name="Partly")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Alt+1")
    expect(occluded.locator(".on")).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(occluded.get_by_role("button", name="Partly")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Alt+3")
    expect(glasses.get_by_role("button", name="Yes")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Alt+2")
    page.keyboard.type("34")
    page.keyboard.press("Enter")

    expect(occluded).to_contain_text("Alt 1")
    saved(page)
    assert Annotation.objects.get().attributes == {"occluded": "Partly", "glasses": True, "age": 34}
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Occluded: next option Alt 1")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type("Age: type")
    page.keyboard.press("Enter")
    expect(page.locator("[data-attribute=age] input")).to_be_focused()


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
    places = [{"x": i % 790, "y": i // 790 * 10, "width": 8, "height": 8} for i in range(2_000)]
    batch = {"id": str(uuid4()), "action": str(uuid4()), "operations": [create(labels["Face"], at) for at in places]}
    Desk(page, photo).ask("POST", f"/api/sheets/{Sheet.objects.get(item=photo).pk}/operations/", batch)

    expect(page.get_by_role("tab", name="Annotations")).to_contain_text("2,000")

    assert rows(page).count() < 80
    page.locator("#tab-panel .list").evaluate("list => list.scrollTop = list.scrollHeight")
    expect(rows(page).last).to_have_attribute("aria-posinset", "2000")


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


def test_a_reviewer_restores_an_earlier_moment_and_can_take_that_back(  # [U6]
    at: At, photo: Item, bob: User, rita: User
):
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
    told = "Rita restored an earlier moment. One of your annotations is gone; the history has what was done."
    expect(page.locator(".notice")).to_contain_text(told)
    expect(reviewer.locator(".notice")).to_have_count(0)
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


def test_the_history_tells_who_said_how_far_it_is_and_restores_only_what_was_drawn(at: At, photo: Item, alice: User):
    page = at(photo, alice)
    draw(page)
    saved(page)
    page.keyboard.press("h")
    entries = page.locator(".history [data-clock]")
    expect(entries).to_have_count(1)

    page.keyboard.press("Shift+D")
    page.keyboard.type("too dark")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Back to it").click()

    expect(entries).to_have_count(2)
    expect(entries.first).to_contain_text("You skipped it: too dark")
    expect(page.get_by_role("button", name="Restore to here")).to_have_count(0)

    page.get_by_role("button", name="Reopen").first.click()
    expect(entries.first).to_contain_text("reopened it")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+z")
    expect(entries.first).to_contain_text("took back: drew Face")


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
