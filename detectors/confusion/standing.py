"""How an evaluation stands now: its points, with what people have changed since it was made."""

from dataclasses import dataclass, replace

import numpy as np
from django.db import connection

from detectors.confusion import columns, gathering, points
from detectors.confusion.columns import Column, Columns
from detectors.confusion.gathering import Labels
from detectors.models import Evaluation
from projects.models import MOVE, Item, Label

MANY = 500  # items that have changed, from which on it is better evaluated anew

CHANGED = """
SELECT DISTINCT s.item_id FROM annotator_operation o JOIN annotator_sheet s ON s.id = o.sheet_id
WHERE o.id > %(operation)s AND o.project_id = %(project)s
UNION SELECT c.target FROM projects_change c
WHERE c.id > %(change)s AND c.project_id = %(project)s AND c.kind = ANY(%(kinds)s)
"""


@dataclass(frozen=True)
class Standing:
    """All points as they are `now`; `rows` (n,) are those that they had when it was evaluated, -1 of what is new.
    `fresh` are the numbers of those of items that have changed, and `changed` these items."""

    labels: Labels
    before: Columns
    now: Columns
    rows: Column
    fresh: Column
    changed: list[int]

    @property
    def k(self) -> int:
        return len(self.labels.ids)


def of(evaluation: Evaluation) -> Standing:
    """Raises FileNotFoundError where its file is gone."""
    labels = labels_of(evaluation)
    before = columns.read(evaluation.digest)
    changed = changed_since(evaluation) if evaluation.follows else []
    rows = np.arange(len(before))
    if not changed:
        return Standing(labels, before, before, rows, np.empty(0, np.intp), [])
    kept = np.flatnonzero(~np.isin(before.items, changed))
    fresh, of_fresh = anew(evaluation, labels, before, changed)
    now, rows = joined(before, kept, fresh, of_fresh)
    return Standing(labels, before, now, rows, np.arange(len(kept), len(now)), changed)


def labels_of(evaluation: Evaluation) -> Labels:
    """Those that it was made with, by the names that they have now."""
    ids = evaluation.facts.get("labels", [])
    names = dict(Label.objects.filter(pk__in=ids).values_list("pk", "name"))
    return Labels(ids, [names.get(pk, "") for pk in ids])


def changed_since(evaluation: Evaluation) -> list[int]:
    """The items on which anything was done."""
    facts = evaluation.facts
    if "operation" not in facts:
        return []
    asked = {"operation": facts["operation"], "change": facts["change"], "project": evaluation.project_id}
    with connection.cursor() as cursor:
        cursor.execute(CHANGED, asked | {"kinds": ["item", MOVE]})
        found = [item for (item,) in cursor]
    return list(Item.objects.filter(pk__in=found, kind=evaluation.kind).order_by("pk").values_list("pk", flat=True))


def anew(evaluation: Evaluation, labels: Labels, before: Columns, items: list[int]) -> tuple[Columns, Column]:
    """The points of some items as they are now, and the rows that they had."""
    known = {bytes(before.ids[row]): row for item in items for row in before.rows_of(item)}
    truth = gathering.truth(evaluation, labels, items)
    if evaluation.run_id:
        fresh = points.of_run(evaluation, labels, truth, items)
        return fresh, np.array([known.get(bytes(one), -1) for one in fresh.ids], np.intp)
    there = np.array([bytes(one) in known for one in truth.ids], bool)
    own = points.some(truth, np.flatnonzero(there))
    rows = np.array([known[bytes(one)] for one in own.ids], np.intp)
    fresh = before.take(rows)
    return replace(fresh, truth=own.things.classes.astype(np.int32), places=own.places), rows


def joined(before: Columns, kept: Column, fresh: Columns, rows: Column) -> tuple[Columns, Column]:
    """Those that stay as they were, and then the fresh ones."""

    def column(name: str) -> Column:
        return np.concatenate([getattr(before, name)[kept], getattr(fresh, name)])

    names = ("ids", "items", "truth", "predicted", "score", "overlap", "entropy", "places", "authors")
    at = np.concatenate([kept, rows])
    there = at >= 0
    components = np.where(there[:, None], before.components[at], np.nan).astype(np.float32)
    shares = before.probabilities
    if shares is not None:
        own = fresh.probabilities
        told = np.full((len(fresh), shares.shape[1]), np.nan, np.float32) if own is None else own
        shares = np.concatenate([shares[kept], told])
    return Columns(**{name: column(name) for name in names}, components=components, probabilities=shares), at
