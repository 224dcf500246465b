"""Version of the data, so that a cached result is known to be current.

A trigger inserts a row at every statement that changes the data behind figures; rows are only
ever merged into one row with their sum. Commits are ordered and each adds to the sum, so that
every sum identifies one version. Unlike a counter row, no row is ever locked by two transactions.
"""

from sqlalchemy import text

from app.db.session import Session

# a transaction that has written sees rows that may never be committed
NOW = """
select case when pg_current_xact_id_if_assigned() is null
            then concat_ws(':',
                (select oid from pg_database where datname = current_database()),
                current_user, rls_user(), (select sum(number) from data_change),
                case when pg_is_in_recovery()
                     then 'replica' || (pg_control_checkpoint()).timeline_id
                     else substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) end) end
"""
FOLD = """
with gone as (delete from data_change returning number)
insert into data_change (number) select sum(number) from gone having count(*) > 0
"""


def current_version(db: Session) -> str | None:
    """Return the version of the data that this transaction reads.

    It includes the database role and user of row-level security, and the timeline: a replica that
    is promoted may have lost commits, and counts on from there. A replica has versions of its own:
    on the primary, commits may become visible in another order than the one they are replayed in.
    Return None once the transaction has written. Call it before reading the data: what is read
    then belongs to this version or to a later one.
    """
    version: str | None = db.scalar(text(NOW))
    return version


def combine_versions(db: Session) -> None:
    """Merge the rows into one with their sum; the version stays the same."""
    db.execute(text(FOLD))
