"""The photo under the hand: zoom, pan, fingers, and that a shape lies where one sees it."""

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.stage import SIZE, SQUARE, Fingers, OpenStage, Stage, draw_box, edges, near, wait_until

pytestmark = pytest.mark.browser

# The view -------------------------------------------------------------------------------------------------------------


def test_a_photo_is_zoomed_panned_and_asked_for_again_when_it_does_not_come(stage: Stage) -> None:
    fitted = stage.view()
    place = stage.at(900, 300)
    before = stage.under(place)
    stage.page.mouse.move(*place)
    for _ in range(6):
        stage.page.mouse.wheel(0, -100)
    wait_until(lambda: stage.view()[0] > fitted[0] * 2, stage.view)
    assert near(stage.under(place), before)

    stage.page.keyboard.press("0")
    wait_until(lambda: stage.view()[0] == 1, stage.view)
    stage.page.keyboard.press("f")
    wait_until(lambda: near(stage.view(), fitted), stage.view)
    stage.page.keyboard.press("+")
    wait_until(lambda: stage.view()[0] > fitted[0] * 1.1, stage.view)
    stage.page.keyboard.press("f")
    wait_until(lambda: near(stage.view(), fitted), stage.view)

    _, left, top = fitted
    start = stage.at(400, 400)
    stage.page.keyboard.down(" ")
    stage.drag_on_page(start, (start[0] + 90, start[1] - 40))
    stage.page.keyboard.up(" ")
    wait_until(lambda: near(stage.view()[1:], (left + 90, top - 40)), stage.view)
    stage.drag_on_page(start, (start[0] - 90, start[1] + 40), button="middle")
    wait_until(lambda: near(stage.view()[1:], (left, top)), stage.view)
    stage.drawn(0)

    stage.page.route("**/media/**", lambda route: route.abort())
    stage.page.reload()
    expect(stage.page.get_by_text("The photo did not arrive")).to_be_visible()
    stage.page.unroute("**/media/**")
    stage.page.get_by_role("button", name="Try again").click()
    stage.drawn(0)


def test_space_pans_wherever_a_click_left_the_focus_and_presses_only_a_button_that_keys_reached(stage: Stage) -> None:
    draw_box(stage)
    stage.page.keyboard.press("v")
    for name in ("History", "Annotations"):
        _, left, top = stage.view()
        start = stage.at(400, 300)
        stage.page.get_by_role("tab", name=name).click()
        stage.page.keyboard.down(" ")
        stage.drag_on_page(start, (start[0] + 60, start[1] + 40))
        stage.page.keyboard.up(" ")
        wait_until(lambda x=left, y=top: near(stage.view()[1:], (x + 60, y + 40)), stage.view)
    stage.shape_becomes(x=300, y=200)

    zoom_in = stage.page.locator(".zoom").get_by_role("button", name="Zoom in")
    before = stage.view()[0]
    zoom_in.click()
    wait_until(lambda: stage.view()[0] > before, stage.view)
    zoomed = stage.view()[0]
    stage.page.keyboard.press(" ")
    stage.page.keyboard.press("Shift+Tab")
    stage.page.keyboard.press("Tab")
    expect(zoom_in).to_be_focused()
    assert stage.view()[0] == zoomed
    stage.page.keyboard.press(" ")
    wait_until(lambda: stage.view()[0] > zoomed, stage.view)

    stage.page.keyboard.press("?")
    for what in ("Zoom at the pointer", "Move the photo", "Add a corner", "Remove a corner"):
        expect(stage.page.get_by_role("dialog", name="Keys")).to_contain_text(what)


@pytest.mark.parametrize(("ratio", "exif_turn"), [(1, True), (1.5, False)])
def test_a_box_drawn_round_what_one_sees_lies_round_it_in_the_photo(
    open_stage: OpenStage, ratio: float, exif_turn: bool
) -> None:
    stage = open_stage(device_scale_factor=ratio, exif_turn=exif_turn)
    assert (stage.item.width, stage.item.height) == SIZE
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


# Fingers --------------------------------------------------------------------------------------------------------------


def test_fingers_draw_by_dragging_and_two_taps_zoom_pan_and_move_and_a_touch_taken_away_does_nothing(
    phone: Stage,
) -> None:
    fingers = Fingers(phone.page)
    fitted = phone.view()
    phone.page.keyboard.press("r")
    fingers.send("touchStart", phone.at(300, 200))
    fingers.send("touchMove", phone.at(600, 500))
    fingers.send("touchCancel")
    middle = phone.at(600, 400)
    left, right = (middle[0] - 30, middle[1]), (middle[0] + 30, middle[1])
    fingers.drag((left, (left[0] - 40, left[1])), (right, (right[0] + 40, right[1])))
    wait_until(lambda: phone.view()[0] > 1.8 * fitted[0], phone.view)
    phone.drawn(0)

    fingers.tap(phone.at(500, 350))
    expect(phone.page.locator(".hint")).to_have_text("Now the opposite corner.")
    fingers.tap(phone.at(700, 450))
    phone.drawn(1)
    wait_until(lambda: np.allclose(edges(phone.shape()), (500, 350, 700, 450), atol=3), phone.shape)
    phone.page.keyboard.press("Delete")
    phone.drawn(0)

    phone.page.keyboard.press("f")
    wait_until(lambda: near(phone.view(), fitted), phone.view)
    fingers.drag((phone.at(300, 200), phone.at(700, 600)))
    phone.drawn(1)
    before = phone.shape()
    phone.page.keyboard.press("v")
    _, x, y = phone.view()
    start = phone.at(1000, 700)
    fingers.drag((start, (start[0] - 40, start[1] + 30)))
    wait_until(lambda: near(phone.view()[1:], (x - 40, y + 30)), phone.view)
    assert phone.shape() == before

    fingers.drag((phone.at(500, 400), phone.at(600, 400)))
    wait_until(lambda: abs(phone.shape()["x"] - before["x"] - 100) < 5, phone.shape)
