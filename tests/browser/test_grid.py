"""The grid in a real browser: opening and choosing items, and doing something to many at once."""

import re
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from playwright.sync_api import Route, expect

from annotator.access import sheet_of
from annotator.messages import Apply, Batch, Create
from annotator.models import Annotation, Sheet
from annotator.operations import Request, perform
from annotator.shapes import Rectangle, Tag
from projects.models import Label, Media, Project
from projects.services import members, projects
from tests.browser.cards import card, opened, selected, told
from tests.browser.conftest import png
from tests.grid import draw

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOST_UNTIL_A_CLICK = """
    const fetch = window.fetch
    window.fetch = () => Promise.reject(new TypeError("Failed to fetch"))
    addEventListener("click", () => (window.fetch = fetch), { capture: true })
"""


@pytest.fixture
def blurred(project: Project) -> Label:
    return project.labels.create(name="Blurred", color="#e0567a", shapes=["tag"])


def test_who_views_scrolls_through_all_items_also_when_some_are_lost_on_the_way_and_chooses_none(
    sign_in, vera, project, texts
):
    page = opened(sign_in(vera), project)
    page.keyboard.press("Control+a")
    page.evaluate(LOST_UNTIL_A_CLICK)
    page.evaluate("scrollTo(0, document.querySelector('[role=grid]').offsetHeight)")
    lost = page.get_by_role("alert")
    expect(lost).to_contain_text("The server cannot be reached.")

    lost.get_by_role("button", name="Try again").dispatch_event("click")  # to scroll there would be to try again, too

    expect(card(page, "text 299")).to_be_visible()
    expect(lost).to_have_count(0)
    expect(card(page, "text 000")).to_have_count(0)
    assert page.get_by_role("gridcell").count() < 80
    expect(page.get_by_role("checkbox")).to_have_count(0)
    expect(page.get_by_role("toolbar")).to_have_count(0)


def test_keys_lead_through_the_cards_choose_and_open_and_who_comes_back_is_where_they_were(
    sign_in, alice, project, texts
):
    page = opened(sign_in(alice), project)
    page.locator(".item").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    selected(page, 1)
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    selected(page, 7)
    page.keyboard.press("Escape")
    expect(page.get_by_role("toolbar")).to_have_count(0)
    page.keyboard.press("Control+a")
    selected(page, 300)
    page.keyboard.press("Escape")
    page.keyboard.press("End")
    expect(card(page, "text 299").locator("a")).to_be_focused()
    page.keyboard.press("Home")
    expect(card(page, "text 000").locator("a")).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Select a range")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_have_count(0)

    page.evaluate("scrollTo(0, 4000)")
    expect(page.get_by_text("text 100", exact=True)).to_be_visible()
    card(page, "text 100").locator("a").focus()
    page.keyboard.press("Enter")
    expect(page.locator("annotation-editor")).to_contain_text("text 100")
    page.go_back()

    expect(page.get_by_text("text 100", exact=True)).to_be_in_viewport()


def test_many_are_chosen_with_the_mouse_done_at_once_taken_back_skipped_with_a_reason_and_tagged(
    sign_in, bob, project, texts, blurred
):
    page = opened(sign_in(bob), project)
    page.get_by_label("Select text 001").check()
    page.get_by_label("Select text 004").click(modifiers=["Shift"])
    selected(page, 4)
    expect(page.get_by_label("Select text 004")).to_be_checked()
    page.get_by_label("Select text 002").uncheck()
    selected(page, 3)
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_text("3 items are done.")).to_be_visible()
    expect(card(page, "text 003").locator(".pill")).to_have_text("Done")
    assert Sheet.objects.filter(status="done").count() == 3

    waiting: list[Route] = []
    page.route("**/bulk/", lambda route: waiting.append(route) if len(waiting) < 2 else route.continue_())
    page.keyboard.press("Control+z")
    expect(page.get_by_text("At work on 3 items …")).to_be_visible()
    waiting[0].continue_()
    expect(page.get_by_text("3 items are as they were before.")).to_be_visible()
    expect(card(page, "text 003").locator(".pill")).to_have_text("To do")
    assert not Sheet.objects.exclude(status="todo").exists()

    page.get_by_label("Select text 000").check()
    page.get_by_label("Select text 001").check()
    expect(page.get_by_role("button", name="Trash")).to_have_count(0)
    page.get_by_role("button", name="Skip").click()
    page.get_by_role("button", name="Cannot be read or seen").click()
    page.get_by_role("dialog").get_by_role("button", name="Skip").click()
    expect(page.get_by_role("toolbar").get_by_text("At work on 2 items …")).to_be_visible()
    waiting[1].continue_()
    expect(page.get_by_text("2 items were skipped.")).to_be_visible()

    page.get_by_label("Select text 001").check()
    page.get_by_role("button", name="Tag").click()
    page.get_by_role("button", name="Add the tag Blurred").click()
    expect(card(page, "text 001")).to_contain_text("Blurred")
    assert set(Sheet.objects.filter(status="skipped").values_list("reason", flat=True)) == {"Cannot be read or seen"}
    assert Annotation.objects.get().label == blurred


def test_items_are_assigned_and_what_is_moved_or_thrown_away_leaves_the_grid_and_comes_back(
    sign_in, alice, project, texts
):
    archive = projects.create(alice, name="Archive")
    for n in range(8):
        draw(alice, texts[5], project.labels.create(name=f"Tag {n}", color="#e0567a", shapes=["tag"]), Tag())
    page = opened(sign_in(alice), project)

    status = card(page, "text 005").locator(".pill")
    expect(status).to_have_text("In progress")
    width = status.evaluate("one => one.getBoundingClientRect().width")
    assert status.evaluate("one => (one.style.flex = 'none', one.getBoundingClientRect().width)") == width

    page.get_by_label("Select text 001").check()
    page.get_by_role("button", name="Assign").click()
    page.get_by_role("button", name="Assign to Bob").click()
    expect(card(page, "text 001").get_by_role("img", name="Assigned to Bob")).to_be_visible()

    page.get_by_label("Select text 000").check()
    page.get_by_role("button", name="Trash").click()
    notice = told(page, "1 item is in the trash.")
    expect(card(page, "text 000")).to_have_count(0)
    expect(page.get_by_role("link", name=re.compile("^All"))).to_contain_text("299")
    notice.get_by_role("button", name="Undo").click()
    expect(card(page, "text 000")).to_be_visible()

    page.get_by_label("Select text 000").check()
    page.get_by_role("button", name="Move …").click()
    page.get_by_label("To the project").select_option("Archive")
    expect(page.get_by_role("dialog")).to_contain_text("0 annotations, 0 comments and the history come along.")
    page.get_by_role("button", name="Move 1 item").click()
    notice = told(page, "1 item was moved.")
    expect(card(page, "text 000")).to_have_count(0)
    assert archive.items.get() == texts[0]
    notice.get_by_role("button", name="Undo").click()

    expect(card(page, "text 000")).to_be_visible()


def test_who_is_removed_or_whose_project_goes_to_the_trash_is_told_so_on_the_page_and_it_asks_no_more(
    sign_in, alice, bob, project, texts
):
    grid, dashboard = opened(sign_in(bob), project), sign_in(alice)
    dashboard.goto(f"/projects/{project.pk}/dashboard/")
    grid.get_by_label("Select text 001").check()
    asked = []
    for page in (grid, dashboard):
        page.on("request", lambda request: asked.append(request.url))

    members.remove(alice, project.memberships.get(user=bob).pk)

    expect(grid.get_by_role("alert")).to_have_text(re.compile("You were removed from “Kitchen safety”. Ask Alice"))
    projects.trash(alice, project.pk)
    dashboard.evaluate("document.querySelector('#here')?.dispatchEvent(new Event('pulse'))")  # it may know already
    expect(dashboard.get_by_role("alert")).to_have_text(re.compile("“Kitchen safety” is in the trash."))
    asked.clear()
    for page in (grid, dashboard):
        expect(page.get_by_role("toolbar")).to_have_count(0)
        expect(page.get_by_role("link", name="Settings")).to_have_count(0)
        with page.expect_response("**/api/notices/**"):  # every ten seconds, other than what is of the project
            pass
        page.get_by_role("link", name="My projects").first.hover()
    assert [url for url in asked if "/notices/" not in url] == []


def test_what_is_uploaded_and_what_others_do_shows_without_a_reload(sign_in, alice, bob, project, labels):
    page = sign_in(alice)
    page.goto(f"/projects/{project.pk}/")
    expect(page.get_by_role("heading", name="Add images and texts")).to_be_visible()
    page.evaluate("window.same = true")

    letter = {"name": "a.txt", "mimeType": "text/plain", "buffer": "Dear all 👋".encode()}
    wide = {"name": "wide.png", "mimeType": "image/png", "buffer": png("teal", 900, 300)}
    page.locator("#files").set_input_files([letter, wide])
    expect(card(page, "a.txt")).to_contain_text("Dear all 👋")
    expect(page.get_by_role("heading", name="Add images and texts")).to_be_hidden()
    expect(page.get_by_role("link", name="Start labelling")).to_be_visible()
    expect(page.locator("#progress dd").first).to_have_text("2")
    photo = card(page, "wide.png")
    expect(photo.locator("img")).to_have_css("object-fit", "contain")  # keeps its proportions
    expect(photo.locator(".pill")).to_have_text("To do")
    expect(photo.locator(".picture path")).to_have_count(0)

    item, theirs = project.items.get(name="wide.png"), sign_in(bob, web=1)
    theirs.goto(f"/projects/{project.pk}/items/{item.pk}/")
    theirs.wait_for_selector("[data-save=saved]")
    create = Create(id=uuid4(), annotation=uuid4(), label=labels["Face"].pk, shape=Rectangle(10, 10, 100, 100))
    sheet = sheet_of(item, bob).pk
    perform(sheet, [Request(bob.pk, Apply(sheet, Batch(uuid4(), uuid4(), [create])))])
    expect(photo.locator(".picture path")).to_have_attribute("d", "M10 10L110 10L110 110L10 110Z")
    expect(photo.locator(".face")).to_have_attribute("title", "Bob is here now")
    expect(photo.locator(".pill")).to_have_text("In progress")
    Sheet.objects.filter(pk=sheet).update(status="done")

    expect(photo.locator(".pill")).to_have_text("Done")
    expect(page.locator("#progress dd").nth(2)).to_have_text("1")
    assert page.evaluate("window.same") is True


def test_who_filters_or_selects_downloads_that_and_all_when_they_say_so(sign_in, bob, project, texts):
    page = opened(sign_in(bob), project, "?q=29")
    dialog = page.get_by_role("dialog", name="Download")

    def asked(said: str) -> str:
        page.get_by_role("button", name="Download").click()
        expect(dialog.get_by_role("status")).to_have_text(said)
        address = dialog.get_by_role("link", name="Annotations").first.get_attribute("href") or ""
        dialog.get_by_role("button", name="Close").click()
        expect(dialog).to_be_hidden()
        return address

    assert asked("Only the 11 items of this filter").endswith("?format=jsonl&q=29")
    for name in ("text 029", "text 290"):
        card(page, name).get_by_role("checkbox").click()
    chosen = ",".join(str(texts[n].pk) for n in (29, 290))
    assert asked("Only the 2 selected items").endswith(f"?format=jsonl&ids={chosen}".replace(",", "%2C"))
    page.get_by_role("button", name="Download").click()
    dialog.get_by_role("button", name="All 300 items").click()
    expect(dialog.get_by_role("status")).to_have_count(0)
    assert (dialog.get_by_role("link", name="Annotations").first.get_attribute("href") or "").endswith("?format=jsonl")


def test_of_two_answers_to_what_one_downloads_the_one_asked_for_last_stands(sign_in, bob, project, texts):
    page = opened(sign_in(bob), project, "?q=29")
    dialog, late = page.get_by_role("dialog", name="Download"), list[Route]()
    page.route("**/download/?*", lambda route: route.continue_() if late else late.append(route))

    page.get_by_role("button", name="Download").click()
    expect(dialog).to_contain_text("One moment …")
    dialog.get_by_role("button", name="Close").click()
    card(page, "text 290").get_by_role("checkbox").click()
    page.get_by_role("button", name="Download").click()
    expect(dialog.get_by_role("status")).to_have_text("Only the 1 selected item")
    late[0].continue_()
    page.evaluate("address => fetch(address).then(answer => answer.text())", late[0].request.url)
    expect(dialog.get_by_role("status")).to_have_text("Only the 1 selected item")


def test_with_few_items_the_bar_of_what_is_selected_is_at_the_edge_all_the_same(sign_in, bob, project, photos):
    page = opened(sign_in(bob), project)
    card(page, "steelblue").get_by_role("checkbox").click()

    bar = page.get_by_role("toolbar", name="Selected items").bounding_box()

    assert bar and bar["y"] + bar["height"] == pytest.approx(900 - 12, abs=1)
    assert page.evaluate("document.documentElement.scrollHeight") == 900


def test_an_image_whose_file_is_missing_says_so_and_its_card_is_quiet(sign_in, bob, project, photo):
    Media.objects.update(has_thumbnail=True)
    default_storage.delete(photo.media.thumbnail_path)
    default_storage.delete(photo.media.path)
    page = opened(sign_in(bob), project)
    expect(card(page, "steelblue").get_by_title("The picture is missing")).to_be_visible()

    card(page, "steelblue").click()

    expect(page.get_by_role("alert")).to_contain_text("The picture’s file is missing from the storage")
