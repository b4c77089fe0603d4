"""Throwaway PostgreSQL and Valkey for a test run. A plugin, as pytest-django reads the settings before conftest.py."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from config.supervisor.instance import BASE_DIR, Instance
from config.supervisor.services import Services

SERVICES = pytest.StashKey[Services]()
TEMPLATE = "TEST_TEMPLATE"  # names the folder of what all processes of a run copy


def throwaway(*, durable: bool = False, migrated: bool = False) -> Services:
    """Not started yet. `discard` it afterwards."""
    services = Services(Instance(Path(tempfile.mkdtemp(prefix="annotator-test-")) / "var"), durable=durable)
    if migrated:
        copy_template(services.postgres.data)
    return services


def discard(services: Services) -> None:
    services.stop()
    shutil.rmtree(services.instance.var.parent)


def copy_template(data: Path) -> None:
    """PostgreSQL's data with the migrated database in it. Whoever comes first makes it: that takes ten seconds."""
    template = Path(os.environ[TEMPLATE])
    with (template / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (template / "postgres").exists():
            make_template(template / "postgres")
    subprocess.run(["cp", "-a", template / "postgres", data], check=True)  # as root it keeps the owner, too


def make_template(data: Path) -> None:
    services = throwaway()
    try:
        services.start()
        manage(services.env(), "migrate", "--verbosity=0", "--skip-checks")
        services.postgres.part.stop()
        services.postgres.data.rename(data)
    finally:
        discard(services)


def manage(env: dict[str, str], *arguments: str) -> str:
    """What a command of manage.py prints."""
    command = [sys.executable, str(BASE_DIR / "manage.py"), *arguments]
    return subprocess.run(command, env=os.environ | env, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """Each of xdist's workers has its own, as Valkey's channels know no databases; their leader needs none. One that is
    alone needs none to copy."""
    works = "PYTEST_XDIST_WORKER" in os.environ
    leads = early_config.known_args_namespace.numprocesses and not works
    if not works:
        os.environ[TEMPLATE] = tempfile.mkdtemp(prefix="annotator-test-template-")
    if not leads:
        services = throwaway(migrated=works)
        early_config.stash[SERVICES] = services
        services.start()
        os.environ.update(services.env())
    return (yield)


def pytest_unconfigure(config: pytest.Config) -> None:
    if services := config.stash.get(SERVICES, None):
        discard(services)
    if "PYTEST_XDIST_WORKER" not in os.environ:
        shutil.rmtree(os.environ[TEMPLATE], ignore_errors=True)
