"""A part of the product: one child process, with its log."""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from config.supervisor.refusal import last_words

LARGE_LOG = 10 * 2**20
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None)


@dataclass
class Part:
    """`stop_signal` asks it to end; it is killed when it has not ended after `patience` seconds."""

    name: str
    command: list[str]
    log: Path
    cwd: Path
    env: dict[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 10
    pass_fds: tuple[int, ...] = ()
    before_start: Callable[[], None] | None = None
    process: subprocess.Popen[bytes] | None = None
    started: float = 0
    log_start: int = 0

    def start(self) -> None:
        """A session of its own keeps the terminal's Ctrl-C away; the death signal ends it when we are killed."""
        if self.before_start:
            self.before_start()
        self.started = time.monotonic()
        self.rotate_log()
        with self.log.open("ab") as log:
            self.log_start = log.tell()
            self.process = subprocess.Popen(
                self.command,
                cwd=self.cwd,
                env=os.environ | self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent(self.stop_signal),
                pass_fds=self.pass_fds,
            )

    def rotate_log(self) -> None:
        """In its place, as its writers go on to append to it."""
        if self.log.exists() and self.log.stat().st_size > LARGE_LOG:
            with contextlib.suppress(OSError):  # on a full disk it is lost
                shutil.copyfile(self.log, self.log.with_suffix(".old.log"))
            os.truncate(self.log, 0)

    @property
    def pid(self) -> int:
        if self.process is None:
            raise ValueError(f"{self.name} was not started")
        return self.process.pid

    def ended(self) -> str | None:
        """Why it is not running, or None while it is."""
        if self.process is None:
            return "was never started"
        code = self.process.poll()
        if code is None:
            return None
        if code == -signal.SIGKILL:
            return "was killed by SIGKILL"
        how = f"ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        return f"{how} ({last_words(self.log, since=self.log_start)})"

    def stop(self) -> None:
        self.signal(self.stop_signal)
        if self.process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(self.patience)
        self.kill()

    def kill(self) -> None:
        """Its own children too, which share its session."""
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def signal(self, number: signal.Signals) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)


def die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """For the child, before it runs its command; only Linux knows it."""
    if sys.platform != "linux":
        return None
    parent = os.getpid()

    def arrange() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:
            os._exit(1)

    return arrange
