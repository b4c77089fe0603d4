"""The grid's cards, and what is told beside them."""

import re

from playwright.sync_api import Locator, Page, expect

from projects.models import Project


def opened(page: Page, project: Project, query: str = "") -> Page:
    page.goto(f"/projects/{project.pk}/{query}")
    expect(page.locator(".item").first).to_be_visible()
    return page


def card(page: Page, name: str) -> Locator:
    return page.get_by_role("gridcell").filter(has_text=re.compile(name))


def selected(page: Page, count: int) -> None:
    expect(page.get_by_role("toolbar", name="Selected items")).to_contain_text(f"{count} selected")


def told(page: Page, words: str) -> Locator:
    """The notice that says so, and a hand on it, so that it stays. An earlier one may still stand beside it."""
    notice = page.locator(".notice", has_text=words)
    notice.hover()
    return notice
