"""State of the read replica for administrators: where it is, how far behind, how much it does."""

import threading
from dataclasses import dataclass

import psycopg2
from sqlalchemy import URL, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.db.replica.circuit import Trouble
from app.db.replica.connection import LONGEST_SECONDS, raw, trouble_in
from app.db.replica.deadline import within
from app.db.replica.position import Position, current_position, trouble_of
from app.db.session import database_url, replica_engine, replica_url

LAG = """
select greatest(0, pg_wal_lsn_diff(%s, pg_last_wal_replay_lsn()))::bigint,
    extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp())::float
"""


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a replica is behind: bytes, and seconds since the last commit it has replayed.

    The seconds are None when nothing is missing or nothing has been replayed yet.
    """

    trouble: Trouble | None
    bytes: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class ReplicaStatus:
    """The two servers, without users and passwords, and the replica's lag."""

    primary: str
    replica: str
    lag: Lag


class _Tally:
    """Number of readings by server; for all threads of a process."""

    def __init__(self) -> None:
        self._lock, self._counts = threading.Lock(), {True: 0, False: 0}

    def add(self, *, replica: bool) -> None:
        with self._lock:
            self._counts[replica] += 1

    def now(self) -> dict[bool, int]:
        with self._lock:
            return dict(self._counts)


tally = _Tally()


def reading_counts() -> dict[bool, int]:
    """Return the number of readings of this process on the replica (True) and the primary."""
    return tally.now()


def replica_status() -> ReplicaStatus | None:
    """Ask the replica for its state, whether it is used just now or not; None without one."""
    replica, url = replica_engine(), replica_url()
    if replica is None or url is None:
        return None
    position = current_position()
    lag = Lag(Trouble.OTHER)
    if position is not None:
        try:
            lag = within(
                LONGEST_SECONDS, lambda: _lag(replica, position), discard=lambda _lag: None
            )
        except TimeoutError:
            lag = Lag(Trouble.SILENT)
    return ReplicaStatus(_place(database_url()), _place(url), lag)


def _lag(replica: Engine, position: Position) -> Lag:
    try:
        with replica.connect() as connection:
            trouble = trouble_of(raw(connection), position)
            with raw(connection).cursor() as cursor:
                cursor.execute(LAG, (position.lsn,))
                missing, seconds = cursor.fetchone() or (None, None)
        return Lag(trouble, missing, seconds if missing else None)
    except DBAPIError as error:
        return Lag(trouble_in(error.orig))
    except (psycopg2.Error, PoolTimeout):
        return Lag(Trouble.AWAY)


def _place(url: URL) -> str:
    """Return the host and port of a URL, of several hosts all."""
    hosts = url.normalized_query.get("host", ())
    port = f":{url.port}" if url.port else ""
    return ", ".join(hosts) or f"{url.host or 'localhost'}{port}"
