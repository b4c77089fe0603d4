"""A manager has a detector look through all items, sees how far it is, and finds what it suggests."""

import pytest
from playwright.sync_api import expect

from detectors import suggesting
from projects.models import Project, User
from tests.cast import text

pytestmark = pytest.mark.browser


def test_a_detector_is_chosen_set_and_run_and_what_it_finds_is_suggested(sign_in, alice: User, project: Project):
    item = text(project, alice, "One cup, two cups 🫖.")
    page = sign_in(alice)
    page.goto(f"/projects/{project.pk}/")

    page.get_by_role("button", name="Find", exact=True).click()
    choice = page.get_by_role("dialog", name="Find by a detector")
    expect(choice.get_by_role("button", name="Faces")).to_have_count(0)  # there is no image
    choice.get_by_role("button", name="Regular expression").click()
    dialog = page.get_by_role("dialog", name="Regular expression")
    dialog.get_by_label("Pattern").fill("(")
    dialog.get_by_label("Label").fill("Cup")
    dialog.get_by_role("button", name="Find in all items").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Pattern:")
    expect(dialog.get_by_label("Label")).to_have_value("Cup")
    dialog.get_by_label("Pattern").fill("cups?")
    dialog.get_by_role("button", name="Find in all items").click()

    run = page.get_by_role("listitem").filter(has_text="Regular expression: Cup")
    expect(run).to_contain_text("2 predictions")
    assert [one.shape.quote for one in suggesting.on([item.pk])[item.pk]].count("cups") == 1
    assert project.labels.get().name == "Cup"
