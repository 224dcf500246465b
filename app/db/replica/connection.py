"""Connection to a read replica that has caught up, within a second or not at all."""

import time
from typing import cast

import psycopg2
from psycopg2.extensions import connection as RawConnection  # noqa: N812 - a class
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.db.replica.circuit import Trouble, circuit
from app.db.replica.deadline import within
from app.db.replica.position import Position, current_position, trouble_of
from app.db.session import replica_engine
from app.settings import settings

# Connecting, asking and waiting together. The shortest time limit of libpq is two seconds, and it
# ends neither the look-up of a name nor a question to a server that has stopped.
LONGEST_SECONDS = 0.8
# a connection, or why there is none; None: all connections are in use
Outcome = Connection | Trouble | None
# between two questions to a replica that is behind, doubled each time
FIRST_PAUSE, LONGEST_PAUSE = 0.001, 0.02


def caught_up() -> Connection | None:
    """Return a connection to the replica, which has replayed what is written now.

    Return None for the primary: there is no replica, or it is not used just now.
    """
    replica = replica_engine()
    if replica is None or not circuit.admits():
        return None
    position = current_position()
    if position is None:
        return None
    patience = settings().database_read_wait_ms / 1000 if circuit.patient else 0.0
    try:
        outcome = within(
            LONGEST_SECONDS, lambda: _connected(replica, position, patience), discard=_close
        )
    except TimeoutError:
        outcome = Trouble.SILENT
    if isinstance(outcome, Connection):
        circuit.worked()
        return outcome
    if outcome is not None:
        leave(outcome)
    return None


def leave(trouble: Trouble) -> None:
    """Do not use the replica for a while; unless it is only behind, close its connections.

    They may be broken, and an address of several servers may lead to another one next time.
    """
    circuit.failed(trouble)
    replica = replica_engine()
    if replica is not None and trouble != Trouble.BEHIND:
        replica.dispose()


def raw(connection: Connection) -> RawConnection:
    """Return the driver's connection."""
    return cast(RawConnection, connection.connection.dbapi_connection)


def trouble_in(error: BaseException | None) -> Trouble:
    """Return what an error of connecting means."""
    return Trouble.STARTING if "starting up" in str(error) else Trouble.AWAY


def _connected(replica: Engine, position: Position, patience: float) -> Outcome:
    """Return a connection once the replica has replayed the position, or why not."""
    try:
        connection = replica.connect()
    except PoolTimeout:
        # many read at once; nothing is wrong with the replica
        return None
    except DBAPIError as error:
        return trouble_in(error.orig)
    try:
        trouble = _waited_for(raw(connection), position, patience)
    except psycopg2.Error:
        connection.invalidate()
        connection.close()
        return Trouble.AWAY
    if trouble is None:
        return connection
    connection.close()
    return trouble


def _waited_for(replica: RawConnection, position: Position, patience: float) -> Trouble | None:
    """Ask until the replica has replayed the position; return why it has not."""
    until, pause = time.monotonic() + patience, FIRST_PAUSE
    while (trouble := trouble_of(replica, position)) == Trouble.BEHIND:
        if time.monotonic() + pause > until:
            break
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
    return trouble


def _close(outcome: Outcome) -> None:
    if isinstance(outcome, Connection):
        outcome.close()
