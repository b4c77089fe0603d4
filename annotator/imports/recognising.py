"""What was dropped: which files are what, and all that they hold, in one pass."""

import re
from collections.abc import Callable

import msgspec
from django.utils.translation import gettext

from annotator.formats import READERS, Source, reader
from annotator.formats.files import IMAGES, TEXTS, File, Folder, named
from annotator.formats.found import Problem, Unreadable
from annotator.imports.gathering import Gathering

MASKS = re.compile(r"(^|/)(SegmentationClass|SegmentationObject|panoptic_[^/]*)/[^/]*$")
ABOUT = re.compile(r"(readme|licen[cs]e|copying|changelog|citation|source)[^/]*$", re.IGNORECASE)
SHEETS = {".xlsx", ".xls", ".ods"}
OF_IMAGES = {"coco", "yolo", "voc"}
TABLES = {".csv", ".tsv"}
BETWEEN = re.compile(r"[\s,;]+")
LOOKED_AT = 50  # lines


class Recognised(msgspec.Struct):
    """Sources of annotations, and the images and texts that are items as they are."""

    sources: list[Source]
    images: list[str]
    texts: list[str]
    problems: list[Problem]


def recognise(folder: Folder) -> Recognised:
    free = Folder(dict(folder.files))
    sources: list[Source] = []
    for name in READERS:
        for source in reader(name).recognise(free):
            source.format = name
            sources.append(source)
            for path in [*source.files, *source.beside]:
                free.files.pop(path, None)
            free = Folder(free.files)
    about_images = any(source.format in OF_IMAGES for source in sources)
    found = Recognised(sources, [], [], list(folder.problems))
    for path, file in free.files.items():
        place(found, path, file, folder, about_images=about_images)
    return found


def place(found: Recognised, path: str, file: File, folder: Folder, *, about_images: bool) -> None:
    if MASKS.search(path):
        found.problems.append(Problem(path, "", gettext("It is an image of masks, which cannot be kept.")))
    elif file.suffix in IMAGES:
        found.images.append(path)
    elif file.suffix in TABLES or (file.suffix in TEXTS and speaks_of(folder.image_names, file)):
        detail = gettext("It speaks of images in a way that is not known here. Bring it as COCO, YOLO or Pascal VOC.")
        found.problems.append(Problem(path, "", detail))
    elif file.suffix in TEXTS and not about_images and not (ABOUT.match(file.name) and "/" in path):
        found.texts.append(path)
    elif file.suffix in TEXTS or ABOUT.match(file.name):
        found.problems.append(Problem(path, "", gettext("It was taken for a note about the files and left out.")))
    elif file.suffix in SHEETS:
        found.problems.append(Problem(path, "", gettext("Save the spreadsheet as CSV and drop that.")))
    else:
        found.problems.append(Problem(path, "", gettext("What kind of file this is, is not known. It was left out.")))


def speaks_of(images: set[str], file: File) -> bool:
    """Whether a text beside images is about them: rows that begin with their names, or that are mostly numbers."""
    lines = [line for line in file.beginning.splitlines()[:LOOKED_AT] if line.strip()] if images else []
    first = [named(BETWEEN.split(line.strip(), maxsplit=1)[0]) for line in lines]
    if any("." in name and name in images for name in first):
        return True
    numbers = sum(not character.isalpha() for line in lines for character in line)
    mostly = 4 * numbers > 3 * sum(map(len, lines)) and all(re.search(r"\d", line) for line in lines)
    return bool(lines) and (mostly or all(name in images for name in first))


def gathered(folder: Folder, found: Recognised, go_on: Callable[[], None] = lambda: None) -> Gathering:
    """Read every source to its end; one that cannot be read on keeps what was read of it, and says so.

    `go_on` is asked again and again, as by reading, and raises when it shall not go on.
    """
    into = Gathering(found.images)
    for problem in found.problems:
        into.problem(problem)
    for number, source in enumerate(found.sources):
        try:
            for one in reader(source.format).read(folder, source):
                go_on()
                into.take(one, number)
        except Unreadable as error:
            into.problem(Problem(error.file or source.files[0], error.place, error.detail))
    into.finish()
    return into
