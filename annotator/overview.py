"""Where a project stands: its items with their status, how many of each, and who is on them now."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, F, FilteredRelation, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Left

from annotator.live.presence import people_by_sheet
from annotator.models import Status
from projects.access import projects_of
from projects.models import Item, Project, User, initials

SNIPPET = 400
PICTURES = 4


@dataclass
class Progress:
    """How many items of each status."""

    counts: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def finished(self) -> int:
        return self.counts.get(Status.DONE, 0) + self.counts.get(Status.SKIPPED, 0)

    @property
    def parts(self) -> list[dict[str, object]]:
        """A row for each status, with its share in percent."""
        rows = [(status, self.counts.get(status, 0)) for status in Status]
        share = 100 / max(self.total, 1)
        return [{"value": s.value, "label": s.label, "count": n, "share": f"{n * share:.2f}"} for s, n in rows]


def items_for(user: User, projects: Iterable[Project]) -> QuerySet[Item]:
    """The items with `status` and `sheet_id` of the sheet that the person works on: shared, or one's own if blind."""
    own = Q(sheets__person=None) | Q(sheets__person=user.pk)
    return (
        Item.objects.filter(project__in=projects, trashed_at=None)
        .annotate(own=FilteredRelation("sheets", condition=own))
        .annotate(status=Coalesce(F("own__status"), Value(Status.TODO.value)), sheet_id=F("own__id"))
    )


def with_snippets(items: QuerySet[Item]) -> QuerySet[Item]:
    """The beginnings of texts instead of texts that may be long."""
    return items.defer("text").annotate(snippet=Left("text", SNIPPET))


def progress(user: User, projects: Iterable[Project]) -> dict[int, Progress]:
    found: dict[int, Progress] = defaultdict(Progress)
    rows = items_for(user, projects).order_by().values_list("project_id", "status").annotate(Count("pk"))
    for project, status, count in rows:
        found[project].counts[status] = count
    return found


def projects_with_progress(user: User) -> list[Project]:
    """One's projects, newest first, each with `progress` and its first items as `pictures`."""
    first = with_snippets(Item.objects.filter(trashed_at=None).order_by("pk"))[:PICTURES]
    projects = list(projects_of(user).order_by("-pk").prefetch_related(Prefetch("items", first, to_attr="pictures")))
    found = progress(user, projects)
    for project in projects:
        project.progress = found[project.pk]
    return projects


def describe(items: Iterable[Item]) -> list[Item]:
    """The items with their status in words, and with those who have them open now as `people`."""
    items = list(items)
    here = people_by_sheet([item.sheet_id for item in items if item.sheet_id])
    for item in items:
        item.status_label = Status(item.status).label
        item.people = [
            {"name": person.name, "color": person.color, "initials": initials(person.name)}
            for person in here.get(item.sheet_id, [])
        ]
    return items
