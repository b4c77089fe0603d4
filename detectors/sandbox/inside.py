"""The child's end: `python -m detectors.sandbox.inside FD`, begun by detectors.sandbox.pool."""

import ctypes
import os
import resource
import signal
import socket
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings

from detectors.sandbox.frames import IDLE, Hello, framed, received
from projects.errors import Away, Invalid

LARGE = 2**16  # bytes that wait to be sent
PR_SET_PDEATHSIG = 1


class Parent:
    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.stream = connection.makefile("rb")
        self.waiting = bytearray()

    def at(self, *where: Any) -> None:
        """Says at what one is, before that may end the process."""
        self.say("at", list(where))

    def ask(self, *what: Any) -> Any:
        """What the parent answers."""
        self.say("ask", list(what))
        good, answer = self.hear()
        if good:
            return answer
        away, code, detail, fields = answer
        raise (Away if away else Invalid)(detail, code=code or None, fields=fields)

    def give(self, what: Any) -> None:
        """A part of the answer; it goes along with what is said next."""
        self.waiting += framed(["gave", what])
        if len(self.waiting) > LARGE:
            self.send()

    def say(self, *message: Any) -> None:
        self.waiting += framed(message)
        self.send()

    def send(self) -> None:
        self.connection.sendall(self.waiting)
        self.waiting.clear()

    def hear(self) -> Any:
        return received(self.read)

    def read(self, count: int) -> bytes:
        data = self.stream.read(count)
        if len(data) < count:
            os._exit(0)  # the parent is gone
        return data

    def call(self) -> Any:
        """What is to be done next. Where for a long time that is nothing, the process ends."""
        self.connection.settimeout(IDLE)
        try:
            return self.hear()
        except TimeoutError:
            sys.exit()
        finally:
            self.connection.settimeout(None)


def main() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        Path("/proc/self/oom_score_adj").write_text("800")  # rather this than the worker
    parent = Parent(socket.socket(fileno=int(sys.argv[1])))
    hello = msgspec.convert(parent.hear(), Hello)
    sys.path[:] = hello.path
    settings.configure(**hello.settings)
    while True:
        function, args = parent.call()
        answer(parent, function, args, hello.memory)


def answer(parent: Parent, path: str, args: list[Any], memory: int) -> None:
    try:
        module, _, name = path.partition(":")
        function = getattr(import_module(module), name)
        bound(memory)
        parent.say("begun")
        for given in function(parent, *args):
            parent.give(given)
        parent.say("over")
    except MemoryError:
        parent.waiting.clear()
        parent.say("memory")
    except (Exception, SystemExit) as error:  # noqa: BLE001  (anybody's code)
        parent.say("failed", refusal(error), "".join(traceback.format_exception(error)))


def refusal(error: BaseException) -> list[Any] | None:
    return [error.code, str(error.detail), error.fields] if isinstance(error, Invalid) else None


def bound(memory: int) -> None:
    """So much more than it has once it has been begun. No core dumps: they hold what was looked at."""
    if resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY:
        pages = int(Path("/proc/self/statm").read_text().split()[0]) if sys.platform == "linux" else 0
        limit = pages * resource.getpagesize() + memory
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
