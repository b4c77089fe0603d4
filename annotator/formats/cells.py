"""Columns and rows of a table: CSV, or JSON objects, in lines or in one list. What is nested in an object has a column
of its own, `meta.source`.
"""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

from django.utils.translation import gettext

from annotator.formats import foreign
from annotator.formats.files import File, line_of
from annotator.formats.found import Unreadable

CSV = (".csv", ".tsv")
DELIMITERS = ",;\t|"
SAMPLE = 50
LONGEST = 4 * 2**20  # characters of a row, which may go over many lines
MAX_COLUMNS = 200
LONGEST_NAME = 200  # characters of a column's
LONGEST_OF_HEADER = 60  # where it has numbers, too
DEEPEST = 4  # objects in objects
GUESSES = {  # what people call columns, the best first
    "text": foreign.TEXT,
    "label": ("label", "labels", "category", "class", "tag", "sentiment", "intent"),
    "name": ("name", "title", "filename", "file", "id"),
}
NUMBER = re.compile(r"-?\d+([.,]\d+)?")
Row = tuple[str, list[str] | str]  # where, and the cells or a sentence that says what is wrong

csv.field_size_limit(LONGEST)


def columns_of(file: File, *, header: bool) -> list[str]:
    if file.suffix not in CSV:
        return keys_of(file)
    first = next(csv_rows(file, delimiter_of(file)), ("", []))[1]
    if len(first) > MAX_COLUMNS:
        raise Unreadable(gettext("The table has more than %d columns. Leave out some.") % MAX_COLUMNS, file=file.path)
    names = first if header else [""] * len(first)
    columns = [shown(name.strip()) or f"column {n}" for n, name in enumerate(names, 1)]
    if not columns:
        detail = gettext("Its first line is empty. Take it out, or let it name the columns.")
        raise Unreadable(detail, file=file.path)
    [(name, most)] = Counter(columns).most_common(1)
    if most > 1:
        detail = gettext("Its first line calls several columns “%s”. Give each a name of its own.")
        raise Unreadable(detail % name, file=file.path)
    return columns


def has_header(file: File) -> bool:
    """Not where the first row is like those below it: with a word that comes again, or a number over numbers beside a
    whole text."""
    rows: list[list[str]] = []
    with suppress(Unreadable):
        for _, row in islice(csv_rows(file, delimiter_of(file)), SAMPLE):
            rows.append([cell[: LONGEST_OF_HEADER + 1] for cell in row])
    first, *below = rows or [[]]
    if any(name.strip().casefold() in names for name in first for names in GUESSES.values()):
        return True
    below = [row for row in below if len(row) >= len(first) and row != first]
    columns = zip(first, *below, strict=False) if below else ()
    texts = any(len(cell) > LONGEST_OF_HEADER for cell in first)
    return not any(
        name and (name in column or (texts and all(map(NUMBER.fullmatch, [name, *column]))))
        for name, *column in columns
    )


def keys_of(file: File) -> list[str]:
    columns: dict[str, None] = {}
    for _, value in islice(objects(file), SAMPLE):
        if isinstance(value, dict):
            fit = (key for key, one in flat(value) if not isinstance(one, list) and shown(key) == key)
            columns |= dict.fromkeys(islice(fit, MAX_COLUMNS))
    if not columns:
        raise Unreadable(gettext("Its lines are no JSON objects with texts."), file=file.path)
    return list(columns)[:MAX_COLUMNS]


def lists_in(file: File) -> int:
    """How many more columns there would be, were lists cells."""
    if file.suffix in CSV:
        return 0
    some = (value for _, value in islice(objects(file), SAMPLE) if isinstance(value, dict))
    return len({key for value in some for key, one in flat(value) if isinstance(one, list) and one})


def rows_of(file: File, columns: list[str], *, header: bool) -> Iterator[Row]:
    if file.suffix not in CSV:
        for place, value in objects(file):
            given = dict(flat(value)) if isinstance(value, dict) else None
            cells = None if given is None else [written(given.get(column)) for column in columns]
            yield place, cells or gettext("This is no JSON object. Mend it, or leave it out.")
        return
    for place, row in islice(csv_rows(file, delimiter_of(file)), int(header), None):
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
    ended = False

    def lines() -> Iterator[str]:
        nonlocal read, ended
        for _, line in file.lines():
            if (read := read + len(line)) > LONGEST:
                raise csv.Error(gettext("the row has more than %s characters") % f"{LONGEST:,}")
            yield line
        ended = True

    reader = csv.reader(lines(), delimiter=delimiter)
    try:
        for row in reader:
            if ended:  # it asked for more than there is
                raise csv.Error(gettext("a quote is not closed. Close it, or write it twice"))
            yield line_of(start), row
            start, read = reader.line_num + 1, 0
    except csv.Error as error:
        raise Unreadable(gettext("The table cannot be read on: %s.") % error, line_of(start), file.path) from None


def delimiter_of(file: File) -> str:
    """What cuts the header into most columns; a decimal comma stands in no header."""
    header = file.beginning.split("\n", 1)[0]
    if file.suffix == ".tsv" and "\t" in header:
        return "\t"
    return max(DELIMITERS, key=lambda delimiter: (header.count(delimiter), -DELIMITERS.index(delimiter)))


def objects(file: File) -> Iterator[tuple[str, Any]]:
    """(place, value) of each in lines or in one list; a line that is no JSON is None."""
    if file.beginning.lstrip()[:1] == "[":
        for _, number, value in file.json():
            yield f"{gettext('text')} {number}", value
        return
    for number, line in file.lines():
        if line.strip():
            try:
                yield line_of(number), json.loads(line)
            except (ValueError, RecursionError):
                yield line_of(number), None


def first_of(file: File) -> Any:
    try:
        return next((value for _, value in objects(file)), None)
    except (Unreadable, ValueError):
        return None


def flat(value: dict[str, Any], deep: int = 1) -> Iterator[tuple[str, Any]]:
    for key, one in value.items():
        if isinstance(one, dict):
            if deep < DEEPEST:
                yield from ((f"{key}.{inner}", cell) for inner, cell in flat(one, deep + 1))
        else:
            yield key, one


def shown(text: str, longest: int = LONGEST_NAME) -> str:
    """As much of it as people are shown, as it can be stored."""
    return re.sub("[\0\ud800-\udfff]", "\ufffd", text[:longest])


def written(value: object) -> str:
    if value is None or isinstance(value, list):
        return ""
    return value if isinstance(value, str) else json.dumps(value)
