"""Texts: words are marked in every script and land on the right characters, alone and together."""

import json
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from annotator.access import sheet_of
from annotator.messages import Create
from annotator.models import Annotation
from annotator.shapes.span import Span
from projects.models import Item, Label, Project, User
from projects.services import items
from projects.services import labels as label_services
from tests.browser.paper import Paper, apply, spans, standing
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

WIDTH = "pieces => pieces.reduce((width, piece) => width + piece.getBoundingClientRect().width, 0)"

Open = Callable[..., Paper]


@pytest.fixture
def letter(servers: object, project: Project, alice: User, labels: dict[str, Label]) -> Item:
    return items.add_text(alice, project.pk, name="letter", text=TEXT)


@pytest.fixture
def paper(at: Callable[..., Page]) -> Open:
    def open_paper(item: Item, user: User, **options: object) -> Paper:
        return Paper(at(item, user, **options), item)

    return open_paper


# Marking -------------------------------------------------------------------------------------------------------------


def test_words_of_every_script_are_marked_and_exported_as_they_stand_white_space_and_halves_of_characters_never(
    paper: Open, letter: Item, bob: User
):
    bobs = paper(letter, bob)
    family = "👩‍👩‍👧‍👦"
    quotes = ["kettle", "👍🏽", "New York City", "spaces", family, "cafe\u0301", "東京", "last", "to my flat"]
    hebrew = ["עולם", "תל אביב"]

    halves = {family: "\u200d👧", "to my flat": " to my flat "}
    for words in quotes:
        bobs.mark(halves.get(words, words))
    for words in hebrew:
        bobs.mark(words, right_to_left=True)
    bobs.mark("  ")
    bobs.mark(family)  # once more
    expect(bobs.rows).to_have_count(11)
    expect(bobs.saved).to_be_visible()
    export = f"/api/projects/{letter.project_id}/export/?format="
    exported = bobs.page.request.get(f"{export}jsonl").text().splitlines()[1]
    conll = bobs.page.request.get(f"{export}conll").text()

    assert standing(letter) == quotes + hebrew
    assert [one["shape"]["quote"] for one in json.loads(exported)["sheets"][0]["annotations"]] == quotes + hebrew
    assert "👍🏽 -X- _ B-Face\n" in conll
    assert "ב -X- _ O\nתל -X- _ B-Face\nאביב -X- _ I-Face\n" in conll
    assert "東 -X- _ B-Face\n京 -X- _ I-Face\nで" in conll


def test_clicks_go_from_the_smallest_span_outward_a_double_click_and_keys_mark_words_that_may_wait_for_their_label(
    paper: Open, letter: Item, bob: User, labels: dict[str, Label]
):
    nested = spans(letter, ["York", "York City", "flat in New York City"], labels["Face"], bob)
    bobs = paper(letter, bob)
    expect(bobs.page.locator(".label")).to_have_count(3)
    boxes = [box for label in bobs.page.locator(".label").all() if (box := label.bounding_box())]
    for i, a in enumerate(boxes):
        for b in boxes[i + 1 :]:
            apart_across = a["x"] + a["width"] <= b["x"] or b["x"] + b["width"] <= a["x"]
            assert apart_across or a["y"] + a["height"] <= b["y"] or b["y"] + b["height"] <= a["y"]

    for span in [*nested, nested[0]]:
        bobs.click("York")
        expect(bobs.page.locator(".mark.selected")).to_have_attribute("data-span", str(span.pk))

    bobs.page.mouse.dblclick(*bobs.edge("wrong", "start"))
    expect(bobs.rows).to_have_count(4)
    bobs.page.keyboard.press("Escape")

    bobs.page.locator(".page").focus()
    bobs.page.keyboard.press("ArrowRight")
    bobs.page.keyboard.press("Home")
    for _ in range(2):
        bobs.page.keyboard.press("Control+Shift+ArrowRight")
    expect(bobs.page.get_by_role("button", name="Label as Face")).to_be_visible()
    bobs.page.keyboard.press("Enter")
    expect(bobs.rows).to_have_count(5)

    bobs.page.keyboard.press("v")
    bobs.mark("kettle")
    expect(bobs.page.get_by_role("button", name="Label as Face")).to_be_visible()
    expect(bobs.rows).to_have_count(5)
    bobs.page.keyboard.press("2")
    expect(bobs.rows.filter(has_text="Badge")).to_contain_text("kettle")
    expect(bobs.saved).to_be_visible()
    assert standing(letter)[3:] == ["wrong", "Northwind Traders", "kettle"]


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


def test_a_viewer_reads_in_grey_what_a_removed_label_marked_marks_nothing_and_is_told_that_a_text_is_empty(
    paper: Open, letter: Item, project: Project, alice: User, bob: User, vera: User, labels: dict[str, Label]
):
    spans(letter, ["kettle"], labels["Face"], bob)
    label_services.remove(alice, labels["Face"].pk)
    empty = items.add_text(alice, project.pk, name="empty", text="-")
    Item.objects.filter(pk=empty.pk).update(text="")
    veras = paper(letter, vera)
    assert veras.marks.first.evaluate("mark => mark.style.getPropertyValue('--c')") == "#8a93a3"

    veras.mark("wrong")
    veras.click("kettle")
    expect(veras.page.locator(".mark.selected")).to_have_count(1)
    expect(veras.marks).to_have_count(1)
    expect(veras.handle("end")).to_have_count(0)
    expect(veras.page.get_by_role("button", name="Label as")).to_have_count(0)
    assert standing(letter) == ["kettle"]

    veras.page.keyboard.press("j")
    expect(veras.page.get_by_text("This text is empty.")).to_be_visible()


def test_a_text_of_a_million_characters_with_5000_spans_can_be_worked_on(
    paper: Open, project: Project, servers: object, alice: User, bob: User, labels: dict[str, Label]
):
    line = "Lorem ipsum 👍🏽 dolor שלום sit amet. "
    text = (line * (1_000_000 // len(line)))[:-6] + "finis."
    book = items.add_text(alice, project.pk, name="book", text=text)
    sheet = sheet_of(book, bob).pk
    starts = range(0, len(line) * 5000, len(line))
    made = [Create(uuid4(), uuid4(), labels["Face"].pk, Span(start, start + 5, "Lorem")) for start in starts]
    apply(sheet, bob, made)
    bobs = paper(book, bob)
    expect(bobs.marks.locator("i").first).to_be_visible()

    bobs.scroll_to_the_end("finis")
    bobs.mark("finis")
    expect(bobs.page.locator(".mark.selected")).to_have_count(1)
    expect(bobs.saved).to_be_visible()

    last = Annotation.objects.filter(sheet=sheet).latest("clock")
    assert (last.shape["quote"], last.shape["end"]) == ("finis", len(text) - 1)


# Adjusting -----------------------------------------------------------------------------------------------------------


def test_the_ends_of_a_span_are_dragged_or_moved_by_keys_and_kept_when_one_goes_on_at_once(
    paper: Open, letter: Item, project: Project, alice: User, bob: User, labels: dict[str, Label]
):
    other = items.add_text(alice, project.pk, name="another letter", text="Another.")
    spans(letter, ["York", "wrong kettle"], labels["Face"], bob)
    bobs = paper(other, bob)
    drawn = bobs.page.locator(".label")
    bobs.page.keyboard.press("k")
    expect(drawn).to_have_count(2)

    bobs.click("York")
    bobs.pull("end", "City", "end")
    bobs.page.keyboard.press("Escape")
    bobs.page.mouse.up()
    bobs.pull("start", "New", "start")
    bobs.page.mouse.up()
    expect(bobs.rows.filter(has_text="New York")).to_have_count(1)
    expect(bobs.rows.filter(has_text="City")).to_have_count(0)
    bobs.page.evaluate("delete Document.prototype.caretPositionFromPoint")  # which iPhones got late
    bobs.pull("end", "City", "end")
    bobs.page.mouse.up()
    expect(bobs.rows.filter(has_text="New York City")).to_have_count(1)

    bobs.click("wrong")
    for _ in range(2):  # over the space and the whole emoji
        bobs.page.keyboard.press("ArrowRight")
    bobs.page.keyboard.press("Shift+ArrowRight")
    expect(bobs.rows.filter(has_text="rong kettle 👍🏽")).to_have_count(1)
    expect(bobs.saved).to_be_visible()
    assert sorted(standing(letter)) == ["New York City", "rong kettle 👍🏽"]

    bobs.page.keyboard.press("ArrowLeft")
    bobs.page.keyboard.press("j")
    expect(bobs.page.get_by_text("Another.")).to_be_visible()
    wait_until(lambda: standing(letter)[-1] == "rong kettle", lambda: standing(letter))
    bobs.page.keyboard.press("k")
    expect(drawn).to_have_count(2)
    bobs.click("kettle")
    bobs.page.keyboard.press("ArrowLeft")
    bobs.page.go_back()
    expect(bobs.page.get_by_text("Another.")).to_be_visible()
    wait_until(lambda: standing(letter)[-1] == "rong kettl", lambda: standing(letter))
    expect(bobs.saved).to_be_visible()


# Together ------------------------------------------------------------------------------------------------------------


def test_one_sees_what_the_other_marks_and_drags_and_follows_to_where_they_work_and_read(
    paper: Open, letter: Item, project: Project, alice: User, bob: User, labels: dict[str, Label]
):
    items.add_text(alice, project.pk, name="book", text="A line of it.\n" * 400 + "The end of the book.")
    spans(letter, ["York"], labels["Face"], bob)
    alices, bobs = paper(letter, alice), paper(letter, bob)

    for one in (alices, bobs):
        expect(one.page.locator(".label")).to_have_count(1)
    before = marked(alices)
    bobs.click("York")
    bobs.pull("end", "City", "end")
    wait_until(lambda: marked(alices) > before + 20, lambda: marked(alices))
    assert standing(letter) == ["York"]
    bobs.page.mouse.up()
    expect(alices.rows).to_contain_text("York City")

    bobs.press("wrong kettle")
    flag = alices.page.locator(".flag")
    expect(flag).to_have_text("Bob")
    region = alices.page.locator("[data-peer] i").first
    wait_until(lambda: begins_at(region, alices.edge("wrong kettle", "start")), region.bounding_box)
    bobs.page.mouse.up()
    expect(alices.marks).to_have_count(2)

    for page in (alices.page, bobs.page):
        page.keyboard.press("Escape")
        page.keyboard.press("j")
        expect(page.get_by_text("A line of it.").first).to_be_visible()
    alices.page.get_by_role("button", name="Follow Bob").click()
    bobs.page.locator(".page").evaluate("page => page.scrollTo(0, 4000)")
    wait_until(lambda: scrolled(alices) > 3000, lambda: scrolled(alices))
    bobs.scroll_to_the_end("end of the book")
    bobs.press("end of the book")
    expect(flag).to_be_in_viewport()
    bobs.page.mouse.up()


def marked(paper: Paper) -> float:
    """How wide the words of all spans are together, whatever lines they stand on."""
    return paper.marks.locator("i").evaluate_all(WIDTH)


def begins_at(region: Locator, place: tuple[float, float]) -> bool:
    box = region.bounding_box()
    return bool(box and abs(box["x"] - place[0]) < 4 and box["y"] < place[1] < box["y"] + box["height"])


def scrolled(paper: Paper) -> float:
    return paper.page.locator(".page").evaluate("page => page.scrollTop")
