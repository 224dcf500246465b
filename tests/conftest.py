"""What every test stands on: a real PostgreSQL, a fixed day, settings of its own."""

import os
import signal
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import hypothesis
import pytest
from playwright.sync_api import Browser
from sqlalchemy import URL, Connection, Engine
from sqlalchemy.orm import Session

from app.cache import versioned_cache
from app.db import session
from app.db.session import engine
from app.settings import Settings, settings
from tests import database as run
from tests import log_leak_guard

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
TODAY = date(2026, 11, 23)
KEY = "tests only, long enough to be a key 0123456789"


def pytest_configure(config: pytest.Config) -> None:
    """Forget this machine's settings before anything reads one."""
    if not hasattr(config, "workerinput"):
        run.begin()
    # ignored where a script has started the tests in the background, and then by their processes
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in Settings.model_fields:
        os.environ.pop(name.upper(), None)
    os.environ |= {"DATABASE_URL": run.NOWHERE, "SECRET_KEY": KEY}
    Settings.model_config["env_file"] = None
    # how long an example takes says more about the machine than about the rule
    hypothesis.settings.register_profile("house", deadline=None)
    hypothesis.settings.load_profile("house")
    config.pluginmanager.register(log_leak_guard.Listening(), "told")
    vars(session)["create_engine"] = run.sharing_engine


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Take two workers more than processors: as many wait for a process or a page.

    With `-n logical` take one for each processor, for tests that wait for nothing.
    """
    more = 0 if config.option.numprocesses == "logical" else 2
    return more + (os.cpu_count() or 1)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server when the run's first process ends, however it ends."""
    if not hasattr(config, "workerinput"):
        run.end()


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No test sees another's settings; files go to the test's own folder."""
    for name in Settings.model_fields.keys() - {"database_url", "secret_key"}:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("SECRET_KEY", KEY)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "var"))
    settings.cache_clear()
    # a command makes it stricter, in which the tests' server for another user could not be made
    umask = os.umask(0o022)
    os.umask(umask)
    yield
    os.umask(umask)
    settings.cache_clear()


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Start with an empty cache: a rolled-back test leaves a data version that comes again."""
    versioned_cache.forget()


@pytest.fixture(scope="session")
def _template() -> None:
    run.template()


@pytest.fixture(scope="session")
def _worker_database(_template: None) -> Iterator[URL]:
    with run.clone(f"worker_{WORKER}") as url:
        yield url


@pytest.fixture(scope="session")
def _worker_engine(_worker_database: URL) -> Engine:
    """One for all tests of the worker: it remembers how statements are spelled."""
    run.use(_worker_database)
    return engine()


@pytest.fixture
def db(_worker_database: URL, _worker_engine: Engine) -> Iterator[Session]:
    """A session whose work is rolled back at the end."""
    run.use(_worker_database)
    with _worker_engine.connect() as connection:
        outer = connection.begin()
        with Session(
            connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
        ) as session:
            yield session
        outer.rollback()
    run.use(run.NOWHERE)


@pytest.fixture(scope="module")
def standing(_worker_database: URL, _worker_engine: Engine) -> Iterator[Connection]:
    """A connection for what all tests of a module start from: see `run.kept` and `run.undone`."""
    run.use(_worker_database)
    with _worker_engine.connect() as connection:
        outer = connection.begin()
        yield connection
        outer.rollback()
    run.use(run.NOWHERE)


@pytest.fixture
def database(_template: None) -> Iterator[URL]:
    """A fresh database of its own, for tests that commit or start processes."""
    with run.clone(f"own_{WORKER}") as url:
        yield url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The one browser of this worker: a second one beside it could not be driven."""
    from tests.browser.conftest import launched  # noqa: PLC0415 - only where one is wanted

    yield from launched()


@pytest.fixture(scope="module")
def module_database(_template: None) -> Iterator[URL]:
    """A fresh database for all tests of a module; each of them says `run.use` again."""
    with run.clone(f"module_{WORKER}") as url:
        yield url


@pytest.fixture
def today() -> date:
    """The day all tests live on: a Monday."""
    return TODAY


@pytest.fixture
def now() -> datetime:
    """The moment all tests live at."""
    return datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
