"""The pages in a real browser: uploading, editing labels, who is there, both themes, the phone."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from annotator.shapes import Span
from projects.models import Item, Project, Role
from projects.services import items, labels, people
from tests.axe import serious_findings
from tests.browser.conftest import drop
from tests.browser.desk import ASK
from tests.grid import draw
from tests.images import encoded, picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 390, "height": 844}


def files() -> list[dict[str, object]]:
    image = encoded(picture(400, 300), "PNG")
    return [
        {"name": "photo.png", "mimeType": "image/png", "buffer": image},
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
    page.locator("#label-new").get_by_label("Add pictures").set_input_files(files()[0])
    expect(page.locator("#label-guidelines-new")).to_have_value(re.compile(r"^!\[photo.*\]\(/api/examples/\d+/\)"))
    page.get_by_role("button", name="Add the label").click()
    expect(page.locator(".label summary").first).to_contain_text("Cup")

    page.locator("#files").set_input_files(files())
    report = page.get_by_role("region", name="Upload")
    expect(report).to_contain_text("2 files were added. 1 was refused.")
    expect(report).to_contain_text("cut <b>short.png")
    expect(report).to_contain_text("damaged or cut short")
    page.get_by_role("button", name="Close").first.click()
    expect(page.locator(".item")).to_have_count(2)
    page.get_by_role("link", name="Start labelling").click()
    expect(page.locator("annotation-editor")).to_contain_text("photo.png")

    label = Project.objects.get().labels.get()
    assert label.attributes == [{"id": "full", "name": "Full", "kind": "choice", "options": ["Yes", "No"]}]
    page.close()


def test_files_are_added_also_one_by_one_in_folders_and_by_dropping_them_on_any_page_of_the_project(
    sign_in, alice, project, tmp_path
):
    for name in ("hello.txt", "world.txt", "lost.txt", "holiday/beach.txt", "letter.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    page = sign_in(alice)
    page.goto(f"/projects/{project.pk}/")
    page.route("**/items/", lambda route: route.abort(), times=1)  # they do not arrive together
    page.locator("#files").set_input_files(files())
    report = page.get_by_role("region", name="Upload")
    expect(report).to_contain_text("2 files were added. 1 was refused.")
    expect(report).to_contain_text("damaged or cut short")
    report.get_by_role("button", name="Close").click()

    drop(page, tmp_path / "hello.txt")
    expect(page.locator(".item")).to_have_count(3)
    expect(page.locator(".item").last).to_contain_text("hello.txt")
    expect(report).to_contain_text("1 file was added.")
    drop(page, tmp_path / "hello.txt")
    expect(report.get_by_role("listitem")).to_have_text("hello.txtIt is in the project already.")
    report.get_by_role("button", name="Close").click()
    drop(page, tmp_path / "holiday", tmp_path / "letter.txt")
    card = page.get_by_role("region", name="Import")
    card.get_by_role("button", name="Import").click()
    card.get_by_role("link", name="Show the items").click()
    expect(page.get_by_text("beach.txt").first).to_be_visible()

    page.goto(f"/projects/{project.pk}/dashboard/")
    drop(page, tmp_path / "world.txt")
    expect(page.get_by_text("1 file was added.")).to_be_visible()
    page.goto(f"/projects/{project.pk}/start/")
    page.wait_for_selector("[data-save=saved]")
    drop(page, tmp_path / "lost.txt")

    expect(page.get_by_text("Drop files on the project's page")).to_be_visible()
    texts = ["hello.txt", "holiday/beach.txt", "letter.txt", "world.txt", "שלום 👋"]
    assert sorted(project.items.filter(kind="text").values_list("text", flat=True)) == texts


def test_an_impatient_second_click_makes_no_second_project(sign_in, alice, project):
    page = sign_in(alice)
    page.goto("/")
    page.get_by_label("Name of the new project").fill("Tea")
    page.get_by_role("button", name="New project").dblclick()
    expect(page).to_have_title("Tea · Annotator")

    page.goto(f"/projects/{project.pk}/settings/")
    page.get_by_role("button", name="Duplicate the project").dblclick()
    expect(page).to_have_title(re.compile("Copy of"))

    names = ["Tea", project.name, f"Copy of {project.name}"]
    assert sorted(Project.objects.values_list("name", flat=True)) == sorted(names)


def test_why_a_form_was_refused_comes_into_sight(sign_in, alice, project):
    label = labels.add(alice, project.pk, name="Cup", shapes=["tag"])
    page = sign_in(alice, viewport={"width": 1000, "height": 400})
    page.goto(f"/projects/{project.pk}/settings/")
    page.locator("summary", has_text="Cup").click()
    form = page.locator(f"#label-{label.pk}")
    form.get_by_label("Name", exact=True).fill("Glass")
    assert page.evaluate(ASK, ["PATCH", f"/api/labels/{label.pk}/", {"name": "Mug"}]) == 200

    form.get_by_role("button", name="Save").click()

    expect(form.get_by_role("alert")).to_be_in_viewport(ratio=1)
    expect(form.get_by_role("alert")).to_contain_text("Mug")


def test_what_is_not_easily_taken_back_is_asked_first_and_the_chosen_theme_stays(sign_in, alice, project):
    page = sign_in(alice, color_scheme="light")
    page.goto(f"/projects/{project.pk}/settings/")
    trash = page.get_by_role("button", name="Put the project into the trash")
    question = page.get_by_role("dialog")
    page.get_by_role("button", name="Light or dark").click()
    page.get_by_label("Name", exact=True).first.fill("Tea <kitchen>")
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_role("navigation").get_by_role("link", name="Tea <kitchen>")).to_be_visible()
    expect(page).to_have_title("Settings of Tea <kitchen> · Annotator")
    page.get_by_role("button", name="Leave the project").click()
    expect(page.get_by_role("alert")).to_contain_text("A project needs an owner.")  # and nothing is asked first
    expect(question).to_have_count(0)

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

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 21, 27)"
    page.goto("/api/docs/")
    expect(page.get_by_role("heading", name="Annotator API")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 21, 27)"
    page.get_by_role("link", name="My projects").click()
    expect(page.get_by_role("heading", name="My projects")).to_be_visible()


def drag_out_of(dialog: Locator, page: Page) -> None:
    """As one does who selects a word and goes too far."""
    box = dialog.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] - 60, box["y"] - 60, steps=3)
    page.mouse.up()


def sign_out_elsewhere(page: Page) -> None:
    other = page.context.new_page()
    other.goto("/accounts/logout/")
    other.locator("main").get_by_role("button", name="Sign out").click()
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
    other.close()


def sign_in_again(page: Page, told: Locator) -> None:
    """By the link that the page offers, which opens a new one."""
    with page.context.expect_page() as opened:
        told.get_by_role("link", name="Sign in").click()
    opened.value.get_by_label("User name or e-mail").fill("alice")
    opened.value.get_by_label("Password").fill("a good password")
    opened.value.get_by_role("button", name="Sign in").click()
    expect(opened.value.get_by_role("heading", name="My projects")).to_be_visible()
    opened.value.close()


def test_what_was_typed_outlives_the_session_and_one_goes_on_after_signing_in_again(sign_in, alice, bob, project):
    about = {"project": project, "kind": "text", "text": "Dear all", "created_by": alice}
    Item.objects.bulk_create(Item(name=f"text {n}", **about) for n in range(200))
    page, errors = sign_in(alice), []
    grid = page.context.new_page()
    grid.on("pageerror", lambda error: errors.append(error))
    grid.goto(f"/projects/{project.pk}/")
    expect(grid.get_by_text("text 0", exact=True)).to_be_visible()
    page.goto(f"/projects/{project.pk}/settings/")
    page.get_by_label("Guidelines").fill("Label every kettle.")
    sign_out_elsewhere(page)

    grid.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    lost = grid.get_by_role("alert")
    expect(lost).to_contain_text("You are signed out.")
    page.get_by_role("button", name="Save").first.click()
    expect(page.locator("#toasts")).to_contain_text("You are signed out.")
    expect(page.get_by_label("Guidelines")).to_have_value("Label every kettle.")
    assert serious_findings(page) == []
    expect(page.locator("#toasts").get_by_role("link", name="Sign in")).to_be_visible()
    sign_in_again(grid, lost)

    lost.get_by_role("button", name="Try again").click()
    expect(grid.get_by_text("text 199", exact=True)).to_be_visible()
    expect(lost).to_have_count(0)
    page.get_by_role("button", name="Save").first.click()
    expect(page.locator(".saved")).to_be_visible()
    expect(page.locator("#toasts")).to_be_empty()
    project.refresh_from_db()
    assert project.guidelines == "Label every kettle."

    removed = "You were removed from “Kitchen safety”. Ask Bob to let you in again."
    project.memberships.filter(user=bob).update(role=Role.OWNER)
    project.changes.create(actor=bob, kind="membership", target=1, record={"user_id": alice.pk, "role": None})
    project.memberships.filter(user=alice).delete()
    page.get_by_role("button", name="Save").first.click()
    expect(page.locator("#toasts")).to_contain_text(removed)
    expect(lost).to_contain_text(removed)  # by itself: the grid asks again every few seconds
    expect(lost.get_by_role("link", name="My projects")).to_be_visible()
    assert errors == []


@pytest.fixture
def filled(project: Project, alice, bob, mallory) -> Project:
    """With names that are too long for any place, a label of every part, work of two, someone who asks, and trash."""
    type(alice).objects.filter(pk=alice.pk).update(name="Alice Owner")  # whose initials stand in no sentence
    attributes = [{"id": "a", "name": "Occluded", "kind": "choice", "options": ["No", "Yes"]}]
    label = project.labels.create(
        name="L" * 100, color="#f4b740", hotkey="1", shapes=["rectangle", "span"], attributes=attributes
    )
    Project.objects.filter(pk=project.pk).update(name="N" * 200, guidelines="https://example.org/" + "g" * 300)
    long = items.add_text(alice, project.pk, name="n" * 500, text="w" * 2000)
    items.add_text(alice, project.pk, name="שלום", text="שלום עולם")
    gone = items.add_text(alice, project.pk, name="t" * 500, text="Gone")
    Item.objects.filter(pk=gone.pk).update(trashed_at=timezone.now())
    for user, start in ((alice, 0), (bob, 5), (bob, 10)):
        draw(user, long, label, Span(start, start + 4, "wwww"))
    project.join_requests.create(user=mallory)
    return project


PAGES = [
    "/",
    "/projects/{0}/",
    "/projects/{0}/settings/",
    "/projects/{0}/trash/items/",
    "/nowhere/",
    "/projects/{0}/dashboard/",
]


TOO_SMALL = """() => [...document.querySelectorAll("button, summary, select, textarea, a.btn, label.btn, input")]
    .filter((part) => part.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
    .map((part) => [part.outerHTML.slice(0, 120), (part.closest("label") ?? part).getBoundingClientRect()])
    .filter(([, { width, height }]) => width > 1 && (width < 44 || height < 44))
    .map(([html, { width, height }]) => `${html} ${width} x ${height}`)"""


def test_what_is_pressed_on_a_phone_is_large_enough_for_a_thumb(sign_in, alice, filled):
    page = sign_in(alice, viewport=PHONE, has_touch=True, is_mobile=True)

    for path in (*PAGES, "/accounts/profile/"):
        page.goto(path.format(filled.pk))
        for closed in page.locator(".label summary, .by-day summary").all():
            closed.tap()
        assert page.evaluate(TOO_SMALL) == [], path

    page.goto(f"/projects/{filled.pk}/")
    more = page.get_by_role("button", name="More actions")
    more.tap()
    assert page.evaluate(TOO_SMALL) == []
    page.get_by_role("button", name="Share").tap()
    expect(page.get_by_role("dialog", name="Share")).to_contain_text("Make a link")
    assert page.evaluate(TOO_SMALL) == []
    page.get_by_role("button", name="Close").tap()
    page.locator("summary.face").tap()
    page.get_by_role("button", name="Light or dark").tap()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_pages_can_be_used_by_all_and_fit_the_phone(sign_in, alice, filled):
    page = sign_in(alice)

    for path in PAGES:
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(path.format(filled.pk))
        for closed in page.locator(".label summary, .by-day summary").all():
            closed.click()
        ids = page.locator("[id]").evaluate_all("elements => elements.map(({ id }) => id)")
        assert len(ids) == len(set(ids)), path
        assert serious_findings(page) == [], path
        page.set_viewport_size(PHONE)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        assert serious_findings(page) == [], path
