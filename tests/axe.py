"""What shuts people out of a page, as axe-core finds it, in the light and in the dark."""

from pathlib import Path

from playwright.sync_api import Page

SOURCE = (Path(__file__).parents[1] / "node_modules/axe-core/axe.min.js").read_text()
COLORS = {"runOnly": ["color-contrast", "link-in-text-block"]}  # the rest is in the dark as in the light
CHANGED = """async () => {
    for (let frame = 0; frame < 3; frame++) {  // a transition may start another one
        await new Promise(requestAnimationFrame)
        for (const animation of document.getAnimations())
            if (animation.effect.getComputedTiming().endTime < 1000) animation.finish()
    }
}"""
FINDINGS = """async (rules) => (await axe.run({ ...rules, resultTypes: ["violations"] })).violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => html + failureSummary).join("; ")}`)"""


def serious_findings(page: Page) -> list[str]:
    """Serious and critical ones, with their places. The page is in the light afterwards."""
    if not page.evaluate("() => 'axe' in window"):  # as long as a page stands: to read it takes longer than to run it
        page.evaluate(SOURCE)
    found = []
    for scheme, rules in (("dark", COLORS), ("light", {})):
        page.emulate_media(color_scheme=scheme)
        page.evaluate(CHANGED)
        found += [f"{scheme}: {one}" for one in page.evaluate(FINDINGS, rules)]
    return found
