"""A label's attributes have changed: the values that annotations have come along, through the door.

An option with another name in its place is the same option renamed. Of another kind, a value becomes what it says there
("3" the number 3). What fits nowhere, or may be read in two ways, stays as it is.
"""

import re
from collections.abc import Collection, Iterator
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Count, QuerySet
from django.db.models.fields.json import KeyTransform
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from annotator.messages import OperationIn, Update, Value
from annotator.models import Annotation, Fitting
from annotator.operations.checks import mismatch
from annotator.rewriting import few, see_to, see_to_all, there_is_more, uses
from projects.errors import Conflict
from projects.models import Label, User

Definition = dict[str, Any]
Definitions = list[Definition]
Pairs = dict[str, tuple[Definition, Definition]]  # by id: before and after
WANTED = {
    "choice": _("one of the options"),
    "number": _("a number"),
    "checkbox": _("a yes or no"),
    "text": _("a short text"),
}
SAID = {True: "Yes", False: "No"}
MEANT = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
NUMBER = re.compile(r"[+-]?(0|[1-9]\d*)([.,]\d+)?(e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)
THOUSANDS = re.compile(r"[+-]?\d{1,3},\d{3}", re.ASCII)  # or a decimal comma: nobody knows


def follow(*, user: User, label: Label, before: Definitions, told: str | None, **_: Any) -> None:
    """Kept with the label's change; carried out once that is saved, which stays so whatever becomes of the values."""
    warning = " ".join(unfitting(label, before)) if told is not None else ""
    if warning and warning != told:
        raise Conflict(warning, code="unfitting")
    if moved(before, label.attributes):
        fitting = Fitting.objects.create(label=label, before=before, person=user)
        transaction.on_commit(lambda: begin(fitting), robust=True)


def unfitting(label: Label, before: Definitions) -> Iterator[str]:
    """Of each attribute that has changed, how many values will say nothing there."""
    now = {one["id"]: one for one in label.attributes}
    for old in before:
        new = now.get(old["id"], old)
        if (old["kind"], old.get("options")) == (new["kind"], new.get("options")):
            continue
        found = uses(label.pk).filter(attributes__has_key=old["id"]).order_by()
        values = found.annotate(value=KeyTransform(old["id"], "attributes")).values_list("value")
        counted = [(n, mismatch(new, converted(old, new, value))) for value, n in values.annotate(n=Count("pk"))]
        if lost := sum(n for n, why in counted if why):
            known = {
                "name": new["name"],
                "lost": lost,
                "all": sum(n for n, why in counted),
                "what": WANTED[new["kind"]],
            }
            yield warning_of(lost) % known


def warning_of(lost: int) -> str:
    return ngettext(
        "“%(name)s”: %(lost)d of %(all)d values is not %(what)s. It stays with its annotation, but shows only once it "
        "fits again.",
        "“%(name)s”: %(lost)d of %(all)d values are not %(what)s. They stay with their annotations, but show only once "
        "they fit again.",
        lost,
    )


def begin(fitting: Fitting) -> None:
    """At once where few wait for it. Else beat's next round takes it up."""
    if few(fitting.label_id):
        carry_out(fitting)


def carry_out_all() -> None:
    see_to_all(Fitting, carry_out)


def carry_out(fitting: Fitting) -> None:
    after = Label.objects.get(pk=fitting.label_id).attributes
    see_to(fitting, partial(changes, moved(fitting.before, after)))


def come_back(*, items: Collection[int], **_: Any) -> None:
    """Items from the trash, where nothing is fitted."""
    there_is_more(Fitting, items)


def changes(pairs: Pairs, _: int, found: QuerySet[Annotation]) -> Iterator[OperationIn]:
    for annotation, values in found.filter(attributes__has_any_keys=list(pairs)).values_list("pk", "attributes"):
        fitted = {id_: converted(*pairs[id_], values[id_]) for id_ in pairs if id_ in values}
        if new := {id_: value for id_, value in fitted.items() if value != values[id_]}:
            yield Update(id=uuid4(), annotation=annotation, attributes=new)


def moved(before: Definitions, after: Definitions) -> Pairs:
    """By id, those whose values may no longer fit, as they were and as they are."""
    now = {one["id"]: one for one in after}
    pairs = {one["id"]: (one, now[one["id"]]) for one in before if one["id"] in now}
    return {id_: (old, new) for id_, (old, new) in pairs.items() if old["kind"] != new["kind"] or renames(old, new)}


def renames(before: Definition, after: Definition) -> dict[str, str]:
    """Options whose place another has taken that was not there before."""
    old, new = before.get("options", []), after.get("options", [])
    return {was: is_ for was, is_ in zip(old, new, strict=False) if was not in new and is_ not in old}


def converted(before: Definition, after: Definition, value: Value) -> Value:
    """The value under the changed attribute; itself when it says nothing there."""
    value = renames(before, after).get(value, value) if isinstance(value, str) else value
    if mismatch(after, value) is None:
        return value
    candidate = read_as(after, as_text(value))
    return value if candidate is None or mismatch(after, candidate) else candidate


def as_text(value: Value) -> str:
    if isinstance(value, bool):
        return SAID[value]
    return str(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else str(value)


def read_as(attribute: Definition, text: str) -> Value:
    """What the text says to the attribute; None when nothing."""
    match attribute["kind"]:
        case "text":
            return text
        case "number":
            return number(text)
        case "checkbox":
            return MEANT.get(text.strip().lower())
    return next((option for option in attribute["options"] if option.lower() == text.strip().lower()), None)


def number(text: str) -> float | None:
    """None for more digits than a number keeps, and for zeros in front, which say that it is a name."""
    text = text.strip()
    if not NUMBER.fullmatch(text) or THOUSANDS.fullmatch(text):
        return None
    text = text.replace(",", ".")
    value = float(text)
    return value if Decimal(repr(value)) == Decimal(text) else None
