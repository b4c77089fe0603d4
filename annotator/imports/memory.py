"""A bound on the memory of a worker's process, so that no file takes the machine's."""

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


def used() -> int:
    line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmData:"))
    return int(line.split()[1]) * 1024
