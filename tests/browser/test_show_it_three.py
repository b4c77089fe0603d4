"""Show it three, it finds the rest: what the product promises, with all of its parts running."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from playwright.sync_api import expect

from annotator.models import Annotation
from projects.models import Item, Project, User
from projects.services import items
from tests.browser.cards import opened, selected
from tests.browser.stage import Stage
from tests.detectors.lessons import blotted

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PICTURES = 36
PATIENCE = 30_000


@pytest.fixture
def pictures(servers: object, project: Project, alice: User) -> list[tuple[Item, list]]:
    """With one or two blots each, and their places."""
    project.labels.create(name="Blot", color="#5ec8ff", shapes=["rectangle"], hotkey="1")
    made = [blotted(seed, blots=1 + seed % 2) for seed in range(PICTURES)]
    files = []
    for seed, (picture, _) in enumerate(made):
        file = io.BytesIO()
        Image.fromarray(picture).save(file, "PNG")
        files.append(SimpleUploadedFile(f"{seed:02}.png", file.getvalue(), "image/png"))
    created = items.add_files(alice, project.pk, files).created
    places = {f"{seed:02}.png": places.tolist() for seed, (_, places) in enumerate(made)}
    return [(item, places[item.name]) for item in sorted(created, key=lambda item: item.name)]


def accepted() -> int:
    return Annotation.objects.filter(deleted=False, prediction__isnull=False).count()


def test_three_boxes_are_drawn_and_forty_more_are_found_and_accepted_by_one_key(sign_in, alice, bob, project, pictures):
    page = sign_in(alice)
    for item, places in pictures[:3]:
        stage = Stage(page, item).goto()
        page.keyboard.press("r")
        x, y, width, height = places[0]
        stage.drag((x, y), (x + width, y + height))
        stage.drawn(1)
        stage.shape()
    hers, his = opened(page, project), opened(sign_in(bob, web=1), project)

    hers.get_by_role("button", name="Learn from my labels").click()

    expect(hers.get_by_role("region", name="Learned: boxes")).to_contain_text("3 “Blot” on 3 images", timeout=PATIENCE)
    for grid in (hers, his):
        expect(grid.locator("path.proposed").nth(20)).to_be_visible(timeout=PATIENCE)
    expect(hers.get_by_role("listitem").filter(has_text="Learned: boxes")).not_to_contain_text("left", timeout=PATIENCE)
    expect(hers.locator("#runs progress")).to_have_count(0, timeout=PATIENCE)

    hers.locator("body").press("Control+a")
    selected(hers, PICTURES)
    hers.keyboard.press("a")

    expect(hers.get_by_text("suggestions were accepted.")).to_be_visible(timeout=PATIENCE)
    assert 40 <= accepted() <= 65  # about one of each of the 51 that are left
    expect(his.locator("path.proposed")).to_have_count(0, timeout=PATIENCE)
    expect(his.locator('[title$="annotations"], [title$="annotation"]')).not_to_have_count(0)
