"""What an operation writes, and by what it is known when it comes again."""

from hashlib import blake2b
from typing import Any

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from annotator.messages import Delete, OperationIn, Reject, Restore, Update
from annotator.rows import Row
from projects.errors import Invalid

BASED = (Update, Delete, Reject)  # on what the client had seen

encode = msgspec.json.Encoder().encode


def new_values(operation: Update | Delete | Reject | Restore, before: Row) -> tuple[dict[str, Any], list[str]]:
    """The new values of the row's fields, and the names of the properties written."""
    if not isinstance(operation, Update):
        rejected = isinstance(operation, Reject)
        return {"deleted": not isinstance(operation, Restore), "rejected": rejected}, ["deleted"]
    values = {name: value for name in ("shape", "label") if (value := getattr(operation, name)) is not UNSET}
    written = list(values)
    if operation.attributes is not UNSET:
        merged = before.attributes | operation.attributes
        values["attributes"] = {name: value for name, value in merged.items() if value is not None}
        written += [f"attributes.{name}" for name in operation.attributes]
    if not written:
        raise Invalid("The update names nothing to change.", fields={"operations": "empty"})
    return values, written


def fingerprint(sheet: int, operation: OperationIn) -> str:
    """What must be the same when an id is used again. What the client had seen by then may differ."""
    plain = replace(operation, base={}) if isinstance(operation, BASED) else operation
    return blake2b(encode((sheet, plain)), digest_size=16).hexdigest()
