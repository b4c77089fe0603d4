"""300 short messages to a kitchenware shop, of our own making, with tags and spans of which some are wrong: for the
confusion map of texts."""

import re
from collections.abc import Iterator
from importlib.resources import files
from random import Random
from typing import NamedTuple

from annotator.demo.building import Said, begun, say
from annotator.shapes import Span, Tag
from projects.models import Project, Role, User
from projects.services import items

NAME = "Messages"
GUIDELINES = """\
Say what a message is about, and mark people, places, products and dates in it. A few of the labels are wrong on \
purpose: the confusion map shows where a model that has learned from them disagrees."""

TAGS = {"Delivery": "#5ec8ff", "Fault": "#ff6b8b", "Question": "#f4b740", "Praise": "#9be36b"}
SPANS = {"Person": "#c48bff", "Place": "#3fd0c0", "Product": "#8fa3ff", "Date": "#ff9d5c"}
LABELS = [
    {"name": name, "color": color, "hotkey": str(key), "shapes": [shape], "attributes": []}
    for key, (name, color, shape) in enumerate(
        [(*one, "span") for one in SPANS.items()] + [(*one, "tag") for one in TAGS.items()], 1
    )
]
OF_EACH, WRONG_TAGS, WRONG_SPANS = 75, 12, 15

WORDS = {
    "Person": """Maria Sørensen|Jonas Weber|Aiko Tanaka|Lucía Herrera|Tomasz Nowak|Priya Nair|Omar Haddad|Chloé Martin
        |Nikos Pappas|Ewa Zielińska|Liam O’Connor|Fatima Benali|Sven Lindqvist|Grace Mbeki|Mei Chen|Paulo Ramos""",
    "Place": """Bergen|Porto|Kyoto|Gdańsk|Lyon|Marrakesh|Cork|Zürich|Valparaíso|Leeds|Tallinn|Graz|Izmir|Cape Town|Turin
        |San Sebastián""",
    "Product": """Aurora kettle|Fjord saucepan|Luna toaster|Birch bread knife|Halo grinder|Tidal colander|Ember wok
        |Willow cutting board|Comet blender|Stone mortar|Alba teapot|Piko egg timer|Nord casserole|Sage peeler""",
    "Date": """3 March|last Tuesday|12 May|on Friday|two weeks ago|1 December|yesterday|20 April|last Monday|7 June
        |this morning|15 October""",
}
HOLE = re.compile(r"\{(\w+)\}")


class Mark(NamedTuple):
    """A span, in code points of its text."""

    label: str
    start: int
    end: int


class Message(NamedTuple):
    text: str
    tag: str
    marks: tuple[Mark, ...]


def messages() -> list[Message]:
    """As annotators have labelled them who were careless now and then."""
    random, said = Random(11), truth()  # noqa: S311  (the same for everybody)
    for at in random.sample(range(len(said)), WRONG_TAGS):
        said[at] = said[at]._replace(tag=another(random, TAGS, said[at].tag))
    marked = [at for at, one in enumerate(said) if one.marks]
    for at in random.sample(marked, WRONG_SPANS):
        first, *others = said[at].marks
        said[at] = said[at]._replace(marks=(first._replace(label=another(random, SPANS, first.label)), *others))
    return said


def truth() -> list[Message]:
    """All different, in a mixed order."""
    random = Random(7)  # noqa: S311
    found: dict[str, Message] = {}
    for tag in TAGS:
        own = iter(written(random, tag))
        before = len(found)
        while len(found) < before + OF_EACH:
            one = next(own)
            found.setdefault(one.text, one)
    return random.sample(list(found.values()), len(found))


def written(random: Random, tag: str) -> Iterator[Message]:
    parts = sentences(tag)
    while True:
        chosen = [random.choice(part) for part in parts[: random.choice((2, 3, 3))]]
        yield filled(random, " ".join(chosen), tag)


def sentences(tag: str) -> list[list[str]]:
    """What may come first, then, and last; a name in braces stands for one of its words."""
    file = files("annotator.demo").joinpath("sentences", f"{tag}.txt")
    return [part.splitlines() for part in file.read_text(encoding="utf-8").split("\n\n")]


def filled(random: Random, pattern: str, tag: str) -> Message:
    text, marks = "", []
    for at, piece in enumerate(HOLE.split(pattern)):
        if at % 2:
            word = random.choice(words(WORDS[piece]))
            marks.append(Mark(piece, len(text), len(text) + len(word)))
            text += word
        else:
            text += piece
    return Message(text, tag, tuple(marks))


def words(listed: str) -> list[str]:
    return [one.strip() for one in listed.split("|")]


def another(random: Random, names: dict[str, str], name: str) -> str:
    return random.choice([one for one in names if one != name])


def build(owner: User, company: dict[User, Role]) -> Project:
    begins = begun(owner, company, demo="messages", name=NAME, guidelines=GUIDELINES, labels=LABELS)
    told = messages()
    texts = [(f"message {number:03}.txt", one.text) for number, one in enumerate(told, 1)]
    added = items.add_texts(owner, begins.project.pk, texts)
    said = {item: [*said_of(one, by)] for by, (item, one) in enumerate(zip(added, told, strict=True))}
    say(begins, said, done=True)
    return begins.project


def said_of(one: Message, by: int) -> Iterator[Said]:
    yield Said(by, one.tag, Tag())
    for label, start, end in one.marks:
        yield Said(by, label, Span(start, end, one.text[start:end]))
