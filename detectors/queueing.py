"""What to label next: in which order a project's items are handed out, and how its model would have grown by each."""

from collections import Counter, defaultdict
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
from celery import current_app
from django.db import transaction
from django.utils import timezone
from numpy.typing import NDArray

from annotator.models import FINISHED, Annotation, Priority
from detectors import alike, embeddings, sandbox, storing
from detectors.evaluation import worth
from detectors.learning.linear import fitted
from detectors.learning.packing import unpacked
from detectors.models import Order, Prediction, Queue, Run, RunState, Weights
from detectors.packing import array
from detectors.weights import read
from projects.access import get_project
from projects.errors import Invalid
from projects.models import ItemKind, Project, Role, User

MOST = 20_000  # labelled items against which others are held
TASK = "detectors.tasks.put_in_order"
EXPIRES = 60  # seconds
CURVED = 1_200  # things of which it is tried out how a model grows
BEGIN, ROUNDS = 20, 8
DIMENSIONS = 48  # to which vectors are brought for that
NO_MODEL = "The project has learned nothing yet: press “Learn from my labels” first."
ONE_MODEL = "Only one model has looked at the items: let another look, too, to see where they disagree."
Floats = NDArray[np.float64]


def choose(user: User, project_id: int, order: str) -> Queue:
    """In what order items are handed out from now on (managers)."""
    project = get_project(user, project_id, Role.MANAGER)
    if order not in Order.values:
        raise Invalid("Choose one of the orders.", fields={"order": "unknown"})
    queue, _ = Queue.objects.update_or_create(project=project, defaults={"order": order, "detail": ""})
    after(project.pk)
    return queue


def after(project: int) -> None:
    """There is more to go by: a lesson, or what a run has found."""
    if Queue.objects.filter(project=project).exists():
        transaction.on_commit(partial(current_app.send_task, TASK, [project], expires=EXPIRES), robust=True)


def after_run(pk: int) -> None:
    """One that has come to its end."""
    run = Run.objects.filter(pk=pk, state=RunState.DONE).first()
    if run:
        after(run.project_id)


# In a worker ----------------------------------------------------------------------------------------------------------


def put_in_order(pk: int) -> None:
    queue = Queue.objects.select_related("project").filter(project=pk, project__trashed_at=None).first()
    if queue is None:
        return
    found: dict[int, float] = {}
    detail = ""
    if queue.order != Order.OLDEST:
        try:
            found = worths(queue.project, queue.order)
        except Invalid as why:
            detail = str(why.detail)
    with transaction.atomic():
        Queue.objects.filter(project=pk).update(detail=detail, made_at=timezone.now())
        Priority.objects.filter(project=pk).delete()
        rows = [Priority(item_id=item, project_id=pk, value=value) for item, value in found.items()]
        Priority.objects.bulk_create(rows, batch_size=5_000)


def worths(project: Project, order: str) -> dict[int, float]:
    """Of each item that nobody has finished."""
    found: dict[int, float] = {}
    for kind in ItemKind.values:
        items = waiting(project, kind)
        if not items:
            continue
        if order != Order.MIXTURE:
            values = WORTHS[order](project, kind, items)
        else:
            several = [one for one in (attempted(each, project, kind, items) for each in WORTHS) if one is not None]
            values = worth.mixture(several) if several else np.zeros(len(items))
        found |= dict(zip(items, values.tolist(), strict=True))
    return found


def attempted(order: str, project: Project, kind: str, items: list[int]) -> Floats | None:
    try:
        return WORTHS[order](project, kind, items)
    except Invalid:
        return None


def waiting(project: Project, kind: str) -> list[int]:
    there = project.items.filter(kind=kind, trashed_at=None).order_by("pk")
    return list(there.exclude(sheets__status__in=FINISHED).values_list("pk", flat=True))


def unsure(project: Project, kind: str, items: list[int]) -> Floats:
    """By what was learned last of tags, asked about each; or else by the confidence of what a model proposed."""
    model = next((one for one in latest(project, kind) if unpacked(read(one.digest)).what == "tags"), None)
    if model:
        return worth.uncertainty(told_by(project, model, items))
    if not (runs := runs_on(project)):
        raise Invalid(NO_MODEL)
    found = dict.fromkeys(items, 0.0)
    for item, score in Prediction.objects.filter(run=runs[0], item__in=items).values_list("item", "score"):
        found[item] = max(found[item], 1 - abs(2 * score - 1))
    return np.array([found[item] for item in items])


def latest(project: Project, kind: str) -> list[Weights]:
    name = "learned_images" if kind == ItemKind.IMAGE else "learned_texts"
    return list(storing.weights_of(project).filter(kind=name))


def told_by(project: Project, model: Weights, items: list[int]) -> Floats:
    """Of each item (n, k) the probabilities of the labels that it has learned."""
    learned = unpacked(read(model.digest))
    if model.kind == "learned_images":
        return learned.linear.probabilities(embeddings.of_images(learned.embedder, items).astype(np.float64))
    texts = alike.texts_of(project)
    with sandbox.child() as child:
        contents = [texts[pk] for pk in items]
        (found,) = child.call("detectors.schooling:told_of_texts", read(model.digest), contents, answer=lambda *_: None)
    told: Floats = array(found)
    return told


def disagreeing(project: Project, kind: str, items: list[int]) -> Floats:
    """By how much less than all that two models propose is the same, on average over pairs of models."""
    runs = runs_on(project)
    said: dict[int, dict[int, Counter[int]]] = defaultdict(lambda: defaultdict(Counter))
    rows = Prediction.objects.filter(run__in=runs, item__in=items, replaced=False)
    for run, item, label in rows.values_list("run", "item", "label"):
        said[run][item][label] += 1
    if len(said) < 2:
        raise Invalid(ONE_MODEL)
    found = np.zeros(len(items))
    pairs = list(combinations(said.values(), 2))
    for one, other in pairs:
        for row, item in enumerate(items):
            both = (one[item] & other[item]).total()
            total = one[item].total() + other[item].total()
            found[row] += 1 - 2 * both / total if total else 0.0
    return found / len(pairs)


def runs_on(project: Project) -> list[int]:
    """The latest of each pipeline and of each file, the latest first."""
    by_pipeline: dict[object, int] = {}
    for run in Run.objects.filter(project=project, removed_at=None).select_related("version").order_by("-pk"):
        by_pipeline.setdefault(run.version.pipeline_id if run.version else f"file {run.pk}", run.pk)
    return list(by_pipeline.values())


def far(project: Project, kind: str, items: list[int]) -> Floats:
    drawn = Annotation.objects.filter(sheet__item__project=project, sheet__item__kind=kind, deleted=False)
    known = set(drawn.values_list("sheet__item", flat=True))
    labelled = sorted(known)[-MOST:]
    rest = [pk for pk in items if pk not in known]
    if kind == ItemKind.IMAGE:
        both = embeddings.of_images(alike.seen_with(project), rest + labelled) if rest or labelled else np.empty((0, 1))
    else:
        found = embeddings.of_texts(project.pk, alike.texts_of(project))
        both = np.stack([found[pk] for pk in rest + labelled])
    apart = dict(zip(rest, worth.distance(both[: len(rest)], both[len(rest) :]).tolist(), strict=True))
    return np.array([apart.get(pk, 0.0) for pk in items])


WORTHS = {Order.UNCERTAINTY.value: unsure, Order.DISAGREEMENT.value: disagreeing, Order.DISTANCE.value: far}


# How a model would have grown -----------------------------------------------------------------------------------------


def curves(vectors: NDArray[np.float32], labels: NDArray[np.intp], count: int) -> dict[str, list[tuple[int, float]]]:
    """By each order, and by chance, accuracy against the number of labels, on things that are all labelled."""
    random = np.random.default_rng(0)
    sound = np.flatnonzero(np.isfinite(vectors).all(axis=1)) if vectors.ndim == 2 else np.empty(0, np.intp)
    rows = random.permutation(sound)[:CURVED]
    if len(rows) < 3 * BEGIN or len(np.unique(labels[rows])) < 2:
        return {}
    from sklearn.decomposition import PCA

    own, said = vectors[rows].astype(np.float64), labels[rows]
    own = PCA(min(DIMENSIONS, *own.shape), random_state=0).fit_transform(own)
    step = max((len(rows) // 2 - BEGIN) // ROUNDS, 5)

    def fit(known: Any, told: Any, others: Any) -> Floats:
        return fitted(known, told, count, strength=1.0).probabilities(others)

    chance = np.random.default_rng(1)
    orders: dict[str, worth.Choose] = {
        "chance": lambda shares, *_: chance.random(len(shares)),
        Order.UNCERTAINTY.value: lambda shares, *_: worth.uncertainty(shares),
        Order.DISTANCE.value: lambda shares, others, known: worth.distance(others, known),
        Order.MIXTURE.value: lambda shares, others, known: worth.mixture(
            [worth.uncertainty(shares), worth.distance(others, known)]
        ),
    }
    return {
        name: worth.curve(own, said, np.arange(BEGIN), step=step, rounds=ROUNDS, fit=fit, choose=one)
        for name, one in orders.items()
    }
