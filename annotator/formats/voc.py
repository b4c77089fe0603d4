"""Pascal VOC: an XML file an image, with its boxes. Edges are taken as they stand, in pixels from the top left.

Everingham et al., "The PASCAL Visual Object Classes Challenge" (2010), section 3. XML with entities is refused.
"""

import math
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.translation import gettext

from annotator.formats import Source
from annotator.formats.files import IMAGES, File, Folder, named
from annotator.formats.found import Drawn, Found, ImageFound, Lost, Problem, Unreadable
from annotator.messages import Value
from annotator.shapes import Rectangle

TITLE = "Pascal VOC"
LARGEST = 2 * 2**20  # as elements they take some thirty times the room
ROOT = re.compile(r"<annotation[\s>]")
TICKED = ("difficult", "truncated", "occluded")


def recognise(folder: Folder) -> Iterator[Source]:
    files = [file.path for file in folder.with_suffix(".xml") if ROOT.search(file.beginning)]
    if files:
        yield Source(files, beside=[path for path in folder.files if is_list(path)])


def is_list(path: str) -> bool:
    *folders, name = path.split("/")
    return name == "labelmap.txt" or (name.endswith(".txt") and "ImageSets" in folders)


def read(folder: Folder, source: Source) -> Iterator[Found]:
    for path in source.files:
        try:
            yield from read_file(folder.files[path], folder)
        except Unreadable as error:
            yield Problem(path, error.place, error.detail)


def read_file(file: File, folder: Folder) -> Iterator[Found]:
    root = parsed(file)
    name = image_of(root, file, folder)
    yield ImageFound(file.path, name)
    for number, element in enumerate(root.iter("object"), 1):
        place = f"{gettext('object')} {number}"
        label = (element.findtext("name") or "").strip()
        box = box_of(element)
        if not label:
            yield Problem(file.path, place, gettext("It has no <name>, so it is not known what it is."))
        elif box is None:
            yield Problem(file.path, place, gettext("It has no <bndbox> with four numbers."))
        else:
            yield from lost(element)
            yield Drawn(file.path, place, name, label, box, dict(attributes(element)))


def image_of(root: Element, file: File, folder: Folder) -> str:
    """As it is told, with its ending or without. Who renamed an image mostly renamed its file too, but told nothing."""
    name = (root.findtext("filename") or "").strip()
    if name and PurePosixPath(name).suffix.lower() not in IMAGES:
        name = f"{name}.*"
    unknown = not name or named(name).removesuffix(".*") not in folder.image_names
    return f"{file.stem}.*" if unknown and (not name or file.stem in folder.image_stems) else name


def parsed(file: File) -> Element:
    try:
        return fromstring(file.read(LARGEST), forbid_dtd=True)
    except DefusedXmlException:
        detail = gettext(
            "The XML defines entities or points to other files, which is refused. Save it without a DOCTYPE."
        )
        raise Unreadable(detail, file=file.path) from None
    except (ParseError, ValueError, LookupError) as error:
        raise Unreadable(gettext("This is no valid XML: %s.") % error, file=file.path) from None


def box_of(element: Element) -> Rectangle | None:
    try:
        left, top, right, bottom = (
            float(element.findtext(f"bndbox/{edge}") or "") for edge in ("xmin", "ymin", "xmax", "ymax")
        )
    except ValueError:
        return None
    if not all(map(math.isfinite, (left, top, right, bottom))):
        return None
    return Rectangle(left, top, right - left, bottom - top)


def attributes(element: Element) -> Iterator[tuple[str, Value]]:
    """Only what was ticked: most tools write 0 where nobody has looked."""
    for name in TICKED:
        if (element.findtext(name) or "").strip() in ("1", "true", "True"):
            yield name, True


def lost(element: Element) -> Iterator[Found]:
    poses = (element.findtext("pose") or "Unspecified").strip().lower()
    if poses not in ("", "unspecified") or element.find("part") is not None or element.find("actions") is not None:
        yield Lost("poses")
    if element.find("polygon") is not None:
        yield Lost("polygons")
