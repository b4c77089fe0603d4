"""Long work that a broker hands out twice, or beat again, is done by one."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum, unique

from django.db import connection


@unique
class Work(IntEnum):
    """The kinds of work. Of each somebody is alone at one with an id."""

    AN_IMPORT = 7_311_001
    IMPORTS_INTO_A_PROJECT = 7_311_002
    A_LABEL = 7_311_003
    ALL_LABELS = 7_311_004
    A_PLACE_FOR_IMPORTS = 7_311_005
    IMPORTS_OF_A_PERSON = 7_311_006
    PREVIEWS_OF_A_PERSON = 7_311_007


@contextmanager
def alone(lock: Work, pk: int = 0) -> Iterator[bool]:
    """Whether nobody else is at it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [lock, pk])
        (got,) = cursor.fetchone()
    try:
        yield got
    finally:
        if got:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [lock, pk])
