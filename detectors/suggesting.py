"""Which predictions are suggested on sheets, and what became of them: read from the annotations that stand for them."""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
import numpy as np
from django.db import connection
from numpy.typing import NDArray

from annotator.grid import COUNTED, THINNED
from annotator.proposals import ALL, Marks, OnCard, Suggestion, Wanted, standing_for
from annotator.shapes import Rectangle, Shape, Span, Tag
from detectors.undecided import ALIKE, IS_SHOWN

MOST = 5_000  # of an item
BLOCK = 100  # boxes that are compared with all others at a time

Boxes = NDArray[np.float64]  # (n, 4): left, top, right and bottom

DECODE = msgspec.json.Decoder(Shape).decode
SHEET = "LEFT JOIN annotator_sheet s ON s.item_id = i.id AND s.person_id IS NOT DISTINCT FROM %(person)s"

SUGGESTED = f"""
SELECT i.id, s.id, p.id, p.label_id, p.shape::text, p.score, p.run_id,
    CASE WHEN NOT p.deleted THEN 'accepted' WHEN p.rejected THEN 'rejected' ELSE 'open' END
FROM projects_item i {SHEET}
CROSS JOIN LATERAL (
    SELECT p.*, a.deleted, a.rejected
    FROM detectors_prediction p {IS_SHOWN} AND r.project_id = i.project_id  -- or the item was moved
    LEFT JOIN annotator_annotation a ON a.prediction = p.id AND a.sheet_id = s.id
    WHERE p.item_id = i.id AND p.score >= coalesce(%(above)s, p.score) AND p.label_id = coalesce(%(label)s, p.label_id)
        AND p.run_id = coalesce(%(run)s, p.run_id)
    ORDER BY coalesce(NOT a.deleted OR a.rejected, false), p.score DESC, p.id LIMIT {MOST}  -- the open ones first
) p
WHERE i.id = ANY(%(items)s) ORDER BY p.score DESC, p.id
"""

SAID = f"""
SELECT i.id, a.label_id, a.shape::text FROM projects_item i {SHEET}
JOIN annotator_annotation a ON a.sheet_id = s.id AND NOT a.deleted WHERE i.id = ANY(%(items)s)
"""

ON_CARDS = f"""
SELECT i.id, open.marks::text, said.marks::text
FROM projects_item i {SHEET}
CROSS JOIN LATERAL (
    SELECT json_agg(json_build_array(a.color, a.label_id, {THINNED}) ORDER BY a.score DESC, a.id) AS marks,
        array_agg(DISTINCT a.label_id) AS labels
    FROM (
        SELECT p.*, l.color FROM detectors_prediction p {IS_SHOWN} AND r.project_id = i.project_id
        LEFT JOIN annotator_annotation d
            ON d.prediction = p.id AND d.sheet_id = s.id AND (NOT d.deleted OR d.rejected)
        WHERE p.item_id = i.id AND d.id IS NULL ORDER BY p.score DESC, p.id LIMIT {COUNTED}
    ) a
) open CROSS JOIN LATERAL (
    SELECT json_agg(json_build_array('', a.label_id, {THINNED})) AS marks FROM annotator_annotation a
    WHERE a.sheet_id = s.id AND NOT a.deleted AND a.label_id = ANY(open.labels)
) said WHERE i.id = ANY(%(items)s) AND open.marks IS NOT NULL
"""
MARKS = msgspec.json.Decoder(Marks | None)

STAMP = f"""CASE WHEN EXISTS (SELECT FROM detectors_run r WHERE r.project_id = %(project)s AND r.shown) THEN (
    SELECT coalesce(sum(p.run_id) * {MOST} + count(*), 0)::bigint FROM detectors_prediction p
    JOIN detectors_run r ON r.id = p.run_id AND r.shown AND r.project_id = %(project)s
    WHERE p.item_id = i.id AND NOT p.replaced
) ELSE 0 END"""


def on(items: Collection[int], person: int | None = None, wanted: Wanted = ALL) -> dict[int, list[Suggestion]]:
    """What is or was suggested of items, the surest first: on their shared sheets, or on a person's own."""
    found: dict[int, list[Suggestion]] = {item: [] for item in items}
    for item, sheet, prediction, label, shape, *rest in ask(SUGGESTED, items, person, **wanted._asdict()):
        annotation = standing_for(prediction, sheet) if sheet else None
        found[item].append(Suggestion(prediction, annotation, label, DECODE(shape), *rest))
    return found


def open_on(items: Collection[int], person: int | None = None, wanted: Wanted = ALL) -> dict[int, list[Suggestion]]:
    """As annotator.proposals.Suggester."""
    suggested = on(items, person, wanted)
    undecided = {item: [one for one in found if one.state == "open"] for item, found in suggested.items()}
    said: dict[int, list[tuple[int, Shape]]] = {}
    for item, label, shape in ask(SAID, [item for item, found in undecided.items() if found], person):
        said.setdefault(item, []).append((label, DECODE(shape)))
    return {
        item: kept(found, news([(one.label, one.shape) for one in found], said.get(item, [])))
        for item, found in undecided.items()
    }


def distinct(found: Sequence[Suggestion]) -> list[Suggestion]:
    """As annotator.proposals.Suggester, and as static/editor/suggested.ts."""
    there: dict[int, list[int]] = {}
    around = boxes([one.shape for one in found])
    once = []
    for row, one in enumerate(found):
        same = there.setdefault(one.label, [])
        if not same or (shares(around[[row]], around[same]) < ALIKE).all():
            same.append(row)
            once.append(one)
    return once


def on_cards(items: Collection[int], person: int | None, drawn: int) -> dict[int, OnCard]:
    """As annotator.proposals.Suggester."""
    found = {}
    for item, undecided, said in ask(ON_CARDS, items, person):
        marks = MARKS.decode(undecided) or []
        stand = [(label, shape) for _, label, shape in MARKS.decode(said or "null") or []]
        if marks := kept(marks, news([(label, shape) for _, label, shape in marks], stand)):
            found[item] = OnCard(len(marks), marks[:drawn])
    return found


def ask(sql: str, items: Collection[int], person: int | None, **values: Any) -> list[Any]:
    if not items:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql, {"items": list(items), "person": person, **values})
        return cursor.fetchall()


def kept(found: list[Any], which: NDArray[np.bool_]) -> list[Any]:
    return [one for one, keep in zip(found, which, strict=True) if keep]


def news(suggested: Sequence[tuple[int, Shape]], said: Sequence[tuple[int, Shape]]) -> NDArray[np.bool_]:
    """Which of the labelled shapes none of the others says already."""
    which = np.ones(len(suggested), bool)
    for label in {label for label, _ in said}:
        rows = [row for row, (own, _) in enumerate(suggested) if own == label]
        there = boxes([shape for other, shape in said if other == label])
        if rows:
            own_boxes = boxes([suggested[row][1] for row in rows])
            for at in range(0, len(rows), BLOCK):  # all at once would take gigabytes
                which[rows[at : at + BLOCK]] = (shares(own_boxes[at : at + BLOCK], there) < ALIKE).all(axis=1)
    return which


def boxes(shapes: Sequence[Shape]) -> Boxes:
    """The boxes around shapes. Those of tags are all the same, and lie apart from what has a place."""
    return np.array([box(shape) for shape in shapes], np.float64).reshape(-1, 4)


def box(shape: Shape) -> tuple[float, float, float, float]:
    if isinstance(shape, Tag):
        return -2, -2, -1, -1
    if isinstance(shape, Span):
        return shape.start, 0, shape.end, 1
    if isinstance(shape, Rectangle):
        return shape.x, shape.y, shape.x + shape.width, shape.y + shape.height
    across, down = zip(*shape.points, strict=True)
    return min(across), min(down), max(across), max(down)


def shares(one: Boxes, other: Boxes) -> NDArray[np.float64]:
    """(n, m): the share of what two boxes cover together that both cover."""
    left_top = np.maximum(one[:, None, :2], other[None, :, :2])
    right_bottom = np.minimum(one[:, None, 2:], other[None, :, 2:])
    both = np.prod(np.clip(right_bottom - left_top, 0, None), axis=2)
    area, of_other = (np.prod(each[:, 2:] - each[:, :2], axis=1) for each in (one, other))
    return both / (area[:, None] + of_other[None, :] - both)
