"""Texts in a table. People choose which column is the text, its label and its name."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from django.utils.translation import gettext
from msgspec.structs import replace

from annotator.formats import HEADER, ROLES, Source, foreign, labelstudio
from annotator.formats.cells import (
    CSV,
    GUESSES,
    SAMPLE,
    columns_of,
    first_of,
    flat,
    has_header,
    lists_in,
    rows_of,
    shown,
)
from annotator.formats.files import LINES, File, Folder
from annotator.formats.found import Drawn, Found, Lost, Problem, TextFound, Unreadable

TITLE = "Table of texts"
FEW = 3  # rows, of which nothing can be said
SAMPLED = 1_000  # characters of a cell, as far as a column's kind goes by it
SHOWN, SHOWN_COLUMNS, SHOWN_OF_CELL = 5, 20, 80  # rows, columns, characters of a cell


def recognise(folder: Folder) -> Iterator[Source]:
    for file in list(filter(is_table, folder.files.values())):
        columns, rows = looked_at(file)
        if not kind_of(file, folder, columns, rows):
            yield seen(
                Source([file.path]), file, header=file.suffix in CSV and has_header(file) and not is_text(columns, rows)
            )


def is_text(columns: list[str], rows: list[list[str]]) -> bool:
    """Whether what stands above the longest column is a sentence as long as those below it, and no question, as the
    columns of a survey are called."""
    if not rows or {column.casefold() for column in columns} & {name for names in GUESSES.values() for name in names}:
        return False
    above, *below = max(zip(columns, *rows, strict=True), key=lambda cells: sum(map(len, cells)))
    is_sentence = above.count(" ") > 1 and not above.endswith(("?", ":"))
    return is_sentence and len(above) * len(below) >= sum(map(len, below))


def seen(source: Source, file: File, *, header: bool) -> Source:
    """With its columns and first rows, and what each column is taken for."""
    columns, rows = looked_at(file, header=header)
    source.columns, source.choices = columns, guessed(columns, rows)
    source.rows = [[shown(cell, SHOWN_OF_CELL) for cell in row[:SHOWN_COLUMNS]] for row in rows[:SHOWN]]
    if file.suffix in CSV:
        source.choices[HEADER] = "yes" if header else ""
    return source


def choose(folder: Folder, source: Source, choices: dict[str, str]) -> None:
    """What people say of it. Columns go by their places where they are called as they were before it was said whether
    the first line names them."""
    file, header = folder.files[source.files[0]], bool(choices[HEADER])
    if header != bool(source.choices[HEADER]):
        seen(source, file, header=header)
    chosen = {role: name for role, name in choices.items() if role in ROLES}
    if not {"", *source.columns}.issuperset(chosen.values()):
        before, _ = looked_at(file, header=not header)
        now = dict(zip(before, source.columns, strict=False)) | {name: name for name in source.columns}
        chosen = {role: now.get(name, name) for role, name in chosen.items()}
    source.choices = source.choices | choices | chosen


def is_table(file: File) -> bool:
    """Other JSON might be anything, so that a column must say that it is the text."""
    if file.suffix != ".json":
        return file.suffix in (*CSV, *LINES)
    first = first_of(file)
    return isinstance(first, dict) and any(
        isinstance(one, str) and key.rpartition(".")[2].casefold() in foreign.TEXT for key, one in flat(first)
    )


def looked_at(file: File, *, header: bool | None = None) -> tuple[list[str], list[list[str]]]:
    """Its columns and first rows; none when it cannot be read, as reading it will say."""
    header = file.suffix in CSV and has_header(file) if header is None else header
    try:
        columns = columns_of(file, header=header)
    except Unreadable:
        return [], []
    return columns, sample(file, columns, header=header)


def kind_of(file: File, folder: Folder, columns: list[str], rows: list[list[str]]) -> foreign.Kind | None:
    """What it is when it is no table of texts."""
    return foreign.kind_of_table(columns, rows, folder.image_names) if columns else None


def sample(file: File, columns: list[str], *, header: bool) -> list[list[str]]:
    """The first rows, as far as they can be read."""
    rows: list[list[str]] = []
    with suppress(Unreadable):
        for _, cells in islice(rows_of(file, columns, header=header), SAMPLE):
            if isinstance(cells, list):
                rows.append([cell[:SAMPLED] for cell in cells])
    return rows


def guessed(columns: list[str], rows: list[list[str]]) -> dict[str, str]:
    """By the columns' names; without one that says so, the text is where most is written, if words are."""
    by_name = {column.casefold(): column for column in reversed(columns)}
    found = {role: next((by_name[name] for name in names if name in by_name), "") for role, names in GUESSES.items()}
    others = {*GUESSES["label"], "id", "file", "filename"}
    worded = [n for n, column in enumerate(columns) if column.casefold() not in others and has_words(rows, n)]
    longest = max(worded, key=lambda n: sum(len(row[n]) for row in rows), default=None)
    found["text"] = found["text"] or ("" if longest is None else columns[longest])
    return {role: "" if role != "text" and column == found["text"] else column for role, column in found.items()}


def has_words(rows: list[list[str]], n: int) -> bool:
    """Whether most cells of a column are words, and not the same few; those of an empty table might be."""
    cells = [row[n] for row in rows]
    worded = sum(sum(map(str.isalpha, cell)) > 2 * sum(map(str.isdigit, cell)) for cell in cells)
    return 2 * worded >= len(cells) and (len(cells) < FEW or 2 * len(set(cells)) > len(cells))


def read(folder: Folder, source: Source) -> Iterator[Found]:
    for path in source.files:
        file = folder.files[path]
        header = bool(source.choices.get(HEADER))
        columns = columns_of(file, header=header)
        for column in filter(None, map(source.choices.get, ROLES)):
            if column not in columns:
                raise Unreadable(gettext("There is no column “%s”.") % column, file=path)
        text, label, name = (at(columns, source.choices.get(role, "")) for role in ("text", "label", "name"))
        if text is None:
            raise Unreadable(gettext("No column looks like texts. Choose the one that holds them."), file=path)
        yield Lost("columns", len(columns) + lists_in(file) - sum(n is not None for n in (text, label, name)))
        number = 0
        for number, (place, cells) in enumerate(rows_of(file, columns, header=header), 1):
            if isinstance(cells, str):
                yield Problem(path, place, cells)
            elif any(cell.strip() for cell in cells):
                called = cells[name].strip() if name is not None else ""
                kind = cells[label].strip() if label is not None else ""
                found = TextFound(path, place, place, called or f"{file.name} {number}", cells[text])
                yield from read_row(found if called else replace(found, known_by="text"), kind)
        if not number:
            yield Problem(path, "", gettext("It has only a header line, and no rows below it."))


def read_row(found: TextFound, label: str) -> Iterator[Found]:
    if not found.text.strip():
        yield Problem(found.file, found.place, gettext("It has no text."))
        return
    yield found
    labels = labelstudio.of_cell(label, found.text) if label else []
    if labels is None:
        yield Lost("results")
    for name_of, shape in labels or ():
        yield Drawn(found.file, found.place, found.key, name_of, shape)


def at(columns: list[str], column: str) -> int | None:
    return columns.index(column) if column in columns else None
