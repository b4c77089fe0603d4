"""What people are told of an import: before it begins (the preview) and when it has ended (the report)."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
from django.utils.translation import gettext, ngettext

from annotator.formats import TAGS, Source, reader
from annotator.formats.found import LOSSES, Problem
from annotator.imports.gathering import Gathering, clean
from annotator.imports.labelling import Plan
from annotator.imports.recognising import Recognised
from annotator.imports.there import There

KINDS: dict[str, Callable[[int], str]] = {
    "images": lambda n: ngettext("%(n)d of %(all)d image", "%(n)d of %(all)d images", n),
    "texts": lambda n: ngettext("%(n)d of %(all)d text", "%(n)d of %(all)d texts", n),
    "annotations": lambda n: ngettext("%(n)d of %(all)d annotation", "%(n)d of %(all)d annotations", n),
}
SHOWN_NAMES, LONGEST_NAME = 3, 60
SHOWN_SOURCES = 20  # each may have many columns, and a zip many of them


class SourceTold(msgspec.Struct):
    """Files of one format. A table also shows its columns and first rows, and what each column is taken for; folders of
    images, the classes that they look like."""

    format: str
    title: str
    file: str
    files: int
    columns: list[str] = []
    rows: list[list[str]] = []
    choices: dict[str, str] = {}
    classes: list[str] = []


class LabelTold(msgspec.Struct):
    """`is_new`: the import makes it; `shapes`: those that it makes the label take; `attributes`: those it gets."""

    name: str
    count: int
    is_new: bool
    shapes: list[str]
    attributes: list[str]


class Preview(msgspec.Struct):
    """What was recognised, how much of it is `there` already, the labels that will be made, and what cannot be kept.

    `beside`: sheets that have other annotations than those that come in. `near`: which of the labels differ only in
    capital letters or spaces. `astray`: annotations of images that are not there. `nothing`: whatever is chosen,
    nothing can come in.
    """

    sources: list[SourceTold] = []
    more_sources: int = 0
    images: int = 0
    texts: int = 0
    annotations: int = 0
    predictions: int = 0
    there: dict[str, int] = {}
    beside: int = 0
    labels: list[LabelTold] = []
    near: str = ""
    lost: list[str] = []
    problems: list[Problem] = []
    more_problems: int = 0
    astray: int = 0
    nothing: bool = False


class Report(msgspec.Struct):
    """What became of it: `made` counts what is new, `there` what the project had already; `classes` are the folders
    whose names became tags."""

    made: dict[str, int] = {}
    there: dict[str, int] = {}
    classes: list[str] = []
    lost: list[str] = []
    problems: list[Problem] = []
    more_problems: int = 0


def preview(
    found: Recognised, gathering: Gathering, plans: Iterable[Plan], counts: Counter[str], there: There
) -> Preview:
    texts = len(found.texts) + gathering.texts
    tables = any(source.columns and source.rows for source in found.sources)
    return Preview(
        sources=[told(source) for source in found.sources[:SHOWN_SOURCES]],
        more_sources=max(len(found.sources) - SHOWN_SOURCES, 0),
        images=there.images,
        texts=texts,
        annotations=gathering.drawn,
        predictions=gathering.predicted,
        there=dict(counts),
        beside=there.drawing.beside,
        labels=[LabelTold(p.name, p.count, p.is_new, p.shapes, [a["name"] for a in p.attributes]) for p in plans],
        lost=lost(gathering.lost),
        problems=gathering.problems,
        more_problems=gathering.more_problems,
        astray=there.astray,
        nothing=not (there.images or texts or there.named or gathering.predicted or tables),
    )


def nowhere(names: Sequence[str]) -> str:
    """What a file speaks of and nobody has: told once, by the first names."""
    first = ", ".join(f"“{clean(name, LONGEST_NAME)}”" for name in names[:SHOWN_NAMES])
    if len(names) == 1:
        return gettext("%s is not among the dropped files, nor in the project. Drop it as well.") % first
    if len(names) > SHOWN_NAMES:
        first = gettext("%(first)s and %(n)s more") % {"first": first, "n": f"{len(names) - SHOWN_NAMES:,}"}
    return gettext("%s are not among the dropped files, nor in the project. Drop them as well.") % first


def can_come_in(preview: dict[str, Any]) -> str:
    """How many of the annotations, where images are missing; none where all can."""
    if not (astray := preview.get("astray")):
        return ""
    drawn = preview["annotations"]
    said = ngettext(
        "%(n)d of %(all)d annotation can come in: images are missing.",
        "%(n)d of %(all)d annotations can come in: images are missing.",
        drawn,
    )
    return said % {"n": drawn - astray, "all": drawn}


def beside(preview: dict[str, Any]) -> str:
    """That what stands there stays, where something new is drawn."""
    if not (n := preview.get("beside")):
        return ""
    said = ngettext(
        "%d item has annotations already: they stay, and the new ones are put beside them.",
        "%d items have annotations already: they stay, and the new ones are put beside them.",
        n,
    )
    return said % n


def there(preview: dict[str, Any]) -> str:
    """How much of a preview is in the project already, in a sentence; none where nothing is."""
    if not (counts := preview.get("there")):
        return ""
    changed = any(label["is_new"] or label["shapes"] for label in preview["labels"]) or preview["predictions"]
    if not changed and all(counts.get(what, 0) == preview[what] for what in KINDS):
        return gettext("Nothing new: all of it is in the project already.")
    parts = [
        said(preview[what]) % {"n": counts[what], "all": preview[what]}
        for what, said in KINDS.items()
        if what in counts
    ]
    return gettext("In the project already: %s.") % ", ".join(parts)


def report(made: Counter[str], there: Counter[str], found: Recognised, gathering: Gathering) -> Report:
    return Report(
        made=dict(made),
        there=dict(there),
        classes=[name for source in found.sources if source.choices.get(TAGS) for name in source.classes],
        lost=lost(gathering.lost),
        problems=gathering.problems,
        more_problems=gathering.more_problems,
    )


def told(source: Source) -> SourceTold:
    return SourceTold(
        source.format,
        reader(source.format).TITLE,
        source.files[0],
        len(source.files),
        source.columns,
        source.rows,
        source.choices,
        source.classes,
    )


def lost(counts: Counter[str]) -> list[str]:
    return [LOSSES[what](n) for what, n in counts.items() if n]
