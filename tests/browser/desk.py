"""The editor as a person uses it: the page of one item, and a hand on the image."""

from playwright.sync_api import Locator, Page, expect

from projects.models import Item, User

Place = tuple[float, float]
MARGIN = 24  # CSS pixels the editor leaves free around a fitted image

ASK = """async ([method, path, body]) => {
    const token = /csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? ""
    const headers = {"Content-Type": "application/json", "X-CSRFToken": token}
    return (await fetch(path, {method, headers, body: body && JSON.stringify(body)})).status
}"""

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


class Desk:
    def __init__(self, page: Page, item: Item) -> None:
        self.page = page
        self.item = item

    def open(self) -> "Desk":
        """Until the photo is there and all is saved."""
        self.page.goto(f"/projects/{self.item.project_id}/items/{self.item.pk}/")
        expect(self.saved("saved")).to_be_visible()
        expect(self.page.get_by_text("Loading the photo")).to_have_count(0)
        return self

    # What is seen -----------------------------------------------------------------------------------------------------

    def saved(self, kind: str = "saved") -> Locator:
        return self.page.locator(f'[data-save="{kind}"]')

    @property
    def rows(self) -> Locator:
        """The annotations in the list."""
        return self.page.locator("[data-annotation]")

    def toast(self, text: str) -> Locator:
        return self.page.locator(".notice").filter(has_text=text)

    def place(self, at: Place) -> Place:
        """Where a pixel of the image is on the screen, while the image is fitted."""
        box = self.page.get_by_role("application").bounding_box()
        assert box and self.item.width and self.item.height
        scale = min((box["width"] - 2 * MARGIN) / self.item.width, (box["height"] - 2 * MARGIN) / self.item.height)
        left = box["x"] + (box["width"] - self.item.width * scale) / 2
        top = box["y"] + (box["height"] - self.item.height * scale) / 2
        return left + at[0] * scale, top + at[1] * scale

    # What is done -----------------------------------------------------------------------------------------------------

    def press(self, at: Place) -> None:
        self.page.mouse.move(*self.place(at))
        self.page.mouse.down()

    def pull(self, to: Place) -> None:
        self.page.mouse.move(*self.place(to), steps=8)

    def drop(self) -> None:
        self.page.mouse.up()

    def drag(self, start: Place, end: Place) -> None:
        self.press(start)
        self.pull(end)
        self.drop()

    def draw(self, start: Place, end: Place) -> None:
        self.page.keyboard.press("r")
        self.drag(start, end)

    def move(self, start: Place, end: Place) -> None:
        self.page.keyboard.press("v")
        self.drag(start, end)

    def sign_in_again(self, user: User, password: str) -> None:
        self.page.get_by_label("User name or e-mail").fill(user.username)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Sign in", exact=True).click()

    def ask(self, method: str, path: str, body: object = None) -> None:
        """What another page of the product would ask of the API."""
        assert self.page.evaluate(ASK, [method, path, body]) < 300
