"""All that was found, in order of its items: kept in a database on disk, as the whole may not fit into memory."""

import re
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec
from django.utils.translation import gettext
from msgspec.structs import replace

from annotator.formats.found import (
    Drawn,
    Found,
    GuidelinesFound,
    ImageFound,
    LabelFound,
    Lost,
    Predicted,
    Problem,
    TextFound,
)
from annotator.imports.places import Places
from annotator.messages import Value
from projects.labels import SHAPES, storable
from projects.services import known

MAX_PROBLEMS = 1_000
AT_ONCE = 5_000
LONGEST = 300  # characters of what a problem quotes
LONGEST_REASON = 500

encode = msgspec.msgpack.Encoder().encode
DRAWN = msgspec.msgpack.Decoder(list[Drawn])
TEXT = msgspec.msgpack.Decoder(TextFound)
PREDICTED = msgspec.msgpack.Decoder(Predicted)

# An item goes by its target: "file" and the path of what was dropped, "name" and the name of an item that the project
# may have already, "text" and the key of a text of a source.
TABLES = """
CREATE TABLE drawn (target TEXT, body BLOB);  -- some of what is drawn on it
CREATE TABLE text (target TEXT, body BLOB);
CREATE TABLE predicted (file TEXT, body BLOB);
CREATE TABLE nameless (kind TEXT, digest TEXT, n INTEGER, PRIMARY KEY (kind, digest)) WITHOUT ROWID;  -- texts
"""
COUNT = "INSERT INTO nameless VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET n = n + 1 RETURNING n"


class LabelSeen(msgspec.Struct):
    """A label as files define or use it."""

    name: str
    shapes: list[str] = []
    kinds: dict[str, str] = {}  # of attributes that no file defines
    attributes: list[dict[str, Any]] = []
    color: str = ""
    hotkey: str = ""
    guidelines: str = ""
    count: int = 0
    proposed: bool = False  # nothing but predictions has it
    tag: bool = False  # as CoNLL writes names, which have no white space there


class Gathering:
    def __init__(self, images: Iterable[str], database: sqlite3.Connection | None = None) -> None:
        self.places = Places(images)
        self.labels: dict[str, LabelSeen] = {}
        self.lost: Counter[str] = Counter()
        self.problems: list[Problem] = []
        self.more_problems = 0
        self.drawn = self.predicted = 0
        self.texts = 0
        self.latest: tuple[tuple[str, str], str] = (("", ""), "")  # annotations of one image mostly come together
        self.text: str | None = None  # the key of the latest text
        self.text_is_in = True
        self.unspaced = False
        self.named: dict[str, str] = {}  # targets of images that were not dropped, and the file that speaks of them
        self.statuses: dict[str, tuple[str, str]] = {}
        self.unsure: set[str] = set()
        self.assignees: dict[str, str] = {}
        self.guidelines = ""
        self.names: dict[str, str] = {}  # of images that the file calls otherwise than their own file's name
        self.database = database or empty()
        self.waiting: dict[str, list[bytes]] = {}

    def take(self, one: Found, source: int) -> None:
        match one:
            case Drawn():
                self.take_drawn(one, source)
            case Predicted():
                self.take_predicted(one)
            case Problem():
                self.problem(one)
            case Lost(what, n):
                self.lost[what] += n
            case LabelFound():
                self.define(one)
            case GuidelinesFound(text):
                self.guidelines = self.guidelines or text
            case TextFound():
                self.text, self.unspaced = one.key, one.known_by == "words"
                one = self.counted(one)
                if text_is_in := self.is_storable(one, one.text, one.name, one.key):
                    self.texts += 1
                    target = text_target(source, one.key)
                    self.database.execute("INSERT INTO text VALUES (?, ?)", (target, encode(one)))
                    self.remember(target, one)
                self.text_is_in = text_is_in
            case ImageFound() if self.is_storable(one, one.path, one.name):
                target = self.image(one.path, one.file)
                if one.name:
                    self.names[target] = one.name
                self.remember(target, one)

    def counted(self, one: TextFound) -> TextFound:
        """The how many-th it is of those alike, where its file does not name it."""
        if one.known_by == "name" or not is_good(one.text):
            return one
        ((nth,),) = self.database.execute(COUNT, says(one))
        return replace(one, nth=nth)

    def take_drawn(self, one: Drawn, source: int) -> None:
        """What is drawn on a text follows it at once."""
        if one.item == self.text and not self.text_is_in:
            return
        if not self.is_storable(one, one.item, one.label, *strings(one.attributes)):
            return
        if (body := self.encoded(one)) is None:
            return
        kind = str(one.shape.__struct_config__.tag)
        seen = self.labels.get(one.label) or self.labels.setdefault(one.label, LabelSeen(one.label))
        if kind not in seen.shapes:
            seen.shapes.append(kind)
        seen.count += 1
        seen.proposed = False
        for name, value in one.attributes.items():
            if name not in seen.kinds:
                seen.kinds[name] = kind_of(value)
        self.drawn += 1
        on_text = one.item == self.text
        seen.tag = seen.tag or (on_text and self.unspaced)
        target = text_target(source, one.item) if on_text else self.image(one.item, one.file)
        self.waiting.setdefault(target, []).append(body)
        if self.drawn % AT_ONCE == 0:
            self.flush()

    def encoded(self, one: Drawn | Predicted) -> bytes | None:
        """None, and told, where a number has more than 64 bits."""
        try:
            return encode(one)
        except OverflowError:
            self.problem(Problem(one.file, one.place, gettext("One of its numbers is too large to be kept.")))
            return None

    def take_predicted(self, one: Predicted) -> None:
        """No annotation: it is neither drawn nor counted among its label's."""
        if not self.is_storable(one, str(one.item), str(one.label)) or (body := self.encoded(one)) is None:
            return
        if isinstance(one.label, str):
            seen = self.labels.setdefault(one.label, LabelSeen(one.label, proposed=True))
            if (kind := str(one.shape.__struct_config__.tag)) not in seen.shapes:
                seen.shapes.append(kind)
        self.predicted += 1
        self.database.execute("INSERT INTO predicted VALUES (?, ?)", (one.file, body))

    def image(self, path: str, file: str) -> str:
        key = (path, file)
        if key != self.latest[0]:
            self.latest = (key, self.look_up(path, file))
        return self.latest[1]

    def look_up(self, path: str, file: str) -> str:
        if path == f"/{file}":
            return f"file {file}"
        if (found := self.places.find(path, file)) is not None:
            return f"file {found}"
        target = f"name {path.replace(chr(92), '/').rpartition('/')[2]}"
        self.named.setdefault(target, file)
        return target

    def is_storable(self, one: TextFound | ImageFound | Drawn | Predicted, *given: str) -> bool:
        """Else it is told. Files hold halves of emoji where a text was cut, and NUL where its coding is another."""
        if all(map(is_good, given)):
            return True
        detail = gettext("It holds a NUL character, or half an emoji or other character. Mend it, or save it as UTF-8.")
        self.problem(Problem(one.file, "" if isinstance(one, ImageFound) else one.place, detail))
        return False

    def remember(self, target: str, one: TextFound | ImageFound) -> None:
        if one.unsure:
            self.unsure.add(target)
        if one.assignee:
            self.assignees[target] = one.assignee
        if not one.status:
            return
        reason = clean(one.reason, LONGEST_REASON)
        if reason != one.reason:
            place = one.name or clean(target.partition(" ")[2], LONGEST)
            detail = gettext("The reason beside its status was shortened: it may have %d characters.") % LONGEST_REASON
            self.problem(Problem(one.file, place, detail))
        self.statuses[target] = (one.status, reason)

    def define(self, one: LabelFound) -> None:
        seen = self.labels.setdefault(one.name, LabelSeen(one.name))
        seen.proposed = False
        seen.shapes += [shape for shape in one.shapes if shape in SHAPES and shape not in seen.shapes]
        seen.attributes = seen.attributes or one.attributes
        seen.color, seen.hotkey = seen.color or one.color, seen.hotkey or one.hotkey
        seen.guidelines = seen.guidelines or one.guidelines

    def problem(self, one: Problem) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(*(clean(text, LONGEST) for text in (one.file, one.place, one.detail))))
        else:
            self.more_problems += 1

    def flush(self) -> None:
        rows = ((target, listed(bodies)) for target, bodies in self.waiting.items())
        self.database.executemany("INSERT INTO drawn VALUES (?, ?)", rows)
        self.waiting = {}

    def finish(self) -> None:
        """Everything is in: from now on it is read."""
        self.flush()
        self.database.execute("CREATE INDEX of_target ON drawn (target)")

    def of(self, targets: Collection[str]) -> Iterator[tuple[str, list[Drawn]]]:
        """What was drawn on each item, in the order it came. Asked for one by one, threads wait for each other."""
        wanted = f"SELECT * FROM drawn WHERE target IN ({','.join('?' * len(targets))}) ORDER BY target, rowid"
        left = dict.fromkeys(targets)
        for target, rows in groupby(self.database.execute(wanted, [*targets]), key=itemgetter(0)):
            del left[target]
            yield target, [one for _, body in rows for one in DRAWN.decode(body)]
        yield from ((target, []) for target in left)

    def drawn_on(self, targets: Iterable[str]) -> int:
        """How many annotations, by the length that each list tells at its beginning."""
        counted = "SELECT substr(body, 2, 4) FROM drawn WHERE target = ?"
        lengths = (length for target in targets for (length,) in self.database.execute(counted, [target]))
        return sum(int.from_bytes(length) for length in lengths)

    def text_items(self) -> Iterator[tuple[str, TextFound]]:
        for target, body in self.database.execute("SELECT * FROM text ORDER BY rowid"):
            yield target, TEXT.decode(body)

    def nameless(self) -> set[known.Says]:
        """What those texts say that no file names."""
        return {*self.database.execute("SELECT kind, digest FROM nameless")}

    def predictions(self) -> Iterator[tuple[str, Iterator[Predicted]]]:
        """By the files they came in."""
        rows = self.database.execute("SELECT * FROM predicted ORDER BY file, rowid")
        for file, some in groupby(rows, key=lambda row: str(row[0])):
            yield file, (PREDICTED.decode(body) for _, body in some)

    def close(self) -> None:
        self.database.close()


def empty() -> sqlite3.Connection:
    """Private, on disk, gone when it is closed."""
    database = sqlite3.connect("", check_same_thread=False)
    database.executescript(TABLES)
    return database


def listed(bodies: list[bytes]) -> bytes:
    """As msgpack writes a list of what stands in them."""
    return b"\xdd" + len(bodies).to_bytes(4, "big") + b"".join(bodies)


def is_good(text: str) -> bool:
    """Names of labels and files come again and again."""
    return is_good_name(text) if len(text) <= LONGEST else storable(text)


is_good_name = lru_cache(maxsize=10_000)(storable)


def says(one: TextFound) -> known.Says:
    return one.known_by, known.words(one.text) if one.known_by == "words" else known.digest(one.text)


def text_target(source: int, key: str) -> str:
    return f"text {source} {key}"


def strings(attributes: dict[str, Value]) -> Iterator[str]:
    for name, value in attributes.items():
        yield name
        if isinstance(value, str):
            yield value


def clean(text: str, longest: int) -> str:
    """As it can be stored and shown, and no longer than bearable."""
    text = text if len(text) <= longest else f"{text[: longest - 1]}…"
    return re.sub("[\0\ud800-\udfff]", "\ufffd", text)


def kind_of(value: Value) -> str:
    if isinstance(value, bool):
        return "checkbox"
    return "number" if isinstance(value, int | float) else "text"
