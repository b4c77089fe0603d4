"""The parent's end: children that are begun, watched, ended, and kept for the next call."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import BoundedSemaphore, Lock
from typing import IO, Any, cast

import msgspec
from django.conf import settings

from detectors.sandbox.frames import IDLE, Hello, framed, received
from projects.errors import Away, Invalid, Refusal

TOLD = ("BASE_DIR", "MEDIA_ROOT", "MEDIA_URL", "STORAGES")  # of the settings; detectors read their weights themselves
ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "LANG", "TMPDIR", "HOME")  # no secrets
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
BEGINS = 60  # seconds at most, on a busy machine
AT_ONCE = 4  # children of a process
UNCLEAR = "answered what nobody understands"

idle: list["Child"] = []
lock = Lock()
places = BoundedSemaphore(AT_ONCE)
starter = ThreadPoolExecutor(1, "sandbox")  # the death signal comes when the thread ends that has begun a child


class Busy(Away):
    default_code = "busy"

    def __init__(self) -> None:
        super().__init__("Others try out theirs just now. Try again in a moment.")


class Ended(Away):
    """The child has ended before its time: `why`, as the rest of a sentence, and `at` what it was."""

    default_code = "ended"

    def __init__(self, why: str, at: list[Any]) -> None:
        super().__init__(f"The detectors’ process {why}. Try again, or change what it does.")
        self.why, self.at = why, at


class Failed(Exception):
    """A mistake in what the child ran, with the child's traceback."""


@contextmanager
def child(*, wait: float | None = None) -> Iterator["Child"]:
    """For oneself. Where too many are at work, one waits; after so many seconds that is refused."""
    if not places.acquire(timeout=wait):
        raise Busy
    try:
        one = taken()
        try:
            yield one
        finally:
            with lock:
                idle.append(one)
    finally:
        places.release()


def taken() -> "Child":
    hello = hello_now()
    with lock:
        while idle:
            one = idle.pop()
            if one.hello == hello and one.is_there():
                return one
            one.end()
    return Child(hello)


def hello_now() -> Hello:
    told = {name: getattr(settings, name) for name in TOLD}
    return Hello(sys.path.copy(), msgspec.to_builtins(told, enc_hook=str), settings.DETECTORS_MEMORY)


def nothing(*what: Any) -> Any:
    raise LookupError(f"Nobody answers {what}.")


class Child:
    """A process of its own, begun anew at the next call when it has ended."""

    def __init__(self, hello: Hello) -> None:
        self.hello = hello
        self.process: subprocess.Popen[bytes] | None = None
        self.connection: socket.socket | None = None
        self.stream: IO[bytes] | None = None
        self.used = 0.0
        self.at: list[Any] = []
        self.limit = self.until = 0.0

    def is_there(self) -> bool:
        """And stays for a while."""
        return self.process is not None and self.process.poll() is None and time.monotonic() - self.used < IDLE - 10

    def call(
        self,
        function: str,
        *args: Any,
        answer: Callable[..., Any] = nothing,
        seconds: float | None = None,
        altogether: float | None = None,
    ) -> Iterator[Any]:
        """What a function gives, that is named as in "package.module:name". It has so many seconds each time that it
        says at what it is, and `altogether`. Raises Ended when it ends before its time or has to be ended, Invalid as
        the function does, and Failed for what else it raises."""
        message = framed([function, args])
        self.limit = limit = altogether or seconds or settings.DETECTORS_SECONDS
        whole = time.monotonic() + altogether if altogether else float("inf")
        self.at, over = [], False
        try:
            if self.process is None:
                starter.submit(self.begin).result()
            self.until = time.monotonic() + BEGINS
            self.send(message)
            while not over:
                match self.hear():
                    case ["gave", given]:
                        yield given
                        continue
                    case ["begun"]:
                        pass
                    case ["at", where]:
                        self.at = where
                    case ["ask", what]:
                        said = answered(answer, what)
                        self.until = min(time.monotonic() + limit, whole)
                        self.send(framed(said))
                    case ["over"]:
                        over = True
                    case ["memory"]:
                        raise Ended(
                            f"needed more than the {self.hello.memory / 2**30:.3g} GB that it may have", self.at
                        )
                    case ["failed", refusal, trace]:
                        over = True
                        fail(refusal, trace)
                    case _:
                        raise Ended(UNCLEAR, self.at)
                self.until = min(time.monotonic() + limit, whole)
        finally:
            self.used = time.monotonic()
            if not over:
                self.end()

    def begin(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "detectors.sandbox.inside", str(theirs.fileno())],
                cwd=settings.BASE_DIR,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=sys.stderr.fileno() if has_number(sys.stderr) else subprocess.DEVNULL,
                start_new_session=True,
                pass_fds=[theirs.fileno()],
            )
        self.connection, self.stream = ours, ours.makefile("rb")
        self.until = time.monotonic() + BEGINS
        self.send(framed(msgspec.to_builtins(self.hello)))

    def end(self) -> None:
        """With what it has begun itself."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        if self.connection is not None:
            self.connection.close()
        self.process = self.connection = None

    def send(self, message: bytes) -> None:
        with self.patience():
            cast(socket.socket, self.connection).sendall(message)

    def hear(self) -> Any:
        with self.patience():
            return received(self.read)

    def read(self, count: int) -> bytes:
        data = cast(IO[bytes], self.stream).read(count)
        if len(data) < count:
            raise ConnectionError
        return data

    @contextmanager
    def patience(self) -> Iterator[None]:
        cast(socket.socket, self.connection).settimeout(max(self.until - time.monotonic(), 1e-3))
        try:
            yield
        except TimeoutError as error:
            raise Ended(f"took longer than {self.limit:g} seconds, and was ended", self.at) from error
        except OSError as error:
            raise Ended(self.how(), self.at) from error
        except (ValueError, msgspec.DecodeError) as error:
            raise Ended(UNCLEAR, self.at) from error

    def how(self) -> str:
        """It ended by itself."""
        try:
            code = cast(subprocess.Popen[bytes], self.process).wait(1)
        except subprocess.TimeoutExpired:
            return UNCLEAR
        if code == -signal.SIGKILL:
            return "was killed, as when a machine has no more memory"
        return f"crashed ({signal.Signals(-code).name})" if code < 0 else f"ended (exit code {code})"


def forget() -> None:
    """After a fork: they are another's."""
    global starter, places, lock
    starter, places, lock = ThreadPoolExecutor(1, "sandbox"), BoundedSemaphore(AT_ONCE), Lock()
    idle.clear()


os.register_at_fork(after_in_child=forget)


def environment() -> dict[str, str]:
    names = [*ENVIRONMENT, *settings.DETECTORS_ENVIRONMENT]
    return ONE_THREAD | {name: os.environ[name] for name in names if name in os.environ}


def has_number(file: Any) -> bool:
    try:
        return file.fileno() >= 0
    except (AttributeError, OSError, ValueError):
        return False


def answered(answer: Callable[..., Any], what: list[Any]) -> tuple[bool, Any]:
    try:
        return True, answer(*what)
    except Refusal as error:
        return False, [isinstance(error, Away), error.code, str(error.detail), error.fields]
    except Exception as error:  # noqa: BLE001  (it is told to who has asked)
        return False, [False, "", str(error) or type(error).__name__, {}]


def fail(refusal: list[Any] | None, trace: str) -> None:
    if refusal is None:
        raise Failed(trace)
    code, detail, fields = refusal
    raise Invalid(detail, code=code, fields=fields)
