"""What people and models do to annotations."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from annotator.messages.common import MAX_BATCH, Message, Number, Value
from annotator.shapes import Shape


class Create(Message, tag="create", frozen=True):
    """Add an annotation under an id made by the client. One that is made of a `prediction` has the id that the list of
    the item's predictions gives it, so that it is accepted once, whoever does it."""

    id: UUID
    annotation: UUID
    label: Number
    shape: Shape
    attributes: dict[str, Value] = {}
    prediction: UUID | None = None


class Update(Message, tag="update", frozen=True):
    """Change some properties; the others keep their value. `base` holds the clocks of the properties as last seen."""

    id: UUID
    annotation: UUID
    label: Number | UnsetType = UNSET
    shape: Shape | UnsetType = UNSET
    attributes: dict[str, Value] | UnsetType = UNSET
    base: dict[str, Number] = {}


class Delete(Message, tag="delete", frozen=True):
    id: UUID
    annotation: UUID
    base: dict[str, Number] = {}


class Restore(Message, tag="restore", frozen=True):
    """Bring a deleted annotation back as it was."""

    id: UUID
    annotation: UUID


class Reject(Message, tag="reject", frozen=True):
    """Turn a prediction down, or the annotation that was made of it: it is deleted, and no longer proposed. To delete
    what was rejected takes that back, to restore it accepts it."""

    id: UUID
    annotation: UUID
    prediction: UUID
    base: dict[str, Number] = {}


OperationIn = Create | Update | Delete | Restore | Reject


class Batch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Operations that are applied together or not at all.

    `queued` says that they waited while the server was out of reach: an update whose base has moved on is then
    refused as `conflict` instead of winning.
    """

    id: UUID
    action: UUID
    operations: Annotated[list[OperationIn], Meta(min_length=1, max_length=MAX_BATCH)]
    queued: bool = False
