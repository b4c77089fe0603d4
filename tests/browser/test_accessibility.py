"""axe-core over the editor, light and dark, wide and on a phone: no serious finding."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from projects.models import Item, User
from tests.browser.conftest import PHONE, At, draw

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
FINDINGS = """async (rules) => (await axe.run({ ...rules, resultTypes: ["violations"] })).violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => html + failureSummary).join("; ")}`)"""

FADED_IN = """() => Promise.allSettled(document.getAnimations()
    .filter((animation) => animation.effect.getComputedTiming().endTime < Infinity)
    .map((animation) => animation.finished))"""

EVERYTHING: dict[str, object] = {}
COLORS = {"runOnly": ["color-contrast", "link-in-text-block"]}
LOOKS = {
    "light": ({"color_scheme": "light"}, EVERYTHING),
    "dark": ({"color_scheme": "dark"}, COLORS),
    "phone": ({"color_scheme": "light"} | PHONE, EVERYTHING),
    "dark phone": ({"color_scheme": "dark"} | PHONE, COLORS),
}

Look = dict[str, object]
Findings = Callable[[Page], list[str]]


@pytest.fixture(params=LOOKS)
def look(request: pytest.FixtureRequest) -> Look:
    return LOOKS[request.param][0] | {"bypass_csp": True}


@pytest.fixture
def findings(request: pytest.FixtureRequest, look: Look) -> Findings:
    rules = LOOKS[request.node.callspec.params["look"]][1]

    def run(page: Page) -> list[str]:
        if not page.evaluate("() => 'axe' in window"):
            page.add_script_tag(path=AXE)
        page.evaluate(FADED_IN)
        return page.evaluate(FINDINGS, rules)

    return run


def test_the_editor_of_an_image(at: At, look: Look, findings: Findings, photo: Item, rita: User, bob: User):
    at(photo, bob)
    page = at(photo, rita, **look)
    draw(page)
    assert findings(page) == []

    page.keyboard.press("Control+Alt+m")
    page.keyboard.type("Is this a face, @bob ?")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("[data-thread]")
    page.keyboard.type("Or @")
    assert findings(page) == []
    page.locator("[data-region=stage]").focus()

    page.keyboard.press("h")
    page.wait_for_selector(".history [data-clock]")
    assert findings(page) == []

    if page.viewport_size == PHONE["viewport"]:  # the dialogs are the same there
        return
    for keys in ("Control+k", "?", "g", "t", "Shift+D"):
        page.keyboard.press(keys)
        page.wait_for_selector("dialog")
        assert findings(page) == [], keys
        page.keyboard.press("Escape")
        expect(page.locator("dialog")).to_have_count(0)


def test_the_editor_of_a_text(at: At, look: Look, findings: Findings, letter: Item, rita: User, vera: User):
    page = at(letter, rita, **look)
    page.keyboard.press("4")
    assert findings(page) == []

    assert findings(at(letter, vera, **look)) == []
