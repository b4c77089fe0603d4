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
        self.media = self.var / "media"
        self.env_file = self.var / "env"
        self.last_env_file = self.var / "env.last"
        self.sockets = socket_folder(self.var)

    def prepare(self) -> None:
        self.var.mkdir(parents=True, exist_ok=True)
        self.var.chmod(0o711)  # PostgreSQL may run as another account, and must come through
        for private in (self.logs, self.media):
            private.mkdir(exist_ok=True)
            if not private.is_symlink():  # what is elsewhere keeps its mode
                private.chmod(0o700)
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
        self.retire_env()  # a killed one's
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

    def retire_env(self) -> None:
        """Nothing runs any more; where its images are stays known."""
        if self.env_file.exists():
            self.env_file.replace(self.last_env_file)

    def read_env(self) -> dict[str, str]:
        if not self.env_file.exists() or self.take_lock():
            raise Refusal("Nothing runs in this folder: start it with `make up`, then try again.")
        return read(self.env_file)

    def told(self) -> dict[str, str]:
        """The environment of the product: of the one that runs, or else ours, or else what the last one had."""
        return read(self.last_env_file) | dict(os.environ) | read(self.env_file)

    def media_env(self) -> dict[str, str]:
        """Where images are kept."""
        root = Path(os.environ.get("MEDIA_ROOT") or self.media).absolute()
        storage = {name: os.environ.get(name, "") for name in ("MEDIA_STORAGE", "MEDIA_OPTIONS")}
        return {"MEDIA_ROOT": str(root)} | storage

    def clean(self) -> None:
        if self.sockets.exists():
            for left in self.sockets.iterdir():
                left.unlink()
            self.sockets.rmdir()


def socket_folder(var: Path) -> Path:
    name = f"annotator-{hashlib.sha256(f'{os.geteuid()}:{var}'.encode()).hexdigest()[:12]}"
    folder = Path(tempfile.gettempdir()) / name
    return folder if len(os.fsencode(folder)) <= LONGEST_FOLDER else Path("/tmp") / name  # noqa: S108


def read(env_file: Path) -> dict[str, str]:
    return dict(word.split("=", 1) for word in shlex.split(env_file.read_text())) if env_file.exists() else {}


def write_private(path: Path, text: str) -> None:
    partial = path.with_name(f"{path.name}.new")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    partial.replace(path)
