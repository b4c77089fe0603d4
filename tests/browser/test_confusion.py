"""Lasso the confusion: what the product promises, with all of its parts running."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from playwright.sync_api import Locator, Page, expect

from annotator.demo import digits
from annotator.demo.building import Said, added, begun, say
from annotator.shapes import Tag
from detectors.models import Evaluation, Learning
from projects.models import Project, Role, User
from tests.axe import serious_findings
from tests.browser.conftest import PHONE
from tests.clients import client_of
from tests.confusion.cups import cups_and_bowls
from tests.detectors.proposing import proposed
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PICTURES, WRONG = 700, 12
PATIENCE = 60_000


@pytest.fixture
def numbers(servers: object, alice: User, bob: User, project: Project) -> Project:
    """Digits, of which some noughts are called sevens; the project learns by itself."""
    del servers
    begins = begun(alice, {bob: Role.ANNOTATOR}, demo="", name="Digits", guidelines="", labels=digits.LABELS)
    pictures, true = digits.shown()
    files = [digits.file(number, one) for number, one in enumerate(pictures[:PICTURES])]
    items = added(alice, begins.project, files)
    said = true[:PICTURES].copy()
    said[np.flatnonzero(said == 0)[:WRONG]] = 7
    say(begins, {item: [Said(0, str(one), Tag())] for item, one in zip(items, said, strict=True)}, done=True)
    answer = client_of(alice).post(f"/projects/{begins.project.pk}/learn/", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    until(Evaluation.objects.filter(project=begins.project, state="done").exists, 60)
    Learning.objects.update(automatic=True)
    return begins.project


class Map:
    """The page as one sees it."""

    def __init__(self, page: Page, project: Project) -> None:
        self.page = page
        page.goto(f"/projects/{project.pk}/confusion/")
        self.bar = page.get_by_role("toolbar", name="What is selected")
        self.plane = page.locator("main canvas")
        expect(page.get_by_label("Figures", exact=True)).to_contain_text("0.", timeout=PATIENCE)

    def cell(self, truth: str, predicted: str) -> Locator:
        return self.page.get_by_role("button", name=f"labelled {truth}, predicted {predicted}")

    def lasso(self, places: Sequence[Sequence[float]]) -> None:
        first, *others = [*places, places[0]]
        self.page.mouse.move(*first)
        self.page.mouse.down()
        for place in others:
            self.page.mouse.move(*place, steps=4)
        self.page.mouse.up()

    def where(self, points: dict[str, Any]) -> Callable[[int], tuple[float, float]]:
        """On the page, of the points when all of them are seen."""
        box = self.plane.bounding_box()
        x, y = np.array(points["x"]), np.array(points["y"])
        scale = min(box["width"] / (1.08 * np.ptp(x)), box["height"] / (1.08 * np.ptp(y)))
        middle = [(values.min() + values.max()) / 2 for values in (x, y)]
        centre = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        return lambda row: (centre[0] + (x[row] - middle[0]) * scale, centre[1] - (y[row] - middle[1]) * scale)


def points_of(user: User, evaluation: Evaluation) -> dict[str, Any]:
    content = client_of(user).get(f"/api/evaluations/{evaluation.pk}/points/").content
    return pa.ipc.open_stream(content).read_all().to_pydict()


def around(places: list[tuple[float, float]], margin: float = 14) -> list[tuple[float, float]]:
    """A box around all."""
    left, top = np.min(places, axis=0) - margin
    right, bottom = np.max(places, axis=0) + margin
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def test_lasso_the_confusion(sign_in, alice, bob, numbers):
    before = Evaluation.objects.get()
    points = points_of(alice, before)
    said = zip(points["truth"], points["predicted"], strict=True)
    wrong = [row for row, (one, other) in enumerate(said) if (one, other) == (7, 0)]
    assert len(wrong) >= 10
    hers, his = Map(sign_in(alice), numbers), Map(sign_in(bob, web=1), numbers)
    expect(hers.cell("7", "0")).to_have_text(str(len(wrong)))
    expect(his.cell("7", "0")).to_have_text(str(len(wrong)))

    hers.page.get_by_label("What is shown").select_option(label="Where they disagree")
    where = hers.where(points)
    hers.lasso(around([where(row) for row in wrong]))
    expect(hers.bar).to_contain_text("selected")
    hers.page.keyboard.press("l")
    hers.page.keyboard.press("z")

    expect(his.cell("7", "0")).to_have_count(0)
    expect(hers.cell("7", "0")).to_have_count(0)

    for each in (hers, his):  # the model learns anew
        latest = str(wait_for_next(before))
        expect(each.page.get_by_label("What is held against the labels")).to_have_value(latest, timeout=PATIENCE)
    after = Evaluation.objects.latest("pk")
    assert np.mean(points_of(alice, after)["entropy"]) < np.mean(points["entropy"])

    hers.page.get_by_label("What is shown").select_option(label="Everything")
    hers.page.keyboard.press("Control+z")
    expect(his.cell("7", "0")).to_have_text(str(len(wrong)))


@pytest.fixture
def cups(servers: object, alice: User, project: Project) -> Project:
    """Texts of which two cups are called bowls, and what was learned of them."""
    del servers
    cups_and_bowls(project, alice, wrong=[0, 7])
    client_of(alice).post(f"/projects/{project.pk}/learn/", headers={"HX-Request": "true"})
    until(Evaluation.objects.filter(project=project, state="done").exists, 60)
    return project


def test_a_cell_of_the_matrix_selects_its_points_and_a_text_is_put_right_where_it_is_opened(sign_in, alice, bob, cups):
    hers, his = Map(sign_in(alice), cups), Map(sign_in(bob, web=1), cups)

    right = int(hers.cell("cup", "cup").inner_text())
    hers.cell("bowl", "cup").click()
    expect(hers.bar).to_contain_text("2 selected")
    expect(hers.cell("bowl", "cup")).to_have_class(re.compile(r"\bon\b"))
    hers.bar.get_by_role("button", name="Open one by one").click()
    editor = hers.page.frame_locator("iframe")
    expect(editor.get_by_text("a cup of tea 0")).to_be_visible(timeout=PATIENCE)
    hers.page.get_by_role("button", name="The next one").click()
    expect(editor.get_by_text("tea in a cup 1")).to_be_visible(timeout=PATIENCE)
    hers.page.get_by_role("button", name="Back to the map").click()

    hers.page.keyboard.press("l")
    hers.page.get_by_role("dialog").get_by_role("button", name="cup").click()

    expect(his.cell("bowl", "cup")).to_have_count(0)
    expect(his.cell("cup", "cup")).to_have_text(str(right + 2))


def test_a_likely_mistake_is_fixed_by_a_key_kept_by_another_and_dismissed_by_a_third(sign_in, alice, bob, cups):
    hers, his = Map(sign_in(alice), cups), Map(sign_in(bob, web=1), cups)
    for one in (hers, his):  # where no thing's place depends on others
        one.page.get_by_role("radio", name="Margin").click()
        expect(one.page.get_by_text("is likelier than")).to_be_visible()
    cards = his.page.locator("[data-card]")
    listed = cards.count()

    hers.page.locator("[data-card]").filter(has_text=re.compile(r"bowl\s*→\s*cup")).first.focus()
    hers.page.keyboard.press("f")
    expect(cards).to_have_count(listed - 1)
    expect(his.cell("bowl", "cup")).to_have_text("1")

    hers.page.locator("[data-card]").first.focus()
    hers.page.keyboard.press("k")
    expect(cards).to_have_count(listed - 2)
    hers.page.get_by_role("button", name="Undo").last.click()
    expect(cards).to_have_count(listed - 1)

    cards.first.focus()
    his.page.keyboard.press("x")
    expect(cards).to_have_count(listed - 2)
    expect(hers.page.locator("[data-card]")).to_have_count(listed - 1)


def test_a_run_is_evaluated_from_the_page_and_an_evaluation_is_deleted_there(sign_in, alice, cups):
    items = list(cups.items.order_by("pk")[:6])
    run = proposed(alice, items[0], cups.labels.get(name="cup"), Tag())
    for item in items[1:]:
        proposed(alice, item, cups.labels.get(name="cup"), Tag()).predictions.update(run=run)
    page = Map(sign_in(alice), cups).page
    chosen = page.get_by_label("What is held against the labels")

    page.get_by_role("button", name="Evaluations").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Predictions of").select_option(str(run.pk))
    dialog.get_by_label("Name, if you like").fill("All are cups")
    dialog.get_by_role("button", name="Evaluate", exact=True).click()
    expect(chosen.locator("option:checked")).to_have_text("All are cups")
    expect(page.get_by_text("6 points")).to_be_visible(timeout=PATIENCE)

    page.on("dialog", lambda asked: asked.accept())
    page.get_by_role("button", name="Evaluations").click()
    dialog.get_by_role("button", name="Delete").click()
    expect(chosen.locator("option")).to_have_count(1)
    expect(page.get_by_text("40 points")).to_be_visible()


@pytest.mark.parametrize("options", [{}, {"color_scheme": "dark"}, PHONE], ids=["light", "dark", "phone"])
def test_all_can_use_it(sign_in, alice, cups, options):
    page = Map(sign_in(alice, **options), cups).page

    assert serious_findings(page) == []


def test_where_there_is_nothing_to_see_it_says_why_and_what_to_do(sign_in, alice, vera, project):
    page = sign_in(alice)
    page.goto(f"/projects/{project.pk}/confusion/")
    expect(page.get_by_role("heading", name="Nothing to hold against the labels yet")).to_be_visible()
    expect(page.get_by_role("link", name="To the project, to learn")).to_be_visible()

    project.blind = True
    project.save()
    page = sign_in(vera)
    page.goto(f"/projects/{project.pk}/confusion/")
    expect(page.get_by_role("heading", name="Not in a blind project")).to_be_visible()


def wait_for_next(before: Evaluation) -> int:
    later = Evaluation.objects.filter(pk__gt=before.pk, state="done")
    until(later.exists, 60)
    return later.latest("pk").pk
