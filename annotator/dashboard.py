"""How a project goes: what is done and left, who did how much on which day, and what happened last.

Everything is read from what stands and from the log, for the sheets that the asking person may see.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotator import here, overview
from annotator.access import sheets_of
from annotator.finding import BY_SOMEBODY
from annotator.live.presence import people_by_sheet
from annotator.models import Status
from annotator.rows import SEEN, STANDING, table
from projects.models import MOVE, Label, Project, User

DAYS = 14
LATEST = 12  # things that were done last
LOOKED_AT = 1_000  # moments among which we look for them


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
    """The last thing that was done on an item, or on `items` at once: then it stands for the last of them."""

    item: int
    name: str
    user: User
    label: Label | None
    kind: str
    status: str
    at: datetime
    items: int = 1
    more: bool = False  # than those

    @property
    def others(self) -> int:
        return self.items - 1


@dataclass
class Here:
    """Someone who looks at a page of the project, or is on an item that the asking person may see."""

    user: User
    page: str
    item: int | None = None
    name: str = ""

    @property
    def doing(self) -> str:
        return _("is on %(item)s") % {"item": self.name} if self.item else str(DOING[self.page])


DOING = {
    "project": _("looks at the items"),
    "dashboard": _("looks at the dashboard"),
    "settings": _("is in the settings"),
    "trashed-items": _("looks at the trash"),
    "editor": _("has an item open"),
}


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


Row = tuple[Part, list[tuple[Day, int]]]


def by_day(lately: Sequence[Day], what: Literal["annotations", "finished"]) -> list[Row]:
    """Who has done it on the last days, who did most first, each with how much on each day on which anything was."""
    shown = [day for day in lately if day.annotations or day.finished]
    people = by((part for day in shown for part in day.parts if getattr(part, what)), lambda part: part.user)
    rows = []
    for user, parts in people.items():
        counts = {part.day: getattr(part, what) for part in parts}
        rows.append((summed(user, parts), [(day, counts.get(day.date, 0)) for day in shown]))
    return sorted(rows, key=lambda row: -getattr(row[0], what))


class Dashboard:
    def __init__(self, user: User, project: Project) -> None:
        self.user = user
        self.project = project
        self.sheets, self.hidden = map(table, sheets_of(user, project))

    def read(self) -> dict[str, Any]:
        """What the page shows."""
        work = self.work()
        by_person = {user: summed(user, parts) for user, parts in by(work, lambda part: part.user).items()}
        people = [part for part in by_person.values() if part.annotations or part.finished]
        lately = days(work)
        seconds = self.seconds()
        return {
            "progress": overview.progress(self.user, [self.project])[self.project.pk],
            "days": lately,
            "worked": by_day(lately, "annotations"),
            "finished": by_day(lately, "finished"),
            "labels": self.label_counts(),
            "people": sorted(people, key=lambda part: (-part.annotations, -part.finished)),
            "latest": self.latest(),
            "here": self.here(),
            "annotations": sum(part.annotations + part.imported for part in work),
            "imported": sum(part.imported for part in work),
            "seconds": seconds,
            "minutes": ((seconds or 0) + 30) // 60,  # as the grid tells it
            "busy": [day for day in lately if day.annotations or day.finished],
        }

    def work(self) -> list[Part]:
        rows = self.rows(WORK, zone=timezone.get_current_timezone_name())
        users = self.people({row[0] for row in rows})
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
        """One row for an import, a move or another action on many items."""
        moments = self.rows(LATEST_ROWS, limit=LOOKED_AT)
        actions: dict[tuple[UUID, int], list[tuple]] = {}
        for action, *row in moments:
            actions.setdefault((action, row[2]), []).append(tuple(row))
        last = list(actions.values())[:LATEST]
        oldest = tuple(moments[-1][1:]) if len(moments) == LOOKED_AT else ()  # its action may go back further
        users = self.people({rows[0][2] for rows in last})
        labels = self.project.labels.in_bulk({rows[0][3] for rows in last})
        latest = [
            Latest(
                item,
                name,
                users[pk],
                labels.get(label),
                kind,
                Status(status).label.lower(),
                at,
                sum(row[-1] for row in rows),
                rows[-1] == oldest,
            )
            for rows in last
            for item, name, pk, label, kind, status, at, _ in rows[:1]
        ]
        return sorted(latest, key=lambda one: one.at, reverse=True)

    def here(self) -> list[Here]:
        """Who has a page of the project open now, each once: oneself, too."""
        said = here.places(self.project.pk)
        sheets = {sheet: item for sheet, *item in self.rows(ON, items=[one.item for one in said.values() if one.item])}
        on = {one.user: sheets[sheet] for sheet, there in people_by_sheet(sheets).items() for one in there}
        users = User.objects.filter(pk__in=said, memberships__project=self.project).order_by("name", "pk")
        return [Here(user, said[user.pk].page, *on.get(user.pk, ())) for user in users]

    def people(self, pks: Iterable[int]) -> dict[int, User]:
        """Without the pictures of those who are members no more: those are not shown."""
        users = User.objects.in_bulk(pks)
        members = set(self.project.memberships.values_list("user", flat=True))
        for user in users.values():
            user.picture = user.picture if user.pk in members else ""
        return users

    def seconds(self) -> int | None:
        """The median time that someone works on an item."""
        [(seconds,)] = self.rows(TIME)
        return None if seconds is None else int(seconds)

    def rows(self, sql: str, **named: Any) -> list[tuple]:
        """`sql` names the visible sheets as {sheets}, the others as {hidden} and the project's labels as %(labels)s."""
        sql = sql.replace("{sheets}", self.sheets).replace("{hidden}", self.hidden)
        with connection.cursor() as cursor:
            cursor.execute(sql, {"labels": list(self.project.labels.values_list("pk", flat=True)), **named})
            return cursor.fetchall()


# What each person did on each day: of a few people and days, whatever the number of annotations.
WORK = f"""
WITH drawn AS (
    SELECT created_by_id AS person, (created_at AT TIME ZONE %(zone)s)::date AS day,
        count(*) FILTER (WHERE NOT imported) AS annotations, count(*) FILTER (WHERE imported) AS imported,
        max(created_at) FILTER (WHERE NOT imported) AS last
    FROM {STANDING} AND {SEEN} GROUP BY 1, 2
), finished AS (
    SELECT finished_by_id AS person, (finished_at AT TIME ZONE %(zone)s)::date AS day, count(*) AS items,
        max(finished_at) AS last
    FROM {{sheets}} v WHERE {BY_SOMEBODY} GROUP BY 1, 2
)
SELECT person, day, coalesce(annotations, 0), coalesce(imported, 0), coalesce(items, 0),
    greatest(drawn.last, finished.last)
FROM drawn FULL JOIN finished USING (person, day) ORDER BY person
"""

# An index holds all of a project's in this order, so that the few which are not to be seen are taken off.
BY_LABEL = f"""
WITH found AS (
    SELECT label_id, count(*) AS annotations, count(DISTINCT sheet_id) AS sheets FROM {STANDING} GROUP BY 1
), less AS (
    SELECT label_id, count(*) AS annotations, count(DISTINCT sheet_id) AS sheets
    FROM {{hidden}} h JOIN annotator_annotation a ON a.sheet_id = h.id WHERE NOT a.deleted GROUP BY 1
)
SELECT label_id, f.annotations - coalesce(l.annotations, 0), f.sheets - coalesce(l.sheets, 0)
FROM found f LEFT JOIN less l USING (label_id) WHERE f.annotations > coalesce(l.annotations, 0) ORDER BY 2 DESC, 1
"""

# What was done to many sheets at once was written to them at one moment, so one of them tells for all.
LATEST_ROWS = f"""
WITH moments AS (
    SELECT max(id) AS sheet, count(*) AS sheets FROM {{sheets}} v WHERE clock > 0
    GROUP BY updated_at ORDER BY updated_at DESC LIMIT %(limit)s
)
SELECT last.action, i.id, i.name, last.actor_id, last.label, last.kind, s.status, last.at, m.sheets
FROM moments m JOIN annotator_sheet s ON s.id = m.sheet JOIN projects_item i ON i.id = s.item_id CROSS JOIN LATERAL (
    (SELECT o.action, o.actor_id, (o.record->>'label')::bigint AS label,
        CASE WHEN o.source IN ('import', '{MOVE}') THEN o.source ELSE o.kind END AS kind, o.at
    FROM annotator_operation o WHERE o.sheet_id = s.id ORDER BY o.clock DESC LIMIT 1)
    UNION ALL
    (SELECT c.action, c.actor_id, NULL, 'status', c.at FROM projects_change c
    WHERE c.project_id = i.project_id AND c.kind = 'status' AND c.target = s.id ORDER BY c.id DESC LIMIT 1)
    ORDER BY at DESC, label NULLS LAST LIMIT 1
) last ORDER BY s.updated_at DESC
"""

ON = """
SELECT s.id, i.id, i.name FROM {sheets} s JOIN projects_item i ON i.id = s.item_id WHERE i.id = ANY(%(items)s)
"""

TIME = """
SELECT extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY worked)) FROM {sheets} v WHERE worked > '0'
"""
