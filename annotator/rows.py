"""An annotation as its row in the database has it, read by plain SQL: the fast way in and out."""

from datetime import datetime
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import QuerySet

from annotator.messages import Record, Value
from annotator.shapes import Shape

SHAPE = msgspec.json.Decoder(Shape)
ATTRIBUTES = msgspec.json.Decoder(dict[str, Value])


class Row(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """An annotation. `stamps` holds the clock and the actor of each property's last write. It lives, is deleted, or is
    deleted as `rejected`: the property "deleted" stands for both.

    In the order that jsonb keeps, by length and then by letters: it does not have to sort them again.
    """

    id: UUID
    clock: int
    label: int
    shape: Shape
    stamps: dict[str, tuple[int, int]]
    deleted: bool
    imported: bool = False
    rejected: bool = False
    attributes: dict[str, Value]
    created_at: datetime
    created_by: int
    prediction: UUID | None = None
    updated_at: datetime
    updated_by: int

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
            imported=self.imported,
            prediction=self.prediction,
            rejected=self.rejected,
        )

    def value(self, name: str) -> object:
        """A property's value by the name it has in `stamps`."""
        return self.attributes.get(name[11:]) if name.startswith("attributes.") else getattr(self, name)


# A row of annotator_annotation AS a, as JSON: one value to fetch and to decode. NULL where an outer join has none.
JSON = """CASE WHEN a.id IS NOT NULL THEN json_build_object(
    'id', a.id, 'label', a.label_id, 'shape', a.shape, 'attributes', a.attributes, 'clock', a.clock,
    'stamps', a.stamps, 'deleted', a.deleted, 'created_by', a.created_by_id, 'created_at', a.created_at,
    'updated_by', a.updated_by_id, 'updated_at', a.updated_at, 'imported', a.imported,
    'prediction', a.prediction, 'rejected', a.rejected) END"""

row = msgspec.json.Decoder(Row).decode

# A project's annotations, found by its labels without a look at the sheets; and of those what one may see.
STANDING = "annotator_annotation a WHERE NOT a.deleted AND a.label_id = ANY(%(labels)s)"
SEEN = "NOT EXISTS (SELECT FROM {hidden} h WHERE h.id = a.sheet_id)"


def table(rows: QuerySet) -> str:
    """What is to stand for a table in plain SQL that is given parameters."""
    with connection.cursor() as cursor:
        return f"({cursor.mogrify(*rows.query.sql_with_params()).decode().replace('%', '%%')})"
