"""How a project goes: what is done and left, who did how much on which day, and what happened last.

Everything is read from what stands and from the log, for the sheets that the asking person may see.
"""

from collections.abc import Iterable
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
    """What one person did: annotations that stand, and items they finished."""

    user: User
    annotations: int = 0
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


class Dashboard:
    def __init__(self, user: User, project: Project) -> None:
        self.user = user
        self.project = project
        sheets = visible_sheets(user.pk).filter(item__project=project)
        self.sheets, self.parameters = sheets.values("pk").query.sql_with_params()
        self.progress = overview.progress(user, [project])[project.pk]
        self.people: dict[int, Part] = {}

    def read(self) -> dict[str, Any]:
        """What the page shows."""
        totals = self.rows(TOTALS)
        days = self.days()
        self.people = {user.pk: Part(user) for user in User.objects.filter(pk__in=[row[0] for row in totals])}
        for pk, annotations, finished, last in totals:
            part = self.people[pk]
            part.annotations, part.finished, part.last = annotations, finished, last
        return {
            "progress": self.progress,
            "days": days,
            "labels": self.label_counts(),
            "people": sorted(self.people.values(), key=lambda part: (-part.annotations, -part.finished)),
            "latest": self.latest(),
            "here": self.here(),
            "annotations": sum(part.annotations for part in self.people.values()),
            "minutes": self.minutes(),
        }

    def days(self) -> list[Day]:
        """The last days, today at the end, each with everyone's part."""
        today = timezone.localdate()
        found = {day: Day(day) for day in (today - timedelta(days=n) for n in range(DAYS - 1, -1, -1))}
        rows = self.rows(BY_DAY, zone=timezone.get_current_timezone_name(), since=min(found))
        users = User.objects.in_bulk({pk for _, pk, *_ in rows})
        for day, pk, annotations, finished in rows:
            if day in found:
                found[day].parts.append(Part(users[pk], annotations, finished))
        most = max((day.annotations for day in found.values()), default=0)
        for day in found.values():
            day.parts.sort(key=lambda part: part.user.pk)
            for part in day.parts:
                part.share = 100 * part.annotations / max(most, 1)
        return list(found.values())

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
        text, values = positional(sql, {"project": self.project.pk, **named}, self.sheets, self.parameters)
        with connection.cursor() as cursor:
            cursor.execute(text, values)
            return cursor.fetchall()


def positional(sql: str, named: dict[str, Any], sheets: str, parameters: Iterable[Any]) -> tuple[str, list[Any]]:
    """The statement with its parameters in a row, as Django writes those of its queries."""
    values: list[Any] = []
    pieces = []
    for piece in sql.replace("{sheets}", "%(sheets)s").split("%("):
        name, found, rest = piece.partition(")s")
        if not found:
            pieces.append(piece)
        elif name == "sheets":
            pieces.append(sheets + rest)
            values.extend(parameters)
        else:
            pieces.append("%s" + rest)
            values.append(named[name])
    return "".join(pieces), values


# Who said that an item is done or skipped: the change of its status that stands, or that a reviewer accepted.
FINISHED = """
SELECT DISTINCT ON (c.target) c.target, c.actor_id, c.at, c.record->>'status' AS status FROM projects_change c
WHERE c.project_id = %(project)s AND c.kind = 'status' AND c.target IN ({sheets})
    AND c.record->>'status' <> 'accepted' ORDER BY c.target, c.id DESC
"""

TOTALS = f"""
WITH drawn AS (
    SELECT created_by_id AS person, count(*) AS annotations, max(created_at) AS last
    FROM annotator_annotation WHERE NOT deleted AND sheet_id IN ({{sheets}}) GROUP BY 1
), finished AS (
    SELECT actor_id AS person, count(*) AS items, max(at) AS last FROM ({FINISHED}) f
    WHERE status IN ('done', 'skipped') GROUP BY 1
)
SELECT person, coalesce(annotations, 0), coalesce(items, 0), greatest(drawn.last, finished.last)
FROM drawn FULL JOIN finished USING (person)
"""

BY_DAY = f"""
WITH drawn AS (
    SELECT (created_at AT TIME ZONE %(zone)s)::date AS day, created_by_id AS person, count(*) AS annotations
    FROM annotator_annotation
    WHERE NOT deleted AND created_at >= %(since)s::timestamp - interval '1 day' AND sheet_id IN ({{sheets}})
    GROUP BY 1, 2
), finished AS (
    SELECT (at AT TIME ZONE %(zone)s)::date AS day, actor_id AS person, count(*) AS items FROM ({FINISHED}) f
    WHERE status IN ('done', 'skipped') GROUP BY 1, 2
)
SELECT day, person, coalesce(annotations, 0), coalesce(items, 0) FROM drawn FULL JOIN finished USING (day, person)
"""

BY_LABEL = """
SELECT label_id, count(*), count(DISTINCT sheet_id) FROM annotator_annotation
WHERE NOT deleted AND sheet_id IN ({sheets}) GROUP BY 1 ORDER BY 2 DESC, 1
"""

LATEST_ROWS = """
SELECT i.id, i.name, last.actor_id, last.label, last.kind, s.status, last.at
FROM annotator_sheet s JOIN projects_item i ON i.id = s.item_id CROSS JOIN LATERAL (
    (SELECT o.actor_id, (o.record->>'label')::bigint AS label, o.kind, o.at
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
    ) gaps WHERE gap BETWEEN interval '0' AND %(longest)s GROUP BY sheet_id, actor_id
) work
"""
