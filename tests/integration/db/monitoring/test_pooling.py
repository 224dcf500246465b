"""A pooler that shares connections is refused at the start; one that drops time limits is told.

Where PgBouncer is installed it is the real one, in both of its modes.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from app.db import migrate
from app.db.monitoring import pooling
from app.kit.errors import ConfigurationError
from deploy import replication
from deploy.parts import Part, answers_tcp, free_ports
from deploy.replication import Pair
from deploy.shape import bare_environment
from tests import database as run
from tests.external_tools import needed, needed_server

CONFIGURATION = """
[databases]
* = host=127.0.0.1 port={server} user={user} password={password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
auth_type = any
pool_mode = {mode}
ignore_startup_parameters = {ignored}
unix_socket_dir =
"""
Start = Callable[..., None]


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    """A server that another user may reach, over loopback."""
    needed_server()
    with replication.up(durable=False) as servers:
        yield servers


@pytest.fixture
def bouncer(pair: Pair) -> Iterator[Start]:
    """Start PgBouncer in front of the server, with DATABASE_URL leading there."""
    program = needed("pgbouncer")
    # its user, which is the server's, must get through to its file
    folder = Path(tempfile.mkdtemp(prefix="donorcrm-bouncer-"))
    folder.chmod(0o711)
    started: list[Part] = []

    def start(mode: str, ignored: str) -> None:
        (port,) = free_ports(1)
        file = folder / "pgbouncer.ini"
        file.write_text(
            CONFIGURATION.format(
                server=pair.ports["primary"],
                user=replication.USER,
                password=pair.password,
                port=port,
                mode=mode,
                ignored=ignored,
            )
        )
        part = Part(
            "pgbouncer",
            (program, str(file)),
            folder / "pgbouncer.log",
            bare_environment(),
            Path("/"),
            user=pair.parts["primary"].user,
            answers=answers_tcp(port),
        )
        started.append(part)
        part.wait()
        run.use(f"postgresql://{replication.USER}@127.0.0.1:{port}/postgres")

    yield start
    run.use(run.NOWHERE)
    for part in started:
        part.kill()
    shutil.rmtree(folder)


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
