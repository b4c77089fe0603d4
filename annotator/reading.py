"""What a sheet holds, and what changed on it since a clock: one indexed query, seen at one moment."""

from typing import Any

import msgspec
from django.db import connection

from annotator.messages import CaughtUp, Record
from annotator.rows import JSON, row

READ = f"""
SELECT s.clock, s.floor, s.status, s.reason, s.unsure, {JSON}::text
FROM annotator_sheet s LEFT JOIN annotator_annotation a ON a.sheet_id = s.id AND (
    CASE WHEN %(since)s BETWEEN greatest(s.floor, 1) AND s.clock THEN a.clock > %(since)s ELSE NOT a.deleted END)
WHERE s.id = %(sheet)s ORDER BY a.clock
"""


class Reading(msgspec.Struct, frozen=True):
    """A sheet at `clock`: all that stands on it (`snapshot`), or the records changed since, tombstones among them."""

    clock: int
    snapshot: bool
    status: str
    reason: str
    records: list[Record]
    unsure: bool = False


def read(sheet: int, since: int | None = None) -> Reading:
    """The sheet as it stands; only what changed when `since` is a clock it can still tell from."""
    with connection.cursor() as cursor:
        cursor.execute(READ, {"sheet": sheet, "since": since or 0})
        rows: list[Any] = cursor.fetchall()
    clock, floor, status, reason, unsure = rows[0][:5]
    return Reading(
        clock=clock,
        snapshot=not since or not max(floor, 1) <= since <= clock,
        status=status,
        reason=reason,
        records=[row(text).record() for *_, text in rows if text is not None],
        unsure=unsure,
    )


def caught_up(sheet: int, after: int) -> CaughtUp:
    """What a room that stands at `after` has missed; it must not lie below the floor."""
    reading = read(sheet, after)
    return CaughtUp(
        sheet=sheet,
        after=after,
        clock=reading.clock,
        status=reading.status,
        reason=reading.reason,
        records=reading.records,
        unsure=reading.unsure,
    )
