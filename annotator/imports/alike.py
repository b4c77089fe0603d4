"""What of an import stands on its sheets already: drawn by an import of the same file before, or just so by anybody."""

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Mapping
from typing import Any
from uuid import UUID

import msgspec

from annotator.formats.found import Drawn
from annotator.messages import Create, Value
from annotator.models import Annotation

DIGITS = 3  # after the point: formats that reckon in parts of an image come back with a rounding

Creation = tuple[Drawn, Create]
Look = tuple[int, Hashable]  # an annotation's label, and its shape
Values = frozenset[tuple[str, Value]]


def unknown(asked: Mapping[int, list[Creation]]) -> dict[int, list[Creation]]:
    """By sheet, without what it has or had by its id, and without what it has just so, as often as it has it: with all
    the values that the file knows, as formats leave some out."""
    ids = [create.annotation for some in asked.values() for _, create in some]
    known = set(Annotation.objects.filter(pk__in=ids).values_list("pk", flat=True))
    left = {sheet: [one for one in some if one[1].annotation not in known] for sheet, some in asked.items()}
    looks = {sheet: {look(create) for _, create in some} for sheet, some in left.items() if some}
    stand = standing(looks, known) if looks else {}

    def is_new(sheet: int, create: Create) -> bool:
        values, said = stand.get((sheet, look(create)), Counter()), frozenset(create.attributes.items())
        fitting = [said] if values[said] else [one for one, n in values.items() if n and said <= one]
        if fitting:
            values[min(fitting, key=len)] -= 1
        return not fitting

    return {sheet: [one for one in some if is_new(sheet, one[1])] for sheet, some in left.items()}


def standing(looks: Mapping[int, Collection[Look]], known: Collection[UUID]) -> dict[tuple[int, Look], Counter[Values]]:
    """With which values each of these stands there, and how often, beside what is known. There may be many others."""
    found: dict[tuple[int, Look], Counter[Values]] = defaultdict(Counter)
    rows = Annotation.objects.filter(sheet__in=looks, deleted=False)
    for pk, sheet, label, shape, values in rows.values_list("pk", "sheet", "label", "shape", "attributes").iterator():
        if pk not in known and (one := (label, rounded(shape))) in looks[sheet]:
            found[sheet, one][frozenset(values.items())] += 1
    return found


def look(one: Create) -> Look:
    return one.label, rounded(msgspec.to_builtins(one.shape))


def rounded(value: Any) -> Hashable:
    match value:
        case float():
            return round(value, DIGITS)
        case dict():
            return tuple((key, rounded(value[key])) for key in sorted(value))
        case list() | tuple():
            return tuple(map(rounded, value))
    return value
