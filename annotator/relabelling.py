"""Removing a label that is in use: what becomes of its annotations is written through the door, sheet by sheet."""

from collections.abc import Iterator
from functools import partial
from uuid import UUID, uuid4

from celery import current_app
from django.db.models import Count, QuerySet
from django.utils.translation import ngettext

from annotator.messages import Delete, OperationIn, Update
from annotator.models import Annotation
from annotator.rewriting import AT_ONCE, rewrite, uses
from projects.access import get_label
from projects.errors import Invalid
from projects.models import Label, Role, User
from projects.services import labels


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
    """Give the label's annotations another one, or delete them (None). Says how many commits are still to be made."""
    return rewrite(user, label, action, partial(changes, into))


def changes(into: int | None, sheet: int, found: QuerySet[Annotation]) -> Iterator[OperationIn]:
    """A tag that the item has already under the other label is not needed twice."""
    tagged = uses(into).filter(sheet=sheet, shape__type="tag").exists() if into else False
    for annotation, shape in found.values_list("pk", "shape__type"):
        if into is None or (tagged and shape == "tag"):
            yield Delete(id=uuid4(), annotation=annotation)
        else:
            yield Update(id=uuid4(), annotation=annotation, label=into)
