"""What a project can be downloaded as: one module a format. To add one, copy its nearest neighbour and name it here."""

from collections.abc import Iterator
from importlib import import_module
from typing import Protocol, cast

from annotator.formats.contents import Contents

FORMATS = {
    "jsonl": "annotator.formats.jsonl",
    "coco": "annotator.formats.coco",
    "conll": "annotator.formats.conll",
}


class Format(Protocol):
    """What a module in FORMATS offers."""

    TITLE: str
    EXTENSION: str
    CONTENT_TYPE: str
    IMAGES: bool  # whether the images themselves may be wanted beside it

    def loses(self, contents: Contents) -> Iterator[str]:
        """What it cannot hold of this project: a sentence each."""

    def write(self, contents: Contents) -> Iterator[bytes]: ...


def load(name: str) -> Format:
    return cast(Format, import_module(FORMATS[name]))
