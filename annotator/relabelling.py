"""Removing a label that is in use: what becomes of its annotations is written through the door, sheet by sheet."""

from collections.abc import Collection, Iterator
from functools import partial
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils.translation import ngettext

from annotator.messages import Delete, OperationIn, Update
from annotator.models import Annotation, Replacement
from annotator.rewriting import few, see_to, see_to_all, there_is_more, uses
from projects.access import get_label
from projects.errors import Invalid
from projects.models import Label, Role, User
from projects.services import labels


def remove(user: User, pk: int) -> None:
    """Hide the label; its annotations keep it."""
    labels.remove(user, pk)


def remove_and_delete(user: User, pk: int) -> bool:
    """And delete its annotations. Whether that is done already: else a worker is at it."""
    with transaction.atomic():
        labels.remove(user, pk)
        Replacement.objects.create(label_id=pk, into=None, person=user)
    return begin(pk)


def merge(user: User, pk: int, into: int) -> bool:
    """And give its annotations another label, which takes all of their shapes. Whether that is done already."""
    with transaction.atomic():
        label = labels.lock_label(user, pk)
        other = get_label(user, into, Role.MANAGER)
        if other.project_id != label.project_id or other.pk == label.pk:
            raise Invalid("Choose another label of this project.", fields={"into": "another"})
        for shape, n in uses(pk).values_list("shape__type").annotate(Count("pk")):
            if shape not in other.shapes:
                raise Invalid(not_taken(other, shape, n, label), fields={"into": "shape"})
        labels.remove(user, pk)  # so that nobody gives it to anything meanwhile
        Replacement.objects.create(label=label, into=other, person=user)
    return begin(pk)


def not_taken(other: Label, shape: str, n: int, label: Label) -> str:
    return ngettext(
        "“%(other)s” does not take the shape %(shape)s, which %(n)d annotation of “%(label)s” has. Allow it or choose"
        " another label.",
        "“%(other)s” does not take the shape %(shape)s, which %(n)d annotations of “%(label)s” have. Allow it or choose"
        " another label.",
        n,
    ) % {"other": other.name, "shape": shape, "n": n, "label": label.name}


def begin(label: int) -> bool:
    """Whether it is done at once. Else beat's next round takes it up."""
    return few(label) and carry_out(Replacement.objects.get(pk=label))


def carry_out_all() -> None:
    see_to_all(Replacement, carry_out)


def carry_out(replacement: Replacement) -> bool:
    return see_to(replacement, partial(changes, heir(replacement)))


def heir(replacement: Replacement) -> int | None:
    """The label to take; that one may have been merged into another meanwhile."""
    while after := Replacement.objects.filter(pk=replacement.into_id).first():
        replacement = after
    return replacement.into_id


def come_back(*, items: Collection[int], **_: Any) -> None:
    """Items from the trash, where nothing is replaced. What was taken back elsewhere since is replaced anew, too."""
    there_is_more(Replacement, items)


def changes(into: int | None, sheet: int, found: QuerySet[Annotation]) -> Iterator[OperationIn]:
    """A tag that the item has already under the other label is not needed twice."""
    tagged = uses(into).filter(sheet=sheet, shape__type="tag").exists() if into else False
    for annotation, shape in found.values_list("pk", "shape__type"):
        if into is None or (tagged and shape == "tag"):
            yield Delete(id=uuid4(), annotation=annotation)
        else:
            yield Update(id=uuid4(), annotation=annotation, label=into)
