"""The memory of a worker's process: a bound, so that no file takes the machine's, and fewer searches for garbage."""

import gc
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MOST = 2 * 2**30  # beside what the process has already
STATUS = Path("/proc/self/status")


@contextmanager
def bounded(most: int = MOST) -> Iterator[None]:
    """Whoever asks for more gets a MemoryError. Systems other than Linux know no such bound."""
    if not STATUS.exists():
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    allowed = [limit for limit in (soft, hard, used() + most) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_DATA, (min(allowed), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


@contextmanager
def rarely_searched() -> Iterator[None]:
    """Python searches all that lives for rings of objects that nobody refers to, the more often the more is made: for a
    third of an import's time, which makes many objects and no rings."""
    often = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*often)
        gc.unfreeze()


def used() -> int:
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmData:"))
    return int(line.split()[1]) * 1024
