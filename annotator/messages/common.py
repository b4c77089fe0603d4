"""What all messages are made of."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

PROTOCOL = 1
MAX_BATCH = 5_000  # operations a batch
MAX_FRAME = 2**20  # bytes

Number = Annotated[int, Meta(ge=0, le=2**53 - 1)]  # an id or a clock: JavaScript tells no larger ones apart
Reason = Annotated[str, Meta(max_length=500)]
StatusName = Literal["todo", "in_progress", "done", "skipped", "returned", "accepted"]
Value = str | float | bool | None


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """A message is tagged by `type`; unknown fields are refused."""
