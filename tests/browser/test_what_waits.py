"""What one did while the server was out of reach: it is counted, found again, and never lost without a word."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from annotator.models import Annotation
from projects.models import Item, User
from tests.browser.desk import Desk

pytestmark = pytest.mark.browser

SignIn = Callable[..., Page]

UNTIL_STORED = """async count => {
    const answer = asked => new Promise((resolve, reject) => {
        asked.onsuccess = () => resolve(asked.result)
        asked.onerror = () => reject(asked.error)
    })
    for (let stored = 0; stored !== count; await new Promise(again => setTimeout(again, 50))) {
        const found = (await indexedDB.databases()).find(({ name }) => name.startsWith("live-"))
        if (!found) continue
        const db = await answer(indexedDB.open(found.name))
        stored = await answer(db.transaction("rows").objectStore("rows").count())
        db.close()
    }
}"""


@pytest.fixture
def desk(sign_in: SignIn, photo: Item, bob: User) -> Desk:
    """Bob has the first photo open."""
    return Desk(sign_in(bob), photo).open()


def go_offline(desk: Desk) -> None:
    desk.page.context.set_offline(True)
    expect(desk.saved("offline")).to_be_visible()


def test_a_browser_that_throws_its_storage_away_while_one_is_offline_loses_nothing(desk: Desk, photo: Item):
    go_offline(desk)
    desk.draw((100, 100), (200, 200))
    expect(desk.saved("offline")).to_contain_text("1 waiting")
    origin = desk.page.evaluate("location.origin")
    browser = desk.page.context.new_cdp_session(desk.page)
    browser.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "indexeddb"})
    desk.draw((400, 300), (500, 400))
    expect(desk.saved("offline")).to_contain_text("2 waiting")
    desk.page.evaluate(UNTIL_STORED, 2)
    desk.page.close()

    desk.page.context.set_offline(False)
    returned = Desk(desk.page.context.new_page(), photo).open()

    expect(returned.rows).to_have_count(2)
    expect(returned.saved()).to_be_visible()
    assert Annotation.objects.count() == 2
