"""What was dropped: which files are what, and all that they hold, in one pass."""

import re
from collections.abc import Callable

import msgspec
from django.utils.translation import gettext, ngettext

from annotator.formats import HEADER, READERS, Source, folders, foreign, reader, table
from annotator.formats.files import IMAGES, TEXTS, File, Folder
from annotator.formats.found import Problem, Unreadable
from annotator.imports.gathering import Gathering
from annotator.imports.masks import masks

ABOUT = re.compile(r"(readme|licen[cs]e|copying|changelog|citation)(\.[a-z]+)*", re.IGNORECASE)
OF_IMAGES = {"coco", "yolo", "voc"}  # and nothing else
TEXTS_ONLY = {"conll", "doccano", "table"}
DATA = {".json", ".xml", ".yaml", ".yml"}


class Recognised(msgspec.Struct):
    """Sources of annotations, and the images and texts that are items as they are."""

    sources: list[Source]
    images: list[str]
    texts: list[str]
    problems: list[Problem]


def recognise(folder: Folder) -> Recognised:
    free = Folder(dict(folder.files))
    left: dict[str, list[str]] = {}  # what is not taken, by the sentence that says why
    ways: set[foreign.Way] = set()
    for path, file in folder.files.items():
        if kind := foreign.kind_of(file):
            left.setdefault(kind.told(), []).append(path)
            ways.add(kind.way)
            del free.files[path]
    sources: list[Source] = []
    for name in READERS:
        for source in reader(name).recognise(free):
            source.format = name
            sources.append(source)
            for path in [*source.files, *source.beside]:
                free.files.pop(path, None)
            free = Folder(free.files)
    found = Recognised(sources, [], [], list(folder.problems))
    doubt = place(found, free, folder, left, about_images=not ways.isdisjoint(foreign.OF_IMAGES))
    formats = {source.format for source in found.sources}
    if formats <= TEXTS_ONLY:
        for paths in (found.images, found.texts if not formats else []):
            found.sources[:0] = folders.sources(paths, doubt=doubt)
    found.problems += [told(detail, paths) for detail, paths in left.items()]
    return found


def choose(folder: Folder, found: Recognised, choices: dict[str, dict[str, str]]) -> None:
    """Take over which columns of tables are what."""
    for source in found.sources:
        given = choices.get(source.files[0], {})
        if HEADER in source.choices and HEADER in given:
            table.choose(folder, source, given)
        else:
            source.choices = source.choices | given


def place(found: Recognised, free: Folder, folder: Folder, left: dict[str, list[str]], *, about_images: bool) -> bool:
    """What no reader takes: images, texts, and what is left out. Whether something annotates images."""
    annotated = {file.stem.lower() for file in folder.with_suffix(".txt", ".xml")}
    of_masks = masks(free.images, annotated)
    read = any(source.format in OF_IMAGES for source in found.sources)
    doubt = about_images = about_images or read or bool(of_masks)
    for path, file in free.files.items():
        if path in of_masks:
            why = gettext(
                "It is an image of masks, no photo. Bring what they outline as polygons, in COCO or YOLO. If they are "
                "photos, drop them without the others."
            )
        elif file.suffix in IMAGES:
            found.images.append(path)
            continue
        elif kind := foreign_kind(file, folder, about_images=about_images):
            why = kind.told()
            doubt = doubt or kind.way in foreign.OF_IMAGES
        elif file.suffix in TEXTS and not read and not (ABOUT.fullmatch(file.name) and "/" in path):
            found.texts.append(path)
            continue
        elif file.suffix in TEXTS or ABOUT.fullmatch(file.name):
            why = gettext(
                "It was taken for a note about the files and left out. If it is a text to be labelled, drop it without "
                "the other files."
            )
        else:
            why = gettext("What kind of file this is, is not known. It was left out.")
            if not file.head.strip():
                why = gettext("The file is empty.")
            elif file.suffix in DATA:
                hint = gettext("If it holds annotations, convert it to COCO, YOLO or Pascal VOC, texts to CoNLL-2003.")
                why = f"{why} {hint}"
        left.setdefault(why, []).append(path)
    return doubt


def foreign_kind(file: File, folder: Folder, *, about_images: bool) -> foreign.Kind | None:
    if table.is_table(file):
        return table.kind_of(file, folder, *table.looked_at(file))
    return foreign.kind_of_text(file, folder, about_images=about_images) if file.suffix in TEXTS else None


def told(detail: str, paths: list[str]) -> Problem:
    """Once for all files of which the same is to be said."""
    more = len(paths) - 1
    return Problem(paths[0], ngettext("and %d more", "and %d more", more) % more if more else "", detail)


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
