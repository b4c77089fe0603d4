"""Work done in threads, each with a database connection of its own: while one waits for the database, others go on."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import chain
from typing import TypeVar

from django.db import connection

WRITERS = 3  # on two processors one of them prepares its commit while the database is at those of the others

T = TypeVar("T")
R = TypeVar("R")


def each(work: Callable[[T], R], pieces: Iterator[T]) -> Iterator[R]:
    """What comes of each piece, in their order; few are waiting at a time.

    A single piece is done here, and so are all inside a transaction, which no other connection sees into.
    """
    first = [piece for _, piece in zip(range(2), pieces, strict=False)]
    if len(first) < 2 or connection.in_atomic_block:
        yield from map(work, chain(first, pieces))
        return
    with writers() as threads:
        waiting: deque[Future[R]] = deque()
        for number, piece in enumerate(chain(first, pieces)):
            waiting.append(threads[number % WRITERS].submit(work, piece))
            if len(waiting) > WRITERS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@contextmanager
def writers() -> Iterator[list[ThreadPoolExecutor]]:
    """Whoever leaves waits until they have done what they were given."""
    threads = [ThreadPoolExecutor(1, thread_name_prefix="writer") for _ in range(WRITERS)]
    try:
        yield threads
    finally:
        for thread in threads:
            thread.submit(lambda: connection.close())
        for thread in threads:
            thread.shutdown()
