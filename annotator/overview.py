"""Where a project stands: its items with their status, and how many of each."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, FilteredRelation, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Coalesce, Left

from annotator.models import FINISHED, Status
from projects.access import projects_of
from projects.models import Item, Project, User
from projects.services.asking import how_many_wait

SNIPPET = 400
PICTURES = 4
AT_ONCE = 10_000  # items that are counted before a page shows


@dataclass
class Progress:
    """How many items of each status; of many that is `told` once the page is there, as it would wait for it."""

    counts: dict[str, int] = field(default_factory=dict)
    told: bool = True

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def finished(self) -> int:
        return sum(self.counts.get(status, 0) for status in FINISHED)

    @property
    def parts(self) -> Iterator[dict[str, object]]:
        """A row for each status, with its share in percent."""
        for status in Status:
            count = self.counts.get(status, 0) if self.told else "…"
            share = f"{100 * self.counts.get(status, 0) / max(self.total, 1):.2f}"
            yield {"value": status.value, "label": status.label, "count": count, "share": share}


@dataclass
class ProjectCard:
    project: Project
    progress: Progress
    pictures: list[Item]
    asking: int  # who wait for a manager to let them in


def items_for(user: User, project: Project) -> QuerySet[Any]:
    """The items with `status` and `sheet` of the sheet that the person works on: shared, or one's own if blind."""
    return items_of(user, [project], blind=project.blind)


def items_of(user: User, projects: Iterable[Project], *, blind: bool) -> QuerySet[Any]:
    """Of projects that are all blind, or none: one that was made blind later has sheets of both kinds."""
    own = Q(sheets__person=user if blind else None)
    return (
        Item.objects.filter(project__in=projects, trashed_at=None)
        .annotate(own=FilteredRelation("sheets", condition=own))
        .annotate(status=Coalesce(F("own__status"), Value(Status.TODO.value)), sheet=F("own__id"))
    )


def with_snippets(items: QuerySet[Any]) -> QuerySet[Any]:
    """The beginnings of texts instead of texts that may be long."""
    return items.defer("text").annotate(snippet=Left("text", SNIPPET))


def progress(user: User, projects: Iterable[Project]) -> dict[int, Progress]:
    found: dict[int, Progress] = defaultdict(Progress)
    projects = list(projects)
    for blind in (False, True):
        items = items_of(user, [project for project in projects if project.blind == blind], blind=blind)
        for project, status, count in items.order_by().values_list("project_id", "status").annotate(Count("pk")):
            found[project].counts[status] = count
    return found


def many(project: Project) -> bool:
    return Item.objects.filter(project=project, trashed_at=None)[AT_ONCE:].exists()


def progress_at_once(user: User, project: Project) -> Progress:
    return Progress(told=False) if many(project) else progress(user, [project])[project.pk]


def project_cards(user: User) -> list[ProjectCard]:
    """One's projects, newest first."""
    first = with_snippets(Item.objects.filter(trashed_at=None).order_by("pk"))[:PICTURES]
    projects: list[Any] = list(projects_of(user).order_by("-pk").prefetch_related(Prefetch("items", first, "first")))
    found, asking = progress(user, projects), how_many_wait(projects)
    return [ProjectCard(one, found[one.pk], one.first, asking.get(one.pk, 0)) for one in projects]
