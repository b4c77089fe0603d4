"""Texts in a table: CSV, or JSON Lines of objects. People choose which column is the text, its label and its name."""

import csv
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from django.utils.translation import gettext

from annotator.formats import Source
from annotator.formats.files import File, Folder, line_of, named
from annotator.formats.found import Drawn, Found, Lost, Problem, TextFound, Unreadable
from annotator.shapes import Tag

TITLE = "Table of texts"
LINES = (".jsonl", ".jsonlines", ".ndjson")
DELIMITERS = ",;\t|"
SAMPLE = 50
LONGEST = 4 * 2**20  # characters of a row, which may go over many lines
SAMPLED = 1_000  # characters of a cell, as far as a column's kind goes by it
SHOWN, SHOWN_COLUMNS, SHOWN_OF_CELL = 5, 20, 80  # rows, columns, characters of a cell
MAX_COLUMNS = 200
LONGEST_NAME = 200  # characters of a column's
GUESSES = {
    "text": ("text", "content", "sentence", "document", "body", "comment", "review", "tweet", "message"),
    "label": ("label", "labels", "category", "class", "tag", "sentiment", "intent"),
    "name": ("name", "title", "filename", "file", "id"),
}
Row = tuple[str, list[str] | str]  # where, and the cells or a sentence that says what is wrong

csv.field_size_limit(LONGEST)


def recognise(folder: Folder) -> Iterator[Source]:
    for file in folder.with_suffix(".csv", ".tsv", *LINES):
        source = Source([file.path])
        with suppress(Unreadable):  # reading it says why
            source.columns = columns_of(file)
            rows = sample(file, source.columns)
            source.rows = [[shown(cell, SHOWN_OF_CELL) for cell in row[:SHOWN_COLUMNS]] for row in rows[:SHOWN]]
            source.choices = guessed(source.columns, rows)
            if names_images(source.columns, rows, folder.image_names):
                continue
        yield source


def names_images(columns: list[str], rows: list[list[str]], images: set[str]) -> bool:
    """Whether the table is about dropped images: a column has their names, and none is called a text."""
    if not rows or not images or any(column.casefold() in GUESSES["text"] for column in columns):
        return False
    return any(all(named(row[n]) in images for row in rows) for n in range(len(columns)))


def sample(file: File, columns: list[str]) -> list[list[str]]:
    """The first rows, as far as they can be read."""
    rows: list[list[str]] = []
    with suppress(Unreadable):
        for _, cells in islice(rows_of(file, columns), SAMPLE):
            if isinstance(cells, list):
                rows.append([cell[:SAMPLED] for cell in cells])
    return rows


def guessed(columns: list[str], rows: list[list[str]]) -> dict[str, str]:
    """By the columns' names; without one, the text is where most is written."""
    by_name = {column.casefold(): column for column in reversed(columns)}
    found = {role: next((by_name[name] for name in names if name in by_name), "") for role, names in GUESSES.items()}
    longest = max(range(len(columns)), key=lambda n: sum(len(row[n]) for row in rows))
    found["text"] = found["text"] or columns[longest]
    return {role: "" if role != "text" and column == found["text"] else column for role, column in found.items()}


def read(folder: Folder, source: Source) -> Iterator[Found]:
    for path in source.files:
        file = folder.files[path]
        columns = columns_of(file)
        for column in filter(None, source.choices.values()):
            if column not in columns:
                raise Unreadable(gettext("There is no column “%s”.") % column, file=path)
        text, label, name = (at(columns, source.choices.get(role, "")) for role in ("text", "label", "name"))
        if text is None:
            raise Unreadable(gettext("No column was chosen as the text."), file=path)
        yield Lost("columns", len(columns) - sum(n is not None for n in (text, label, name)))
        for number, (place, cells) in enumerate(rows_of(file, columns), 1):
            if isinstance(cells, str):
                yield Problem(path, place, cells)
            elif any(cell.strip() for cell in cells):
                called = cells[name].strip() if name is not None else ""
                kind = cells[label].strip() if label is not None else ""
                yield from read_row(file, place, called or f"{file.name} {number}", cells[text], kind)


def read_row(file: File, place: str, name: str, text: str, label: str) -> Iterator[Found]:
    if not text.strip():
        yield Problem(file.path, place, gettext("It has no text."))
        return
    yield TextFound(file.path, place, place, name, text)
    if label:
        yield Drawn(file.path, place, place, label, Tag())


def at(columns: list[str], column: str) -> int | None:
    return columns.index(column) if column in columns else None


# Columns and rows -----------------------------------------------------------------------------------------------------


def columns_of(file: File) -> list[str]:
    if file.suffix in LINES:
        return keys_of(file)
    header = next(csv_rows(file, delimiter_of(file)), ("", []))[1]
    if len(header) > MAX_COLUMNS:
        raise Unreadable(gettext("The table has more than %d columns. Leave out some.") % MAX_COLUMNS, file=file.path)
    columns = [shown(name.strip()) or f"column {n}" for n, name in enumerate(header, 1)]
    if not columns:
        raise Unreadable(gettext("The file has no header: its first line names the columns."), file=file.path)
    if len(set(columns)) < len(columns):
        raise Unreadable(gettext("Its first line does not name the columns, each once."), file=file.path)
    return columns


def keys_of(file: File) -> list[str]:
    keys: dict[str, None] = {}
    for _, line in islice(file.lines(), SAMPLE):
        value = loaded(line)
        if isinstance(value, dict):
            fit = (key for key, one in value.items() if not isinstance(one, dict | list) and shown(key) == key)
            keys |= dict.fromkeys(islice(fit, MAX_COLUMNS))
    if not keys:
        raise Unreadable(gettext("Its lines are no JSON objects with texts."), file=file.path)
    return list(keys)[:MAX_COLUMNS]


def rows_of(file: File, columns: list[str]) -> Iterator[Row]:
    if file.suffix in LINES:
        for number, line in file.lines():
            if line.strip():
                value = loaded(line)
                cells = [written(value.get(column)) for column in columns] if isinstance(value, dict) else None
                yield line_of(number), cells or gettext("This is no JSON object.")
        return
    for place, row in islice(csv_rows(file, delimiter_of(file)), 1, None):
        if len(row) > len(columns):
            values = {"row": len(row), "header": len(columns)}
            yield (
                place,
                gettext("The row has %(row)d cells, the header %(header)d. Put quotes around the text.") % values,
            )
        elif row:
            yield place, row + [""] * (len(columns) - len(row))


def csv_rows(file: File, delimiter: str) -> Iterator[tuple[str, list[str]]]:
    start = read = 1

    def lines() -> Iterator[str]:
        nonlocal read
        for _, line in file.lines():
            if (read := read + len(line)) > LONGEST:
                raise csv.Error(gettext("the row has more than %s characters") % f"{LONGEST:,}")
            yield line

    reader = csv.reader(lines(), delimiter=delimiter)
    try:
        for row in reader:
            yield line_of(start), row
            start, read = reader.line_num + 1, 0
    except csv.Error as error:
        raise Unreadable(gettext("The table cannot be read on: %s.") % error, line_of(start), file.path) from None


def delimiter_of(file: File) -> str:
    """What cuts the header into most columns; a decimal comma stands in no header."""
    header = file.beginning.split("\n", 1)[0]
    return max(DELIMITERS, key=lambda delimiter: (header.count(delimiter), -DELIMITERS.index(delimiter)))


def shown(text: str, longest: int = LONGEST_NAME) -> str:
    """As much of it as people are shown, as it can be stored."""
    return re.sub("[\0\ud800-\udfff]", "\ufffd", text[:longest])


def loaded(line: str) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def written(value: object) -> str:
    if value is None or isinstance(value, dict | list):
        return ""
    return value if isinstance(value, str) else json.dumps(value)
