"""Signing in by an OIDC server in a real browser, under the policy that the environment makes."""

import threading

import pytest
from playwright.sync_api import expect

from tests.servers import servers_on_test_database
from tests.test_accounts_oidc import ProviderServer
from tests.test_profile_browser import fits_and_is_for_all

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site(transactional_db, monkeypatch, tmp_path):
    """The product as someone runs it whose environment names a provider."""
    provider = ProviderServer()
    threading.Thread(target=provider.serve_forever, daemon=True).start()
    told = {"OIDC_SERVER": provider.url, "OIDC_CLIENT_ID": "annotator", "OIDC_SECRET": "s3cret", "OIDC_NAME": "Lab ID"}
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    with servers_on_test_database(tmp_path) as servers:
        yield servers.url
    provider.shutdown()
    provider.server_close()


def test_one_press_leads_there_and_back(chromium, site):
    page = chromium.new_page(base_url=site)
    page.goto("/accounts/login/")
    fits_and_is_for_all(page, "login-oidc")

    page.get_by_role("button", name="Sign in with Lab ID").click()

    expect(page.get_by_role("heading", name="My projects")).to_be_visible()
    page.goto("/accounts/profile/")
    expect(page.get_by_label("Name", exact=True)).to_have_value("Sue Storm")
    page.get_by_role("link", name="Look at Lab ID").click()
    expect(page.locator("main")).to_contain_text("Your account is connected")
    fits_and_is_for_all(page, "social-connected")
    page.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_role("alert")).to_contain_text("Your account has no password set up.")
    page.close()
