"""Whether a replica has replayed all that its primary had written at the beginning of a reading.

A position is asked for at the primary when a reading begins. A replica that has replayed it shows
everything that anybody had saved before: what a person wrote through another process, with a
token or by an import of the worker, and who was signed out or given another role.
"""

from dataclasses import asdict, dataclass

from psycopg2.extensions import connection as RawConnection  # noqa: N812 - a class
from sqlalchemy import text

from app.db.replica.circuit import Trouble
from app.db.session import engine

# A commit that others can see has been flushed, unless the server does not wait for that. The name
# of the WAL file begins with the timeline, which another server begins when it is promoted.
PRIMARY = """
select (pg_control_system()).system_identifier::text as system,
    current_database()::text as database,
    ('x' || substr(pg_walfile_name(at), 1, 8))::bit(32)::int as timeline,
    at::text as lsn
from (select case when current_setting('synchronous_commit') = 'off'
             then pg_current_wal_insert_lsn() else pg_current_wal_flush_lsn() end as at
      where not pg_is_in_recovery()) as w
"""
# The timeline is that of the last checkpoint: a replica that has just followed the primary to a
# new one is used when its next checkpoint has ended.
REPLICA = """
select case
    when not pg_is_in_recovery() then 'promoted'
    when (pg_control_system()).system_identifier::text <> %(system)s
        or current_database() <> %(database)s then 'other'
    when (pg_control_checkpoint()).timeline_id <> %(timeline)s then 'timeline'
    when pg_last_wal_replay_lsn() >= %(lsn)s::pg_lsn then 'replayed'
    else 'behind' end
"""
_TROUBLES = {
    "promoted": Trouble.PROMOTED,
    "other": Trouble.OTHER,
    "timeline": Trouble.TIMELINE,
    "behind": Trouble.BEHIND,
}


@dataclass(frozen=True, slots=True)
class Position:
    """How far a primary has written: the server, its database, its timeline, the place in WAL."""

    system: str
    database: str
    timeline: int
    lsn: str


def current_position() -> Position | None:
    """Return the position of the primary; None if DATABASE_URL leads to a server in recovery."""
    # without a transaction: one round trip
    quick = engine().execution_options(isolation_level="AUTOCOMMIT")
    with quick.connect() as connection:
        row = connection.execute(text(PRIMARY)).one_or_none()
    return None if row is None else Position(row.system, row.database, row.timeline, row.lsn)


def trouble_of(replica: RawConnection, position: Position) -> Trouble | None:
    """Ask a replica whether it has replayed a position; return None if so, or why not."""
    replica.autocommit = True
    try:
        with replica.cursor() as cursor:
            cursor.execute(REPLICA, asdict(position))
            answer: tuple[str] = cursor.fetchone()  # type: ignore[assignment]
    finally:
        if not replica.closed:
            replica.autocommit = False
    return _TROUBLES.get(answer[0])
