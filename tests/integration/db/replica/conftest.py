"""Two real servers: a primary and its streaming replica, and people on the primary."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from app import accounts
from app.accounts import Actor
from app.db import Session, migrate, session, transaction_for_system
from app.db.replica import circuit as circuits
from app.settings import settings
from deploy import replication
from deploy.replication import Pair
from tests import database as run
from tests import factories as make
from tests.external_tools import needed_server
from tests.values import present


@dataclass(frozen=True)
class People:
    """Ruth and Sam, each with a donor of their own and a session."""

    ruth: Actor
    sam: Actor
    ada: Actor
    donor: int


@pytest.fixture(scope="module")
def servers() -> Iterator[Pair]:
    """A primary with the schema, and its replica."""
    needed_server()
    with replication.up(durable=False) as pair:
        run.use(pair.url("primary"))
        migrate.upgrade()
        with transaction_for_system() as db:
            make.organisation(db)
        run.use(run.NOWHERE)
        yield pair


@pytest.fixture
def read_from(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Set the address of the replica, as at a start."""

    def use(address: str) -> None:
        monkeypatch.setenv("DATABASE_READ_URL", address)
        settings.cache_clear()
        session.dispose()
        circuits.circuit.forget()

    return use


@pytest.fixture
def pair(
    servers: Pair, read_from: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Pair]:
    """The servers with the application on them; nobody reads in haste."""
    # as long as a busy machine may need: which server answers is what is tested
    monkeypatch.setenv("DATABASE_READ_WAIT_MS", "500")
    run.use(servers.url("primary"))
    read_from(servers.url("replica"))
    for part in servers.parts.values():
        if not part.alive:
            part.wait()
    yield servers
    if servers.parts["replica"].alive:
        servers.execute("replica", "select pg_wal_replay_resume()")
    run.use(run.NOWHERE)
    circuits.circuit.forget()


@pytest.fixture
def people(pair: Pair) -> People:
    """Two fundraisers and an administrator, signed in."""
    with transaction_for_system() as db:
        ruth, sam, ada = make.person(db), make.person(db), make.person(db, "admin")
        donor = make.donor(db, ruth, "Tom Reed")
        make.donor(db, sam, "Mara Lind")
        return People(signed_in(db, ruth), signed_in(db, sam), signed_in(db, ada), donor)


def signed_in(db: Session, actor: Actor) -> Actor:
    """Return the person with a session that may read everything it is allowed to."""
    now = datetime.now(UTC)
    session_id, _ = accounts.open_session(db, user_id=actor.user_id, now=now)
    return present(accounts.session_actor(db, session_id=session_id, now=now))
