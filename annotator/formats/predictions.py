"""What a model proposes, as JSON Lines: {"type": "prediction", "item": …, "label": …, "shape": {…}, "score": 0.9}.

Item and label go by their names, or by the ids that our own JSON Lines tells of them; shapes are as there.
"""

import re
from collections.abc import Iterator

import msgspec
from django.utils.translation import gettext

from annotator.formats import Source
from annotator.formats.files import LINES, Folder, line_of
from annotator.formats.found import Found, Predicted, Problem, in_words
from annotator.shapes import Shape

TITLE = "Predictions (JSON Lines)"
FIRST = re.compile(r'\s*\{[^\n]*"type"\s*:\s*"prediction"')


class Line(msgspec.Struct, tag="prediction", tag_field="type"):
    item: str | int
    label: str | int
    shape: Shape
    score: float


LINE = msgspec.json.Decoder(Line)


def recognise(folder: Folder) -> Iterator[Source]:
    for file in folder.with_suffix(*LINES):
        if FIRST.match(file.beginning):
            yield Source([file.path])


def read(folder: Folder, source: Source) -> Iterator[Found]:
    for path in source.files:
        for number, text in folder.files[path].lines():
            if not text.strip():
                continue
            try:
                line = LINE.decode(text)
            except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
                yield Problem(path, line_of(number), gettext("The line cannot be read: %s.") % in_words(error))
            else:
                yield Predicted(path, line_of(number), line.item, line.label, line.shape, line.score)
