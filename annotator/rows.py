"""An annotation as its row in the database has it, read by plain SQL: the fast way in and out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from annotator.messages import Record, Value
from annotator.shapes import Shape

SHAPE = msgspec.json.Decoder(Shape)
ATTRIBUTES = msgspec.json.Decoder(dict[str, Value])
STAMPS = msgspec.json.Decoder(dict[str, tuple[int, int]])


class Row(msgspec.Struct, frozen=True):
    """An annotation. `stamps` holds the clock and the actor of each property's last write."""

    id: UUID
    label: int
    shape: Shape
    attributes: dict[str, Value]
    clock: int
    stamps: dict[str, tuple[int, int]]
    deleted: bool
    created_by: int
    created_at: datetime
    updated_by: int
    updated_at: datetime

    def record(self) -> Record:
        return Record(
            id=self.id,
            label=self.label,
            shape=self.shape,
            attributes=self.attributes,
            clock=self.clock,
            clocks={name: stamp[0] for name, stamp in self.stamps.items()},
            deleted=self.deleted,
            created_by=self.created_by,
            created_at=self.created_at,
            updated_by=self.updated_by,
            updated_at=self.updated_at,
        )

    def value(self, name: str) -> object:
        """A property's value by the name it has in `stamps`."""
        return self.attributes.get(name[11:]) if name.startswith("attributes.") else getattr(self, name)


COLUMNS = """a.id, a.label_id, a.shape::text, a.attributes::text, a.clock, a.stamps::text, a.deleted,
    a.created_by_id, a.created_at, a.updated_by_id, a.updated_at"""


def row(columns: Sequence[Any]) -> Row:
    """A row from the values of COLUMNS."""
    id_, label, shape, attributes, clock, stamps, deleted, created_by, created_at, updated_by, updated_at = columns
    return Row(
        id_,
        label,
        SHAPE.decode(shape),
        ATTRIBUTES.decode(attributes),
        clock,
        STAMPS.decode(stamps),
        deleted,
        created_by,
        created_at,
        updated_by,
        updated_at,
    )
