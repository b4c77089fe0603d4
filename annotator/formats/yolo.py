"""YOLO: a text file an image, with a line a box: its class's number and its middle, width and height in parts of the
image's. A line of more numbers is an outline. The classes' names stand in a YAML file or one a line. Turned boxes may
also stand as DOTA has them: four corners in pixels and the name itself.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import PurePosixPath

import yaml
from django.utils.translation import gettext

from annotator.formats import Source
from annotator.formats.files import File, Folder, line_of
from annotator.formats.found import Drawn, Found, ImageFound, LabelFound, Lost, Problem, Unreadable
from annotator.shapes import Polygon, Rectangle, Shape

TITLE = "YOLO"
LARGEST = 2**20
LONGEST = 2**20  # characters of a row: an outline of very many corners
NUMBER = re.compile(r"-?\d+(\.\d*)?")
NAMES = re.compile(r"^[ \t]*[\"']?names[\"']?[ \t]*:", re.MULTILINE)
LISTED = re.compile(r"((_|predefined_)?classes\.txt|class_?names\.txt|labels\.txt|_darknet\.labels|.*\.names)$")
PIXELS = 5  # parts of an image's width and height are about 1 at most
ABOUT = re.compile(r"(imagesource|gsd):")  # the first lines of DOTA's files
BESIDE = re.compile(r"(train|val|valid|test|obj)\.(txt|data)$")


def recognise(folder: Folder) -> Iterator[Source]:
    """Label files with the class names that are nearest to them."""
    classes = [file.path for file in folder.files.values() if is_classes(file)]
    labels = [file for file in folder.with_suffix(".txt") if is_labels(file, folder, bool(classes))]
    folders = {file.folder for file in labels}
    if any(NAMES.search(folder.files[path].beginning) for path in classes):  # there may be nothing on any image
        folders |= {file.folder for file in folder.with_suffix(".txt") if PurePosixPath(file.folder).name == "labels"}
    if not folders:
        return
    known = {file.path for file in labels}
    others = [file for file in folder.with_suffix(".txt") if file.path not in known and file.folder in folders]
    empty = [file.path for file in others if not file.head.strip()]
    within = first_within(classes)
    nearest: dict[str, list[str]] = defaultdict(list)
    for path in sorted(known.union(empty)):
        nearest[next((within[one] for one in folders_of(path) if one in within), "")].append(path)
    lists = [path for path, file in folder.files.items() if BESIDE.match(file.name) and path not in known]
    for path, files in nearest.items():
        yield Source(files, beside=[path, *lists] if path else lists)
        lists = []


def is_classes(file: File) -> bool:
    if file.suffix in (".yaml", ".yml"):
        return bool(NAMES.search(file.beginning))
    return LISTED.match(file.name) is not None and not is_row(first_line(file))


def is_labels(file: File, folder: Folder, named: bool) -> bool:
    """Rows of numbers beside an image of that name, or where there are names for the numbers."""
    if not named and file.stem not in folder.image_stems:
        return False
    return is_row(first_line(file))


def first_line(file: File) -> str:
    return next((line for line in file.beginning.splitlines() if line.strip() and not ABOUT.match(line)), "")


def is_row(line: str) -> bool:
    try:
        return turned(line) is not None or max(read_row(line)[1][:4]) < PIXELS
    except ValueError:
        return False


def first_within(paths: list[str]) -> dict[str, str]:
    """For each folder the first of the files that are anywhere in it."""
    found: dict[str, str] = {}
    for path in paths:
        for folder in folders_of(path):
            if folder in found:
                break
            found[folder] = path
    return found


def folders_of(path: str) -> Iterator[str]:
    """The folders that a file is in, from its own up to the uppermost, which is ""."""
    while path:
        path = path.rpartition("/")[0]
        yield path


def read(folder: Folder, source: Source) -> Iterator[Found]:
    names: dict[int, str] = {}
    points = False
    for path in source.beside[:1]:
        if is_classes(folder.files[path]):
            names, points = classes_of(folder.files[path])
    yield from (LabelFound(name) for name in names.values())
    for path in source.files:
        try:
            yield from read_file(folder.files[path], names, points=points)
        except Unreadable as error:
            yield Problem(path, error.place, error.detail)


def classes_of(file: File) -> tuple[dict[int, str], bool]:
    """The names by their numbers, and whether the rows hold the points of skeletons."""
    text = file.read(LARGEST).decode(errors="replace")
    if file.suffix not in (".yaml", ".yml"):
        return dict(enumerate(line.strip() for line in text.splitlines() if line.strip())), False
    try:
        values = yaml.load(text, Plain)  # noqa: S506 (it makes nothing but strings, lists and dicts)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise Unreadable(gettext("This is no valid YAML: %s.") % " ".join(str(error).split()), file=file.path) from None
    if not isinstance(values, dict):
        return {}, False
    names = values.get("names")
    pairs = names.items() if isinstance(names, dict) else enumerate(names) if isinstance(names, list) else ()
    found = {number(n): name for n, name in pairs if isinstance(name, str)}
    return {n: name for n, name in found.items() if n is not None}, "kpt_shape" in values


class Plain(yaml.BaseLoader):
    """YAML whose values are as they are written. What points elsewhere in it is refused: it may stand for gigabytes."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError(gettext("it has an alias (“*”), which is refused"))
        return super().compose_node(parent, index)


def number(written: object) -> int | None:
    text = str(written)
    return int(text) if text.isdecimal() and len(text) < 10 else None


def read_file(file: File, names: dict[int, str], *, points: bool) -> Iterator[Found]:
    image = image_of(file.path)
    yield ImageFound(file.path, image)
    for at, line in file.lines(LONGEST):
        if not line.strip() or ABOUT.match(line):
            continue
        place = line_of(at)
        if found := turned(line):
            yield Lost("turned")
            yield Drawn(file.path, place, image, *found)
            continue
        try:
            kind, numbers = read_row(line)
        except ValueError:
            yield Problem(file.path, place, gettext("A line is the class's number and at least four numbers."))
            continue
        if names and kind not in names:
            yield Problem(file.path, place, gettext("There is no name for class %d.") % kind)
            continue
        shape, lost = shape_of(numbers, points=points)
        if shape is None:
            yield Problem(file.path, place, gettext("An outline is a list of x, y, x, y …, so it has an even length."))
            continue
        yield from (Lost(what) for what in lost)
        yield Drawn(file.path, place, image, names.get(kind, f"class {kind}"), shape, relative=True)


def image_of(path: str) -> str:
    """Beside the labels, or in the folder “images” where they are in “labels”; of any kind."""
    parts = list(PurePosixPath(path).with_suffix("").parts)
    for n in range(len(parts) - 2, -1, -1):
        if parts[n].lower() in ("labels", "annotations", "labeltxt"):
            parts[n] = "Images" if parts[n][0].isupper() else "images"
            break
    return "/" + "/".join(parts) + ".*"


def turned(line: str) -> tuple[str, Polygon] | None:
    """The name and the corners in pixels of a row of DOTA's: eight numbers, a name, a difficulty."""
    *fields, difficulty = line.split() or [""]
    corners, name = fields[:8], fields[8:]
    if not (difficulty.isdecimal() and all(map(NUMBER.fullmatch, corners))) or all(map(NUMBER.fullmatch, name)):
        return None
    return " ".join(name), Polygon(pairs(list(map(float, corners))))


def read_row(line: str) -> tuple[int, list[float]]:
    kind, *rest = line.split()
    numbers = [float(one) for one in rest]
    if (n := number(kind)) is None or len(numbers) < 4 or not all(map(math.isfinite, numbers)):
        raise ValueError
    return n, numbers


def shape_of(numbers: list[float], *, points: bool) -> tuple[Shape | None, list[str]]:
    if len(numbers) < 6 or points:
        x, y, width, height = numbers[:4]
        lost = ["keypoints"] if points else ["confidences"] * (len(numbers) == 5)
        return Rectangle(x - width / 2, y - height / 2, width, height), lost
    if len(numbers) % 2:
        return None, []
    return Polygon(pairs(numbers)), []


def pairs(numbers: list[float]) -> list[tuple[float, float]]:
    return list(zip(numbers[::2], numbers[1::2], strict=True))
