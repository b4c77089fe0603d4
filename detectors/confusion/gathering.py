"""What people say and what a model says of items, from the database, as columns in the order of items and ids."""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import numpy as np
from django.db import connection
from numpy.typing import NDArray

from annotator.shapes import Polygon, Shape, Span, Tag
from annotator.versions import state_at
from detectors.confusion.columns import Column, Ids, ids
from detectors.evaluation.matching import Measure
from detectors.evaluation.measures import boxes, polygons, spans, tags
from detectors.evaluation.things import Things
from detectors.models import Evaluation, HeldOut, Subject
from detectors.suggesting import DECODE, box

SHAPES: dict[str, tuple[str, ...]] = {
    Subject.BOXES: ("rectangle", "polygon"),
    Subject.POLYGONS: ("polygon", "rectangle"),
    Subject.SPANS: ("span",),
    Subject.TAGS: ("tag",),
}
MEASURES: dict[str, Measure] = {
    Subject.BOXES: boxes.measure,
    Subject.POLYGONS: polygons.measure,
    Subject.SPANS: spans.measure,
    Subject.TAGS: tags.measure,
}
ITEMS = "i.project_id = %(project)s AND i.kind = %(kind)s AND i.trashed_at IS NULL"

TRUTH = f"""
SELECT s.item_id, a.id, a.label_id, a.shape::text, a.created_by_id FROM annotator_annotation a
JOIN annotator_sheet s ON s.id = a.sheet_id AND s.person_id IS NULL
JOIN projects_item i ON i.id = s.item_id AND {ITEMS}
WHERE NOT a.deleted AND a.label_id = ANY(%(labels)s) AND a.shape->>'type' = ANY(%(shapes)s)
    AND (%(items)s::bigint[] IS NULL OR s.item_id = ANY(%(items)s)) ORDER BY s.item_id, a.id
"""

SAID = f"""
SELECT p.item_id, p.id, p.label_id, p.shape::text, p.score, p.probabilities::text FROM detectors_prediction p
JOIN projects_item i ON i.id = p.item_id AND {ITEMS}
WHERE p.run_id = %(run)s AND p.label_id = ANY(%(labels)s) AND p.shape->>'type' = ANY(%(shapes)s)
    AND (%(items)s::bigint[] IS NULL OR p.item_id = ANY(%(items)s)) ORDER BY p.item_id, p.id
"""

# Where the run has looked and people have: of other items nobody knows what is right.
BOTH = f"""
SELECT i.id FROM projects_item i
JOIN annotator_sheet s ON s.item_id = i.id AND s.person_id IS NULL
WHERE {ITEMS} AND (%(items)s::bigint[] IS NULL OR i.id = ANY(%(items)s)) AND (
    s.status IN ('done', 'skipped', 'accepted') OR EXISTS (
        SELECT FROM annotator_annotation a WHERE a.sheet_id = s.id AND NOT a.deleted
        AND a.label_id = ANY(%(labels)s) AND a.shape->>'type' = ANY(%(shapes)s)
    )
) AND (
    EXISTS (SELECT FROM detectors_prediction p WHERE p.run_id = %(run)s AND p.item_id = i.id)
    OR i.id IN (SELECT one::bigint FROM detectors_shard d, jsonb_array_elements_text(d.items) one
        WHERE d.run_id = %(run)s AND d.done_at IS NOT NULL)
)
"""
PROBABILITIES = msgspec.json.Decoder(dict[str, float]).decode


class Labels(NamedTuple):
    """The labels of an evaluation, in the order of its rows and columns: their ids and names."""

    ids: list[int]
    names: list[str]

    def row(self, label: int) -> int:
        return self.ids.index(label)


class Told(NamedTuple):
    """Things, and of each its id, who has made it, where it is (n, 4), and probabilities (n, k) or None."""

    things: Things
    ids: Ids
    authors: Column
    places: Column
    probabilities: Column | None = None

    def __len__(self) -> int:
        return len(self.ids)


def truth(evaluation: Evaluation, labels: Labels, items: Collection[int] | None = None) -> Told:
    """What people say now, of some items or of all."""
    rows = asked(TRUTH, evaluation, labels, items)
    return told(evaluation, labels, [(*row, 1.0, None) for row in rows])


def truth_at(evaluation: Evaluation, labels: Labels) -> Told:
    """What they said at the version."""
    if evaluation.version is None:
        return truth(evaluation, labels)
    wanted, known = set(SHAPES[evaluation.subject]), set(labels.ids)
    found = [
        (sheet, row.id, row.label, msgspec.json.encode(row.shape).decode(), row.created_by)
        for sheet, row in state_at(evaluation.version)
        if row.label in known and row.shape.__struct_config__.tag in wanted
    ]
    items = items_of({row[0] for row in found}, evaluation)
    rows = [(items[sheet], *rest, 1.0, None) for sheet, *rest in found if sheet in items]
    return told(evaluation, labels, sorted(rows, key=lambda row: (row[0], row[1])))


def items_of(sheets: Iterable[int], evaluation: Evaluation) -> dict[int, int]:
    """By their shared sheets."""
    sql = f"""SELECT s.id, i.id FROM annotator_sheet s JOIN projects_item i ON i.id = s.item_id AND {ITEMS}
        WHERE s.person_id IS NULL AND s.id = ANY(%(sheets)s)"""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters(evaluation) | {"sheets": list(sheets)})
        return dict(cursor.fetchall())


def said(evaluation: Evaluation, labels: Labels, items: Collection[int] | None = None) -> Told:
    """What the run proposed."""
    rows = asked(SAID, evaluation, labels, items)
    found = [(item, pk, label, shape, None, score, tells) for item, pk, label, shape, score, tells in rows]
    return told(evaluation, labels, found)


def looked_at(evaluation: Evaluation, labels: Labels, items: Collection[int] | None = None) -> Column:
    """The ids of the items that the run and people have looked at."""
    return np.array(sorted(row[0] for row in asked(BOTH, evaluation, labels, items)), np.int64)


class Held(NamedTuple):
    """What was told of labelled things: their ids, and the probabilities (n, k)."""

    annotations: list[UUID]
    probabilities: NDArray[np.float32]


def held_out(evaluation: Evaluation, labels: Labels) -> Held:
    rows = list(HeldOut.objects.filter(weights=evaluation.weights_id).values_list("annotation", "probabilities"))
    shares = np.zeros((len(rows), len(labels.ids)), np.float32)
    for row, (_, tells) in enumerate(rows):
        shares[row] = [tells.get(name, 0.0) for name in labels.names]
    return Held([annotation for annotation, _ in rows], shares)


def parameters(evaluation: Evaluation) -> dict[str, Any]:
    return {
        "project": evaluation.project_id,
        "kind": evaluation.kind,
        "run": evaluation.run_id,
        "shapes": list(SHAPES[evaluation.subject]),
    }


def asked(sql: str, evaluation: Evaluation, labels: Labels, items: Collection[int] | None) -> list[Any]:
    own = {"labels": labels.ids, "items": None if items is None else sorted(items)}
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters(evaluation) | own)
        return cursor.fetchall()


def told(evaluation: Evaluation, labels: Labels, rows: list[Any]) -> Told:
    """Of rows: item, id, label, shape as JSON, author, score, and probabilities as JSON."""
    index = {pk: row for row, pk in enumerate(labels.ids)}
    shapes = [DECODE(row[3]) for row in rows]
    places = np.array([place(shape) for shape in shapes], np.float64).reshape(-1, 4)
    things = Things(
        np.array([row[0] for row in rows], np.int64),
        np.array([index[row[2]] for row in rows], np.intp),
        places[:, : {Subject.TAGS: 0, Subject.SPANS: 2}.get(Subject(evaluation.subject), 4)],
        scores=np.array([row[5] for row in rows], np.float64),
        rings=rings(shapes) if evaluation.subject == Subject.POLYGONS else None,
    )
    authors = np.array([row[4] or 0 for row in rows], np.int32)
    return Told(things, ids([row[1] for row in rows]), authors, places.astype(np.float32), shares(labels, rows))


def shares(labels: Labels, rows: list[Any]) -> Column | None:
    if not any(row[6] for row in rows):
        return None
    found = np.full((len(rows), len(labels.ids)), np.nan, np.float32)
    for at, row in enumerate(rows):
        if row[6]:
            tells = PROBABILITIES(row[6])
            found[at] = [tells.get(name, 0.0) for name in labels.names]
    return found


def place(shape: Shape) -> tuple[float, float, float, float]:
    """x, y, width and height; start and end; or nothing of a tag, which is of all of its item."""
    if isinstance(shape, Tag):
        return 0, 0, 0, 0
    if isinstance(shape, Span):
        return shape.start, shape.end, 0, 0
    left, top, right, bottom = box(shape)
    return left, top, right - left, bottom - top


def rings(shapes: list[Shape]) -> NDArray[np.object_]:
    """The corners of polygons; of boxes there is no need to."""
    found = np.empty(len(shapes), object)
    for row, shape in enumerate(shapes):
        found[row] = np.asarray(shape.points, np.float64) if isinstance(shape, Polygon) else None
    return found
