"""CoNLL-2003: the words of texts, one a line, with IOB2 tags: `word -X- _ B-Place`.

Sang & De Meulder, "Introduction to the CoNLL-2003 Shared Task" (2003). A sentence is a line of the text. The format
knows one tag a word: of spans that share a character the longest is kept, of equals the earlier.
"""

import re
from bisect import bisect
from collections import Counter
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext, ngettext

from annotator.formats import Source
from annotator.formats.contents import Contents
from annotator.formats.files import File, Folder, line_of
from annotator.formats.found import Drawn, Found, Problem, TextFound
from annotator.formats.words import TOKENISER, words
from annotator.shapes.span import Span
from projects.models import ItemKind, Label

TITLE = "CoNLL-2003"
EXTENSION = "conll"
KIND = ItemKind.TEXT
CONTENT_TYPE = "text/plain; charset=utf-8"
IMAGES = False
BY_STEM = False

Range = tuple[int, int]

ENDINGS = (".conll", ".iob", ".iob2", ".bio", ".bioes", ".bilou", ".conll2003")
MAYBE = (".txt", ".tsv", ".text", ".train", ".dev", ".test", ".testa", ".testb", ".ner", "")
DOCUMENT = "-DOCSTART-"
LONGEST = 2**16  # characters of a line: a word and its columns
ROW = re.compile(r"\S+[ \t](.*[ \t])?(O|[BIESLU]-\S+)\s*$")
TAG = re.compile(r"([BIESLU])-(.+)")


def loses(contents: Contents) -> Iterator[str]:
    if n := contents.items[ItemKind.IMAGE]:
        yield ngettext("%d image is left out.", "%d images are left out.", n) % n
    if n := contents.count(ItemKind.TEXT, "tag"):
        yield ngettext("%d tag of a text is left out.", "%d tags of texts are left out.", n) % n
    white = inner = 0
    for spans in contents.spans():
        worded = [(start, end) for start, end, quote in spans if has_words(quote)]
        white += len(spans) - len(worded)
        inner += len(worded) - len(outermost(worded))
    if n := white:
        yield ngettext("%d span of white space only is left out.", "%d spans of white space only are left out.", n) % n
    if n := inner:
        yield (
            ngettext(
                "%d span that lies in or over a longer one is left out.",
                "%d spans that lie in or over a longer one are left out.",
                n,
            )
            % n
        )
    if n := contents.count(ItemKind.TEXT, "span", filled=True):
        yield ngettext("The attributes of %d span are left out.", "The attributes of %d spans are left out.", n) % n
    if contents.items[ItemKind.TEXT]:
        yield gettext("White space is not kept: texts are cut into words by our tokeniser “%s”.") % TOKENISER
    if contents.count(ItemKind.TEXT):
        yield gettext("Who marked what and when, and which items are done, is left out.")


def write(contents: Contents) -> Iterator[bytes]:
    tags = tags_of(contents.labels.values())
    for entry in contents.entries(ItemKind.TEXT):
        for rows in [sheet.annotations for sheet in entry.sheets] or [[]]:
            # Oldest last, so that of two labels on the same words the first one stands.
            spans = {
                (row.shape.start, row.shape.end): tags[row.label]
                for row in reversed(rows)
                if isinstance(row.shape, Span) and has_words(row.shape.quote)
            }
            yield document(entry.item.text or "", spans).encode()


def has_words(quote: str) -> bool:
    return not quote.isspace()


def document(text: str, spans: dict[Range, str]) -> str:
    kept = outermost(spans)
    lines = ["-DOCSTART- -X- -X- O", ""]
    end, at, begun = 0, 0, -1
    for word in words(text, {edge for span in kept for edge in span}):
        while at < len(kept) and kept[at][1] <= word[0]:
            at += 1
        inside = at < len(kept) and kept[at][0] <= word[0]
        goes_on = inside and begun == at
        if "\n" in text[end : word[0]] and lines[-1] and not goes_on:
            lines.append("")
        tag = f"{'I' if goes_on else 'B'}-{spans[kept[at]]}" if inside else "O"
        lines.append(f"{text[slice(*word)]} -X- _ {tag}")
        begun = at if inside else begun
        end = word[1]
    return "\n".join(lines) + "\n\n"


def outermost(spans: Iterable[Range]) -> list[Range]:
    """Spans of which no two share a character, in reading order. The longest come first to their place."""
    kept: list[Range] = []
    for span in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
        at = bisect(kept, span)
        free_before = at == 0 or kept[at - 1][1] <= span[0]
        free_after = at == len(kept) or kept[at][0] >= span[1]
        if free_before and free_after:
            kept.insert(at, span)
    return kept


def tags_of(labels: Iterable[Label]) -> dict[int, str]:
    """A tag for each label: its name without white space, and with its id where two would be alike."""
    names = {label.pk: re.sub(r"\s+", "_", label.name) for label in labels}
    twice = {name for name, count in Counter(names.values()).items() if count > 1}
    return {pk: f"{name}_{pk}" if name in twice else name for pk, name in names.items()}


# Reading --------------------------------------------------------------------------------------------------------------


def recognise(folder: Folder) -> Iterator[Source]:
    for file in folder.with_suffix(*ENDINGS, *MAYBE):
        if file.suffix in ENDINGS or file.beginning.startswith(DOCUMENT) or all_rows(file):
            yield Source([file.path])


def all_rows(file: File) -> bool:
    lines = file.beginning.splitlines()[:50]
    rows = [line for line in lines if line.strip() and not is_comment(line)]
    return len(rows) > 1 and all(map(ROW.match, rows[:-1]))


def is_comment(line: str) -> bool:
    """Others number their sentences by such lines."""
    return line.startswith("# ") and not ROW.match(line)


def read(folder: Folder, source: Source) -> Iterator[Found]:
    for path in source.files:
        yield from Reading(folder.files[path]).all()


class Reading:
    """One file. Each document is a text, with a line a sentence; without documents, each sentence is a text."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.number = 0
        self.documents = file.beginning.startswith(DOCUMENT)
        self.begin()

    def begin(self) -> None:
        self.text: list[str] = []
        self.length = self.place = 0
        self.at_line_start = True
        self.spans: list[tuple[int, int, str]] = []
        self.open: str | None = None  # the label of the span that the last word is in

    def all(self) -> Iterator[Found]:
        for number, line in self.file.lines(LONGEST):
            columns = line.split()
            if not columns:
                self.open = None
                if not self.documents:
                    yield from self.end()
                elif self.text and not self.at_line_start:
                    self.append("\n")
                    self.at_line_start = True
            elif is_comment(line):
                continue
            elif columns[0] == DOCUMENT:
                self.documents = True
                yield from self.end()
            else:
                yield from self.word(number, columns)
        yield from self.end()

    def append(self, part: str) -> None:
        self.text.append(part)
        self.length += len(part)

    def word(self, number: int, columns: list[str]) -> Iterator[Found]:
        tag = TAG.fullmatch(columns[-1])
        self.place = self.place or number
        if len(columns) < 2:
            detail = gettext("There is no tag beside the word “%s”. It was taken as O.") % columns[0]
            yield Problem(self.file.path, line_of(number), detail)
        elif not tag and columns[-1] != "O":
            detail = gettext("“%s” is no tag like B-Place, I-Place or O. It was taken as O.") % columns[-1]
            yield Problem(self.file.path, line_of(number), detail)
        if not self.at_line_start:
            self.append(" ")
        start = self.length
        self.append(columns[0])
        self.at_line_start = False
        self.mark(start, tag)

    def mark(self, start: int, tag: re.Match[str] | None) -> None:
        if tag is None:
            self.open = None
            return
        prefix, label = tag.groups()
        if prefix in "IEL" and self.open == label:
            self.spans[-1] = (self.spans[-1][0], self.length, label)
        else:
            self.spans.append((start, self.length, label))
        self.open = None if prefix in "ESLU" else label

    def end(self) -> Iterator[Found]:
        text = "".join(self.text).removesuffix("\n")
        if text:
            self.number += 1
            name = f"{self.file.name} {self.number}"
            place = line_of(self.place)
            yield TextFound(self.file.path, place, name, name, text, known_by="words")
            for start, end, label in self.spans:
                yield Drawn(self.file.path, place, name, label, Span(start, end, text[start:end]))
        self.begin()
