"""A manager draws a pipeline by clicks, sees at once what it finds, runs it, and people accept what it suggests."""

import io
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from detectors import saving
from projects.models import Item, Label, Project, User
from projects.services import items
from tests.axe import serious_findings
from tests.browser.conftest import saved
from tests.cast import text
from tests.detectors.scenes import FACE, astronaut, overlap

pytestmark = pytest.mark.browser

LETTER = "Ada wrote on 2024-05-31. Nobody answered. On 2024-06-02 she wrote again."


@pytest.fixture
def portrait(servers: object, project: Project, alice: User) -> Item:
    file = io.BytesIO()
    Image.fromarray(astronaut()).save(file, "PNG")
    upload = SimpleUploadedFile("astronaut.png", file.getvalue(), "image/png")
    return items.add_files(alice, project.pk, [upload]).created[0]


@pytest.fixture
def blank(sign_in: Callable[..., Page], project: Project, alice: User) -> Callable[[], Page]:
    """The page of a new pipeline."""

    def opened() -> Page:
        page = sign_in(alice)
        page.goto(f"/projects/{project.pk}/pipelines/new/")
        return page

    return opened


def node(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name, exact=True).locator("[data-node]")


def add(page: Page, name: str) -> None:
    page.get_by_label("Nodes to add").get_by_role("button", name=name, exact=True).click()


def choose(page: Page, name: str) -> None:
    node(page, name).locator("header").click()
    expect(page.get_by_role("region", name=name)).to_be_visible()


def pull(page: Page, source: Locator, target: Locator) -> None:
    """A line from the output of one node to the input of another."""
    source.locator(".source").hover()
    page.mouse.down()
    target.locator(".target").hover(force=True)  # what is pulled lies above it
    expect(page.locator(".svelte-flow__connection-path")).to_be_visible()
    page.mouse.up()


def run(page: Page, name: str, predictions: str) -> None:
    """Under a name; it is saved first."""
    page.get_by_label("Name of the pipeline").fill(name)
    page.get_by_role("button", name="Save v1").click()
    expect(page.get_by_role("button", name="v1", exact=True)).to_be_visible()
    page.get_by_role("button", name="Run on 1 item").click()
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("[data-run=done]")).to_contain_text(predictions)


def accept(page: Page, item: Item, count: int) -> None:
    page.goto(f"/projects/{item.project_id}/items/{item.pk}/")
    expect(page.locator("[data-suggestion]")).to_have_count(count)
    page.get_by_role("button", name=f"Accept {count} suggestion").click()
    expect(page.locator("[data-annotation]")).to_have_count(count)
    saved(page)


def test_faces_then_eyes_in_each_and_those_with_two_are_built_tried_run_accepted_and_exported(
    blank: Callable[[], Page], portrait: Item
):
    page = blank()
    add(page, "Faces")
    add(page, "On each region")
    expect(node(page, "On each region")).to_contain_text("Detector: choose one.")
    page.get_by_label("Detector", exact=True).select_option("Eyes")
    page.get_by_label("Smallest").fill("12")
    choose(page, "Faces")
    add(page, "Relate")
    page.get_by_label("Connect to input “to”").select_option("On each region")
    page.get_by_label("To at least so many").fill("2")
    node(page, "Relate").get_by_role("button", name="Make label “face”").click()

    expect(node(page, "On each region").locator("[data-count]")).to_have_text("2 regions")
    expect(node(page, "On each region").locator("canvas")).to_have_count(2)
    expect(node(page, "Relate").locator("[data-count]")).to_have_text("1 region")
    assert serious_findings(page) == []
    run(page, "Faces with two eyes", "1 prediction")
    accept(page, portrait, 1)

    exported = page.request.get(f"/api/projects/{portrait.project_id}/export/", params={"format": "coco"})
    (found,) = exported.json()["annotations"]
    assert overlap(found["bbox"], FACE) > 0.5


def test_sentences_with_dates_in_each_are_found_in_texts(blank: Callable[[], Page], project: Project, alice: User):
    item = text(project, alice, LETTER)
    page = blank()
    add(page, "Regular expression")
    page.get_by_label("Pattern").fill(r"[^.]+\.")
    page.get_by_label("Label", exact=True).fill("sentence")
    add(page, "On each region")
    page.get_by_label("Detector", exact=True).select_option("Dates, numbers, addresses")
    page.get_by_label("Numbers", exact=True).uncheck()
    choose(page, "Regular expression")
    add(page, "Relate")
    page.get_by_label("Connect to input “to”").select_option("On each region")
    node(page, "Relate").get_by_role("button", name="Make label “sentence”").click()

    expect(node(page, "On each region").locator("[data-count]")).to_have_text("2 places")
    expect(node(page, "Relate").locator("[data-count]")).to_have_text("2 places")
    expect(node(page, "Relate")).to_contain_text("Ada wrote on 2024-05-31.")
    run(page, "Sentences with dates", "2 predictions")
    accept(page, item, 2)


def test_what_one_looks_at_and_writes_stays_while_the_pipeline_changes_and_a_reload_loses_nothing(
    blank: Callable[[], Page], project: Project, alice: User
):
    text(project, alice, LETTER)
    text(project, alice, "Bob never wrote.")
    Label.objects.create(project=project, name="match", color="#f4b740", shapes=["span"])
    page = blank()
    add(page, "Regular expression")
    page.get_by_role("button", name="Next item").click()
    chosen = page.get_by_role("complementary").get_by_text("Bob never wrote.")
    expect(chosen).to_be_visible()

    page.get_by_label("Pattern").fill("wrote")
    expect(node(page, "Regular expression").locator("[data-count]")).to_have_text("1 place")
    expect(chosen).to_be_visible()

    group = page.get_by_label("Group", exact=True)
    group.fill("1")
    group.press("End")
    group.press("Backspace")
    expect(group).to_have_value("")

    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(node(page, "Regular expression")).to_contain_text("wrote")
    expect(page.locator(".notices")).to_contain_text("What you had changed and not saved is here again.")


def test_each_mistake_has_its_sentence_at_its_node_and_run_is_not_offered(
    sign_in: Callable[..., Page], portrait: Item, alice: User, project: Project
):
    label = Label.objects.create(project=project, name="face", color="#f4b740", shapes=["rectangle"])
    graph = {
        "nodes": [
            {"id": "items", "kind": "items", "config": {"of": "image"}},
            {"id": "faces", "kind": "faces", "x": 260},
            {"id": "sure", "kind": "filter", "title": "Sure", "x": 520},
            {"id": "few", "kind": "filter", "title": "Few", "x": 780},
        ],
        "edges": [
            {"source": source, "target": target}
            for source, target in [("items", "faces"), ("faces", "sure"), ("sure", "few")]
        ],
    }
    pipeline = saving.save(alice, project.pk, name="Faces", graph=graph).pipeline
    label.removed_at = pipeline.created_at
    label.save()
    page = sign_in(alice)
    page.goto(f"/projects/{project.pk}/pipelines/{pipeline.pk}/")
    runs = page.get_by_role("button", name="Run on 1 item")

    few = node(page, "Few")
    expect(few.get_by_role("alert")).to_contain_text("the project has no such label")
    expect(runs).to_have_attribute("aria-disabled", "true")
    few.get_by_role("button", name="Make label “face”").click()
    expect(runs).to_have_attribute("aria-disabled", "false")

    notices = page.locator(".notices")
    pull(page, few, node(page, "Sure"))
    expect(notices).to_contain_text("That would go in a circle: Few already comes after Sure.")
    pull(page, node(page, "Items"), few)
    expect(notices).to_contain_text("Few works on what was found.")
    expect(page.locator(".svelte-flow__edge")).to_have_count(3)

    choose(page, "Sure")
    page.get_by_role("button", name="Disconnect Faces").click()
    expect(node(page, "Sure").get_by_role("alert")).to_contain_text("Sure lacks its input “in”.")
    expect(runs).to_have_attribute("aria-disabled", "true")
    page.get_by_role("button", name="Undo").click()
    expect(node(page, "Sure").get_by_role("alert")).to_have_count(0)
    expect(runs).to_have_attribute("aria-disabled", "false")
