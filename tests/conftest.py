"""The cast (tests/cast.py), and real servers and browsers for them."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from unittest.mock import patch

import pytest
from django.conf import settings
from django.contrib.contenttypes.management import create_contenttypes
from django.db import IntegrityError, OperationalError, connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.models.signals import post_migrate
from django.test import override_settings
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from projects.models import User
from tests.chromium import launch
from tests.clients import session_of
from tests.servers import Servers, servers_on_test_database

pytest_plugins = ["tests.cast", "tests.live"]

expect.set_options(timeout=30_000)  # as long as a click waits: a busy machine is slow, and a cut is noticed late

WIDE = {"width": 1440, "height": 900}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long tests that mostly wait come first, beside the browsers that keep the machine busy; the short ones come
    last, so that no process is left alone with a long file."""

    def turn(item: pytest.Item) -> int:
        if item.path.parent.name in ("supervisor", "faults"):
            return 0
        return 1 if item.get_closest_marker("browser") else 2

    items.sort(key=turn)


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """To hash one takes a third of a second of a processor, on purpose."""
    with override_settings(PASSWORD_HASHERS=["tests.hashing.Quick"]):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """The database of the tests begins as the services' own one, which may be migrated."""
    connection.settings_dict["TEST"]["TEMPLATE"] = connection.settings_dict["NAME"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """Emptying the tables after a test makes no permissions anew, which took longer than the emptying."""
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    post_migrate.disconnect(create_contenttypes)


@pytest.fixture(scope="session", autouse=True)
def quick_emptying() -> Iterator[None]:
    """A test's few rows are deleted in a hundredth of the time in which forty tables are truncated."""

    def deleting(operations: DatabaseOperations, style: object, tables: list[str], **_: object) -> list[str]:
        return ["; ".join(f"DELETE FROM {operations.quote_name(table)}" for table in tables)]

    def until_empty(operations: DatabaseOperations, statements: list[str]) -> None:
        """A page that is closed may have asked for something with its last breath, and a worker that was thinking may
        write: what comes between meets a deadlock or a missing row, and what comes later a project that is gone."""
        for _ in range(5):
            with suppress(OperationalError, IntegrityError):
                execute(operations, statements)
                return
        execute(operations, statements)

    execute = DatabaseOperations.execute_sql_flush
    with (
        patch.object(DatabaseOperations, "sql_flush", deleting),
        patch.object(DatabaseOperations, "execute_sql_flush", until_empty),
    ):
        yield


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """The whole of PostgreSQL is thrown away after the run."""
    return True


@pytest.fixture(scope="session")
def running_servers(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with servers_on_test_database(tmp_path_factory.mktemp("servers"), count=2, worker=True) as servers:
        yield servers


@pytest.fixture
def servers(transactional_db: None, running_servers: Servers) -> Iterator[Servers]:
    """Two web processes and a worker over the test's database. They stay for the whole run."""
    yield running_servers
    wait_until_quiet()  # what someone still wrote would stand in the next test


def wait_until_quiet() -> None:
    """No other connection to the database is at work, in three looks."""
    at_work = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state <> 'idle'"
    quiet = 0
    with connection.cursor() as cursor:
        while quiet < 3:
            time.sleep(0.02)
            cursor.execute(at_work)
            quiet = quiet + 1 if cursor.fetchone() == (1,) else 0  # this very question


CHROMIUM = pytest.StashKey[Browser]()
BROWSER = ExitStack()  # what ends it


@pytest.fixture
def chromium(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """The one that runs, or a new one. It stays until a test needs none."""
    stash = request.config.stash
    if CHROMIUM not in stash:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        browser = launch(BROWSER.enter_context(sync_playwright()))
        BROWSER.callback(browser.close)
        stash[CHROMIUM] = browser
    yield stash[CHROMIUM]
    for context in stash[CHROMIUM].contexts:  # a page that stays would go on asking
        context.close()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """While a browser runs this thread runs its event loop, in which tests that are async cannot run."""
    if item.get_closest_marker("browser") is None:
        end_browser(item.config)


def pytest_sessionfinish(session: pytest.Session) -> None:
    end_browser(session.config)


def end_browser(config: pytest.Config) -> None:
    if CHROMIUM in config.stash:
        BROWSER.close()
        del config.stash[CHROMIUM]
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def sign_in(chromium: Browser, servers: Servers) -> Iterator[Callable[..., Page]]:
    """`sign_in(user, web=1, **options)`: a page of a new browser context, signed in at that web process.

    An error that a page does not catch fails the test.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_page(user: User, *, web: int = 0, **options: object) -> Page:
        context = chromium.new_context(base_url=servers.urls[web], **({"viewport": WIDE} | options))
        contexts.append(context)
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session_of(user), "url": servers.urls[web]}
        context.add_cookies([cookie])
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not errors
