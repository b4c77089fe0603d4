"""Boxes and polygons drawn, moved and reshaped on a photo, alone and together."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from projects.models import Membership, User
from tests.browser.desk import Desk
from tests.browser.stage import OpenStage, Stage, draw_box, draw_polygon, wait_until

pytestmark = pytest.mark.browser

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


def test_a_box_just_drawn_is_resized_by_its_handles_while_the_next_is_drawn_elsewhere(stage: Stage) -> None:
    draw_box(stage)

    stage.drag((500, 400), (600, 500))
    stage.shape_becomes(x=300, y=200, width=300, height=300)
    stage.drag((350, 300), (420, 360))

    stage.drawn(2)


def test_a_corner_of_a_polygon_just_drawn_is_picked_and_removed(stage: Stage) -> None:
    draw_polygon(stage, (200, 200), (600, 200), (600, 600), (200, 600))
    stage.drawn(1)

    stage.click(600, 200)
    stage.page.mouse.move(*stage.at(900, 400))
    stage.page.keyboard.press("Delete")

    stage.shape_becomes(points=[[200, 200], [600, 600], [200, 600]])


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
    stage.page.wait_for_timeout(300)
    assert stage.view() == fitted


def test_a_box_half_drawn_when_the_role_changes_does_not_vanish_without_a_word(
    stage: Stage, open_stage: OpenStage, bob: User
) -> None:
    theirs = open_stage(bob, item=stage.item)
    membership = Membership.objects.get(project=stage.item.project, user=bob)
    theirs.page.keyboard.press("r")
    theirs.page.mouse.move(*theirs.at(300, 200))
    theirs.page.mouse.down()
    theirs.page.mouse.move(*theirs.at(500, 400))

    Desk(stage.page, stage.item).ask("PATCH", f"/api/members/{membership.pk}/", {"role": "viewer"})

    expect(theirs.page.locator(".notice")).to_contain_text("what you had begun was not kept")
    theirs.page.mouse.up()
    theirs.drawn(0)


def test_whoever_follows_is_told_when_the_other_leaves_the_item(stage: Stage, open_stage: OpenStage, bob: User) -> None:
    theirs = open_stage(bob, item=stage.item)
    stage.page.get_by_role("button", name="Follow Bob").click()

    theirs.page.goto("/")

    expect(stage.page.locator(".notice")).to_contain_text("Bob has left this item, so you no longer follow them.")
