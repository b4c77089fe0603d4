"""How a project goes: what is done and left, who did how much on which day, and what happened last.

Everything is read from what stands and from the log, for the sheets that the asking person may see.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from annotator import overview
from annotator.access import visible_sheets
from annotator.live.presence import people_by_sheet
from annotator.models import Status
from projects.models import Label, Project, User, initials

DAYS = 14
LATEST = 12  # items that were worked on last
LOOKED_AT = 500  # sheets among which we look for who is here
BREAK = timedelta(minutes=2)  # a longer pause is not counted as work


@dataclass
class Part:
    """What one person did on a day, or in all: annotations that stand, and items they finished; not what they
    `imported`."""

    user: User
    day: date | None = None
    annotations: int = 0
    imported: int = 0
    finished: int = 0
    last: datetime | None = None
    share: float = 0  # of the highest day, in percent


@dataclass
class Day:
    date: date
    parts: list[Part] = field(default_factory=list)

    @property
    def annotations(self) -> int:
        return sum(part.annotations for part in self.parts)

    @property
    def finished(self) -> int:
        return sum(part.finished for part in self.parts)


@dataclass
class LabelCount:
    label: Label
    annotations: int
    items: int
    share: float


@dataclass
class Latest:
    """The last thing that was done on an item."""

    item: int
    name: str
    user: User
    label: Label | None
    kind: str
    status: str
    at: datetime


def by(parts: Iterable[Part], key: Callable[[Part], Any]) -> dict[Any, list[Part]]:
    found: dict[Any, list[Part]] = {}
    for part in parts:
        found.setdefault(key(part), []).append(part)
    return found


def summed(user: User, parts: Sequence[Part]) -> Part:
    total = Part(user, last=max((part.last for part in parts if part.last), default=None))
    total.annotations = sum(part.annotations for part in parts)
    total.finished = sum(part.finished for part in parts)
    return total


def days(work: Sequence[Part]) -> list[Day]:
    """The last days, today at the end, each with everyone's part."""
    today = timezone.localdate()
    parts = by(work, lambda part: part.day)
    found = [Day(day, parts.get(day, [])) for day in (today - timedelta(days=n) for n in range(DAYS - 1, -1, -1))]
    most = max(day.annotations for day in found)
    for part in (part for day in found for part in day.parts):
        part.share = 100 * part.annotations / max(most, 1)
    return found


class Dashboard:
    def __init__(self, user: User, project: Project) -> None:
        self.user = user
        self.project = project
        self.progress = overview.progress(user, [project])[project.pk]
        sheets = visible_sheets(user.pk).filter(item__project=project).values("pk")
        with connection.cursor() as cursor:
            self.sheets = cursor.mogrify(*sheets.query.sql_with_params()).decode().replace("%", "%%")

    def read(self) -> dict[str, Any]:
        """What the page shows."""
        work = self.work()
        by_person = {user: summed(user, parts) for user, parts in by(work, lambda part: part.user).items()}
        people = [part for part in by_person.values() if part.annotations or part.finished]
        return {
            "progress": self.progress,
            "days": days(work),
            "labels": self.label_counts(),
            "people": sorted(people, key=lambda part: (-part.annotations, -part.finished)),
            "latest": self.latest(),
            "here": self.here(),
            "annotations": sum(part.annotations + part.imported for part in work),
            "imported": sum(part.imported for part in work),
            "minutes": self.minutes(),
        }

    def work(self) -> list[Part]:
        rows = self.rows(WORK, zone=timezone.get_current_timezone_name())
        users = User.objects.in_bulk({row[0] for row in rows})
        return [Part(users[person], *rest) for person, *rest in rows]

    def label_counts(self) -> list[LabelCount]:
        rows = self.rows(BY_LABEL)
        labels = {label.pk: label for label in self.project.labels.all()}  # last: a new one may be among the counted
        most = max((annotations for _, annotations, _ in rows), default=0)
        counted = {pk for pk, *_ in rows}
        unused = [(pk, 0, 0) for pk, label in labels.items() if pk not in counted and label.removed_at is None]
        return [
            LabelCount(labels[pk], annotations, items, 100 * annotations / max(most, 1))
            for pk, annotations, items in [*rows, *unused]
        ]

    def latest(self) -> list[Latest]:
        rows = self.rows(LATEST_ROWS, limit=LATEST)
        users = User.objects.in_bulk({pk for _, _, pk, *_ in rows})
        labels = self.project.labels.in_bulk({label for *_, label, _, _, _ in rows})
        latest = [
            Latest(item, name, users[pk], labels.get(label), kind, Status(status).label.lower(), at)
            for item, name, pk, label, kind, status, at in rows
        ]
        return sorted(latest, key=lambda one: one.at, reverse=True)

    def here(self) -> list[dict[str, str]]:
        """Who is on one of the items now, each once."""
        sheets = [pk for (pk,) in self.rows(RECENT, limit=LOOKED_AT)]
        people = {one.user: one for here in people_by_sheet(sheets).values() for one in here}
        return [{"name": p.name, "color": p.color, "initials": initials(p.name)} for p in people.values()]

    def minutes(self) -> float | None:
        """The median time that someone works on an item, in minutes; nothing is known before the second change."""
        [(seconds,)] = self.rows(TIME, longest=BREAK)
        return None if seconds is None else float(seconds) / 60

    def rows(self, sql: str, **named: Any) -> list[tuple]:
        """`sql` names the visible sheets as {sheets} and the project as %(project)s."""
        with connection.cursor() as cursor:
            cursor.execute(sql.replace("{sheets}", self.sheets), {"project": self.project.pk, **named})
            return cursor.fetchall()


# Who finished what is finished: said last that it is done or skipped, or else accepted it.
FINISHED = """
SELECT DISTINCT ON (c.target) c.target, c.actor_id, c.at, c.record->'imported' IS NOT NULL AS imported
FROM projects_change c JOIN annotator_sheet s ON s.id = c.target AND s.status IN ('done', 'skipped', 'accepted')
WHERE c.project_id = %(project)s AND c.kind = 'status' AND c.target IN ({sheets})
    AND c.record->>'status' IN ('done', 'skipped', 'accepted')
ORDER BY c.target, c.record->>'status' = 'accepted', c.id DESC
"""

# What each person did on each day: of a few people and days, whatever the number of annotations.
WORK = f"""
WITH drawn AS (
    SELECT created_by_id AS person, (created_at AT TIME ZONE %(zone)s)::date AS day,
        count(*) FILTER (WHERE NOT imported) AS annotations, count(*) FILTER (WHERE imported) AS imported,
        max(created_at) FILTER (WHERE NOT imported) AS last
    FROM annotator_annotation WHERE NOT deleted AND sheet_id IN ({{sheets}}) GROUP BY 1, 2
), finished AS (
    SELECT actor_id AS person, (at AT TIME ZONE %(zone)s)::date AS day, count(*) AS items, max(at) AS last
    FROM ({FINISHED}) f WHERE NOT imported GROUP BY 1, 2
)
SELECT person, day, coalesce(annotations, 0), coalesce(imported, 0), coalesce(items, 0),
    greatest(drawn.last, finished.last)
FROM drawn FULL JOIN finished USING (person, day) ORDER BY person
"""

BY_LABEL = """
SELECT label_id, count(*), count(DISTINCT sheet_id) FROM annotator_annotation
WHERE NOT deleted AND sheet_id IN ({sheets}) GROUP BY 1 ORDER BY 2 DESC, 1
"""

LATEST_ROWS = """
SELECT i.id, i.name, last.actor_id, last.label, last.kind, s.status, last.at
FROM annotator_sheet s JOIN projects_item i ON i.id = s.item_id CROSS JOIN LATERAL (
    (SELECT o.actor_id, (o.record->>'label')::bigint AS label,
        CASE WHEN o.source IN ('import', 'move') THEN o.source ELSE o.kind END AS kind, o.at
    FROM annotator_operation o WHERE o.sheet_id = s.id ORDER BY o.clock DESC LIMIT 1)
    UNION ALL
    (SELECT c.actor_id, NULL, 'status', c.at FROM projects_change c
    WHERE c.project_id = i.project_id AND c.kind = 'status' AND c.target = s.id ORDER BY c.id DESC LIMIT 1)
    ORDER BY at DESC, label NULLS LAST LIMIT 1
) last
WHERE s.id IN ({sheets}) AND s.clock > 0 ORDER BY s.updated_at DESC LIMIT %(limit)s
"""

RECENT = "SELECT id FROM annotator_sheet WHERE id IN ({sheets}) ORDER BY updated_at DESC LIMIT %(limit)s"

TIME = """
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) FROM (
    SELECT extract(epoch FROM sum(gap)) AS seconds FROM (
        SELECT sheet_id, actor_id, at - lag(at) OVER (PARTITION BY sheet_id, actor_id ORDER BY clock) AS gap
        FROM annotator_operation WHERE source = 'person' AND sheet_id IN ({sheets})
    ) gaps WHERE gap > interval '0' AND gap <= %(longest)s GROUP BY sheet_id, actor_id
) work
"""
