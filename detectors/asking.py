"""Who has an item open asks a back end about it, and about what is drawn there: what it says is suggested."""

from typing import Any
from uuid import uuid4

import msgspec
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.http import Http404

from annotator import events
from annotator.models import Annotation
from annotator.shapes import Shape
from detectors import once, undecided
from detectors.access import get_back_end
from detectors.backends import keeping, telling
from detectors.found import Found
from detectors.keeping import prediction_id
from detectors.models import BackEnd, Prediction, Run, Source
from detectors.pipelines.numbering import Proposed
from detectors.saving import labels_of
from detectors.working import shape_of
from projects.access import get_item, get_project
from projects.errors import Conflict, Invalid
from projects.models import Item, Label, Role, User

MOST = 50  # shapes that one asks about
BLIND = "In a blind project everyone works alone, and what is asked for one would be suggested to all. Ask nobody here."


class BackEndOut(msgspec.Struct, frozen=True):
    """A back end of the project; who labels may ask one that is `interactive`."""

    id: int
    name: str
    interactive: bool


class About(msgspec.Struct, frozen=True):
    """Something that is drawn on the item."""

    label: int
    shape: Shape


class Ask(msgspec.Struct, frozen=True):
    back_end: int
    about: list[About] = []


class Answered(msgspec.Struct, frozen=True):
    """How much of what it said is suggested, and how much its labels do not take."""

    suggested: int
    left_out: int


def of_project(user: User, project_id: int) -> list[BackEndOut]:
    rows = keeping.of_project(get_project(user, project_id))
    return [BackEndOut(row.pk, row.name, row.interactive) for row in rows]


def ask(user: User, item_id: int, told: Ask) -> Answered:
    """What it suggested for the item before, and nobody has decided, goes."""
    item = get_item(user, item_id, Role.ANNOTATOR)
    row = get_back_end(user, told.back_end, Role.ANNOTATOR)
    if row.project_id != item.project_id or not row.interactive:
        raise Http404
    if item.project.blind:
        raise Conflict(BLIND, code="blind")
    labels = {label.pk: label for label in item.project.labels.filter(removed_at=None)}
    about = regions(item, told.about, labels)
    found = once.asked(row, item, {"result": about} if about else None)
    return keep(user, row, item, found)


def regions(item: Item, about: list[About], labels: dict[int, Label]) -> list[dict[str, Any]]:
    if len(about) > MOST:
        raise Invalid(f"Ask about at most {MOST} shapes at a time.")
    for one in about:
        one.shape.check(item)
        if one.label not in labels:
            raise Invalid("A label of what is drawn is not there any more. Load the page anew.", code="no_label")
    return [telling.region(str(n), one.shape, labels[one.label].name, item) for n, one in enumerate(about, 1)]


@transaction.atomic
def keep(user: User, row: BackEnd, item: Item, found: Found) -> Answered:
    get_item(user, item.pk, Role.ANNOTATOR)  # they may have been removed meanwhile
    labels, asked = labels_of(item.project), uuid4().hex
    new = []
    for index, one in enumerate(each(found)):
        label, shape = labels.get(one.label), shape_of(one, item)
        if label is not None and shape is not None and one.shape in label.shapes:
            values = {"shape": msgspec.to_builtins(shape), "score": one.score, "label": label, "item": item}
            new.append((index, values))
    about = {"name": row.name, "source": Source.ASKED, "created_by": user}
    run, _ = Run.objects.get_or_create(
        project=item.project, digest=f"back end {row.pk}", removed_at=None, defaults=about
    )
    Run.objects.select_for_update(no_key=True).get(pk=run.pk)
    decided = Annotation.objects.filter(prediction=OuterRef("pk"))
    gone, _ = run.predictions.filter(item=item).exclude(Exists(decided)).delete()
    Prediction.objects.bulk_create(
        Prediction(id=prediction_id(run.pk, item.pk, asked, index), run=run, **values) for index, values in new
    )
    Run.objects.filter(pk=run.pk).update(size=F("size") + len(new) - gone)
    undecided.forget(item.project_id, [item.pk])
    events.proposals_changed(item.project_id)
    return Answered(len(new), len(found) - len(new))


def each(found: Found) -> list[Proposed]:
    rings = found.rings or (None,) * len(found)
    columns = (found.shapes.tolist(), found.labels.tolist(), found.scores.tolist(), found.places.tolist(), rings)
    return [
        Proposed("asked", n, shape, label, score, tuple(place), ring, None)
        for n, (shape, label, score, place, ring) in enumerate(zip(*columns, strict=True))
    ]
