"""Which predictions are suggested on sheets, and what became of them: read from the annotations that stand for them."""

from collections.abc import Collection
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec
from django.db import connection

from annotator.proposals import standing_for
from annotator.shapes import Polygon, Rectangle, Shape, Span, Tag

MOST = 5_000  # of an item
ALIKE = 0.5  # of the area that two shapes cover together, both cover

State = Literal["open", "accepted", "rejected"]


class Suggestion(msgspec.Struct, frozen=True):
    """A prediction on a sheet. `annotation` is the id of what it becomes there when it is accepted, and of what is kept
    when it is rejected; None where nobody has opened the item."""

    prediction: UUID
    annotation: UUID | None
    label: int
    shape: Shape
    score: float
    run: int
    state: State


class Wanted(NamedTuple):
    """Which of them: of a label, of a run, and at least so sure."""

    label: int | None = None
    run: int | None = None
    above: float = 0.0


ALL = Wanted()
DECODE = msgspec.json.Decoder(Shape).decode
SHEET = "LEFT JOIN annotator_sheet s ON s.item_id = i.id AND s.person_id IS NOT DISTINCT FROM %(person)s"

SUGGESTED = f"""
SELECT i.id, s.id, p.id, p.label_id, p.shape::text, p.score, p.run_id,
    CASE WHEN NOT a.deleted THEN 'accepted' WHEN a.rejected THEN 'rejected' ELSE 'open' END
FROM projects_item i {SHEET}
CROSS JOIN LATERAL (
    SELECT p.* FROM detectors_prediction p JOIN projects_label l ON l.id = p.label_id AND l.removed_at IS NULL
        JOIN detectors_run r ON r.id = p.run_id AND r.shown AND r.project_id = i.project_id  -- or the item was moved
    WHERE p.item_id = i.id AND p.score >= %(above)s AND p.label_id = coalesce(%(label)s, p.label_id)
        AND p.run_id = coalesce(%(run)s, p.run_id)
    ORDER BY p.score DESC, p.id LIMIT {MOST}
) p LEFT JOIN annotator_annotation a ON a.prediction = p.id AND a.sheet_id = s.id
WHERE i.id = ANY(%(items)s) ORDER BY p.score DESC, p.id
"""

SAID = f"""
SELECT i.id, a.label_id, a.shape::text FROM projects_item i {SHEET}
JOIN annotator_annotation a ON a.sheet_id = s.id AND NOT a.deleted WHERE i.id = ANY(%(items)s)
"""


def on(items: Collection[int], person: int | None = None, wanted: Wanted = ALL) -> dict[int, list[Suggestion]]:
    """What is or was suggested of items, the surest first: on their shared sheets, or on a person's own."""
    found: dict[int, list[Suggestion]] = {item: [] for item in items}
    for item, sheet, prediction, label, shape, *rest in ask(SUGGESTED, items, person, **wanted._asdict()):
        annotation = standing_for(prediction, sheet) if sheet else None
        found[item].append(Suggestion(prediction, annotation, label, DECODE(shape), *rest))
    return found


def open_on(items: Collection[int], person: int | None = None, wanted: Wanted = ALL) -> dict[int, list[Suggestion]]:
    """Those that nobody has decided, and that no annotation of the same label says already."""
    suggested = on(items, person, wanted)
    said: dict[tuple[int, int], list[Shape]] = {}
    for item, label, shape in ask(SAID, [item for item, found in suggested.items() if found], person):
        said.setdefault((item, label), []).append(DECODE(shape))
    return {
        item: [one for one in found if one.state == "open" and not says_it(one, said.get((item, one.label), ()))]
        for item, found in suggested.items()
    }


def ask(sql: str, items: Collection[int], person: int | None, **values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"items": list(items), "person": person, **values})
        return cursor.fetchall()


def says_it(suggestion: Suggestion, shapes: Collection[Shape]) -> bool:
    return any(overlap(suggestion.shape, shape) >= ALIKE for shape in shapes)


def overlap(one: Shape, other: Shape) -> float:
    """The share of what two shapes cover together that both cover: of the boxes around them, of stretches of text. Tags
    cover all. 0 for shapes of an image and of a text."""
    if isinstance(one, Tag) or isinstance(other, Tag):
        return float(type(one) is type(other))
    if isinstance(one, Span) or isinstance(other, Span):
        return share([extent(one)], [extent(other)]) if type(one) is type(other) else 0.0
    return share(box(one), box(other))


def extent(span: Any) -> tuple[float, float]:
    return span.start, span.end


def box(shape: Rectangle | Polygon) -> list[tuple[float, float]]:
    """From where to where, along each axis."""
    if isinstance(shape, Rectangle):
        return [(shape.x, shape.x + shape.width), (shape.y, shape.y + shape.height)]
    return [(min(axis), max(axis)) for axis in zip(*shape.points, strict=True)]


def share(one: list[tuple[float, float]], other: list[tuple[float, float]]) -> float:
    both = first = second = 1.0
    for (a, b), (c, d) in zip(one, other, strict=True):
        both *= max(0.0, min(b, d) - max(a, c))
        first *= b - a
        second *= d - c
    return both / (first + second - both) if both else 0.0
