"""Small files that ask for much: days of a worker, all of its memory. They are refused, or read in their time."""

import io
import json
import sys
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from annotator.formats.files import PIECE
from annotator.imports import archive, recognising
from annotator.imports.drawing import Canvas
from annotator.imports.fitting import fitted
from annotator.imports.gathering import Gathering
from annotator.shapes.polygon import MAX_VERTICES, Polygon
from tests.images import encoded, picture
from tests.imports import zipped

PNG = encoded(picture(), "PNG")


def read(files: dict[str, bytes]) -> Gathering:
    """All that is found in them."""
    with archive.gathered([(path, len(body), partial(io.BytesIO, body)) for path, body in files.items()]) as folder:
        return recognising.gathered(folder, recognising.recognise(folder))


def details(gathering: Gathering) -> list[str]:
    return [problem.detail for problem in gathering.problems]


@contextmanager
def below(megabytes: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < megabytes * 2**20
    finally:
        tracemalloc.stop()


# YOLO -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "files",
    [
        {"a.txt": b"1 .5 .5 .1 .1\n" + b"1 " * 8 + b"a" + b" " * 60_000 + b"x\n", "a.png": PNG},
        {"data.yaml": b"\n" * 60_000 + b"x", "a.png": PNG},
    ],
)
def test_blanks_take_no_time(files):
    begun = time.process_time()

    read(files)

    assert time.process_time() - begun < 5  # it took minutes


def test_a_row_of_yolo_is_of_bounded_length():
    gathering = read({"a.txt": b"1 .5 .5 .1 .1\n" + b"1 " * 2**20, "a.png": PNG})

    assert details(gathering) == ["The line has more than 1,048,576 characters. Is this file what its name says?"]
    assert gathering.drawn == 1


def test_yaml_that_stands_for_gigabytes_is_refused():
    levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 6))
    body = f"a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n{levels}names: [*a5]\n"

    with below(4):
        gathering = read({"data.yaml": body.encode(), "a.txt": b"0 .5 .5 .1 .1", "a.png": PNG})

    assert details(gathering) == ["This is no valid YAML: it has an alias (“*”), which is refused."]


def test_names_of_yolo_are_as_they_are_written():
    names = f"0: yes\n  1: 2026-01-01\n  2: [a]\n  3: {':'.join('1' * 50)}\n  ? {'9' * 5000}\n  : x"
    body = f"names:\n  {names}\n".encode()

    gathering = read({"data.yaml": body, "a.txt": b"0 .5 .5 .1 .1", "a.png": PNG})

    assert [*gathering.labels][:2] == ["yes", "2026-01-01"]
    assert len(gathering.labels) == 3
    assert gathering.problems == []


# JSON and lines -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("suffix", "sentence"),
    [
        ("json", "One of its values has more than 8,388,608 characters. Split the file."),
        ("jsonl", "The line has more than 8,388,608 characters. Is this file what its name says?"),
    ],
)
def test_an_endless_line_is_refused_without_being_read_into_memory(suffix, sentence):
    body = b'{"images": [], "annotations": ["' + b"x" * 100 * 2**20 + b'"]}'

    with below(60):
        gathering = read({f"long.{suffix}": body})

    assert details(gathering) == [sentence]


# Paths and XML --------------------------------------------------------------------------------------------------------


def test_very_long_paths_are_told():
    gathering = read({"ImageSets/" * 6_000 + "x": b"x", "a.png": PNG})

    assert details(gathering) == ["Its path has more than 1,000 characters. Shorten it."]


def test_xml_of_very_many_elements_is_refused():
    with below(20):
        gathering = read({"a.xml": b"<annotation>" + b"<a/>" * 2**20 + b"</annotation>", "a.png": PNG})

    assert details(gathering) == ["The file is larger than 2 MB. Is it what its name says?"]


# Many -----------------------------------------------------------------------------------------------------------------


def unlike(count: int) -> bytes:
    """COCO of images whose folders are called otherwise than those that were dropped."""
    images = [{"id": n, "file_name": f"other/c{n}/x/a.png"} for n in range(count)]
    return json.dumps({"images": images, "annotations": [], "categories": []}).encode()


def names_of_classes(count: int) -> dict[str, bytes]:
    names = {f"c{n}/data.yaml": b"names: [a]" for n in range(count)}
    return names | {f"l{n}/{n}.txt": b"0 .5 .5 .1 .1" for n in range(count)}


def one_name(count: int) -> dict[str, bytes]:
    return {f"images/c{n}/x/a.png": b"" for n in range(count)} | {"a.json": unlike(count)}


def one_stem(count: int) -> dict[str, bytes]:
    images = {f"images/c{n}/a.png": b"" for n in range(count)}
    return images | {f"labels/d{n}/e/a.txt": b"0 .5 .5 .1 .1" for n in range(count)}


def steps(files: dict[str, bytes]) -> int:
    """Lines that Python goes through to read them: the same number each time, on every machine."""
    count = 0

    def counting(*_: Any) -> Any:
        nonlocal count
        count += 1
        return counting

    before = sys.gettrace()
    sys.settrace(counting)
    try:
        read(files)
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("files", [names_of_classes, one_name, one_stem])
def test_twice_as_many_files_take_twice_as_long(files):
    steps(files(10))  # what is remembered from now on

    assert steps(files(600)) < 2.5 * steps(files(300))


def test_a_coco_file_beside_results_is_read_once_for_all_of_them():
    coco = {"categories": [{"id": 1, "name": "Cup"}], "annotations": [], "images": [{"id": 1, "file_name": "a.png"}]}
    result = [{"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}]
    read_to_the_end = []

    class Counted(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            piece = super().read(size)
            if size == PIECE and not piece:
                read_to_the_end.append(1)
            return piece

    files = [(f"{n}.json", len(json.dumps(result)), partial(io.BytesIO, json.dumps(result).encode())) for n in range(5)]
    body = json.dumps(coco).encode()
    with archive.gathered([("coco.json", len(body), partial(Counted, body)), *files]) as folder:
        gathering = recognising.gathered(folder, recognising.recognise(folder))

    assert (gathering.predicted, details(gathering)) == (5, [])
    assert len(read_to_the_end) == 2  # for what is drawn, and for the results


def test_an_outline_of_too_many_corners_is_not_cut():
    """Only the door says what is wrong with it: cutting takes time by the square of its corners."""
    teeth = [(float(n), -5.0 + n % 2) for n in range(MAX_VERTICES)]
    shape = Polygon([*teeth, (MAX_VERTICES, 50.0), (0.0, 50.0)])

    assert fitted(shape, Canvas(1, 900, 900), relative=False) == (shape, False)


# Tables ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"," * 2**20, "The table has more than 200 columns. Leave out some."),
        (
            b'a,"' + (b'\n",' + b"b" * 60 + b',"') * 2**17,
            "The table cannot be read on: the row has more than 4,194,304 characters.",
        ),
        (b"text\n" + b"ab," * 2**18, "The row has 262,145 cells, the header 1."),
    ],
)
def test_a_table_of_very_many_cells_is_refused(body, sentence):
    with below(100):
        gathering = read({"t.csv": body})

    assert sentence in details(gathering)[0].replace("262145", "262,145")


def test_the_first_rows_of_a_table_are_not_kept_whole():
    cell = b"x" * 2**20
    files = {"t.csv": b"text,label\n" + (cell + b",y\n") * 20, "t.jsonl": (b'{"text": "' + cell + b'"}\n') * 20}

    with below(20):
        gathering = read(files)

    assert gathering.texts == 40


def test_beginnings_of_files_are_not_kept():
    files = {f"{n}.txt": b"0 .5 .5 .1 .1\n" * 4_000 for n in range(300)} | {"classes.txt": b"Cup\n"}
    uploads = [(path, len(body), partial(io.BytesIO, body)) for path, body in files.items()]

    with below(6), archive.gathered(uploads) as folder:
        recognising.recognise(folder)


# Zips -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "start", "told"),
    [
        ("a.jsonl", b'{"text": "', "The line has more than 8,388,608 characters. Is this file what its name says?"),
        (
            "a.json",
            b'[{"text": "',
            "What kind of file this is, is not known. It was left out. If it holds annotations, convert it to COCO, "
            "YOLO or Pascal VOC, texts to CoNLL-2003.",
        ),
        ("a.csv", b'text\n"', "The line has more than 8,388,608 characters. Is this file what its name says?"),
        ("a.conll", b"a", "The line has more than 65,536 characters. Is this file what its name says?"),
    ],
)
def test_what_a_small_zip_unpacks_to_is_not_held_in_memory(name, start, told):
    body = zipped({name: start + b"x " * 20 * 2**20})

    with below(60):
        gathering = read({"a.zip": body})

    assert details(gathering) == [told]
