"""On which items something is suggested that nobody has decided: in SQL, and kept, as to find it out takes seconds for
100,000 items.

What is kept counts as long as it is true: while the item's sheet has the clock at which it was found, and while the
project shows the same runs and has the same labels. Whoever changes an item's predictions forgets what is kept of it in
the same transaction. What does not count is found out anew, by whoever asks; a worker keeps it where it is much.
"""

from collections.abc import Collection
from functools import partial

from celery import current_app
from django.db import connection, transaction

from annotator.finding import IN_PROJECT, Search
from detectors.models import Undecided
from projects.models import Project, User

ALIKE = 0.5  # of the area that two shapes cover together, both cover
MANY = 1_000  # items
TOGETHER = 5_000  # items a transaction: whoever writes predictions waits for one
TASK = "detectors.tasks.keep_undecided"
EXPIRES = 60  # seconds
ONE_AT_A_TIME = "hashtextextended('undecided ' || %(project)s, 0)"

IS_SHOWN = """JOIN projects_label l ON l.id = p.label_id AND l.removed_at IS NULL
    JOIN detectors_run r ON r.id = p.run_id AND r.shown AND NOT p.replaced"""

# The box of a shape, as detectors.suggesting.boxes has it.
BOX = """CASE {shape}->>'type'
    WHEN 'rectangle' THEN box(
        point(({shape}->>'x')::float8, ({shape}->>'y')::float8),
        point(({shape}->>'x')::float8 + ({shape}->>'width')::float8,
            ({shape}->>'y')::float8 + ({shape}->>'height')::float8))
    WHEN 'span' THEN box(point(({shape}->>'start')::float8, 0), point(({shape}->>'end')::float8, 1))
    WHEN 'tag' THEN box(point(-2, -2), point(-1, -1))
    ELSE (SELECT box(point(min(x), min(y)), point(max(x), max(y)))
        FROM jsonb_array_elements({shape}->'points') c, LATERAL (SELECT (c->>0)::float8 AS x, (c->>1)::float8 AS y) d)
    END"""

# Item by item: whoever looks for a page of them is soon through.
NOW = f"""EXISTS (
    SELECT FROM detectors_prediction p {IS_SHOWN} AND r.project_id = %(project)s WHERE p.item_id = i.id AND NOT EXISTS (
        SELECT FROM annotator_annotation a
        WHERE a.prediction = p.id AND a.sheet_id = s.id AND (NOT a.deleted OR a.rejected)
    ) AND NOT EXISTS (
        SELECT FROM annotator_annotation a, LATERAL (
            SELECT {BOX.format(shape="p.shape")} AS one, {BOX.format(shape="a.shape")} AS other OFFSET 0
        ) boxes
        WHERE a.sheet_id = s.id AND a.label_id = p.label_id AND NOT a.deleted
            AND area(one # other) * {1 + ALIKE} >= (area(one) + area(other)) * {ALIKE}
    ) OFFSET 0
)"""

# A removed label does not come back.
BY = """(SELECT hashtextextended(concat_ws(' ', %(project)s, string_agg(r.id::text, ' ' ORDER BY r.id)), (
    SELECT count(*) FROM projects_label l WHERE l.project_id = %(project)s AND l.removed_at IS NOT NULL
)) FROM detectors_run r WHERE r.project_id = %(project)s AND r.shown)"""
CLOCK = "coalesce(s.clock, 0)"

# As annotator.proposals.Undecided.
JOINED = "LEFT JOIN detectors_undecided kept ON kept.item_id = i.id AND kept.person_id {own}"
KEPT = f"coalesce(kept.clock = {CLOCK} AND kept.by = {BY}, false)"
OPEN = f"CASE WHEN {KEPT} THEN kept.open ELSE {NOW} END"

KEEP = """
INSERT INTO detectors_undecided (item_id, person_id, clock, by, open)
SELECT i.id, %(person)s, {clock}, {by}, {now} FROM {joined} WHERE i.id = ANY(%(items)s) AND {in_project} ORDER BY i.id
ON CONFLICT (item_id, person_id) DO UPDATE SET clock = excluded.clock, by = excluded.by, open = excluded.open
"""


def keep_soon(project: int, user: int) -> None:
    """As annotator.proposals.Undecided."""
    transaction.on_commit(partial(current_app.send_task, TASK, [project, user], expires=EXPIRES), robust=True)


def keep(project_id: int, user_id: int) -> None:
    """For the sheets that the person works on; while predictions are being written it is left for the next time."""
    search = Search(User.objects.get(pk=user_id), Project.objects.get(pk=project_id))
    unkept = [pk for (pk,) in search.ask(f"SELECT i.id FROM {search.found(f'NOT {KEPT}')} ORDER BY i.id")]
    for start in range(0, len(unkept), TOGETHER):
        with transaction.atomic(), connection.cursor() as cursor:
            values = {
                "project": project_id,
                "user": user_id,
                "person": user_id if search.project.blind else None,
                "items": unkept[start : start + TOGETHER],
            }
            cursor.execute(f"SELECT pg_try_advisory_xact_lock({ONE_AT_A_TIME})", values)
            if not cursor.fetchone()[0]:
                return
            parts = {"clock": CLOCK, "by": BY, "now": NOW, "joined": search.joined, "in_project": IN_PROJECT}
            cursor.execute(KEEP.format(**parts), values)


def forget(project_id: int, items: Collection[int]) -> None:
    """What is kept of items whose predictions change. Until the transaction ends nobody keeps anything: they would know
    only what was before."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock_shared({ONE_AT_A_TIME})", {"project": project_id})
    kept = Undecided.objects.filter(item__in=items)
    list(kept.order_by("pk").select_for_update().values_list("pk"))  # in order: others may forget the same
    kept.delete()
