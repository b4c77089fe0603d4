"""What one does with the mouse, the fingers and the keys on a photo, and what the sheet holds then."""

import io
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from playwright.sync_api import Page, expect

from annotator.models import Annotation
from projects.models import Item, Project, User
from projects.services import items

pytestmark = pytest.mark.browser

SIZE = (1200, 800)
SQUARE = (300, 200, 460, 280)  # left, top, right, bottom of the one red place on the photo
RED = (220, 20, 20)
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
        return Annotation.objects.get(sheet__item=self.item, deleted=False).shape

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
    for _ in range(60):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError(told())


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


@pytest.fixture
def face(project: Project) -> None:
    project.labels.create(name="Face", color="#5ec8ff", shapes=["rectangle", "polygon"])


@pytest.fixture
def open_stage(face: None, project: Project, alice: User, sign_in: Callable[..., Page]) -> OpenStage:
    """`open_stage(user=alice, exif_turn=False, item=None, **browser options)`"""

    def opened(user: User = alice, *, exif_turn: bool = False, item: Item | None = None, **options: Any) -> Stage:
        file = SimpleUploadedFile("photo.jpg", picture(exif_turn=exif_turn), "image/jpeg")
        item = item or items.add_files(alice, project.pk, [file]).created[0]
        return Stage(sign_in(user, **options), item).goto()

    return opened


@pytest.fixture
def stage(open_stage: OpenStage) -> Stage:
    return open_stage()


def draw_box(stage: Stage, start: tuple[float, float] = (300, 200), end: tuple[float, float] = (500, 400)) -> None:
    stage.page.keyboard.press("r")
    stage.drag(start, end)
    stage.drawn(1)


def draw_polygon(stage: Stage, *corners: tuple[float, float]) -> None:
    stage.page.keyboard.press("p")
    for corner in corners:
        stage.click(*corner)
    stage.page.keyboard.press("Enter")


# Boxes ----------------------------------------------------------------------------------------------------------------


def test_a_box_is_drawn_by_dragging(stage: Stage) -> None:
    draw_box(stage)

    stage.shape_becomes(x=300, y=200, width=200, height=200)


def test_a_box_is_drawn_by_two_clicks_and_one_click_alone_makes_none(stage: Stage) -> None:
    stage.page.keyboard.press("r")
    stage.click(300, 200)
    stage.page.wait_for_timeout(200)
    stage.drawn(0)
    stage.click(500, 300)

    stage.shape_becomes(x=300, y=200, width=200, height=100)


def test_a_box_dragged_out_of_the_photo_ends_at_its_edge(stage: Stage) -> None:
    stage.page.keyboard.press("r")
    stage.drag((1000, 700), (1500, 1200))

    stage.shape_becomes(x=1000, y=700, width=200, height=100)


def test_a_box_is_moved_and_stays_inside_the_photo(stage: Stage) -> None:
    draw_box(stage)
    stage.page.keyboard.press("v")
    stage.drag((400, 300), (450, 350))
    stage.shape_becomes(x=350, y=250, width=200, height=200)

    stage.drag((450, 350), (-300, 350))
    stage.shape_becomes(x=0, y=250, width=200, height=200)


def test_a_box_is_resized_by_each_of_its_eight_handles(stage: Stage) -> None:
    draw_box(stage, (300, 200), (500, 400))
    stage.page.keyboard.press("v")

    stage.drag((300, 200), (250, 150))
    stage.shape_becomes(x=250, y=150, width=250, height=250)
    stage.drag((375, 150), (375, 100))
    stage.shape_becomes(x=250, y=100, width=250, height=300)
    stage.drag((500, 100), (600, 200))
    stage.shape_becomes(x=250, y=200, width=350, height=200)
    stage.drag((600, 300), (650, 300))
    stage.shape_becomes(x=250, y=200, width=400, height=200)
    stage.drag((650, 400), (550, 500))
    stage.shape_becomes(x=250, y=200, width=300, height=300)
    stage.drag((400, 500), (400, 600))
    stage.shape_becomes(x=250, y=200, width=300, height=400)
    stage.drag((250, 600), (150, 550))
    stage.shape_becomes(x=150, y=200, width=400, height=350)
    stage.drag((150, 375), (200, 375))
    stage.shape_becomes(x=200, y=200, width=350, height=350)


def test_escape_in_mid_drag_leaves_everything_as_it_was(stage: Stage) -> None:
    draw_box(stage)
    stage.page.keyboard.press("v")
    stage.page.mouse.move(*stage.at(400, 300))
    stage.page.mouse.down()
    stage.page.mouse.move(*stage.at(600, 500))
    stage.page.keyboard.press("Escape")
    stage.page.mouse.up()

    stage.page.wait_for_timeout(200)
    stage.shape_becomes(x=300, y=200)


def test_arrow_keys_move_the_selection_as_one_action(stage: Stage) -> None:
    draw_box(stage)
    stage.page.keyboard.press("v")
    for _ in range(5):
        stage.page.keyboard.press("ArrowRight")
    stage.shape_becomes(x=305, y=200)

    stage.page.keyboard.press("Control+z")
    stage.shape_becomes(x=300, y=200)


def test_delete_removes_the_selected_box(stage: Stage) -> None:
    draw_box(stage)
    stage.page.keyboard.press("Delete")

    stage.drawn(0)


# Polygons -------------------------------------------------------------------------------------------------------------


def test_a_polygon_is_closed_by_its_first_corner_a_double_click_or_enter(stage: Stage) -> None:
    closings: list[Callable[[], Any]] = [
        lambda: (stage.click(500, 500), stage.click(200, 200)),
        lambda: stage.page.mouse.dblclick(*stage.at(500, 500)),
        lambda: (stage.click(500, 500), stage.page.keyboard.press("Enter")),
    ]
    for close in closings:
        stage.page.keyboard.press("p")
        stage.click(200, 200)
        stage.click(500, 200)
        close()
        stage.drawn(1)
        stage.shape_becomes(points=[[200, 200], [500, 200], [500, 500]])
        stage.page.keyboard.press("Delete")
        stage.drawn(0)


def test_backspace_takes_back_a_corner_and_escape_the_whole_polygon(stage: Stage) -> None:
    stage.page.keyboard.press("p")
    for corner in [(200, 200), (500, 200), (500, 500), (900, 600)]:
        stage.click(*corner)
    stage.page.keyboard.press("Backspace")
    stage.page.keyboard.press("Enter")
    stage.shape_becomes(points=[[200, 200], [500, 200], [500, 500]])

    for corner in [(800, 200), (900, 200)]:
        stage.click(*corner)
    stage.page.keyboard.press("Escape")
    stage.page.keyboard.press("v")
    stage.drawn(1)


def test_a_polygon_that_crosses_itself_is_refused_with_a_sentence_and_can_be_mended(stage: Stage) -> None:
    draw_polygon(stage, (200, 200), (500, 500), (500, 200), (200, 500))
    expect(stage.page.get_by_text("The outline crosses itself")).to_be_visible()
    stage.drawn(0)

    stage.page.keyboard.press("Backspace")
    stage.page.keyboard.press("Enter")

    stage.shape_becomes(points=[[200, 200], [500, 500], [500, 200]])


def test_corners_of_a_polygon_are_moved_added_and_removed(stage: Stage) -> None:
    draw_polygon(stage, (200, 200), (600, 200), (600, 600), (200, 600))
    stage.drawn(1)
    stage.page.keyboard.press("v")

    stage.drag((600, 200), (700, 150))
    stage.shape_becomes(points=[[200, 200], [700, 150], [600, 600], [200, 600]])
    stage.drag((200, 400), (100, 400))
    stage.shape_becomes(points=[[200, 200], [700, 150], [600, 600], [200, 600], [100, 400]])
    stage.page.keyboard.down("Alt")
    stage.click(100, 400)
    stage.page.keyboard.up("Alt")
    stage.shape_becomes(points=[[200, 200], [700, 150], [600, 600], [200, 600]])
    stage.click(700, 150)
    stage.page.keyboard.press("Delete")
    stage.shape_becomes(points=[[200, 200], [600, 600], [200, 600]])


def test_a_polygon_is_moved_whole(stage: Stage) -> None:
    draw_polygon(stage, (200, 200), (600, 200), (600, 600))
    stage.drawn(1)
    stage.page.keyboard.press("v")

    stage.drag((500, 300), (600, 350))

    stage.shape_becomes(points=[[300, 250], [700, 250], [700, 650]])


# The view -------------------------------------------------------------------------------------------------------------


def test_the_wheel_zooms_at_the_pointer(stage: Stage) -> None:
    place = stage.at(900, 300)
    before = stage.under(place)
    scale = stage.view()[0]
    stage.page.mouse.move(*place)
    for _ in range(6):
        stage.page.mouse.wheel(0, -100)
    wait_until(lambda: stage.view()[0] > scale * 2, stage.view)

    assert near(stage.under(place), before)


def test_keys_zoom_fit_and_show_the_actual_size(stage: Stage) -> None:
    fitted = stage.view()
    stage.page.keyboard.press("+")
    wait_until(lambda: stage.view()[0] > fitted[0] * 1.1, stage.view)
    stage.page.keyboard.press("f")
    wait_until(lambda: near(stage.view(), fitted), stage.view)
    stage.page.keyboard.press("0")
    wait_until(lambda: stage.view()[0] == 1, stage.view)


def test_dragging_with_space_or_the_middle_button_pans(stage: Stage) -> None:
    _, left, top = stage.view()
    start = stage.at(400, 400)

    stage.page.keyboard.down(" ")
    stage.drag_on_page(start, (start[0] + 90, start[1] - 40))
    stage.page.keyboard.up(" ")
    wait_until(lambda: near(stage.view()[1:], (left + 90, top - 40)), stage.view)

    stage.drag_on_page(start, (start[0] - 90, start[1] + 40), button="middle")
    wait_until(lambda: near(stage.view()[1:], (left, top)), stage.view)
    stage.drawn(0)


@pytest.mark.parametrize("ratio", [1, 1.5, 2])
def test_a_box_drawn_round_what_one_sees_lies_round_it_in_the_photo(open_stage: OpenStage, ratio: float) -> None:
    stage = open_stage(device_scale_factor=ratio)
    for zoom_steps in (0, 3, -5):
        scale = stage.view()[0]
        stage.page.mouse.move(*stage.at(380, 240))
        for _ in range(abs(zoom_steps)):
            stage.page.mouse.wheel(0, -100 if zoom_steps > 0 else 100)
        if zoom_steps:
            wait_until(lambda before=scale: abs(stage.view()[0] / before - 1) > 0.25, stage.view)
        stage.drawn(0)
        left, top, right, bottom = stage.red_place()
        seen = *stage.under((left, top)), *stage.under((right, bottom))

        stage.page.keyboard.press("r")
        stage.drag_on_page((left, top), (right, bottom))

        stage.drawn(1)
        assert edges(stage.shape()) == pytest.approx(seen, abs=0.02)
        assert edges(stage.shape()) == pytest.approx(SQUARE, abs=1.5 / stage.view()[0])
        stage.page.keyboard.press("Delete")
        stage.drawn(0)


def test_a_photo_turned_by_its_exif_stands_upright_under_its_boxes(open_stage: OpenStage) -> None:
    stage = open_stage(exif_turn=True)
    assert (stage.item.width, stage.item.height) == SIZE
    left, top, right, bottom = stage.red_place()

    stage.page.keyboard.press("r")
    stage.drag_on_page((left, top), (right, bottom))

    stage.drawn(1)
    assert edges(stage.shape()) == pytest.approx(SQUARE, abs=1.5 / stage.view()[0])


def test_a_photo_that_does_not_come_is_told_and_can_be_asked_for_again(open_stage: OpenStage, stage: Stage) -> None:
    stage.page.route("**/media/**", lambda route: route.abort())
    stage.page.reload()
    expect(stage.page.get_by_text("The photo did not arrive")).to_be_visible()
    stage.page.unroute("**/media/**")

    stage.page.get_by_role("button", name="Try again").click()

    stage.drawn(0)


# Fingers --------------------------------------------------------------------------------------------------------------


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


@pytest.fixture
def phone(open_stage: OpenStage) -> Stage:
    return open_stage(viewport={"width": 390, "height": 844}, device_scale_factor=2, has_touch=True, is_mobile=True)


def test_two_taps_draw_a_box_and_two_fingers_zoom_without_drawing(phone: Stage) -> None:
    fingers = Fingers(phone.page)
    phone.page.keyboard.press("r")
    scale = phone.view()[0]
    middle = phone.at(600, 400)
    left, right = (middle[0] - 30, middle[1]), (middle[0] + 30, middle[1])
    fingers.drag((left, (left[0] - 40, left[1])), (right, (right[0] + 40, right[1])))
    wait_until(lambda: phone.view()[0] > 1.8 * scale, phone.view)
    phone.drawn(0)

    fingers.tap(phone.at(500, 350))
    fingers.tap(phone.at(700, 450))

    phone.drawn(1)
    wait_until(lambda: np.allclose(edges(phone.shape()), (500, 350, 700, 450), atol=3), phone.shape)


def test_one_finger_pans_on_empty_ground_and_moves_what_is_selected(phone: Stage) -> None:
    fingers = Fingers(phone.page)
    phone.page.keyboard.press("r")
    fingers.drag((phone.at(300, 200), phone.at(700, 600)))
    phone.drawn(1)
    before = phone.shape()
    phone.page.keyboard.press("v")
    _, left, top = phone.view()

    start = phone.at(1000, 700)
    fingers.drag((start, (start[0] - 40, start[1] + 30)))
    wait_until(lambda: near(phone.view()[1:], (left - 40, top + 30)), phone.view)
    assert phone.shape() == before

    fingers.drag((phone.at(500, 400), phone.at(600, 400)))
    wait_until(lambda: abs(phone.shape()["x"] - before["x"] - 100) < 5, phone.shape)


# Together -------------------------------------------------------------------------------------------------------------


def test_a_box_that_bob_drags_is_seen_moving_by_alice(stage: Stage, open_stage: OpenStage, bob: User) -> None:
    draw_box(stage)
    theirs = open_stage(bob, item=stage.item)
    theirs.drawn(1)
    stage.page.mouse.move(5, 5)
    theirs.page.keyboard.press("v")
    before = stage.page.screenshot()

    theirs.page.mouse.move(*theirs.at(400, 300))
    theirs.page.mouse.down()
    theirs.page.mouse.move(*theirs.at(700, 500), steps=5)

    wait_until(lambda: stage.page.screenshot() != before, lambda: "nothing moved on alice's page")
    assert stage.shape()["x"] == pytest.approx(300, abs=1)
    theirs.page.mouse.up()
    stage.shape_becomes(x=600, y=400)


def test_what_alice_drags_and_bob_deletes_is_gone_and_she_is_told(
    stage: Stage, open_stage: OpenStage, bob: User
) -> None:
    draw_box(stage)
    theirs = open_stage(bob, item=stage.item)
    theirs.drawn(1)
    stage.page.keyboard.press("v")
    stage.page.mouse.move(*stage.at(400, 300))
    stage.page.mouse.down()
    stage.page.mouse.move(*stage.at(600, 400))

    theirs.page.keyboard.press("v")
    theirs.click(320, 220)
    theirs.page.keyboard.press("Delete")

    stage.drawn(0)
    expect(stage.page.get_by_text("deleted").first).to_be_visible()
    stage.page.mouse.up()
    stage.drawn(0)


def test_whoever_follows_sees_what_the_other_sees_until_they_move_themselves(
    stage: Stage, open_stage: OpenStage, bob: User
) -> None:
    theirs = open_stage(bob, item=stage.item)
    theirs.drawn(0)
    stage.page.get_by_role("button", name="Bob").first.click()

    theirs.page.mouse.move(*theirs.at(900, 300))
    for _ in range(5):
        theirs.page.mouse.wheel(0, -100)

    wait_until(lambda: abs(stage.view()[0] / theirs.view()[0] - 1) < 0.05, stage.view)
    stage.page.keyboard.press("f")
    followed = stage.view()
    theirs.page.mouse.wheel(0, -100)
    stage.page.wait_for_timeout(300)
    assert stage.view() == followed
