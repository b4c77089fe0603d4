"""Filters of the grid in a real browser: in its address, and saved."""

import re

import pytest
from playwright.sync_api import Page, expect

from annotator.models import Sheet
from tests.browser.cards import card, opened, told

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NOTHING = "No item fits what you look for."


def test_filters_are_in_the_address_and_back_leads_to_the_ones_before(sign_in, alice, project, texts):
    Sheet.objects.create(item=texts[7], status="done")
    page = opened(sign_in(alice), project)
    only_done = page.get_by_role("link", name=re.compile("^Done"))

    only_done.click()
    expect(page.get_by_role("gridcell")).to_have_count(1)
    expect(only_done).to_have_text(re.compile("Done.1"))
    assert page.url.endswith("?status=done")
    page.get_by_label("Search names and texts").fill("nowhere")
    expect(page.get_by_text(NOTHING)).to_be_visible()

    page.go_back()
    expect(card(page, "text 007")).to_be_visible()
    page.go_back()
    expect(card(page, "text 000")).to_be_visible()


def test_filters_of_an_address_are_shown_and_taken_off_one_by_one(sign_in, alice, project, texts):
    Sheet.objects.create(item=texts[7], status="done")
    page = opened(sign_in(alice), project, "?q=letter+29&sort=newest")
    expect(page.get_by_role("gridcell")).to_have_count(11)
    expect(page.get_by_role("gridcell").first).to_contain_text("text 299")
    expect(page.get_by_label("Order")).to_have_value("newest")

    page.goto(f"/projects/{project.pk}/?status=finished&worked=2026-01-31")
    expect(page.get_by_text(NOTHING)).to_be_visible()
    page.get_by_role("button", name="Without: Labelled on").click()
    expect(card(page, "text 007")).to_be_visible()
    page.get_by_role("button", name="Without: Finished").click()
    expect(card(page, "text 000")).to_be_visible()


def test_a_filter_is_saved_found_again_renamed_removed_and_brought_back(sign_in, alice, project, texts):
    page = opened(sign_in(alice), project, "?q=letter+29&sort=newest")
    saved = page.get_by_text("Saved filters")

    saved.click()
    page.get_by_label("Name of this filter").fill("Letters")
    page.get_by_role("button", name="Save filter").dblclick()
    expect(page.get_by_role("link", name="Letters")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    saved.click()
    page.get_by_role("button", name="Clear filters").click()
    expect(page.get_by_role("gridcell").nth(11)).to_be_visible()
    assert page.url.endswith("?sort=newest")
    page.reload()
    saved.click()
    page.get_by_role("link", name="Letters").click()
    expect(page.get_by_role("gridcell")).to_have_count(11)

    saved.click()
    page.get_by_role("button", name="Rename Letters").click()
    page.get_by_label("Name", exact=True).fill("Mail")
    page.get_by_role("button", name="Rename", exact=True).click()
    expect(page.get_by_role("link", name="Mail")).to_be_visible()
    page.get_by_role("button", name="Remove Mail").click()
    expect(page.get_by_role("link", name="Mail")).to_have_count(0)
    told(page, "The filter “Mail” is removed.").get_by_role("button", name="Undo").click()
    expect(page.get_by_text("The filter “Mail” is back.")).to_be_visible()
    saved.click()
    expect(page.get_by_role("link", name="Mail")).to_be_visible()


def test_a_filter_whose_name_does_not_do_is_not_saved_and_it_is_said_why(sign_in, alice, project, texts):
    project.filters.create(owner=alice, name="Mail", query="q=mail")
    page = opened(sign_in(alice), project, "?q=letter+29")
    page.get_by_text("Saved filters").click()

    for name, why in (("Mail", "There is a filter “Mail” of yours."), (" ", "Give it a name"), ("x" * 101, "most 100")):
        save(page, name)
        expect(page.get_by_role("alert")).to_contain_text(why)

    assert project.filters.count() == 1


def save(page: Page, name: str) -> None:
    page.get_by_label("Name of this filter").fill(name)
    page.get_by_role("button", name="Save filter").click()
