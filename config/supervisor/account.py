"""PostgreSQL does not run as root: the ordinary account it takes instead."""

import contextlib
import os
import pwd
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

from config.supervisor.refusal import Refusal


@dataclass(frozen=True)
class Account:
    """`prefix` goes before a command that shall run as this account; it is empty when that is us."""

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()


def ordinary(data: Path, *needed: Path) -> Account:
    """Us; or, when we are root, the owner of the data, of the folder around it, or else `nobody`.

    Folders that are closed to that account (a checkout below /root) are opened to PostgreSQL alone, by a capability,
    and keep their modes.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    setpriv = shutil.which("setpriv")
    if not setpriv:
        raise Refusal(
            "PostgreSQL does not run as root: install util-linux (for `setpriv`), or try again as an ordinary user."
        )
    entry = owner(data)
    prefix = [setpriv, f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups"]
    prefix.append(f"--pdeathsig={signal.SIGINT.name[3:]}")  # a death signal set before is lost with the user id
    if not all(reachable(path, entry) for path in (data, *needed)):
        prefix += ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
    return Account(entry.pw_uid, entry.pw_gid, (*prefix, "--"))


def owner(data: Path) -> pwd.struct_passwd:
    """Of the data, of var/, or of the checkout; `nobody` when they are root's, or their owner has no name here."""
    for path in (data, *data.parents[:2]):
        uid = path.stat().st_uid if path.exists() else 0
        if uid != 0:
            with contextlib.suppress(KeyError):
                return pwd.getpwuid(uid)
    return pwd.getpwnam("nobody")


def reachable(path: Path, entry: pwd.struct_passwd) -> bool:
    """Whether the account may enter every folder on the way, and the file; what is not there yet, we make for it."""
    for place in (path, *path.parents):
        if place.exists():
            about = place.stat()
            bit = 0o100 if about.st_uid == entry.pw_uid else 0o010 if about.st_gid == entry.pw_gid else 0o001
            if not about.st_mode & bit:
                return False
    return True
