"""Throwaway PostgreSQL and Valkey for a test run. A plugin, as pytest-django reads the settings before conftest.py."""

import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest

from config.supervisor.instance import Instance
from config.supervisor.services import Services


def throwaway(*, durable: bool = False) -> Services:
    """Not started yet. `discard` it afterwards."""
    return Services(Instance(Path(tempfile.mkdtemp(prefix="annotator-test-")) / "var"), durable=durable)


def discard(services: Services) -> None:
    services.stop()
    shutil.rmtree(services.instance.var.parent)


SERVICES = pytest.StashKey[Services]()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, None, None]:
    """Each of xdist's workers has its own, as Valkey's channels know no databases; their leader needs none."""
    leads = early_config.known_args_namespace.numprocesses and "PYTEST_XDIST_WORKER" not in os.environ
    if not leads:
        services = throwaway()
        early_config.stash[SERVICES] = services
        services.start()
        os.environ.update(services.env())
    return (yield)


def pytest_unconfigure(config: pytest.Config) -> None:
    if services := config.stash.get(SERVICES, None):
        discard(services)
