"""What an operation must satisfy before it is written."""

import math
from collections.abc import Collection
from typing import Any

from django.db import connection

from annotator.messages import Delete, OperationIn, Reject, Update, Value
from annotator.operations.loading import LabelNow
from annotator.rows import Row
from annotator.shapes import Shape
from projects.errors import Conflict, Invalid, Refusal

MAX_ANNOTATIONS = 20_000  # living ones, a sheet
MAX_TEXT_VALUE = 1_000
EXPECTED = {
    "choice": "choose one of {options}.",
    "number": "enter a number.",
    "checkbox": "answer yes or no.",
    "text": "enter text.",
}


def check_label(label: LabelNow | None, shape: Shape) -> LabelNow:
    kind = shape.__struct_config__.tag
    if label is None:
        raise Invalid("This label is not one of the project's. Reload to see its labels.", fields={"label": "unknown"})
    if label.removed_at is not None:
        raise Invalid(f"The label “{label.name}” was removed. Choose another one.", fields={"label": "removed"})
    if kind not in label.shapes:
        detail = f"The label “{label.name}” does not take the shape {kind}. Choose another, or allow it in Settings."
        raise Invalid(detail, fields={"label": "shape"})
    return label


def check_attributes(label: LabelNow, values: dict[str, Value], *, had: Collection[str] = ()) -> None:
    """Values fit the label's attributes. One that the annotation had under another label may be taken off."""
    if not values:
        return
    defined: dict[str, dict[str, Any]] = {attribute["id"]: attribute for attribute in label.attributes}
    for name, value in values.items():
        if name not in defined and value is None and name in had:
            continue
        if name not in defined:
            raise Invalid(
                f"The label “{label.name}” has no attribute “{name}”. Reload to see those it has.",
                fields={f"attributes.{name}": "unknown"},
            )
        if value is not None and (wrong := mismatch(defined[name], value)):
            raise Invalid(f"{defined[name]['name']}: {wrong}", fields={f"attributes.{name}": "value"})


def mismatch(attribute: dict[str, Any], value: Value) -> str | None:
    """Why the value does not fit the attribute, as a sentence; None when it fits."""
    match attribute["kind"], value:
        case "choice", str() if value in attribute["options"]:
            return None
        case "number", int() | float() if not isinstance(value, bool) and math.isfinite(value):
            return None
        case "checkbox", bool():
            return None
        case "text", str() if len(value) > MAX_TEXT_VALUE:
            return f"at most {MAX_TEXT_VALUE:,} characters."
        case "text", str() if "\0" in value:
            return "the text holds a NUL character. Remove it."
        case "text", str():
            return None
    return EXPECTED[attribute["kind"]].format(options=", ".join(attribute.get("options", [])))


def check_alive(operation: Update | Delete | Reject, before: Row) -> None:
    """What was rejected can be deleted, which takes that back; what is deleted can be rejected."""
    if isinstance(operation, Reject):
        if before.prediction != operation.prediction:
            raise Invalid("This annotation was not made of that prediction.", fields={"prediction": "another"})
        if before.rejected:
            raise Conflict("Someone has rejected this already.", code="decided")
    elif before.deleted and not (before.rejected and isinstance(operation, Delete)):
        raise Conflict("Someone has deleted this annotation. Restore it to change it.", code="deleted")


def check_not_rejected(actor: int, before: Row | None, *, queued: bool) -> None:
    """Who accepted a prediction while the server was out of reach does not undo what another has decided meanwhile."""
    if queued and before is not None and before.rejected and before.updated_by != actor:
        raise Conflict("Someone has rejected this meanwhile.", code="decided")


def check_unchanged(actor: int, operation: OperationIn, before: Row, written: list[str], *, queued: bool) -> None:
    """Refuse a change that waited while someone else wrote the same property (a deletion: any property)."""
    if not queued or not isinstance(operation, Update | Delete | Reject):
        return
    names = written if isinstance(operation, Update) else before.stamps
    for name in names:
        clock, writer = before.stamps.get(name, (0, actor))
        if writer != actor and clock > operation.base.get(name, 0):
            raise Conflict(
                "Someone has changed this meanwhile. Choose which of the two to keep.",
                code="conflict",
                fields={name: str(writer)},
            )


def check_room(sheet: int, clock: int, new: int, before: int) -> None:
    """`before` have come in this commit and are not written yet."""
    if not new or clock + new <= MAX_ANNOTATIONS:  # every annotation has taken a clock, so there is room
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM annotator_annotation WHERE sheet_id = %s AND NOT deleted", [sheet])
        (count,) = cursor.fetchone()
    if count + before + new > MAX_ANNOTATIONS:
        raise Refusal(f"A sheet holds at most {MAX_ANNOTATIONS:,} annotations.", code="sheet_full")
