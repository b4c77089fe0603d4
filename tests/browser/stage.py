"""The image stage as a person uses it: places of the photo, a mouse, fingers, and what the sheet holds then."""

import io
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect

from annotator.models import Annotation
from projects.models import Item

SIZE = (1200, 800)
SQUARE = (300, 200, 460, 280)  # left, top, right, bottom of the one red place on the photo
RED = (220, 20, 20)
PATIENCE = 20  # seconds
ORIENTATION = 0x0112  # the EXIF tag
TURN_RIGHT = 6  # "rotate by 90 degrees to show"

OpenStage = Callable[..., "Stage"]


@dataclass
class Stage:
    page: Page
    item: Item

    def goto(self) -> "Stage":
        self.page.goto(f"/projects/{self.item.project_id}/items/{self.item.pk}/")
        expect(self.element).to_have_attribute("data-drawn", re.compile(r"\d"))
        return self

    @property
    def element(self) -> Any:
        return self.page.locator("[data-drawn]")

    def drawn(self, count: int) -> None:
        expect(self.element).to_have_attribute("data-drawn", str(count))

    def view(self) -> tuple[float, float, float]:
        """Scale, left and top of the image on the page."""
        scale, x, y = map(float, self.element.get_attribute("data-view").split())
        box = self.element.bounding_box()
        return scale, box["x"] + x, box["y"] + y

    def at(self, x: float, y: float) -> tuple[float, float]:
        scale, left, top = self.view()
        return round(left + x * scale), round(top + y * scale)

    def under(self, place: tuple[float, float]) -> tuple[float, float]:
        """The image point under a place of the page."""
        scale, left, top = self.view()
        return (place[0] - left) / scale, (place[1] - top) / scale

    def click(self, x: float, y: float, **how: Any) -> None:
        self.page.mouse.click(*self.at(x, y), **how)

    def drag(self, start: tuple[float, float], end: tuple[float, float], **how: Any) -> None:
        """From one image point to another."""
        self.drag_on_page(self.at(*start), self.at(*end), **how)

    def drag_on_page(self, start: tuple[float, float], end: tuple[float, float], **how: Any) -> None:
        self.page.mouse.move(*start)
        self.page.mouse.down(**how)
        self.page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        self.page.mouse.move(*end)
        self.page.mouse.up(**how)

    def shape(self) -> dict[str, Any]:
        """The one shape of the sheet, once it is saved."""
        expect(self.page.locator("[data-save=saved]").first).to_be_visible()
        found = Annotation.objects.filter(sheet__item=self.item, deleted=False)
        wait_until(found.exists, lambda: "There is no annotation.")
        return found.get().shape

    def shape_becomes(self, **expected: Any) -> None:
        wait_until(lambda: all(near(self.shape()[name], value) for name, value in expected.items()), self.shape)

    def red_place(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom on the page of what looks red."""
        pixels = np.asarray(Image.open(io.BytesIO(self.page.screenshot(scale="css"))).convert("RGB")).astype(int)
        box = self.element.bounding_box()
        left, top = int(box["x"]), int(box["y"])
        stage = pixels[top : top + int(box["height"]), left : left + int(box["width"])]
        rows, columns = np.nonzero((stage[..., 0] > 150) & (stage[..., 1] < 90) & (stage[..., 2] < 90))
        columns, rows = columns + left, rows + top
        return float(columns.min()), float(rows.min()), float(columns.max() + 1), float(rows.max() + 1)


def edges(box: dict[str, float]) -> tuple[float, float, float, float]:
    return box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]


def near(found: Any, expected: Any) -> bool:
    return bool(np.shape(found) == np.shape(expected) and np.allclose(found, expected, atol=1.01))


def wait_until(holds: Callable[[], bool], told: Callable[[], Any]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, told()
        time.sleep(0.05)


def picture(*, exif_turn: bool = False) -> bytes:
    """Grey with one red place. A turned one is stored lying and says so in its EXIF."""
    image = Image.new("RGB", SIZE, (120, 125, 130))
    image.paste(RED, SQUARE)
    stored = io.BytesIO()
    exif = Image.Exif()
    if exif_turn:
        image = image.transpose(Image.Transpose.ROTATE_90)
        exif[ORIENTATION] = TURN_RIGHT
    image.save(stored, "JPEG", quality=95, exif=exif)
    return stored.getvalue()


class Fingers:
    """Touches as the browser's own input delivers them."""

    def __init__(self, page: Page) -> None:
        self.cdp = page.context.new_cdp_session(page)

    def send(self, kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        self.cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    def tap(self, place: tuple[float, float]) -> None:
        self.send("touchStart", place)
        self.send("touchEnd")

    def drag(self, *paths: tuple[tuple[float, float], tuple[float, float]], steps: int = 8) -> None:
        """Each finger from one place of the page to another."""
        self.send("touchStart", *(start for start, _ in paths))
        for step in range(1, steps + 1):
            share = step / steps
            self.send("touchMove", *((a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share) for a, b in paths))
        self.send("touchEnd")


def draw_box(stage: Stage, start: tuple[float, float] = (300, 200), end: tuple[float, float] = (500, 400)) -> None:
    stage.page.keyboard.press("r")
    stage.drag(start, end)
    stage.drawn(1)


def draw_polygon(stage: Stage, *corners: tuple[float, float]) -> None:
    stage.page.keyboard.press("p")
    for corner in corners:
        stage.click(*corner)
    stage.page.keyboard.press("Enter")
