"""Own data in, in a real browser: dropped, looked at, imported, told."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from annotator.models import Annotation, Import
from projects.models import Project, Role
from projects.services import items
from tests.browser.conftest import drop
from tests.conftest import WIDE
from tests.images import encoded, picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def coco() -> bytes:
    boxes = [
        {"id": n, "image_id": 1, "category_id": 1 + n % 2, "bbox": [10 * n, 5, 8, 20], "iscrowd": 0} for n in range(4)
    ]
    astray = {"id": 9, "image_id": 7, "category_id": 1, "bbox": [1, 1, 2, 2]}
    return json.dumps(
        {
            "images": [{"id": 1, "file_name": "cups.png"}],
            "categories": [{"id": 1, "name": "Cup"}, {"id": 2, "name": "Spoon"}],
            "annotations": [*boxes, astray],
        }
    ).encode()


TABLE = b"said,mood\nAll is new here,good\nAll is old there,bad\n"


def kitchen(folder: Path) -> Path:
    """A photo and the boxes on it."""
    (folder / "images").mkdir(parents=True)
    (folder / "annotations.json").write_bytes(coco())
    (folder / "images" / "cups.png").write_bytes(encoded(picture(400, 300), "PNG"))
    return folder


def dropping(page: Page, project: Project) -> Locator:
    """The card of what is dropped on the project."""
    page.goto(f"/projects/{project.pk}/")
    return page.get_by_role("region", name="Import")


def test_what_was_dropped_is_looked_at_and_put_away(sign_in, alice, project):
    page = sign_in(alice)
    card = dropping(page, project)
    page.locator("#files").set_input_files({"name": "x.json", "mimeType": "application/json", "buffer": coco()})
    expect(card).to_contain_text("“cups.png” is not among the dropped files")
    expect(card).to_contain_text("Nothing was found that can be imported")
    card.get_by_role("button", name="Close").click()
    expect(card).to_have_count(0)
    page.locator("#files").set_input_files({"name": "t.csv", "mimeType": "text/csv", "buffer": b"text\nnew\n"})
    expect(card).to_contain_text("This was found")
    page.reload()
    expect(card).to_contain_text("This was found")
    card.get_by_role("button", name="Cancel").click()
    expect(card).to_contain_text("Cancelled")
    assert project.items.count() == 0


def test_a_folder_is_looked_at_and_imported(sign_in, alice, project, tmp_path):
    page = sign_in(alice)
    card = dropping(page, project)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose a folder").click()
    chooser.value.set_files(kitchen(tmp_path / "kitchen"))
    expect(card).to_contain_text("This was found")
    expect(card).to_contain_text("COCO JSON")
    expect(card).to_contain_text("Labels that will be made")
    expect(card).to_contain_text("It is of the image 7, which the file does not list.")
    card.get_by_role("button", name="Import").click()
    expect(card).to_contain_text("New annotations")
    card.get_by_role("link", name="Show the items").click()
    expect(page.get_by_role("gridcell")).to_have_count(1)
    assert Annotation.objects.count() == 4
    assert set(project.labels.values_list("name", flat=True)) == {"Cup", "Spoon"}


def test_long_names_push_no_figure_out_of_the_card(sign_in, alice, project, tmp_path):
    page = sign_in(alice)
    card = dropping(page, project)
    drop(page, kitchen(tmp_path / ("a kitchen with a name that is longer than the card is wide, " * 2)))

    for figure in ("4", "COCO JSON"):
        expect(card.get_by_role("definition").filter(has_text=figure).first).to_be_in_viewport(ratio=1)


def test_while_the_network_is_away_the_card_waits_and_goes_on_when_it_is_back(sign_in, alice, project):
    page = sign_in(alice)
    card = dropping(page, project)
    page.locator("#files").set_input_files({"name": "t.csv", "mimeType": "text/csv", "buffer": TABLE})
    expect(card).to_contain_text("This was found")
    page.route(re.compile(r"/imports/\d+/(\?.*)?$"), lambda route: route.abort(), times=3)

    card.get_by_role("combobox", name="Label", exact=True).select_option("mood")
    expect(card).to_contain_text("Labels that will be made")
    assert page.locator("#toasts > *").count() == 0
    page.route(re.compile(r"/imports/\d+/(\?.*)?$"), lambda route: route.abort(), times=3)
    card.get_by_role("button", name="Import").click()

    expect(card).to_contain_text("New labels")
    assert page.locator("#toasts > *").count() == 0


def test_the_card_of_what_was_dropped_comes_also_when_what_the_page_asked_before_is_answered_late(
    sign_in, alice, project
):
    page, late, held = sign_in(alice), [], []
    page.route("**/imports/now/", lambda route: late.append((route, route.fetch())))
    page.route(re.compile(r"/imports/\d+/$"), lambda route: route.continue_() if held else held.append(route))
    with page.expect_request("**/imports/now/"):
        card = dropping(page, project)
    with page.expect_request(re.compile(r"/imports/\d+/$")):
        page.locator("#files").set_input_files({"name": "t.csv", "mimeType": "text/csv", "buffer": TABLE})

    [(route, answer)] = late
    route.fulfill(response=answer)
    page.wait_for_function("!document.querySelector('#import[hx-get*=now]')")
    held[0].continue_()

    expect(card).to_contain_text("This was found")


def test_who_may_import_no_longer_is_told_once_and_the_card_goes(sign_in, alice, project):
    Import.objects.create(project=project, created_by=alice, state="running")
    page = sign_in(alice)
    card = dropping(page, project)
    expect(card).to_contain_text("Importing")

    project.memberships.filter(user=alice).update(role=Role.REVIEWER)

    expect(page.get_by_text("This needs the role manager; yours is reviewer.")).to_have_count(1)
    expect(card).to_have_count(0)


def test_a_table_is_imported_by_its_columns_and_what_is_dropped_meanwhile_is_added(sign_in, alice, project):
    page = sign_in(alice)
    card = dropping(page, project)
    body = 'id;text;mood;price\n1;Schöne Tasse;good;1,50\n2;"Kaputt;\nleider";bad;2,75\n'.encode("utf-16")
    held = []
    page.route("**/imports/", lambda route: held.append(route))
    with page.expect_request("**/imports/"):
        page.locator("#files").set_input_files({"name": "reviews.csv", "mimeType": "text/csv", "buffer": body})
    page.locator("#files").set_input_files({"name": "later.txt", "mimeType": "text/plain", "buffer": b"Dropped since"})
    held[0].continue_()
    expect(page.get_by_role("gridcell").filter(has_text="later.txt")).to_be_visible()

    expect(card.get_by_role("combobox", name="Text", exact=True)).to_have_value("text")
    expect(card.get_by_role("combobox", name="Name", exact=True)).to_have_value("id")
    card.get_by_role("combobox", name="Label", exact=True).focus()
    page.keyboard.press("m")  # as people choose by key: “mood”
    expect(card).to_contain_text("Labels that will be made")
    expect(card).to_contain_text("good")
    expect(card.get_by_role("combobox", name="Label", exact=True)).to_be_focused()
    first_line = card.get_by_role("checkbox", name="The first line names the columns")
    first_line.press(" ")
    expect(card.get_by_role("combobox", name="Label", exact=True)).to_have_value("column 3")
    expect(first_line).to_be_focused()
    first_line.press(" ")
    expect(card.get_by_role("combobox", name="Label", exact=True)).to_have_value("mood")
    card.get_by_role("button", name="Import").click()
    expect(card).to_contain_text("New labels")
    texts = ["Dropped since", "Kaputt;\nleider", "Schöne Tasse"]
    assert sorted(project.items.filter(kind="text").values_list("text", flat=True)) == texts
    assert set(project.labels.values_list("name", flat=True)) == {"good", "bad"}
    assert Annotation.objects.count() == 2


def test_a_card_lies_over_nothing_changes_nothing_when_it_is_closed_and_does_not_come_back_with_nothing_in_it(
    sign_in, alice, project
):
    items.add_texts(alice, project.pk, [(f"{n:02}.txt", "tea") for n in range(40)])
    page = sign_in(alice, viewport=WIDE)
    page.goto(f"/projects/{project.pk}/?q=tea")
    card = page.get_by_role("region", name="Import")
    page.locator("#files").set_input_files({"name": "empty.csv", "mimeType": "text/csv", "buffer": b" "})
    expect(card).to_contain_text("Nothing was found that can be imported")
    expect(card.get_by_role("button", name="Import")).to_have_count(0)
    page.reload()
    expect(page.locator("#import[hidden]:not([hx-get])")).to_have_count(1)  # that which the server answered

    page.locator("#files").set_input_files({"name": "t.csv", "mimeType": "text/csv", "buffer": b"text\nnew\n"})
    expect(card).to_contain_text("This was found")
    page.locator("#files").set_input_files({"name": "x.ico", "mimeType": "image/x-icon", "buffer": b"no picture"})
    page.get_by_role("gridcell").first.get_by_role("checkbox").click()
    page.evaluate("scrollTo(0, 300)")
    upload, bar = page.get_by_role("region", name="Upload"), page.get_by_role("toolbar", name="Selected items")
    for part in (upload, card, bar):
        expect(part).to_be_visible()
    upload.get_by_role("button", name="Close").click(trial=True)
    for button in bar.get_by_role("button").all():
        button.click(trial=True)
    scrolled = page.evaluate("scrollY")

    card.get_by_role("button", name="Import").click()
    expect(card).to_contain_text("Imported")
    card.get_by_role("button", name="Close").click()
    expect(card).to_have_count(0)
    expect(bar).to_contain_text("1 selected")
    assert (page.evaluate("scrollY"), page.url.endswith("?q=tea")) == (scrolled, True)
