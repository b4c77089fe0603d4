"""Two runs of a pipeline on the items that both have looked at: what both found, what only one did, and where they
differ most. Workers reckon it, as there may be many items."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from functools import partial

import msgspec
import numpy as np
from celery import current_app
from django.db import connection, transaction
from django.http import Http404
from django.utils import timezone
from msgspec.structs import replace

from annotator.shapes import Shape, Span
from detectors import running
from detectors.access import get_run
from detectors.models import Comparison, Run
from detectors.suggesting import DECODE, boxes, shares
from detectors.undecided import ALIKE
from projects.models import Item, Label, Role, User

AT_ONCE = 100  # items
MOST = 1_000  # predictions of an item and a run, the surest
TOLD = 60  # items
EXPIRES = 60  # seconds, after which it is asked for anew

Found = tuple[int, Shape, float]  # label, shape and confidence


class OfLabel(msgspec.Struct, frozen=True):
    """How many both runs found, and only one; by how much the second was surer of those, on average."""

    label: int
    name: str
    color: str
    both: int
    only_a: int
    only_b: int
    surer: float | None


class Differing(msgspec.Struct, frozen=True):
    item: int
    name: str
    kind: str
    only_a: int
    only_b: int


class Compared(msgspec.Struct, frozen=True):
    """`items` are those that both have looked at, `missing` those that only one has: by the run that has not."""

    items: int
    missing_a: int
    missing_b: int
    labels: list[OfLabel]
    differing: list[Differing]


def ask(user: User, a: int, b: int) -> Compared | None:
    """What is known of how they compare; where that is nothing, a worker is told to reckon it."""
    one, other = get_run(user, a), get_run(user, b)
    if not (one.version and other.version and one.version.pipeline_id == other.version.pipeline_id):
        raise Http404
    stamp = stamped(one, other)
    row, _ = Comparison.objects.get_or_create(a=one, b=other)
    if row.stamp == stamp and row.told is not None:
        return named(msgspec.convert(row.told, Compared))
    now = timezone.now()
    at_it = row.told is None and row.asked_at is not None and (now - row.asked_at).total_seconds() < EXPIRES
    if not at_it:  # while a run goes on it changes all the time
        Comparison.objects.filter(pk=row.pk).update(stamp=stamp, asked_at=now, told=None)
        transaction.on_commit(partial(send, row.pk), robust=True)
    return None


def send(pk: int) -> None:
    current_app.send_task("detectors.tasks.compare_runs", [pk], expires=EXPIRES)


def stamped(a: Run, b: Run) -> str:
    """It changes when one of them has found something else, or has looked at more."""
    done = (f"{run.pk} {run.size} {run.count} {run.shards.exclude(done_at=None).count()}" for run in (a, b))
    return ", ".join(done)


def run_too(user: User, a: int, b: int) -> Run:
    """The version of the second on the items of the first, without suggesting what it finds."""
    one, other = get_run(user, a, Role.MANAGER), get_run(user, b, Role.MANAGER)
    if one.version is None or other.version is None or one.version.pipeline_id != other.version.pipeline_id:
        raise Http404
    return running.start(
        user, other.version.pipeline_id, sorted(looked_at(one)), number=other.version.number, shown=False
    )


# In a worker ----------------------------------------------------------------------------------------------------------


def reckon(pk: int) -> None:
    row = Comparison.objects.select_related("a", "b").filter(pk=pk).first()
    if row is None:
        return
    told = compared(row.a, row.b)
    Comparison.objects.filter(pk=pk, stamp=row.stamp).update(told=msgspec.to_builtins(told))


def compared(a: Run, b: Run) -> Compared:
    in_a, in_b = looked_at(a), looked_at(b)
    items = sorted(in_a & in_b)
    both, only_a, only_b = Counter[int](), Counter[int](), Counter[int]()
    surer: defaultdict[int, float] = defaultdict(float)
    differing: list[tuple[int, int, int]] = []
    for start in range(0, len(items), AT_ONCE):
        some = items[start : start + AT_ONCE]
        of_a, of_b = found(a, some), found(b, some)
        for item in some:
            ones, others = of_a.get(item, []), of_b.get(item, [])
            pairs = matched(ones, others)
            alone_a = Counter(one[0] for one in ones) - Counter(ones[n][0] for n, _ in pairs)
            alone_b = Counter(one[0] for one in others) - Counter(others[m][0] for _, m in pairs)
            for n, m in pairs:
                both[ones[n][0]] += 1
                surer[ones[n][0]] += others[m][2] - ones[n][2]
            only_a += alone_a
            only_b += alone_b
            if alone_a or alone_b:
                differing.append((item, alone_a.total(), alone_b.total()))
        differing = sorted(differing, key=lambda one: (-one[1] - one[2], one[0]))[:TOLD]
    by_id = Label.objects.in_bulk([*both, *only_a, *only_b])
    labels = [
        OfLabel(pk, one.name, one.color, both[pk], only_a[pk], only_b[pk], surer[pk] / both[pk] if both[pk] else None)
        for pk, one in sorted(by_id.items(), key=lambda pair: pair[1].position)
    ]
    most = [Differing(item, "", "", of_a, of_b) for item, of_a, of_b in differing]
    return Compared(len(items), len(in_b - in_a), len(in_a - in_b), labels, most)


def named(told: Compared) -> Compared:
    """With the names of the items that are there still; they are not kept, as items are purged."""
    items = Item.objects.filter(trashed_at=None).defer("text").in_bulk([one.item for one in told.differing])
    there = [(one, items[one.item]) for one in told.differing if one.item in items]
    return replace(told, differing=[replace(one, name=item.name, kind=str(item.kind)) for one, item in there])


LOOKED_AT = """
SELECT DISTINCT one::bigint FROM detectors_shard s, jsonb_array_elements_text(s.items) one
JOIN projects_item i ON i.id = one::bigint AND i.trashed_at IS NULL AND i.project_id = %s
WHERE s.run_id = %s AND s.done_at IS NOT NULL
"""


def looked_at(run: Run) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(LOOKED_AT, [run.project_id, run.pk])
        return {item for (item,) in cursor}


FOUND = """
SELECT i.id, p.label_id, p.shape::text, p.score FROM unnest(%s) i(id) CROSS JOIN LATERAL (
    SELECT * FROM detectors_prediction WHERE run_id = %s AND item_id = i.id ORDER BY score DESC, id LIMIT %s
) p ORDER BY i.id, p.score DESC, p.id
"""


def found(run: Run, items: Collection[int]) -> dict[int, list[Found]]:
    by_item: defaultdict[int, list[Found]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(FOUND, [list(items), run.pk, MOST])
        for item, label, shape, score in cursor:
            by_item[item].append((label, DECODE(shape), score))
    return by_item


def matched(ones: Sequence[Found], others: Sequence[Found]) -> list[tuple[int, int]]:
    """Pairs of the same label that cover the same place: half of what both cover, or for spans any of it. Those that
    share the most are taken first, each once."""
    pairs = []
    for label in {one[0] for one in ones} & {one[0] for one in others}:
        rows = [n for n, one in enumerate(ones) if one[0] == label]
        columns = [m for m, one in enumerate(others) if one[0] == label]
        share = shares(boxes([ones[n][1] for n in rows]), boxes([others[m][1] for m in columns]))
        least = np.array([np.finfo(float).tiny if isinstance(ones[n][1], Span) else ALIKE for n in rows])
        alike = np.argwhere(share >= least[:, None])
        order = np.argsort(-share[tuple(alike.T)], kind="stable")
        taken_rows, taken_columns = set[int](), set[int]()
        for row, column in alike[order].tolist():
            if row not in taken_rows and column not in taken_columns:
                taken_rows.add(row)
                taken_columns.add(column)
                pairs.append((rows[row], columns[column]))
    return pairs
