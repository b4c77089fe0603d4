"""`make up` in a folder of its own."""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import psycopg2

from config.supervisor.instance import BASE_DIR, Instance, socket_folder
from tests.services import copy_template

SECONDS = 150


class Product:
    """One folder's `make up`, with what it prints."""

    def __init__(self, folder: Path) -> None:
        self.var = folder / "var"
        self.output = folder / "output"
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, *command: str, **env: str) -> subprocess.Popen[bytes]:
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return subprocess.Popen(
            [sys.executable, "-m", "config.supervisor", *(command or ("up",))],
            cwd=BASE_DIR,
            env=inherited | {"VAR": str(self.var), "PORT": str(self.port)} | env,
            stdout=self.output.open("ab"),
            stderr=subprocess.STDOUT,
        )

    def start(self, **env: str) -> None:
        if not (self.var / "postgres").exists():
            copy_template(self.var / "postgres")
        self.output.write_text("")
        self.process = self.run(**env)
        self.wait_for(f"Ready at http://127.0.0.1:{self.port}")

    def said(self) -> str:
        return self.output.read_text()

    def wait_for(self, text: str) -> None:
        eventually(lambda: text in self.said() or self.process.poll() is not None)
        assert text in self.said(), self.said()

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(SECONDS)

    def refused(self, *command: str, **env: str) -> str:
        """The one sentence with which it does not start."""
        self.output.write_text("")
        assert self.run(*command, **env).wait(SECONDS) == 1
        assert "Traceback" not in self.said()
        return self.said().splitlines()[-1]

    def sql(self, statement: str) -> list[tuple[object, ...]]:
        """What the running product's database answers."""
        with closing(psycopg2.connect(Instance(self.var).read_env()["DATABASE_URL"])) as database, database:
            cursor = database.cursor()
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def processes(self) -> dict[int, str]:
        """Every process that has to do with the folder, with its command."""
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            try:
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                about = command + (process / "environ").read_bytes().decode() + str((process / "cwd").readlink())
            except OSError:
                continue
            if str(self.var) in about or str(socket_folder(self.var)) in about:
                found[int(process.name)] = command
        return found

    def pid(self, word: str) -> int:
        return next(pid for pid, command in sorted(self.processes().items()) if word in command)

    def wait_for_another(self, word: str, pid: int) -> None:
        eventually(lambda: any(word in command for other, command in self.processes().items() if other != pid))

    def healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False


def prepared(parent: Path) -> Iterator[Product]:
    """Not started, and without the demo project: most of these tests need none."""
    folder = parent / "a folder with spaces"
    (folder / "var").mkdir(parents=True)
    (folder / "var" / "demo").touch()
    product = Product(folder)
    yield product
    if product.process and product.process.poll() is None:
        product.end(signal.SIGTERM)
    shutil.rmtree(socket_folder(product.var), ignore_errors=True)


def free_port() -> int:
    """Below those that the system gives to whoever connects: such a one may be taken when it is wanted."""
    while True:
        port = random.randrange(10_000, 32_768)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def eventually(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.1)
