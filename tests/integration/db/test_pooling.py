"""A pooler that shares connections is refused at the start; one that drops time limits is told.

Where PgBouncer is installed it is the real one, in both of its modes.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from app.db import migrate, session
from app.db.embedded import os_user
from app.db.monitoring import pooling
from app.kit.errors import ConfigurationError
from deploy.parts import Part, answers_tcp, free_ports
from deploy.shape import bare_environment
from tests import database as run
from tests.external_tools import needed

CONFIGURATION = """
[databases]
* = host={host} port=5432 user={user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
auth_type = any
pool_mode = {mode}
ignore_startup_parameters = {ignored}
unix_socket_dir =
"""
Start = Callable[..., None]


@pytest.fixture
def bouncer(database: URL, tmp_path: Path) -> Iterator[Start]:
    """Start PgBouncer in front of the database, with DATABASE_URL leading there."""
    program = needed("pgbouncer")
    started: list[Part] = []

    def start(mode: str, ignored: str) -> None:
        (port,) = free_ports(1)
        home = os_user.own_folder(tmp_path / "bouncer", None)
        home.chmod(0o755)
        tmp_path.chmod(0o755)
        file = home / "pgbouncer.ini"
        values = {"host": database.query["host"], "user": database.username, "port": port}
        file.write_text(CONFIGURATION.format(mode=mode, ignored=ignored, **values))
        part = Part(
            "pgbouncer",
            (program, str(file)),
            tmp_path / "pgbouncer.log",
            bare_environment(),
            Path("/"),
            user=os_user.of(run.home() / "data"),
            answers=answers_tcp(port),
        )
        started.append(part)
        part.wait()
        run.use(f"postgresql://{database.username}@127.0.0.1:{port}/{database.database}")

    yield start
    session.dispose()
    for part in started:
        part.kill()


def test_the_server_itself_is_no_pooler(database: URL) -> None:
    pooling.check_connections()
    assert pooling.ignored_limits() is None


def test_transaction_mode_is_refused_at_the_start(bouncer: Start) -> None:
    bouncer("transaction", "options")
    for start in (pooling.check_connections, migrate.upgrade):
        with pytest.raises(ConfigurationError, match="for one transaction"):
            start()


def test_one_that_refuses_the_time_limits_is_named(bouncer: Start) -> None:
    bouncer("session", "extra_float_digits")
    with pytest.raises(ConfigurationError, match="such as PgBouncer") as refused:
        pooling.check_connections()
    assert "options" not in str(refused.value)


def test_session_mode_is_taken_and_the_lost_time_limits_are_told(bouncer: Start) -> None:
    bouncer("session", "options")
    pooling.check_connections()
    assert pooling.ignored_limits() == pooling.DROPPED
