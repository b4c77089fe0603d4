"""Texts: words are marked in every script and land on the right characters, alone and together."""

import json
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from annotator.access import sheet_of
from annotator.messages import Apply, Batch, Create
from annotator.models import Annotation
from annotator.operations import Request, perform
from annotator.shapes.span import Span
from projects.models import Item, Label, Project, User
from projects.services import items
from projects.services import labels as label_services
from tests.browser.stage import wait_until

pytestmark = pytest.mark.browser

TEXT = (
    "Northwind Traders shipped the wrong kettle 👍🏽 to my flat in New York City.\r\n"
    "\r\n"
    "\tTwo  spaces, a family 👩‍👩‍👧‍👦 and a cafe\u0301 at the end.\r\n"
    "שלום עולם, אני גרה בתל אביב ליד California האמיתית.\n"
    "私は東京で働いています。\n"
    "The last line."
)

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
        self.page.wait_for_timeout(600)  # or it would be taken for a double click
        left, top, width, height = self.page.evaluate(PLACE, [words, "start"])
        self.page.mouse.click(left + width / 2, top + height / 2)

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


Open = Callable[..., Paper]


@pytest.fixture
def letter(servers: object, project: Project, alice: User, labels: dict[str, Label]) -> Item:
    return items.add_text(alice, project.pk, name="letter", text=TEXT)


@pytest.fixture
def paper(at: Callable[..., Page]) -> Open:
    def open_paper(item: Item, user: User, **options: object) -> Paper:
        return Paper(at(item, user, **options), item)

    return open_paper


def spans(item: Item, words: list[str], label: Label, person: User) -> list[Annotation]:
    text = item.text or ""
    shapes = [Span(text.index(quote), text.index(quote) + len(quote), quote) for quote in words]
    made = [Create(uuid4(), uuid4(), label.pk, shape) for shape in shapes]
    sheet = sheet_of(item, person).pk
    perform(sheet, [Request(person.pk, Apply(sheet, Batch(uuid4(), uuid4(), list(made))), "person")])
    return [Annotation.objects.get(pk=one.annotation) for one in made]


def standing(item: Item) -> list[str]:
    """The quotes of the item's spans, once they are seen to stand where they say."""
    shapes = [a.shape for a in Annotation.objects.filter(sheet__item=item, deleted=False).order_by("clock")]
    assert all((item.text or "")[shape["start"] : shape["end"]] == shape["quote"] for shape in shapes)
    return [shape["quote"] for shape in shapes]


# Marking -------------------------------------------------------------------------------------------------------------


def test_words_of_every_script_are_marked_and_exported_as_they_stand(paper: Open, letter: Item, bob: User):
    bobs = paper(letter, bob)
    quotes = ["kettle", "👍🏽", "New York City", "spaces", "👩‍👩‍👧‍👦", "cafe\u0301", "東京", "last"]
    hebrew = ["עולם", "תל אביב"]

    for words in quotes:
        bobs.mark(words)
    for words in hebrew:
        bobs.mark(words, right_to_left=True)
    expect(bobs.rows).to_have_count(10)
    expect(bobs.saved).to_be_visible()
    export = f"/api/projects/{letter.project_id}/export/?format="
    exported = bobs.page.request.get(f"{export}jsonl").text().splitlines()[1]
    conll = bobs.page.request.get(f"{export}conll").text()

    assert standing(letter) == quotes + hebrew
    assert [one["shape"]["quote"] for one in json.loads(exported)["sheets"][0]["annotations"]] == quotes + hebrew
    assert "👍🏽 -X- _ B-Face\n" in conll
    assert "ב -X- _ O\nתל -X- _ B-Face\nאביב -X- _ I-Face\n" in conll
    assert "東 -X- _ B-Face\n京 -X- _ I-Face\nで" in conll


def test_white_space_and_halves_of_characters_are_never_marked(paper: Open, letter: Item, bob: User):
    bobs = paper(letter, bob)

    bobs.mark(" to my flat ")
    bobs.mark("\u200d👧")
    bobs.mark("  ")
    expect(bobs.saved).to_be_visible()
    expect(bobs.rows).to_have_count(2)

    assert standing(letter) == ["to my flat", "👩‍👩‍👧‍👦"]


def test_a_double_click_marks_a_word(paper: Open, letter: Item, bob: User):
    bobs = paper(letter, bob)

    bobs.page.mouse.dblclick(*bobs.edge("wrong", "start"))
    expect(bobs.rows).to_have_count(1)
    expect(bobs.saved).to_be_visible()

    assert standing(letter) == ["wrong"]


def test_words_are_marked_by_keys_alone(paper: Open, letter: Item, bob: User):
    bobs = paper(letter, bob)

    bobs.page.locator(".page").focus()
    bobs.page.keyboard.press("ArrowRight")
    bobs.page.keyboard.press("Home")
    for _ in range(2):
        bobs.page.keyboard.press("Control+Shift+ArrowRight")
    expect(bobs.page.get_by_role("button", name="Label as Face")).to_be_visible()
    bobs.page.keyboard.press("Enter")
    expect(bobs.rows).to_have_count(1)
    expect(bobs.saved).to_be_visible()

    assert standing(letter) == ["Northwind Traders"]


def test_fingers_mark_words_and_a_button_gives_the_label(paper: Open, letter: Item, bob: User):
    bobs = paper(letter, bob, viewport={"width": 390, "height": 844}, has_touch=True)

    bobs.page.touchscreen.tap(*bobs.edge("kettle", "start"))
    bobs.page.evaluate(
        """() => {
            const node = [...document.querySelectorAll(".block p")][0].firstChild
            const start = node.data.indexOf("wrong")
            document.getSelection().setBaseAndExtent(node, start, node, start + 12)
        }"""
    )
    bobs.page.get_by_role("button", name="Label as Face").tap()
    expect(bobs.saved).to_be_visible()
    expect(bobs.marks).to_have_count(1)

    assert standing(letter) == ["wrong kettle"]


def test_words_wait_for_the_label_that_is_chosen(paper: Open, letter: Item, bob: User, labels: dict[str, Label]):
    bobs = paper(letter, bob)

    bobs.page.keyboard.press("v")
    bobs.mark("kettle")
    expect(bobs.rows).to_have_count(0)
    bobs.page.keyboard.press("2")
    expect(bobs.rows).to_have_count(1)
    expect(bobs.rows).to_contain_text("Badge")


def test_a_viewer_reads_and_marks_nothing(paper: Open, letter: Item, bob: User, vera: User, labels: dict[str, Label]):
    spans(letter, ["kettle"], labels["Face"], bob)
    veras = paper(letter, vera)

    veras.mark("wrong")
    veras.click("kettle")

    expect(veras.marks).to_have_count(1)
    expect(veras.handle("end")).to_have_count(0)
    expect(veras.page.get_by_role("button", name="Label as")).to_have_count(0)
    assert standing(letter) == ["kettle"]


def test_a_span_of_a_removed_label_is_grey(paper: Open, letter: Item, alice: User, bob: User, labels: dict[str, Label]):
    spans(letter, ["kettle"], labels["Face"], bob)
    label_services.remove(alice, labels["Face"].pk)

    bobs = paper(letter, bob)

    assert bobs.marks.first.evaluate("mark => mark.style.getPropertyValue('--c')") == "#8a93a3"


def test_an_empty_text_says_so(paper: Open, letter: Item, bob: User):
    letter.text = ""
    letter.save()

    bobs = paper(letter, bob)

    expect(bobs.page.get_by_text("This text is empty.")).to_be_visible()


# Many spans ----------------------------------------------------------------------------------------------------------


def test_labels_of_nested_spans_stay_readable_and_clicks_go_from_the_smallest_outward(
    paper: Open, letter: Item, bob: User, labels: dict[str, Label]
):
    small, middle, large = spans(letter, ["York", "York City", "flat in New York City"], labels["Face"], bob)
    bobs = paper(letter, bob)
    expect(bobs.page.locator(".label")).to_have_count(3)

    boxes = [box for label in bobs.page.locator(".label").all() if (box := label.bounding_box())]
    order = []
    for _ in range(4):
        bobs.click("York")
        order.append(bobs.page.locator(".mark.selected").get_attribute("data-span"))

    assert order == [str(one.pk) for one in (small, middle, large, small)]
    for i, a in enumerate(boxes):
        for b in boxes[i + 1 :]:
            apart_across = a["x"] + a["width"] <= b["x"] or b["x"] + b["width"] <= a["x"]
            assert apart_across or a["y"] + a["height"] <= b["y"] or b["y"] + b["height"] <= a["y"]


def test_a_text_of_a_million_characters_with_5000_spans_can_be_worked_on(
    paper: Open, project: Project, servers: object, alice: User, bob: User, labels: dict[str, Label]
):
    line = "Lorem ipsum 👍🏽 dolor שלום sit amet. "
    text = (line * (1_000_000 // len(line)))[:-6] + "finis."
    book = items.add_text(alice, project.pk, name="book", text=text)
    sheet = sheet_of(book, bob).pk
    starts = range(0, len(line) * 5000, len(line))
    made = [Create(uuid4(), uuid4(), labels["Face"].pk, Span(start, start + 5, "Lorem")) for start in starts]
    perform(sheet, [Request(bob.pk, Apply(sheet, Batch(uuid4(), uuid4(), list(made))), "person")])
    bobs = paper(book, bob)
    expect(bobs.marks.locator("i").first).to_be_visible()

    bobs.page.locator(".page").evaluate("page => page.scrollTo(0, page.scrollHeight)")
    bobs.page.wait_for_timeout(300)
    bobs.page.locator(".page").evaluate("page => page.scrollTo(0, page.scrollHeight)")
    bobs.mark("finis")
    expect(bobs.page.locator(".mark.selected")).to_have_count(1)
    expect(bobs.saved).to_be_visible()

    last = Annotation.objects.filter(sheet=sheet).latest("clock")
    assert (last.shape["quote"], last.shape["end"]) == ("finis", len(text) - 1)


# Adjusting -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lacks", ["nothing", "caretPositionFromPoint"])  # which iPhones got late
def test_both_ends_are_dragged_to_other_characters(
    paper: Open, letter: Item, bob: User, labels: dict[str, Label], lacks: str
):
    spans(letter, ["York"], labels["Face"], bob)
    bobs = paper(letter, bob)
    bobs.page.evaluate("name => delete Document.prototype[name]", lacks)
    bobs.click("York")

    bobs.pull("end", "City", "end")
    bobs.page.mouse.up()
    bobs.pull("start", "New", "start")
    bobs.page.mouse.up()
    expect(bobs.rows).to_contain_text("New York City")
    expect(bobs.saved).to_be_visible()

    assert standing(letter) == ["New York City"]


def test_escape_gives_a_dragged_end_back(paper: Open, letter: Item, bob: User, labels: dict[str, Label]):
    spans(letter, ["York"], labels["Face"], bob)
    bobs = paper(letter, bob)
    bobs.click("York")

    bobs.pull("end", "City", "end")
    bobs.page.keyboard.press("Escape")
    bobs.page.mouse.up()

    expect(bobs.rows).to_contain_text("York")
    assert standing(letter) == ["York"]


def test_arrow_keys_move_the_end_and_with_shift_the_start(
    paper: Open, letter: Item, bob: User, labels: dict[str, Label]
):
    spans(letter, ["wrong kettle"], labels["Face"], bob)
    bobs = paper(letter, bob)
    bobs.click("wrong")

    for _ in range(2):  # over the space and the whole emoji
        bobs.page.keyboard.press("ArrowRight")
    bobs.page.keyboard.press("Shift+ArrowRight")
    expect(bobs.rows).to_contain_text("rong kettle 👍🏽")
    expect(bobs.saved).to_be_visible()

    assert standing(letter) == ["rong kettle 👍🏽"]


@pytest.mark.parametrize("goes_on", [lambda page: page.keyboard.press("j"), lambda page: page.go_back()])
def test_an_end_moved_by_keys_is_kept_when_one_goes_on_at_once(
    paper: Open,
    letter: Item,
    project: Project,
    alice: User,
    bob: User,
    labels: dict[str, Label],
    goes_on: Callable[[Page], object],
):
    other = items.add_text(alice, project.pk, name="another letter", text="Another.")
    spans(letter, ["wrong"], labels["Face"], bob)
    bobs = paper(other, bob)
    bobs.page.keyboard.press("k")
    expect(bobs.rows).to_contain_text("wrong")
    bobs.click("wrong")

    bobs.page.keyboard.press("ArrowLeft")
    goes_on(bobs.page)
    expect(bobs.page.get_by_text("Another.")).to_be_visible()
    expect(bobs.saved).to_be_visible()

    wait_until(lambda: standing(letter) == ["wron"], lambda: standing(letter))


# Together ------------------------------------------------------------------------------------------------------------


def test_one_sees_what_the_other_marks_before_it_has_a_label(paper: Open, letter: Item, alice: User, bob: User):
    alices, bobs = paper(letter, alice), paper(letter, bob)

    bobs.press("wrong kettle")
    flag = alices.page.locator(".flag")
    expect(flag).to_have_text("Bob")
    region = alices.page.locator("[data-peer] i").first.bounding_box()
    x, y = alices.edge("wrong kettle", "start")

    assert region and abs(region["x"] - x) < 4 and region["y"] < y < region["y"] + region["height"]
    bobs.page.mouse.up()
    expect(alices.marks).to_have_count(1)


def test_one_sees_the_end_move_that_the_other_drags(
    paper: Open, letter: Item, alice: User, bob: User, labels: dict[str, Label]
):
    spans(letter, ["York"], labels["Face"], bob)
    alices, bobs = paper(letter, alice), paper(letter, bob)
    before = alices.marks.locator("i").first.bounding_box()
    bobs.click("York")

    bobs.pull("end", "City", "end")

    alices.page.wait_for_function(
        "width => document.querySelector('[data-span] i').getBoundingClientRect().width > width + 20",
        arg=before and before["width"],
    )
    assert standing(letter) == ["York"]
    bobs.page.mouse.up()
    expect(alices.rows).to_contain_text("York City")


def test_who_follows_is_taken_to_where_the_other_works(
    paper: Open, project: Project, servers: object, alice: User, bob: User, labels: dict[str, Label]
):
    book = items.add_text(alice, project.pk, name="book", text="A line of it.\n" * 400 + "The end of the book.")
    alices, bobs = paper(book, alice), paper(book, bob)
    alices.page.get_by_role("button", name="Follow Bob").click()

    bobs.page.locator(".page").evaluate("page => page.scrollTo(0, page.scrollHeight)")
    bobs.page.wait_for_timeout(300)
    bobs.press("end of the book")

    expect(alices.page.locator(".flag")).to_be_in_viewport()
    bobs.page.mouse.up()


def test_who_follows_a_reader_scrolls_along(
    paper: Open, project: Project, servers: object, alice: User, bob: User, labels: dict[str, Label]
):
    book = items.add_text(alice, project.pk, name="book", text="A line of it.\n" * 400)
    alices, bobs = (paper(book, person).page.locator(".page") for person in (alice, bob))
    alices.page.get_by_role("button", name="Follow Bob").click()

    bobs.evaluate("page => page.scrollTo(0, 4000)")

    wait_until(lambda: scrolled(alices) > 3000, lambda: scrolled(alices))


def scrolled(page: Locator) -> float:
    return page.evaluate("page => page.scrollTop")
