"""Lasso the confusion: what the product promises, with all of its parts running."""

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
from tests.clients import client_of
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
    hers.page.screenshot(path="/tmp/shots/lasso.png")
    hers.page.keyboard.press("l")
    hers.page.keyboard.press("z")

    expect(his.cell("7", "0")).to_have_count(0)
    expect(hers.cell("7", "0")).to_have_count(0)
    his.page.screenshot(path="/tmp/shots/his.png")

    for each in (hers, his):  # the model learns anew
        latest = str(wait_for_next(before))
        expect(each.page.get_by_label("What is held against the labels")).to_have_value(latest, timeout=PATIENCE)
    after = Evaluation.objects.latest("pk")
    assert np.mean(points_of(alice, after)["entropy"]) < np.mean(points["entropy"])
    his.page.screenshot(path="/tmp/shots/after.png")

    hers.page.get_by_label("What is shown").select_option(label="Everything")
    hers.page.keyboard.press("Control+z")
    expect(his.cell("7", "0")).to_have_text(str(len(wrong)))


def wait_for_next(before: Evaluation) -> int:
    later = Evaluation.objects.filter(pk__gt=before.pk, state="done")
    until(later.exists, 60)
    return later.latest("pk").pk
