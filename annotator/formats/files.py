"""The files that were dropped, as readers see them: bytes in pieces, lines and JSON of bounded length."""

import codecs
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import PurePosixPath
from typing import Any, Protocol

from django.utils.translation import gettext

from annotator.formats.found import Problem, Unreadable

PIECE = 2**20
LONGEST = 8 * 2**20  # characters of a line, or of one JSON value: as objects they take some twenty times the room
HEAD = 2**16
SNIFFED = 1_000
IMAGES = {".jpg", ".jpeg", ".jfif", ".png", ".webp", ".gif", ".bmp", ".avif", ".tif", ".tiff", ".ico"}
TEXTS = {".txt", ".text", ".md"}
LINES = (".jsonl", ".jsonlines", ".ndjson")
SPACE = re.compile(r"[\s,]*")


class Bytes(Protocol):
    """An open file, from its beginning."""

    def read(self, size: int = -1, /) -> bytes: ...

    def __enter__(self) -> "Bytes": ...

    def __exit__(self, *error: Any) -> Any: ...


class Watched:
    """An open file that asks at each reading whether to go on: what is asked raises when it shall not."""

    def __init__(self, open_: Callable[[], Bytes], go_on: Callable[[], None]) -> None:
        go_on()
        self.file, self.go_on = open_(), go_on

    def read(self, size: int = -1, /) -> bytes:
        self.go_on()
        return self.file.read(size)

    def __enter__(self) -> "Watched":
        self.file.__enter__()
        return self

    def __exit__(self, *error: Any) -> Any:
        return self.file.__exit__(*error)


@dataclass(frozen=True)
class File:
    path: str
    size: int
    open: Callable[[], Bytes]

    @property
    def name(self) -> str:
        return PurePosixPath(self.path).name

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.path).suffix.lower()

    @property
    def stem(self) -> str:
        return PurePosixPath(self.path).stem

    @property
    def folder(self) -> str:
        return str(PurePosixPath(self.path).parent).removeprefix(".")

    @property
    def head(self) -> bytes:
        """How it begins; nothing of what cannot be read. It is not kept: there may be very many files."""
        try:
            with self.open() as file:
                return file.read(HEAD)
        except Unreadable:  # whoever reads all of it says so
            return b""

    @property
    def beginning(self) -> str:
        head = self.head
        return codecs.getincrementaldecoder(encoding_of(head))("replace").decode(head)

    def read(self, most: int) -> bytes:
        if self.size > most:
            detail = gettext("The file is larger than %d MB. Is it what its name says?") % (most // 2**20)
            raise Unreadable(detail, file=self.path)
        with self.open() as file:
            return file.read(most)

    @property
    def sha256(self) -> str:
        digest = hashlib.sha256()
        with self.open() as file:
            while piece := file.read(PIECE):
                digest.update(piece)
        return digest.hexdigest()

    def pieces(self) -> Iterator[str]:
        """All of it as text."""
        line = 1
        try:
            with self.open() as file:
                piece = file.read(PIECE)
                decoder = codecs.getincrementaldecoder(encoding_of(piece))()
                while piece:
                    text = decoder.decode(piece)
                    line += text.count("\n")
                    yield text
                    piece = file.read(PIECE)
            yield decoder.decode(b"", True)
        except UnicodeDecodeError as error:
            line += error.object.count(b"\n", 0, error.start)
            detail = gettext(
                "A character here is no valid text. Save the file as UTF-8 (in Excel as “CSV UTF-8”) and try again."
            )
            raise Unreadable(detail, line_of(line), self.path) from None

    def lines(self, longest: int | None = None) -> Iterator[tuple[int, str]]:
        """Numbered from 1, with their ends; only \\n ends a line."""
        longest = longest or LONGEST
        number, rest = 1, ""
        for piece in self.pieces():
            *whole, rest = (rest + piece).split("\n")
            for line in whole:
                self.check_length(line, number, longest)
                yield number, f"{line}\n"
                number += 1
            self.check_length(rest, number, longest)
        if rest:
            yield number, rest

    def check_length(self, line: str, number: int, longest: int) -> None:
        if len(line) > longest:
            detail = gettext("The line has more than %s characters. Is this file what its name says?")
            raise Unreadable(detail % f"{longest:,}", line_of(number), self.path)

    def json(self) -> Iterator[tuple[str, int, Any]]:
        """(key, number, value) of what a JSON file holds, a piece at a time.

        Lists at the top, or below a key at the top, come element by element; anything else is passed over unless small.
        """
        return Json(self).walk()


def encoding_of(head: bytes) -> str:
    """By the mark at its beginning; without one, UTF-16 shows in every other byte of Latin letters, which is zero."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if head.startswith(mark):
            return name
    even, odd = head[:SNIFFED:2].count(0), head[1:SNIFFED:2].count(0)
    if max(even, odd) > 10 * min(even, odd) and 4 * max(even, odd) > min(len(head), SNIFFED):
        return "utf-16-le" if odd > even else "utf-16-be"
    return "utf-8"


def named(path: str) -> str:
    return path.strip().replace("\\", "/").rpartition("/")[2]


def folders_shared(a: str, b: str) -> int:
    """How many of their first folders two paths share."""
    pairs = zip(a.split("/")[:-1], b.split("/")[:-1], strict=False)
    return next((n for n, (one, other) in enumerate(pairs) if one != other), min(a.count("/"), b.count("/")))


def line_of(number: int) -> str:
    return gettext("line %d") % number


@dataclass
class Folder:
    """Everything that was dropped, what is in zips too."""

    files: dict[str, File] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    kept: dict[str, Any] = field(default_factory=dict)  # what a reader keeps from one source to the next

    @cached_property
    def images(self) -> dict[str, File]:
        return {path: file for path, file in self.files.items() if file.suffix in IMAGES}

    @cached_property
    def image_stems(self) -> set[str]:
        return {file.stem for file in self.images.values()}

    @cached_property
    def image_names(self) -> set[str]:
        """With their endings and without."""
        return self.image_stems | {file.name for file in self.images.values()}

    def watch(self, go_on: Callable[[], None]) -> None:
        """Whoever reads one of the files asks from now on whether to go on."""
        for path, file in self.files.items():
            self.files[path] = replace(file, open=partial(Watched, file.open, go_on))

    def with_suffix(self, *suffixes: str) -> list[File]:
        return [file for file in self.files.values() if file.suffix in suffixes]


class Json:
    """Values are found in a window over the text: no more of a file is in memory than a piece and one value."""

    def __init__(self, file: File) -> None:
        self.pieces = file.pieces()
        self.window, self.at = "", 0
        self.scan = json.JSONDecoder().raw_decode

    def walk(self) -> Iterator[tuple[str, int, Any]]:
        opening = self.peek()
        if opening == "[":
            yield from self.elements("")
        elif opening == "{":
            self.at += 1
            while self.peek() != "}":
                key = self.value()
                if not isinstance(key, str) or self.peek() != ":":
                    raise self.broken()
                self.at += 1
                if self.peek() == "[":
                    yield from self.elements(key)
                else:
                    yield key, 0, self.value()
        else:
            raise self.broken()

    def elements(self, key: str) -> Iterator[tuple[str, int, Any]]:
        self.at += 1
        number = 0
        while self.peek() != "]":
            number += 1
            yield key, number, self.value()
        self.at += 1

    def peek(self) -> str:
        """The next character that means something."""
        while True:
            self.at = SPACE.match(self.window, self.at).end()  # type: ignore[union-attr]
            if self.at < len(self.window):
                return self.window[self.at]
            if not self.more():
                raise self.broken()

    def value(self) -> Any:
        """What begins where `peek` has looked."""
        while True:
            try:
                value, end = self.scan(self.window, self.at)
                if end < len(self.window) or self.window[end - 1] in '}]"':  # a number could go on
                    self.at = end
                    return value
            except RecursionError:
                raise Unreadable(gettext("Its lists and objects are nested too deeply.")) from None
            except ValueError:
                pass  # cut off, or broken: that shows when there is no more
            if len(self.window) - self.at > LONGEST:
                detail = gettext("One of its values has more than %s characters. Split the file.")
                raise Unreadable(detail % f"{LONGEST:,}")
            if not self.more():
                raise self.broken()

    def more(self) -> bool:
        """As much again as one waits for, so that a long value is not read very often."""
        wanted = max(PIECE, len(self.window) - self.at)
        got = [self.window[self.at :]]
        while wanted > 0 and (piece := next(self.pieces, None)) is not None:
            got.append(piece)
            wanted -= len(piece)
        self.window, self.at = "".join(got), 0
        return any(got[1:])

    def broken(self) -> Unreadable:
        near = " ".join(self.window[self.at : self.at + 40].split())
        if not near:
            return Unreadable(gettext("The JSON ends too early. Was it cut off?"))
        return Unreadable(gettext("From “%s” on this is no valid JSON. Was the file cut off?") % near)
