"""What people are told of an import: before it begins (the preview) and when it has ended (the report)."""

from collections import Counter
from collections.abc import Iterable

import msgspec

from annotator.formats import Source, reader
from annotator.formats.found import LOSSES, Problem
from annotator.imports.gathering import Gathering
from annotator.imports.labelling import Plan
from annotator.imports.recognising import Recognised

SHOWN_SOURCES = 20  # each may have many columns, and a zip many of them


class SourceTold(msgspec.Struct):
    """Files of one format. A table also shows its columns and first rows, and what each column is taken for."""

    format: str
    title: str
    file: str
    files: int
    columns: list[str] = []
    rows: list[list[str]] = []
    choices: dict[str, str] = {}


class LabelTold(msgspec.Struct):
    """`is_new`: the import makes it; `shapes`: those that it makes the label take; `attributes`: those it gets."""

    name: str
    count: int
    is_new: bool
    shapes: list[str]
    attributes: list[str]


class Preview(msgspec.Struct):
    """What was recognised, the labels that will be made, and what cannot be kept."""

    sources: list[SourceTold] = []
    more_sources: int = 0
    images: int = 0
    texts: int = 0
    annotations: int = 0
    predictions: int = 0
    labels: list[LabelTold] = []
    lost: list[str] = []
    problems: list[Problem] = []
    more_problems: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.images or self.texts or self.annotations or self.predictions)


class Report(msgspec.Struct):
    """What became of it: `made` counts what is new, `there` what the project had already."""

    made: dict[str, int] = {}
    there: dict[str, int] = {}
    lost: list[str] = []
    problems: list[Problem] = []
    more_problems: int = 0


def preview(found: Recognised, gathering: Gathering, plans: Iterable[Plan]) -> Preview:
    return Preview(
        sources=[told(source) for source in found.sources[:SHOWN_SOURCES]],
        more_sources=max(len(found.sources) - SHOWN_SOURCES, 0),
        images=len(found.images),
        texts=len(found.texts) + gathering.texts,
        annotations=gathering.drawn,
        predictions=gathering.predicted,
        labels=[LabelTold(p.name, p.count, p.is_new, p.shapes, [a["name"] for a in p.attributes]) for p in plans],
        lost=lost(gathering.lost),
        problems=gathering.problems,
        more_problems=gathering.more_problems,
    )


def report(made: Counter[str], there: Counter[str], gathering: Gathering) -> Report:
    return Report(dict(made), dict(there), lost(gathering.lost), gathering.problems, gathering.more_problems)


def told(source: Source) -> SourceTold:
    return SourceTold(
        source.format,
        reader(source.format).TITLE,
        source.files[0],
        len(source.files),
        source.columns,
        source.rows,
        source.choices,
    )


def lost(counts: Counter[str]) -> list[str]:
    return [LOSSES[what](n) for what, n in counts.items() if n]
