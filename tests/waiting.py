"""Waiting for what others bring about."""

import time
from collections.abc import Callable

from django.db import connection

# Locks of transactions' ids belong to no database: who waits does.
WAITING = """
SELECT count(*) FROM pg_locks JOIN pg_stat_activity a USING (pid)
WHERE NOT granted AND a.datname = current_database()
"""


def until(condition: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to be"
        time.sleep(0.05)


def waiting_for_a_lock() -> int:
    """How many do, in this database: other tests run beside it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # within a transaction it shows who was there at first
        cursor.execute(WAITING)
        return cursor.fetchone()[0]
