"""`make up` as its user sees it: one command, one folder, no process left behind."""

import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.supervisor.instance import BASE_DIR, socket_folder
from config.supervisor.refusal import explained

SECONDS = 90


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

    def start(self) -> None:
        self.output.unlink(missing_ok=True)
        self.process = self.run()
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
        self.output.unlink(missing_ok=True)
        assert self.run(*command, **env).wait(SECONDS) == 1
        assert "Traceback" not in self.said()
        return self.said().splitlines()[-1]

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


@pytest.fixture
def product(tmp_path: Path) -> Iterator[Product]:
    yield from prepared(tmp_path)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    for product in prepared(tmp_path_factory.mktemp("running")):
        product.start()
        yield product


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
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def eventually(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.1)


def test_the_first_start_makes_the_demo_and_prints_two_links_that_sign_in(product):
    (product.var / "demo").unlink()

    product.start()

    links = [word for word in product.said().split() if "/enter/" in word]
    assert len(links) == 2
    assert "Olivia" in urllib.request.urlopen(links[0]).read().decode()


def test_ctrl_c_stops_everything_and_leaves_nothing_behind(product):
    product.start()

    assert product.end(signal.SIGINT) == 0

    assert product.processes() == {}
    assert not socket_folder(product.var).exists()


def test_a_part_that_dies_is_started_again_and_that_is_told(product):
    parts = {
        "uvicorn": "Web server",
        "worker --concurrency": "Worker",
        "beat --schedule": "Beat",
        "valkey-server": "Valkey",
        "bin/postgres": "PostgreSQL",
    }
    product.start()

    for command, name in parts.items():
        pid = product.pid(command)
        os.kill(pid, signal.SIGKILL)

        product.wait_for(f"{name} was killed by SIGKILL; it is started again.")
        product.wait_for_another(command, pid)
        eventually(product.healthy)


def test_a_killed_supervisor_takes_its_parts_along_and_the_next_start_works(product):
    product.start()

    product.end(signal.SIGKILL)
    product.start()

    assert product.healthy()
    product.end(signal.SIGKILL)
    eventually(lambda: not product.processes())


def test_a_second_start_in_the_same_folder_is_refused(running):
    sentence = running.refused(PORT=str(free_port()))

    assert sentence.startswith(f"This folder's instance already runs (at http://127.0.0.1:{running.port}, process ")
    assert sentence.endswith("use it, or stop it with Ctrl-C first.")


def test_a_taken_port_is_refused(product):
    with socket.create_server(("127.0.0.1", product.port)):
        sentence = product.refused()

    assert sentence.startswith(f"Port {product.port} is taken: stop what uses it, or choose another")


@pytest.mark.parametrize(
    ("env", "start"),
    [
        ({"PORT": "http"}, "“http” is no port:"),
        ({"HOST": "192.0.2.7"}, "192.0.2.7 is no address of this machine:"),
        ({"WEB_PROCESSES": "none"}, "WEB_PROCESSES is “none”:"),
    ],
)
def test_settings_that_make_no_sense_are_refused(product, env, start):
    assert product.refused(**env).startswith(start)


def test_data_of_another_postgresql_is_refused(product):
    (product.var / "postgres").mkdir()
    (product.var / "postgres" / "PG_VERSION").write_text("17\n")

    assert "comes from PostgreSQL 17 and this is 18: run `make backup`" in product.refused()


def test_a_data_folder_that_holds_no_database_is_refused(product):
    (product.var / "postgres").mkdir()

    assert "holds no database: move" in product.refused()


def test_damaged_data_is_refused_with_the_way_back(product):
    product.start()
    product.end(signal.SIGINT)
    (product.var / "postgres" / "global" / "pg_control").write_bytes(b"")

    sentence = product.refused()

    assert sentence.startswith("PostgreSQL does not start; it ended by SIGABRT (PANIC:")
    assert "make restore FILE=" in sentence


def test_a_file_where_the_folder_should_be_is_refused(product):
    (product.var / "demo").unlink()
    product.var.rmdir()
    product.var.write_text("")

    assert "is in the way: move it elsewhere" in product.refused()


def test_a_full_disk_is_refused(product):
    full = OSError(errno.ENOSPC, "No space left on device")

    assert (
        str(explained(full, product.var))
        == f"The disk that holds {product.var} is full: free some space, then try again."
    )


def test_commands_reach_the_running_product(running):
    assert running.run("manage", "person", "zoe").wait(SECONDS) == 0
    assert running.run("manage", "link", "zoe").wait(SECONDS) == 0

    assert f"http://127.0.0.1:{running.port}/enter/" in running.said()


def test_commands_for_a_product_that_does_not_run_are_refused(product):
    assert product.refused("manage", "link", "olivia").startswith("Nothing runs in this folder:")


def test_a_backup_brings_everything_back(product):
    file = product.var.parent / "backup.tar"
    product.start()
    product.run("manage", "person", "zoe").wait(SECONDS)
    (product.var / "media").mkdir(exist_ok=True)
    (product.var / "media" / "photo").write_bytes(b"a photo")

    assert product.run("backup", str(file)).wait(SECONDS) == 0
    assert "already runs" in product.refused("restore", str(file))
    product.run("manage", "shell", "-c", "from projects.models import User; User.objects.all().delete()").wait(SECONDS)
    (product.var / "media" / "photo").unlink()
    product.end(signal.SIGINT)
    assert product.run("restore", str(file)).wait(SECONDS) == 0

    product.start()
    assert product.run("manage", "link", "zoe").wait(SECONDS) == 0
    assert (product.var / "media" / "photo").read_bytes() == b"a photo"


def test_a_file_that_is_no_backup_is_refused(product):
    file = product.var.parent / "notes.txt"
    file.write_text("no backup")

    assert "is no whole backup" in product.refused("restore", str(file))
    assert "Which backup?" in product.refused("restore")
