"""A project as browsers see it: labels with attributes, photos with their bytes, a text."""

import io
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from projects.models import Item, Label, Project, User
from projects.services import items
from tests.browser.stage import OpenStage, Stage, picture

OCCLUDED = {"id": "occluded", "name": "Occluded", "kind": "choice", "options": ["No", "Partly"]}
AGE = {"id": "age", "name": "Age", "kind": "number"}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
LETTER = "Northwind shipped the wrong kettle 👍🏽 to New York City."

At = Callable[..., Page]
Labels = dict[str, Label]


@cache
def png(color: str, width: int = 800, height: int = 600) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), color).save(file, "PNG")
    return file.getvalue()


@pytest.fixture
def labels(project: Project) -> dict[str, Label]:
    """By name, in their order; their keys are 1 to 4."""
    drawn = ["rectangle", "polygon", "span"]
    rows = [
        Label(name="Face", color="#f4b740", shapes=drawn, attributes=[OCCLUDED, AGE]),
        Label(name="Badge", color="#5ec8ff", shapes=drawn),
        Label(name="Suit", color="#c48bff", shapes=["polygon"]),
        Label(name="blurred", color="#e0567a", shapes=["tag"]),
    ]
    for position, label in enumerate(rows):
        label.project, label.position, label.hotkey = project, position, str(position + 1)
        label.save()
    return {label.name: label for label in rows}


@pytest.fixture
def photo(servers: object, project: Project, alice: User, labels: dict[str, Label]) -> Item:
    """One of 800 x 600."""
    return add_photos(alice, project, "steelblue")[0]


@pytest.fixture
def photos(photo: Item, project: Project, alice: User) -> list[Item]:
    """The photo and two more."""
    return [photo, *add_photos(alice, project, "seagreen", "sienna")]


def add_photos(user: User, project: Project, *colors: str) -> list[Item]:
    files = [SimpleUploadedFile(f"{color}.png", png(color), "image/png") for color in colors]
    return list(items.add_files(user, project.pk, files).created)


@pytest.fixture
def texts(servers: object, project: Project, alice: User) -> list[Item]:
    """Three hundred, named “text 000” and on."""
    return Item.objects.bulk_create(
        Item(project=project, kind="text", name=f"text {n:03}", text=f"Letter number {n}.", created_by=alice)
        for n in range(300)
    )


@pytest.fixture
def letter(servers: object, project: Project, alice: User, labels: dict[str, Label]) -> Item:
    return items.add_text(alice, project.pk, name="letter", text=LETTER)


@pytest.fixture
def at(sign_in: Callable[..., Page]) -> Callable[..., Page]:
    """`at(item, user, **options)`: a page on which the user has the item open, live."""

    def open_item(item: Item, user: User, **options: object) -> Page:
        page = sign_in(user, **options)
        page.goto(f"/projects/{item.project_id}/items/{item.pk}/")
        page.wait_for_selector("[data-save=saved]")
        return page

    return open_item


def draw(page: Page, left: float = 0.3, top: float = 0.3, right: float = 0.5, bottom: float = 0.5) -> None:
    """Drag over the stage; the places are fractions of it."""
    box = page.locator("[data-region=stage]").bounding_box()
    assert box
    x, y = (lambda part: box["x"] + part * box["width"]), (lambda part: box["y"] + part * box["height"])
    page.mouse.move(x(left), y(top))
    page.mouse.down()
    page.mouse.move(x((left + right) / 2), y((top + bottom) / 2), steps=3)
    page.mouse.move(x(right), y(bottom), steps=3)
    page.mouse.up()


def tap_two_corners(phone: Page, *parts: float) -> None:
    """Of a box; they are fractions of the stage."""
    phone.get_by_role("button", name="Rectangle").tap()
    box = phone.locator("[data-region=stage]").bounding_box()
    assert box
    for part in parts:
        phone.touchscreen.tap(box["x"] + part * box["width"], box["y"] + part * box["height"])


def drop(page: Page, *paths: Path) -> None:
    """Drag files and folders from elsewhere onto the middle of the page."""
    mouse = page.context.new_cdp_session(page)
    dragged = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        mouse.send("Input.dispatchDragEvent", {"type": kind, "x": 500, "y": 500, "data": dragged})


def rows(page: Page) -> Locator:
    """The annotations in the list."""
    return page.locator("[data-annotation]")


def saved(page: Page) -> None:
    expect(page.locator("[data-save]")).to_have_attribute("data-save", "saved")


@pytest.fixture
def face(project: Project) -> None:
    project.labels.create(name="Face", color="#5ec8ff", shapes=["rectangle", "polygon"])


@pytest.fixture
def open_stage(face: None, project: Project, alice: User, sign_in: Callable[..., Page]) -> OpenStage:
    """`open_stage(user=alice, exif_turn=False, item=None, **browser options)`"""

    def opened(user: User = alice, *, exif_turn: bool = False, item: Item | None = None, **options: object) -> Stage:
        file = SimpleUploadedFile("photo.jpg", picture(exif_turn=exif_turn), "image/jpeg")
        item = item or items.add_files(alice, project.pk, [file]).created[0]
        return Stage(sign_in(user, **options), item).goto()

    return opened


@pytest.fixture
def stage(open_stage: OpenStage) -> Stage:
    return open_stage()


@pytest.fixture
def phone(open_stage: OpenStage) -> Stage:
    return open_stage(**PHONE, device_scale_factor=2)
