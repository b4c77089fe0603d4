"""The pages in a real browser: uploading, editing labels, who is there, both themes, the phone."""

from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Locator, Page, expect

from annotator.access import sheet_of
from annotator.models import Sheet
from projects.models import Project
from projects.services import items, people
from tests.images import encoded, picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}
AXE = Path(settings.BASE_DIR, "node_modules/axe-core/axe.min.js")


def files(*, good: int = 2) -> list[dict[str, object]]:
    image = encoded(picture(400, 300), "PNG")
    return [
        *({"name": f"photo {number}.png", "mimeType": "image/png", "buffer": image} for number in range(good)),
        {"name": "cut <b>short.png", "mimeType": "image/png", "buffer": image[:200]},
        {"name": "שלום.txt", "mimeType": "text/plain", "buffer": "שלום 👋".encode()},
    ]


def test_from_a_link_to_a_project_with_labels_and_items(chromium, servers):
    """What a newcomer does in the first minutes."""
    newcomer = people.create("newcomer", name="New Comer")
    page = chromium.new_page(base_url=servers.url)

    page.goto(f"/enter/{people.make_link(newcomer)}/")
    page.get_by_role("button", name="Sign in as New Comer").click()
    page.get_by_label("Name of the new project").fill("First <try>")
    page.get_by_role("button", name="New project").click()
    page.get_by_text("Add a label").click()
    page.locator("#name-new").fill("Cup")
    page.get_by_role("button", name="Add an attribute").click()
    page.get_by_label("Name of the attribute").fill("Full")
    page.get_by_label("Options, one a line").fill("Yes\nNo")
    page.get_by_role("button", name="Add the label").click()
    expect(page.locator(".label summary").first).to_contain_text("Cup")
    page.get_by_role("link", name="To the items").click()
    page.locator("#files").set_input_files(files())
    report = page.get_by_role("region", name="Upload")
    expect(report).to_contain_text("3 files were added. 1 was refused.")
    expect(report).to_contain_text("cut <b>short.png")
    expect(report).to_contain_text("damaged or cut short")
    page.get_by_role("button", name="Close").first.click()
    expect(page.locator(".item")).to_have_count(3)
    page.get_by_role("link", name="Start labelling").click()
    expect(page.locator("annotation-editor")).to_contain_text("photo 0.png")

    label = Project.objects.get().labels.get()
    assert label.attributes == [{"id": "full", "name": "Full", "kind": "choice", "options": ["Yes", "No"]}]
    page.close()


def test_files_are_added_by_dropping_them_on_the_page(sign_in, alice, project):
    page = sign_in(alice)
    page.goto(f"/projects/{project.pk}/")
    transfer = page.evaluate_handle(
        """() => {
            const transfer = new DataTransfer()
            transfer.items.add(new File(["hello"], "hello.txt", { type: "text/plain" }))
            return transfer
        }"""
    )

    page.dispatch_event("main", "dragenter", {"dataTransfer": transfer})
    expect(page.get_by_text("to add them")).to_be_visible()
    page.dispatch_event("main", "drop", {"dataTransfer": transfer})

    expect(page.locator(".item")).to_have_count(1)
    expect(page.locator(".item")).to_contain_text("hello.txt")


def test_the_files_of_a_dropped_folder_are_looked_at_and_imported(sign_in, alice, project, tmp_path):
    (tmp_path / "holiday").mkdir()
    (tmp_path / "holiday" / "beach.txt").write_text("Sand")
    (tmp_path / "letter.txt").write_text("Dear all")
    page = sign_in(alice)
    page.goto(f"/projects/{project.pk}/")

    mouse = page.context.new_cdp_session(page)
    dragged = {"items": [], "files": [str(tmp_path / name) for name in ("holiday", "letter.txt")]}
    for kind in ("dragEnter", "dragOver", "drop"):
        data = dragged | {"dragOperationsMask": 1}
        mouse.send("Input.dispatchDragEvent", {"type": kind, "x": 500, "y": 500, "data": data})

    card = page.get_by_role("region", name="Import")
    card.get_by_role("button", name="Import").click()
    card.get_by_role("link", name="Show the items").click()
    expect(page.get_by_text("beach.txt")).to_be_visible()
    assert sorted(project.items.values_list("text", flat=True)) == ["Dear all", "Sand"]


def test_files_that_do_not_arrive_together_are_sent_one_by_one(sign_in, alice, project):
    page = sign_in(alice)
    page.goto(f"/projects/{project.pk}/")
    page.route("**/items/", lambda route: route.abort(), times=1)

    page.locator("#files").set_input_files(files())

    report = page.get_by_role("region", name="Upload")
    expect(report).to_contain_text("3 files were added. 1 was refused.")
    expect(report).to_contain_text("damaged or cut short")


def test_the_grid_shows_who_is_there_and_what_is_done_without_reloading(sign_in, alice, bob, project):
    item = items.add_text(alice, project.pk, name="letter", text="Dear all")
    sheet = sheet_of(item, alice)
    page, other = sign_in(alice), sign_in(bob, web=1)
    page.goto(f"/projects/{project.pk}/")
    expect(page.locator(".item .pill")).to_have_text("To do")

    other.goto(f"/projects/{project.pk}/items/{item.pk}/")
    expect(page.locator("[role=gridcell] .face")).to_have_attribute("title", "Bob is here now", timeout=15_000)
    Sheet.objects.filter(pk=sheet.pk).update(status="done")

    expect(page.locator(".item .pill")).to_have_text("Done", timeout=15_000)
    expect(page.locator("#progress dd").nth(2)).to_have_text("1")


def test_what_is_not_easily_taken_back_is_asked_first(sign_in, alice, project):
    page = sign_in(alice)
    page.goto(f"/projects/{project.pk}/settings/")
    trash = page.get_by_role("button", name="Put the project into the trash")
    question = page.get_by_role("dialog")

    trash.click()
    expect(question).to_contain_text("It disappears for all its members.")
    drag_out_of(question, page)
    expect(question).to_be_visible()
    question.get_by_role("button", name="Cancel").click()
    expect(question).to_have_count(0)
    assert not Project.objects.filter(trashed_at__isnull=False).exists()

    trash.click()
    question.get_by_role("button", name="Put the project into the trash").click()
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_role("heading", name="Progress")).to_be_visible()
    assert Project.objects.get().trashed_at is None


def drag_out_of(dialog: Locator, page: Page) -> None:
    """As one does who selects a word and goes too far."""
    box = dialog.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] - 60, box["y"] - 60, steps=3)
    page.mouse.up()


def test_the_chosen_theme_stays(sign_in, alice):
    page = sign_in(alice, color_scheme="light")
    page.goto("/")

    page.get_by_role("button", name="Light or dark").click()
    page.reload()

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 21, 27)"


def test_what_was_refused_is_told_when_ones_access_has_ended_meanwhile(sign_in, alice, project):
    page = sign_in(alice)
    page.goto(f"/projects/{project.pk}/settings/")
    project.memberships.all().delete()

    page.get_by_role("button", name="Save").first.click()

    expect(page.locator("#toasts")).to_contain_text("you have no access to it")


def sign_out_elsewhere(page: Page) -> None:
    other = page.context.new_page()
    other.goto("/accounts/logout/")
    other.locator("main").get_by_role("button", name="Sign out").click()
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
    other.close()


def sign_in_again(page: Page, told: Locator | None = None) -> None:
    """By the link that the page offers, which opens a new one."""
    with page.context.expect_page() as opened:
        (told or page.locator("#toasts")).get_by_role("link", name="Sign in").click()
    opened.value.get_by_label("User name or e-mail").fill("alice")
    opened.value.get_by_label("Password").fill("a good password")
    opened.value.get_by_role("button", name="Sign in").click()
    expect(opened.value.get_by_role("heading", name="My projects")).to_be_visible()
    opened.value.close()


def test_what_was_typed_outlives_the_session_and_is_saved_after_signing_in_again(sign_in, alice, project):
    page = sign_in(alice)
    page.goto(f"/projects/{project.pk}/settings/")
    page.get_by_label("Guidelines").fill("Label every kettle.")
    sign_out_elsewhere(page)

    page.get_by_role("button", name="Save").first.click()
    expect(page.locator("#toasts")).to_contain_text("You are signed out.")
    expect(page.get_by_label("Guidelines")).to_have_value("Label every kettle.")
    assert serious_findings(page) == []
    sign_in_again(page)
    page.get_by_role("button", name="Save").first.click()

    expect(page.locator(".saved")).to_be_visible()
    expect(page.locator("#toasts")).to_be_empty()
    project.refresh_from_db()
    assert project.guidelines == "Label every kettle."


def test_more_items_come_after_signing_in_again(sign_in, alice, project):
    for number in range(200):
        items.add_text(alice, project.pk, name=f"text {number}", text="Dear all")
    page = sign_in(alice)
    page.goto(f"/projects/{project.pk}/")
    expect(page.get_by_text("text 0", exact=True)).to_be_visible()
    sign_out_elsewhere(page)

    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    lost = page.get_by_role("alert")
    expect(lost).to_contain_text("You are signed out.")
    sign_in_again(page, lost)
    lost.get_by_role("button", name="Try again").click()

    expect(page.get_by_text("text 199", exact=True)).to_be_visible()
    expect(lost).to_have_count(0)


@pytest.fixture
def filled(project: Project, alice) -> Project:
    """With names that are too long for any place, and a label of every part."""
    attributes = [{"id": "a", "name": "Occluded", "kind": "choice", "options": ["No", "Yes"]}]
    project.labels.create(name="L" * 100, color="#f4b740", hotkey="1", shapes=["rectangle"], attributes=attributes)
    Project.objects.filter(pk=project.pk).update(name="N" * 200, guidelines="https://example.org/" + "g" * 300)
    items.add_text(alice, project.pk, name="n" * 500, text="w" * 2000)
    items.add_text(alice, project.pk, name="שלום", text="שלום עולם")
    return project


PAGES = [
    "/",
    "/projects/{0}/",
    "/projects/{0}/settings/",
    "/accounts/password/change/",
    "/nowhere/",
    "/projects/{0}/dashboard/",
]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pages_can_be_used_by_all_and_fit_the_phone(sign_in, alice, filled, theme):
    page = sign_in(alice, color_scheme=theme)

    for path in PAGES:
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(path.format(filled.pk))
        for closed in page.locator(".label summary").all():
            closed.click()
        ids = page.locator("[id]").evaluate_all("elements => elements.map(({ id }) => id)")
        assert len(ids) == len(set(ids)), path
        assert serious_findings(page) == [], path
        page.set_viewport_size(PHONE)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        assert serious_findings(page) == [], path


def test_signing_in_can_be_used_by_all(chromium, servers, db):
    page = chromium.new_page(base_url=servers.url)

    for path in ["/accounts/login/", "/enter/unknown/"]:
        page.goto(path)
        assert serious_findings(page) == [], path
    page.close()


def serious_findings(page: Page) -> list[str]:
    """What axe-core finds that shuts people out, with the places."""
    page.evaluate(AXE.read_text())
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    only = {"runOnly": ["color-contrast", "link-in-text-block"]} if dark else {}  # the rest is as in the light
    found = page.evaluate("options => axe.run(document, options)", {"resultTypes": ["violations"]} | only)["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    return [f"{one['id']}: {node['html'][:150]} {node['any'][:1]}" for one in serious for node in one["nodes"]]
