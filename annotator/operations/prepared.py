"""Statements that each kept connection plans once: to plan them takes longer than to carry them out."""

from typing import Any
from weakref import WeakSet

from django.db import connection


class Prepared:
    def __init__(self, name: str, sql: str, **types: str) -> None:
        """`sql` names its parameters as Python does, like %(sheet)s; `types` says what each is."""
        numbers = {parameter: f"${number}" for number, parameter in enumerate(types, 1)}
        self.prepare = f"PREPARE {name} ({', '.join(types.values())}) AS {sql % numbers}"
        self.execute = f"EXECUTE {name} ({', '.join(f'%({parameter})s' for parameter in types)})"
        self.known_to: WeakSet[Any] = WeakSet()


def run(*statements: Prepared, **parameters: Any) -> Any:
    """Run the statements in one round trip, and return the first row of the last."""
    with connection.cursor() as cursor:
        for statement in statements:
            if connection.connection not in statement.known_to:
                cursor.execute(statement.prepare)
                statement.known_to.add(connection.connection)
        cursor.execute(";".join(statement.execute for statement in statements), parameters)
        return cursor.fetchone()
