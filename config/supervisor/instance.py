"""An instance's own folders: data and logs in var/, sockets in a private folder with a short name."""

import fcntl
import hashlib
import os
import secrets
import shlex
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from config.supervisor.refusal import Refusal

BASE_DIR = Path(__file__).resolve().parent.parent.parent
LONGEST_FOLDER = 80  # a Unix socket's whole path has 107 bytes
LEAST_FREE = 200 * 2**20


class Instance:
    """Made once for a folder; `lock` lets one supervisor at a time have it."""

    held: TextIO

    def __init__(self, var: Path) -> None:
        self.var = var.absolute()
        self.logs = self.var / "log"
        self.env_file = self.var / "env"
        self.sockets = socket_folder(self.var)

    def prepare(self) -> None:
        self.var.mkdir(parents=True, exist_ok=True)
        self.var.chmod(0o711)  # PostgreSQL may run as another account, and must come through
        self.logs.mkdir(mode=0o700, exist_ok=True)
        (self.var / "static").mkdir(exist_ok=True)  # whitenoise warns when STATIC_ROOT is not there
        space = os.statvfs(self.var)
        if space.f_bavail * space.f_frsize < LEAST_FREE:
            raise Refusal(f"The disk that holds {self.var} has less than 200 MB left: free some space, then try again.")

    def lock(self, told: str) -> None:
        """The lock ends with this process, however that ends. `told` is what a second one hears."""
        if not self.take_lock():
            self.held.seek(0)
            other = self.held.read().strip() or "is starting"
            raise Refusal(
                f"This folder's instance already runs ({other}): use it, or stop it with Ctrl-C first."
            ) from None
        self.env_file.unlink(missing_ok=True)  # a killed one's
        self.held.truncate(0)
        self.held.write(f"{told}, process {os.getpid()}\n")
        self.held.flush()

    def take_lock(self) -> bool:
        self.held = (self.var / "lock").open("a+")
        try:
            fcntl.flock(self.held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def make_sockets(self, uid: int, gid: int) -> None:
        self.sockets.mkdir(mode=0o700, exist_ok=True)
        about = self.sockets.lstat()
        if about.st_uid not in (uid, os.geteuid()) or about.st_mode & 0o170777 != 0o040700:
            raise Refusal(f"{self.sockets} was made by someone else: remove it, then try again.")
        os.chown(self.sockets, uid, gid)

    def secret_key(self) -> str:
        path = self.var / "secret_key"
        if not path.exists():
            write_private(path, secrets.token_urlsafe(48))
        return path.read_text().strip()

    def write_env(self, env: Mapping[str, str]) -> None:
        """For `make manage` and other commands that want to reach the running services."""
        write_private(self.env_file, "".join(f"{name}={shlex.quote(value)}\n" for name, value in env.items()))

    def read_env(self) -> dict[str, str]:
        if not self.env_file.exists() or self.take_lock():
            raise Refusal("Nothing runs in this folder: start it with `make up`, then try again.")
        return dict(word.split("=", 1) for word in shlex.split(self.env_file.read_text()))

    def clean(self) -> None:
        if self.sockets.exists():
            for left in self.sockets.iterdir():
                left.unlink()
            self.sockets.rmdir()


def socket_folder(var: Path) -> Path:
    name = f"annotator-{hashlib.sha256(f'{os.geteuid()}:{var}'.encode()).hexdigest()[:12]}"
    folder = Path(tempfile.gettempdir()) / name
    return folder if len(os.fsencode(folder)) <= LONGEST_FOLDER else Path("/tmp") / name  # noqa: S108


def write_private(path: Path, text: str) -> None:
    partial = path.with_name(f"{path.name}.new")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    partial.replace(path)
