"""Statements that each kept connection plans once: to plan them takes longer than to carry them out.

They lead from key to key, as the plan has to suit all parameters, and tables that were small when it was made.
"""

from collections.abc import Iterable
from typing import Any
from weakref import WeakSet

import msgspec
from django.db import connection

encode = msgspec.json.Encoder().encode


class Prepared:
    def __init__(self, name: str, sql: str, **types: str) -> None:
        """`sql` names its parameters as Python does, like %(sheet)s; `types` says what each is."""
        numbers = {parameter: f"${number}" for number, parameter in enumerate(types, 1)}
        self.prepare = f"PREPARE {name} ({', '.join(types.values())}) AS {sql % numbers}"
        self.execute = f"EXECUTE {name} ({', '.join(f'%({parameter})s' for parameter in types)})"
        self.known_to: WeakSet[Any] = WeakSet()


PLAN_ONCE = "SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off;"


def run(*statements: Prepared, **parameters: Any) -> list[tuple[Any, ...]]:
    """Run the statements in one round trip, and return the rows of the last."""
    with connection.cursor() as cursor:
        for statement in statements:
            if connection.connection not in statement.known_to:
                cursor.execute(statement.prepare)
                statement.known_to.add(connection.connection)
        cursor.execute(PLAN_ONCE + ";".join(statement.execute for statement in statements), parameters)
        return cursor.fetchall()


def array(values: Iterable[object]) -> str:
    """Of numbers, ids and plain words, as PostgreSQL writes it: to quote each by itself takes long."""
    return f"{{{encode(list(values))[1:-1].decode()}}}"
