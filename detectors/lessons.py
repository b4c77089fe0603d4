"""What a project can learn from its labels: what people said, sorted by what can be learned from it, or why it cannot;
and when that begins. `teaching` does it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal, NamedTuple
from uuid import UUID

from celery import current_app
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from annotator.models import FINISHED, Annotation, Operation, Sheet
from detectors import adding, sharding, storing
from detectors.models import Learning, Weights
from projects.access import get_project
from projects.errors import Conflict, Invalid, Refusal
from projects.models import ItemKind, Project, Role, User

FEWEST = 3  # labelled things
FEW = 5  # of a label, below which it is told that there are few
OFTEN = 20  # labels, after which it learns anew by itself
ENDS = 3  # workers that were killed at it, after which it is given up
EXPIRES = 30  # seconds
LEASED = timedelta(seconds=sharding.LEASED)
TASK = "detectors.tasks.learn"
LEARNED_DEMOS = ("digits", "messages")

What = Literal["boxes", "tags", "spans"]


class Subject(NamedTuple):
    """Something that can be learned."""

    name: str
    kind: ItemKind
    what: What
    shapes: frozenset[str]
    gives: str  # the shape that a label must take


SUBJECTS = (
    Subject("boxes", ItemKind.IMAGE, "boxes", frozenset({"rectangle", "polygon"}), "rectangle"),
    Subject("tags of images", ItemKind.IMAGE, "tags", frozenset({"tag"}), "tag"),
    Subject("tags of texts", ItemKind.TEXT, "tags", frozenset({"tag"}), "tag"),
    Subject("spans of texts", ItemKind.TEXT, "spans", frozenset({"span"}), "span"),
)


class Thing(NamedTuple):
    """One labelled thing, or one that was suggested and rejected."""

    annotation: UUID
    item: int
    label: str
    shape: dict[str, object]
    rejected: bool
    at: datetime  # when it was drawn, accepted or rejected


@dataclass
class Lesson:
    """What there is to learn from. `wrong` says why that cannot be, `cannot` what will not be known."""

    subject: Subject
    things: list[Thing] = field(default_factory=list)
    rejected: list[Thing] = field(default_factory=list)
    finished: set[int] = field(default_factory=set)
    wrong: str = ""
    cannot: list[str] = field(default_factory=list)

    @property
    def labels(self) -> Counter[str]:
        return Counter(sorted(thing.label for thing in self.things))

    @property
    def bare(self) -> set[int]:
        """Items that say where there is nothing: finished without a thing, or with rejected ones alone."""
        return (self.finished | {thing.item for thing in self.rejected}) - {thing.item for thing in self.things}


def subject_of(kind: str, takes: list[str], shape: str) -> Subject | None:
    """Of a shape that was drawn on an item of a kind with a label that takes some shapes."""
    return next((one for one in SUBJECTS if one.kind == kind and shape in one.shapes and one.gives in takes), None)


def lessons_of(project: Project) -> list[Lesson]:
    """Of all subjects of which something was labelled."""
    found = {subject.name: Lesson(subject) for subject in SUBJECTS}
    others: Counter[str] = Counter()
    for kind, takes, thing in things_of(project):
        subject = subject_of(kind, takes, str(thing.shape["type"]))
        if subject is None:
            others[thing.label] += 1
            continue
        lesson = found[subject.name]
        (lesson.rejected if thing.rejected else lesson.things).append(thing)
    done = dict(sheets_of(project).filter(status__in=FINISHED).values_list("item", "item__kind"))
    lessons = [lesson for lesson in found.values() if lesson.things]
    for lesson in lessons:
        lesson.finished = {item for item, kind in done.items() if kind == lesson.subject.kind}
        lesson.wrong = wrong_with(lesson.subject, lesson.labels, bool(lesson.bare))
        few = [f"{count} “{label}”" for label, count in lesson.labels.items() if count < FEW]
        lesson.cannot = [f"Still few: {', '.join(few)}. Label more of them."] if few else []
        lesson.cannot += [f"“{label}” is not learned: {SHAPES}" for label in others]
    return lessons


SHAPES = "boxes of labels that take rectangles are learned from, spans of texts, and tags."


def things_of(project: Project) -> Iterator[tuple[str, list[str], Thing]]:
    """What people drew, accepted or rejected, with the kind of its item and the shapes that its label takes."""
    rows = (
        drawn_in(project)
        .order_by("sheet__item", "created_at", "pk")
        .values_list(
            "sheet__item__kind", "label__shapes", "pk", "sheet__item", "label__name", "shape", "rejected", "created_at"
        )
    )
    for kind, takes, *about in rows.iterator(chunk_size=5_000):
        yield kind, takes, Thing(*about)


def drawn_in(project: Project) -> QuerySet[Annotation]:
    found = Annotation.objects.filter(sheet__in=sheets_of(project), label__project=project, label__removed_at=None)
    return found.filter(Q(deleted=False) | Q(rejected=True))


def sheets_of(project: Project) -> QuerySet[Sheet]:
    return Sheet.objects.filter(item__project=project, item__trashed_at=None)


def wrong_with(subject: Subject, labels: Counter[str], bare: bool) -> str:
    """Why it cannot be learned from so many things; `bare` says that some items are known to be without."""
    count = labels.total()
    what = {"boxes": "box", "tags": "tag", "spans": "span"}[subject.what]
    if count < FEWEST:
        many = f"is one {what}" if count == 1 else f"are {count} {what}{'es' if what == 'box' else 's'}"
        return f"There {many} in all: label at least {FEWEST} things."
    if subject.what == "tags" and len(labels) == 1 and not bare:
        return f"All of them are “{next(iter(labels))}”: give some another label, or finish some without it."
    return ""


def ask(user: User, project_id: int, embedder: str | None = None) -> Learning:
    """Have a worker learn (managers), with the `embedder` of an id from now on, with what is built in where that is
    empty, or as before. Raises Invalid where there is nothing to learn from."""
    project = get_project(user, project_id, Role.MANAGER)
    if project.blind:
        raise Conflict(BLIND, code="blind")
    wrong = wrongs_of(project)  # before anything is locked: there may be many annotations
    with transaction.atomic():
        get_project(user, project_id, Role.MANAGER, lock=True)
        learning, _ = Learning.objects.select_for_update(of=("self",)).get_or_create(project=project)
        if learning.until:
            raise Conflict("It is learning already. What it learns shows here in a moment.", code="under_way")
        if all(wrong):
            raise Invalid(" ".join(dict.fromkeys(wrong)) or NOTHING)
        if embedder is not None:
            learning.embedder = chosen(project, embedder)
        begin(learning, user)
    return learning


def chosen(project: Project, embedder: str) -> Weights | None:
    """A project's model of an id. Raises Invalid."""
    if not embedder:
        return None
    if found := next((one for one in adding.embedders(project) if str(one.pk) == embedder), None):
        return found
    raise Invalid("Choose one of the project's models that makes vectors of images.", fields={"embedder": "unknown"})


def wrongs_of(project: Project) -> list[str]:
    """As `Lesson.wrong`, of each subject of which something was labelled, told by counts alone."""
    counts: dict[Subject, Counter[str]] = {}
    about = ("sheet__item__kind", "label__shapes", "shape__type", "label__name")
    grouped = drawn_in(project).filter(deleted=False).order_by().values_list(*about)
    for kind, takes, shape, label, count in grouped.annotate(Count("pk")):
        if subject := subject_of(kind, takes, shape):
            counts.setdefault(subject, Counter())[label] += count
    return [wrong_with(one, labels, some_without(project, one)) for one, labels in counts.items()]


def some_without(project: Project, subject: Subject) -> bool:
    """Whether some items are known to be without a thing."""
    drawn = Annotation.objects.filter(
        sheet=OuterRef("pk"), label__project=project, label__removed_at=None, shape__type__in=subject.shapes
    )
    sheets = sheets_of(project).filter(item__kind=subject.kind).exclude(Exists(drawn.filter(deleted=False)))
    return sheets.filter(Q(status__in=FINISHED) | Exists(drawn.filter(rejected=True))).exists()


BLIND = "In a blind project everyone works alone, and what is learned from one would be suggested to all."
NOTHING = (
    "Nothing is labelled yet that can be learned from: draw boxes, mark spans, or give tags, to at least three things."
)


def at_once(project: Project, **_: Any) -> None:
    """What learns by itself does not wait for more where many things were put right at once. Where it learns just now
    it begins anew when that is over."""
    Learning.objects.filter(project=project, automatic=True).update(fresh=F("fresh") + OFTEN)
    waiting = Learning.objects.filter(project=project, automatic=True, until=None).select_related("asked_by").first()
    if waiting and waiting.asked_by:
        attempt(waiting, waiting.asked_by)


def of_demo(project: Project, owner: User, **_: Any) -> None:
    """What is labelled in a demo is learned at once, and so is what visitors change there."""
    if project.demo in LEARNED_DEMOS:
        by_itself(owner, project.pk, automatic=True)
        ask(owner, project.pk)


def begin(learning: Learning, user: User) -> None:
    learning.operation, learning.fresh = latest_operation(), 0
    learning.asked_by, learning.detail = user, "It begins in a moment."
    learning.until, learning.begun = timezone.now(), 0  # whoever comes first takes it
    learning.save()
    transaction.on_commit(partial(send, learning.project_id), robust=True)


def send(project: int) -> None:
    """What is not taken up in time is sent anew by `tend`."""
    current_app.send_task(TASK, [project], expires=EXPIRES)


def latest_operation() -> int:
    return Operation.objects.aggregate(last=Max("pk"))["last"] or 0


class Taken(NamedTuple):
    """A learning under a lease, for who has asked for it."""

    project: Project
    user: User
    lease: int
    again: bool  # a worker before has not come to its end
    embedder: Weights | None

    def row(self) -> QuerySet[Learning]:
        return Learning.objects.filter(project=self.project, lease=self.lease, until__isnull=False)

    def go_on(self) -> bool:
        return bool(self.row().update(until=timezone.now() + LEASED))

    def say(self, detail: str) -> None:
        """How far it is."""
        self.row().update(detail=detail)

    def end(self, detail: str) -> None:
        self.row().update(detail=detail[:1000], until=None)

    def demand(self) -> None:
        """Until the transaction ends it is nobody else's."""
        if not self.row().select_for_update().first():
            raise Conflict("Another has gone on with it.", code="lost")


@transaction.atomic
def take(project: int) -> Taken | None:
    """For oneself; None where it is over, or another's."""
    waiting = Learning.objects.select_for_update(of=("self",)).select_related("project", "asked_by", "embedder")
    learning = waiting.filter(project=project, until__lte=timezone.now()).first()
    if learning is None or learning.asked_by is None:
        return None
    learning.lease, learning.begun = learning.lease + 1, learning.begun + 1
    learning.until = timezone.now() + LEASED
    learning.save(update_fields=["lease", "begun", "until"])
    return Taken(learning.project, learning.asked_by, learning.lease, learning.begun > 1, learning.embedder)


def told(project: Project) -> dict[str, Any]:
    """What the project's panel says: whether it learns just now, and what was learned, by name, the latest first."""
    learning = Learning.objects.filter(project=project).first()
    by_name: dict[str, list[Weights]] = {}
    for weights in storing.weights_of(project).filter(kind__startswith="learned_"):
        by_name.setdefault(weights.name, []).append(weights)
    versions = [(several[0], several[1:6]) for several in by_name.values()]
    return {"learning": learning, "learned": versions, "often": OFTEN, "embedders": adding.embedders(project)}


@transaction.atomic
def by_itself(user: User, project_id: int, automatic: bool) -> Learning:
    """Learn anew after every so many labels, or no longer (managers)."""
    project = get_project(user, project_id, Role.MANAGER, lock=True)
    learning, _ = Learning.objects.select_for_update().get_or_create(project=project)
    learning.automatic, learning.asked_by = automatic, user
    learning.operation, learning.fresh = latest_operation(), 0
    learning.save()
    return learning


def tend() -> None:
    """Tell workers of what waits for one, give up what ends them, and begin where enough was labelled."""
    for one in Learning.objects.filter(until__lt=timezone.now(), **ALIVE):
        if one.begun < ENDS:
            send(one.project_id)
        else:
            Learning.objects.filter(pk=one.pk, lease=one.lease).update(until=None, detail=GAVE_UP)
    latest = latest_operation()
    for one in Learning.objects.filter(automatic=True, until=None, **ALIVE).select_related("asked_by"):
        if one.asked_by and counted(one, latest) >= OFTEN:
            attempt(one, one.asked_by)


GAVE_UP = "Its worker has ended, again and again. Why stands in the worker's log."
ALIVE = {"project__archived_at": None, "project__trashed_at": None}


# What is labelled, or labelled otherwise.
NEWS = Q(kind__in=["create", "restore"]) | Q(kind="update", properties__contains="label")


def counted(learning: Learning, latest: int) -> int:
    """What was labelled since it was learned; each operation is looked at once."""
    since = Operation.objects.filter(pk__gt=learning.operation, pk__lte=latest)
    fresh = learning.fresh + since.filter(NEWS, project=learning.project_id).count()
    if latest > learning.operation:
        Learning.objects.filter(pk=learning.pk, until=None).update(operation=latest, fresh=fresh)
    return fresh


def attempt(learning: Learning, user: User) -> None:
    """By itself. Where there is nothing to learn from, it waits for further labels; whoever may no longer have it
    learn is not asked again."""
    mine = Learning.objects.filter(pk=learning.pk, until=None)
    try:
        ask(user, learning.project_id)
    except Refusal as why:
        mine.update(fresh=0, detail=str(why.detail)[:1000])
    except (PermissionDenied, Http404):
        mine.update(fresh=0, automatic=False, detail=MAY_NOT % {"user": user})


MAY_NOT = "%(user)s may not have this project learn any more. A manager can begin it anew."
