"""What a project can be downloaded as, and what can be read into one: one module a format.

To add one, copy its nearest neighbour and name it here.
"""

from collections.abc import Iterator
from importlib import import_module
from typing import Protocol, cast

import msgspec

from annotator.formats.contents import Contents
from annotator.formats.files import Folder
from annotator.formats.found import Found
from projects.models import ItemKind

FORMATS = {
    "jsonl": "annotator.formats.jsonl",
    "coco": "annotator.formats.coco",
    "yolo": "annotator.formats.yolo_out",
    "voc": "annotator.formats.voc_out",
    "tags": "annotator.formats.tags",
    "conll": "annotator.formats.conll",
    "doccano": "annotator.formats.doccano_out",
}
READERS = {  # in this order they are asked what they know
    "jsonl": "annotator.formats.jsonl",
    "predictions": "annotator.formats.predictions",
    "results": "annotator.formats.results",
    "coco": "annotator.formats.coco",
    "voc": "annotator.formats.voc",
    "yolo": "annotator.formats.yolo",
    "labelstudio": "annotator.formats.labelstudio",
    "conll": "annotator.formats.conll",
    "doccano": "annotator.formats.doccano",
    "tags": "annotator.formats.tags",
    "table": "annotator.formats.table",
}
ROLES = {"text": "Text", "label": "Label", "name": "Name"}  # what a column of a table may be
HEADER = "header"  # the choice whether the first line of a table names the columns, empty where it does not
FOLDERS, TAGS = "folders", "tags"  # the choice whether folders' names become tags, empty where they do not


class Format(Protocol):
    """What a module in FORMATS offers."""

    TITLE: str
    KIND: ItemKind | None  # of the items it holds; None: of all
    EXTENSION: str
    CONTENT_TYPE: str
    IMAGES: bool  # whether the images themselves may be wanted beside it
    BY_STEM: bool  # whether it knows an image by its file's name without the ending

    def loses(self, contents: Contents) -> Iterator[str]:
        """What it cannot hold of this project: a sentence each."""

    def write(self, contents: Contents) -> Iterator[bytes]: ...


class Source(msgspec.Struct):
    """Files of one format that belong together: those that hold annotations, and those that are needed to read them.

    `columns` are a table's, with a few of its rows; `choices` says which column is what. `classes` are what folders of
    images are called.
    """

    files: list[str]
    format: str = ""
    beside: list[str] = []
    columns: list[str] = []
    rows: list[list[str]] = []
    choices: dict[str, str] = {}
    classes: list[str] = []


class Reader(Protocol):
    """What a module in READERS offers."""

    TITLE: str

    def recognise(self, folder: Folder) -> Iterator[Source]:
        """The files of this format."""

    def read(self, folder: Folder, source: Source) -> Iterator[Found]:
        """What they hold. Raises Unreadable where a file cannot be read on."""


def load(name: str) -> Format:
    return cast(Format, import_module(FORMATS[name]))


def reader(name: str) -> Reader:
    """`FOLDERS` are recognised by what no other reader takes."""
    return cast(Reader, import_module("annotator.formats.folders" if name == FOLDERS else READERS[name]))
