"""What every test stands on: a real PostgreSQL, a fixed day, settings of its own."""

import os
import shutil
from datetime import UTC, date, datetime

import pytest
from sqlalchemy.orm import Session

from app.db.session import engine
from app.settings import Settings, settings
from tests import database as run

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
TODAY = date(2026, 11, 23)


def pytest_sessionfinish(session):
    """Stop the server when the last process of the run ends."""
    if not hasattr(session.config, "workerinput") and run.HOME.exists():
        run.stop()
        shutil.rmtree(run.HOME.parent, ignore_errors=True)


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch, tmp_path):
    """No test reads this machine's settings, and none sees another's."""
    for name in Settings.model_fields:
        if name != "database_url":
            monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    monkeypatch.setenv("SECRET_KEY", "tests only, long enough to be a key 0123456789")
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture(scope="session")
def _worker_database():
    run.template()
    with run.clone(f"worker_{WORKER}") as url:
        yield url


@pytest.fixture
def db(_worker_database):
    """A session whose work is rolled back at the end."""
    run.use(_worker_database)
    with engine().connect() as connection:
        outer = connection.begin()
        with Session(
            connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
        ) as session:
            yield session
        outer.rollback()


@pytest.fixture
def database(_worker_database):
    """A fresh database of its own, for tests that commit or start processes."""
    with run.clone(f"own_{WORKER}") as url:
        yield url
    run.use(_worker_database)


@pytest.fixture
def today() -> date:
    """The day all tests live on: a Monday."""
    return TODAY


@pytest.fixture
def now() -> datetime:
    """The moment all tests live at."""
    return datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
