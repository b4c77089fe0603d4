"""Boxes and polygons drawn, moved and reshaped on a photo, alone and together."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from projects.models import User
from tests.browser.stage import OpenStage, Stage, draw_box, draw_polygon, wait_until

pytestmark = pytest.mark.browser


def delete(stage: Stage) -> None:
    """What is selected, which was all."""
    stage.page.keyboard.press("Delete")
    stage.drawn(0)


# Boxes ----------------------------------------------------------------------------------------------------------------


def test_a_box_is_drawn_by_two_clicks_or_dragging_moved_inside_the_photo_and_deleted(stage: Stage) -> None:
    stage.page.keyboard.press("r")
    stage.click(300, 200)
    expect(stage.page.locator(".hint")).to_contain_text("Now the opposite corner.")
    stage.drawn(0)
    stage.click(500, 300)
    stage.shape_becomes(x=300, y=200, width=200, height=100)
    delete(stage)

    stage.drag((1000, 700), (1500, 1200))  # out of the photo
    stage.shape_becomes(x=1000, y=700, width=200, height=100)
    delete(stage)

    draw_box(stage, (300, 200), (500, 400))
    stage.shape_becomes(x=300, y=200, width=200, height=200)
    stage.page.keyboard.press("v")
    stage.drag((400, 300), (450, 350))
    stage.shape_becomes(x=350, y=250, width=200, height=200)
    stage.drag((450, 350), (-300, 350))
    stage.shape_becomes(x=0, y=250, width=200, height=200)

    for _ in range(5):
        stage.page.keyboard.press("ArrowRight")
    stage.shape_becomes(x=5, y=250)
    stage.page.keyboard.press("Control+z")  # as one action
    stage.shape_becomes(x=0, y=250)

    stage.page.mouse.move(*stage.at(100, 350))
    stage.page.mouse.down()
    stage.page.mouse.move(*stage.at(600, 500))
    stage.page.keyboard.press("Escape")
    stage.page.mouse.up()
    for _ in range(9):
        stage.page.keyboard.press("ArrowRight")
    stage.shape_becomes(x=9, y=250)  # from where it was


def test_a_box_is_resized_by_its_handles_just_drawn_and_later(stage: Stage) -> None:
    draw_box(stage, (300, 200), (500, 400))
    stage.drag((500, 400), (600, 500))
    stage.shape_becomes(x=300, y=200, width=300, height=300)
    stage.drag((350, 300), (420, 360))  # elsewhere: the next box
    stage.drawn(2)
    stage.page.keyboard.press("Delete")
    stage.drawn(1)

    stage.page.keyboard.press("v")
    stage.click(350, 250)
    pulled = [
        ((600, 500), (500, 400), {"x": 300, "y": 200, "width": 200, "height": 200}),
        ((300, 200), (250, 150), {"x": 250, "y": 150, "width": 250, "height": 250}),
        ((375, 150), (375, 100), {"x": 250, "y": 100, "width": 250, "height": 300}),
        ((500, 100), (600, 200), {"x": 250, "y": 200, "width": 350, "height": 200}),
        ((600, 300), (650, 300), {"x": 250, "y": 200, "width": 400, "height": 200}),
        ((650, 400), (550, 500), {"x": 250, "y": 200, "width": 300, "height": 300}),
        ((400, 500), (400, 600), {"x": 250, "y": 200, "width": 300, "height": 400}),
        ((250, 600), (150, 550), {"x": 150, "y": 200, "width": 400, "height": 350}),
        ((150, 375), (200, 375), {"x": 200, "y": 200, "width": 350, "height": 350}),
    ]
    for handle, place, becomes in pulled:
        stage.drag(handle, place)
        stage.shape_becomes(**becomes)


# Polygons -------------------------------------------------------------------------------------------------------------


def test_a_polygon_is_closed_in_three_ways_taken_back_and_refused_while_it_crosses_itself(stage: Stage) -> None:
    closings: list[Callable[[], Any]] = [
        lambda: (stage.click(500, 500), stage.click(200, 200)),
        lambda: stage.page.mouse.dblclick(*stage.at(500, 500)),
        lambda: (stage.click(500, 500), stage.page.keyboard.press("Enter")),
        lambda: (
            *(stage.click(500, 500), stage.click(900, 600)),
            *(stage.page.keyboard.press("Backspace"), stage.page.keyboard.press("Enter")),
        ),
    ]
    for close in closings:
        stage.page.keyboard.press("p")
        stage.click(200, 200)
        stage.click(500, 200)
        close()
        stage.drawn(1)
        stage.shape_becomes(points=[[200, 200], [500, 200], [500, 500]])
        delete(stage)

    for corner in [(800, 200), (900, 200)]:
        stage.click(*corner)
    stage.page.keyboard.press("Escape")
    draw_polygon(stage, (200, 200), (500, 500), (500, 200), (200, 500))
    expect(stage.page.get_by_text("The outline crosses itself")).to_be_visible()
    stage.drawn(0)
    stage.page.keyboard.press("Backspace")
    stage.page.keyboard.press("Enter")
    stage.shape_becomes(points=[[200, 200], [500, 500], [500, 200]])


def test_corners_of_a_polygon_are_removed_moved_and_added_and_it_moves_whole(stage: Stage) -> None:
    draw_polygon(stage, (200, 200), (600, 200), (600, 600), (400, 700), (200, 600))
    stage.drawn(1)
    stage.click(400, 700)
    stage.page.mouse.move(*stage.at(900, 400))
    stage.page.keyboard.press("Delete")
    stage.shape_becomes(points=[[200, 200], [600, 200], [600, 600], [200, 600]])

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

    stage.drag((300, 500), (400, 550))
    stage.shape_becomes(points=[[300, 250], [700, 650], [300, 650]])


# Together -------------------------------------------------------------------------------------------------------------


def test_alice_sees_bobs_box_move_follows_what_he_sees_until_she_moves_and_is_told_when_he_leaves(
    stage: Stage, open_stage: OpenStage, bob: User
) -> None:
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

    fitted, others = stage.view(), theirs.view()
    stage.page.get_by_role("button", name="Follow Bob").click()
    theirs.page.mouse.move(*theirs.at(900, 300))
    for _ in range(5):
        theirs.page.mouse.wheel(0, -100)
    wait_until(lambda: theirs.view()[0] > others[0] * 1.5, theirs.view)
    wait_until(lambda: abs(stage.view()[0] / theirs.view()[0] - 1) < 0.05, stage.view)

    stage.page.keyboard.press("f")
    wait_until(lambda: stage.view() == fitted, stage.view)
    zoomed = theirs.view()
    theirs.page.mouse.wheel(0, -100)
    wait_until(lambda: theirs.view()[0] > zoomed[0], theirs.view)
    for _ in range(9):
        theirs.page.keyboard.press("ArrowRight")
    stage.shape_becomes(x=609)  # which came after
    assert stage.view() == fitted

    stage.page.get_by_role("button", name="Follow Bob").click()
    theirs.page.goto("/")
    expect(stage.page.locator(".notice")).to_contain_text("Bob has left this item, so you no longer follow them.")
