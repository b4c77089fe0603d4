"""A text as a person uses it: words, a hand that marks them, and what the sheet holds then."""

from uuid import uuid4

from playwright.sync_api import Locator, Page

from annotator.access import sheet_of
from annotator.messages import Apply, Batch, Create
from annotator.models import Annotation
from annotator.operations import Request, perform
from annotator.shapes.span import Span
from projects.models import Item, Label, User

PLACE = """([words, part]) => {
    for (const { firstChild: node } of document.querySelectorAll(".block p")) {
        const start = node?.data.indexOf(words) ?? -1
        if (start < 0) continue
        const range = document.createRange()
        range.setStart(node, start)
        range.setEnd(node, start + words.length)
        const rects = [...range.getClientRects()]
        const rect = part === "start" ? rects[0] : rects.at(-1)
        return [rect.left, rect.top, rect.width, rect.height]
    }
}"""

AT_THE_END = """words => {
    const page = document.querySelector(".page")
    page.scrollTo(0, page.scrollHeight)
    const block = [...document.querySelectorAll(".block p")].find((one) => one.textContent.includes(words))
    const { bottom } = block.getBoundingClientRect()
    const still = bottom === window.wasAt && bottom < innerHeight
    window.wasAt = bottom
    window.stillFor = still ? window.stillFor + 1 : 0
    return window.stillFor > 9
}"""


class Paper:
    """A text that someone has open, and a hand on it."""

    def __init__(self, page: Page, item: Item) -> None:
        self.page = page
        self.item = item

    def edge(self, words: str, part: str, *, right_to_left: bool = False) -> tuple[float, float]:
        """A point within the first or the last character of the words."""
        left, top, width, height = self.page.evaluate(PLACE, [words, part])
        at_left = (part == "start") != right_to_left
        return (left + 1 if at_left else left + width - 1), top + height / 2

    def press(self, words: str, **options: bool) -> None:
        self.page.mouse.move(*self.edge(words, "start", **options))
        self.page.mouse.down()
        self.page.mouse.move(*self.edge(words, "end", **options), steps=6)

    def mark(self, words: str, **options: bool) -> None:
        self.press(words, **options)
        self.page.mouse.up()

    def click(self, words: str) -> None:
        left, top, width, height = self.page.evaluate(PLACE, [words, "start"])
        self.page.mouse.click(left + width / 2, top + height / 2)

    def scroll_to_the_end(self, words: str) -> None:
        """Until the words stand still there: the page learns how long it is while it is scrolled."""
        self.page.wait_for_function(AT_THE_END, arg=words)

    def handle(self, side: str) -> Locator:
        return self.page.locator(f".handle.{side}")

    def pull(self, side: str, words: str, part: str) -> None:
        box = self.handle(side).bounding_box()
        assert box
        self.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self.page.mouse.down()
        self.page.mouse.move(*self.edge(words, part), steps=6)

    @property
    def rows(self) -> Locator:
        return self.page.locator("[data-annotation]")

    @property
    def marks(self) -> Locator:
        return self.page.locator("[data-span]")

    @property
    def saved(self) -> Locator:
        return self.page.locator("[data-save=saved]")


def spans(item: Item, words: list[str], label: Label, person: User) -> list[Annotation]:
    text = item.text or ""
    shapes = [Span(text.index(quote), text.index(quote) + len(quote), quote) for quote in words]
    made = [Create(uuid4(), uuid4(), label.pk, shape) for shape in shapes]
    sheet = sheet_of(item, person).pk
    apply(sheet, person, made)
    return [Annotation.objects.get(pk=one.annotation) for one in made]


def apply(sheet: int, person: User, made: list[Create]) -> None:
    """While nobody has the sheet open, who would have to be told."""
    request = Request(person.pk, Apply(sheet, Batch(uuid4(), uuid4(), list(made))), "person")
    perform(sheet, [request], publish=lambda _: None)


def standing(item: Item) -> list[str]:
    """The quotes of the item's spans, once they are seen to stand where they say."""
    shapes = [a.shape for a in Annotation.objects.filter(sheet__item=item, deleted=False).order_by("clock")]
    assert all((item.text or "")[shape["start"] : shape["end"]] == shape["quote"] for shape in shapes)
    return [shape["quote"] for shape in shapes]
