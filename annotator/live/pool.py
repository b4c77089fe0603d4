"""Threads with kept database connections, so that the event loop never waits and a commit costs no connection."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connection

PATIENCE = 10  # seconds until a database that does not let us in is away
LONGEST = 30  # seconds until one that does not answer is
P = ParamSpec("P")
T = TypeVar("T")


class Away(Exception):
    """The database did not answer for as long as we wait."""


class Lost(Exception):
    """The connection broke: nobody knows whether what was asked is done."""


class Pool:
    def __init__(self, threads: int, name: str, *, longest: float = LONGEST) -> None:
        self.executor = ThreadPoolExecutor(threads, name)
        self.longest = longest

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the function returns. It is called again when the connection breaks: twice must be as good as once."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE
        pause = 0.05
        while True:
            try:
                async with asyncio.timeout(self.longest):
                    return await loop.run_in_executor(self.executor, lambda: connected(function, *args, **kwargs))
            except TimeoutError as error:  # the thread goes on: what it was asked may still be done
                raise Away from error
            except Lost as error:
                if loop.time() > deadline:
                    raise Away from error
                await asyncio.sleep(pause)
                pause = min(pause * 2, 1)


def connected(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    try:
        return function(*args, **kwargs)
    except (DatabaseError, InterfaceError) as error:
        broken = connection.connection is None or connection.connection.closed
        if not broken and not isinstance(error, OperationalError | InterfaceError):
            raise
        connection.close()
        raise Lost from error


COMMITS = Pool(4, "commit")
READS = Pool(4, "read")
