import errno
from pathlib import Path


class Refusal(Exception):
    """Why nothing starts: one sentence that tells a person what to do next."""


def explained(error: OSError, var: Path) -> Refusal:
    """The sentence for an error of the file system."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Refusal(f"The disk that holds {var} is full: free some space, then try again.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return Refusal(f"{error.filename or var} cannot be written by you: give it to your user, then try again.")
    if error.errno in (errno.EEXIST, errno.ENOTDIR, errno.EISDIR):
        return Refusal(f"{error.filename or var} is in the way: move it elsewhere, then try again.")
    return Refusal(f"{error.strerror or error} ({error.filename or var}): put that right, then try again.")


def last_words(log: Path, *, since: int = 0) -> str:
    """The line of a log that says best why its writer ended: its last error, or else its last line."""
    size = log.stat().st_size
    with log.open("rb") as file:
        file.seek(max(since if since <= size else 0, size - 20_000))  # smaller than it was, it has begun anew
        lines = [line.strip() for line in file.read().decode(errors="replace").splitlines() if line.strip()]
    graves = [line[line.index(word) :] for line in lines for word in ("PANIC:", "FATAL:") if word in line]
    errors = [line for line in lines if "rror:" in line]
    return (graves or errors or lines or ["it did not say why"])[-1][:300]
