"""Real servers for tests of browsers and of faults: web processes and a worker that can be killed and started again."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.supervisor import programs
from config.supervisor.address import Address
from config.supervisor.part import Part
from config.supervisor.services import Services
from tests.services import TEMPLATE, discard, manage, throwaway


class WebServer:
    """One uvicorn process on a port of its own, which it keeps when it is started again."""

    def __init__(self, env: dict[str, str], logs: Path) -> None:
        self.listening = Address("127.0.0.1", 0).listen()
        self.address = Address("127.0.0.1", self.listening.getsockname()[1])
        self.url = self.address.url("localhost")
        addresses = {"PUBLIC_URL": self.url, "ALLOWED_HOSTS": "localhost,127.0.0.1"}
        self.part = programs.web(1, self.listening.fileno(), logs, env | addresses)
        self.part.log = logs / f"web-{self.address.port}.log"

    def start(self) -> None:
        self.part.start()
        if why := programs.wait_until_healthy(self.part, self.address, self.url, seconds=150):
            raise RuntimeError(f"The web server {why}: {self.part.log.read_text()[-2000:]}")

    def stop(self) -> None:
        self.part.stop()
        self.listening.close()

    def kill(self) -> None:
        """kill -9"""
        self.part.kill()


class Servers:
    """`count` web processes, and a worker if wanted, over the same services."""

    def __init__(self, env: dict[str, str], logs: Path, *, count: int = 1, worker: bool = False) -> None:
        self.env = env
        self.webs = [WebServer(env, logs) for _ in range(count)]
        self.worker: Part | None = programs.worker(logs, env) if worker else None

    def start(self) -> None:
        if self.worker:
            self.worker.start()
        for web in self.webs:
            web.start()

    def stop(self) -> None:
        for web in self.webs:
            web.stop()
        if self.worker:
            self.worker.stop()

    @property
    def url(self) -> str:
        return self.webs[0].url

    @property
    def urls(self) -> list[str]:
        return [web.url for web in self.webs]


@contextmanager
def servers_on_test_database(tmp_path: Path, *, count: int = 1, worker: bool = False) -> Iterator[Servers]:
    """Over this run's services and the test's own database. What the servers shall see must be committed."""
    from django.conf import settings

    base, _, query = os.environ["DATABASE_URL"].partition("?")
    database = f"{base.rsplit('/', 1)[0]}/{settings.DATABASES['default']['NAME']}?{query}"
    env = {"DATABASE_URL": database, "VAR": str(tmp_path), "MEDIA_ROOT": str(settings.MEDIA_ROOT)}
    servers = Servers(env, tmp_path, count=count, worker=worker)
    try:
        servers.start()
        yield servers
    finally:
        servers.stop()


@contextmanager
def dedicated(*, count: int = 1, worker: bool = False) -> Iterator[tuple[Services, Servers]]:
    """Services of its own, durable as in the product and migrated, whose parts a test may kill:

    `services.postgres.part.kill(); services.postgres.start()`, and the same with `services.valkey`.
    """
    migrated = TEMPLATE in os.environ
    services = throwaway(durable=True, migrated=migrated)
    try:
        services.start()
        if not migrated:
            manage(services.env(), "migrate", "--verbosity=0")
        servers = Servers(services.env(), services.instance.logs, count=count, worker=worker)
        try:
            servers.start()
            yield services, servers
        finally:
            servers.stop()
    finally:
        discard(services)
