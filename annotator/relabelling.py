"""Removing a label that is in use: what becomes of its annotations is written through the door, sheet by sheet."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from uuid import UUID, uuid4

from celery import current_app
from django.db.models import Count, QuerySet
from django.utils.translation import ngettext

from annotator import operations
from annotator.messages import Apply, Batch, Delete, OperationIn, Refused, Update
from annotator.models import Annotation
from annotator.operations import Request
from projects.access import get_label
from projects.errors import Invalid
from projects.models import Label, Role, User
from projects.services import labels

AT_ONCE = 5_000  # annotations that somebody waits for; more are a job
A_COMMIT = 1_000
ATTEMPTS = 3


def uses(label: int) -> QuerySet[Annotation]:
    """The annotations that have it."""
    return Annotation.objects.filter(label=label, deleted=False, sheet__item__trashed_at=None)


def remove(user: User, pk: int) -> None:
    """Hide the label; its annotations keep it."""
    labels.remove(user, pk)


def remove_and_delete(user: User, pk: int) -> bool:
    """And delete its annotations. Whether that is done already: else a worker is at it."""
    labels.remove(user, pk)
    return begin(user, pk, None)


def merge(user: User, pk: int, into: int) -> bool:
    """And give its annotations another label, which takes all of their shapes. Whether that is done already."""
    label, other = get_label(user, pk, Role.MANAGER), get_label(user, into, Role.MANAGER)
    if other.project_id != label.project_id or other.pk == label.pk:
        raise Invalid("Choose another label of this project.", fields={"into": "another"})
    for shape, n in uses(pk).values_list("shape__type").annotate(Count("pk")):
        if shape not in other.shapes:
            raise Invalid(not_taken(other, shape, n, label), fields={"into": "shape"})
    labels.remove(user, pk)  # first, so that nobody gives it to anything meanwhile
    return begin(user, pk, into)


def not_taken(other: Label, shape: str, n: int, label: Label) -> str:
    return ngettext(
        "“%(other)s” does not take the shape %(shape)s, which %(n)d annotation of “%(label)s” has. Allow it or choose"
        " another label.",
        "“%(other)s” does not take the shape %(shape)s, which %(n)d annotations of “%(label)s” have. Allow it or choose"
        " another label.",
        n,
    ) % {"other": other.name, "shape": shape, "n": n, "label": label.name}


def begin(user: User, label: int, into: int | None) -> bool:
    """The label is gone by now, so what cannot be done here is a worker's, which tries until it is done."""
    action = uuid4()
    if uses(label).count() <= AT_ONCE and not replace(user.pk, label, into, action):
        return True
    current_app.send_task("annotator.tasks.replace_label", [user.pk, label, into, str(action)])
    return False


def replace(user: int, label: int, into: int | None, action: UUID) -> int:
    """Give the label's annotations another one, or delete them (None). Called again, it goes on where it stopped.

    Says how many commits people who were at work just then have kept it from.
    """
    rows = uses(label).order_by("sheet").values_list("sheet", "pk")
    left = 0
    for sheet, group in groupby(list(rows), key=lambda row: row[0]):
        annotations = [pk for _, pk in group]
        for start in range(0, len(annotations), A_COMMIT):
            left += not write(user, sheet, label, into, action, annotations[start : start + A_COMMIT])
    return left


def write(user: int, sheet: int, label: int, into: int | None, action: UUID, annotations: Sequence[UUID]) -> bool:
    """One commit, and whether it came to be. When someone changes one of them in that moment, look again."""
    for _ in range(ATTEMPTS):
        wanted = list(changes(sheet, into, uses(label).filter(pk__in=annotations)))
        if not wanted:
            return True
        batch = Batch(id=uuid4(), action=action, operations=wanted)
        [outcome] = operations.perform(sheet, [Request(user, Apply(sheet=sheet, batch=batch))])
        if not isinstance(outcome, Refused):
            return True
    return False


def changes(sheet: int, into: int | None, found: QuerySet[Annotation]) -> Iterator[OperationIn]:
    """A tag that the item has already under the other label is not needed twice."""
    tagged = uses(into).filter(sheet=sheet, shape__type="tag").exists() if into else False
    for annotation, shape in found.values_list("pk", "shape__type"):
        if into is None or (tagged and shape == "tag"):
            yield Delete(id=uuid4(), annotation=annotation)
        else:
            yield Update(id=uuid4(), annotation=annotation, label=into)
