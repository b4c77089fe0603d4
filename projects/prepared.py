"""Statements that each kept connection plans once: to plan them takes longer than to carry them out.

They lead from key to key, as the plan has to suit all parameters, and tables that were small when it was made.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakSet

import msgspec
from django.db import connection, transaction
from psycopg2.extensions import TRANSACTION_STATUS_INERROR, TRANSACTION_STATUS_INTRANS

encode = msgspec.json.Encoder().encode


class Prepared:
    def __init__(self, name: str, sql: str, **types: str) -> None:
        """`sql` names its parameters as Python does, like %(sheet)s; `types` says what each is."""
        numbers = {parameter: f"${number}" for number, parameter in enumerate(types, 1)}
        self.prepare = f"PREPARE {name} ({', '.join(types.values())}) AS {sql % numbers}"
        self.execute = f"EXECUTE {name} ({', '.join(f'%({parameter})s' for parameter in types)})"
        self.known_to: WeakSet[Any] = WeakSet()


PLAN_ONCE = "SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off;"


def run(*statements: Prepared, last: bool = False, **parameters: Any) -> list[tuple[Any, ...]]:
    """Run the statements in one round trip, and return the rows of the last. In `brief` what runs first brings BEGIN
    along, and what is said to be the `last` brings COMMIT and returns nothing."""
    with connection.cursor() as cursor:
        for statement in statements:
            if connection.connection not in statement.known_to:
                cursor.execute(statement.prepare)
                statement.known_to.add(connection.connection)
        begin = "BEGIN;" if is_brief() and not has_begun() else ""
        commit = ";COMMIT" if is_brief() and last else ""
        cursor.execute(begin + PLAN_ONCE + ";".join(statement.execute for statement in statements) + commit, parameters)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def brief() -> Iterator[None]:
    """As `transaction.atomic`, for what begins with `run`: BEGIN and COMMIT need no round trips of their own."""
    with transaction.atomic():
        if connection.savepoint_ids:  # part of another transaction
            yield
            return
        connection.connection.autocommit = True  # so that psycopg2 begins nothing, and has nothing to end
        try:
            yield
            if has_begun():
                execute("ROLLBACK" if connection.needs_rollback else "COMMIT")
        except BaseException:
            if has_begun():
                execute("ROLLBACK")
            raise


def is_brief() -> bool:
    return bool(connection.in_atomic_block and connection.connection.autocommit)


def has_begun() -> bool:
    """As the server has told with its latest answer; of a connection that is broken it is not known."""
    status = connection.connection.info.transaction_status
    return status in (TRANSACTION_STATUS_INTRANS, TRANSACTION_STATUS_INERROR)


def execute(command: str) -> None:
    """Though Django knows that the transaction has failed."""
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        cursor.execute(command)


def array(values: Iterable[object]) -> str:
    """Of numbers, ids and plain words, as PostgreSQL writes it: to quote each by itself takes long."""
    return f"{{{encode(list(values))[1:-1].decode()}}}"
