"""Read and write whole tables of any schema version."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import IO

from sqlalchemy import text

from app.db import Session
from app.db.statements import timeouts
from app.db.statements.bulk_copy import SupportsWrite, cursor_of

# state of running processes, which is created again, and data_change: a restored database has
# data versions of its own. Stored files are encrypted with SECRET_KEY, which is in no backup
LEFT_OUT = ("alembic_version", "data_change", "heartbeat", "stored_file", "timetable")


def organisation_name(db: Session) -> str:
    """Return the organisation's name, in any schema version."""
    return str(db.scalar(text("select name from organisation where id = 1")) or "")


def read_as_of_one_moment(db: Session) -> None:
    """Make the transaction read one snapshot of the database, read-only, with a long timeout."""
    db.execute(text("set transaction isolation level repeatable read, read only"))
    _spell(db)


def _spell(db: Session) -> None:
    """Set the output formats of values, independent of the server's configuration."""
    timeouts.allow(db, timeouts.WHOLE_DATABASE)
    for name, value in {
        "idle_in_transaction_session_timeout": "0",
        "datestyle": "ISO, YMD",
        "intervalstyle": "postgres",
        "timezone": "UTC",
        "extra_float_digits": "1",
        "bytea_output": "hex",
    }.items():
        db.execute(text("select set_config(:name, :value, true)"), {"name": name, "value": value})


def revision(db: Session) -> str | None:
    """Return the current migration of the database; None without any."""
    if db.scalar(text("select to_regclass('alembic_version')")) is None:
        return None
    version: str | None = db.scalar(text("select version_num from alembic_version"))
    return version


def tables(db: Session) -> dict[str, tuple[str, ...]]:
    """Return the tables to back up, with their columns except generated ones."""
    rows = db.execute(
        text("""
        select c.relname as name, array_agg(a.attname order by a.attnum) as columns
        from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
            and not c.relispartition and a.attnum > 0 and not a.attisdropped
            and a.attgenerated = '' and c.relname not like 'procrastinate\\_%'
            and c.relname <> all (:left_out)
        group by c.relname order by c.relname
        """),
        {"left_out": list(LEFT_OUT)},
    )
    return {row.name: tuple(row.columns) for row in rows}


def counters(db: Session) -> dict[str, int]:
    """Return the next value of every sequence of the application's tables."""
    names = db.scalars(
        text("""
        select sequencename from pg_sequences where schemaname = current_schema()
            and sequencename not like 'procrastinate\\_%' and sequencename <> 'data_change_id_seq'
        order by 1
        """)
    ).all()
    # queried one by one: pg_sequences has no value for a sequence that was set but not yet used
    following = "select last_value + case when is_called then 1 else 0 end from"
    return {name: int(db.scalar(text(f'{following} "{name}"')) or 1) for name in names}


def copy_out(db: Session, table: str, columns: Sequence[str], file: SupportsWrite) -> int:
    """Write a table's rows to `file`, ordered by primary key, and return their number."""
    key = db.scalars(
        text("""
        select a.attname from pg_index i
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
        where i.indrelid = cast(:table as regclass) and i.indisprimary
        order by array_position(i.indkey::int2[], a.attnum)
        """),
        {"table": f'"{table}"'},
    ).all()
    order = _listed(key or columns)
    with cursor_of(db) as cursor:
        cursor.copy_expert(
            f'copy (select {_listed(columns)} from "{table}" order by {order}) to stdout',
            file,
            1 << 16,
        )
        return int(cursor.rowcount)


def copy_in(db: Session, table: str, columns: Sequence[str], stream: IO[bytes]) -> int:
    """Load a table from its stream and return the number of rows."""
    with cursor_of(db) as cursor:
        cursor.copy_expert(f'copy "{table}" ({_listed(columns)}) from stdin', stream, 1 << 20)
        return int(cursor.rowcount)


def sums(db: Session, table: str, columns: Sequence[str]) -> dict[str, int]:
    """Return the sums of a table's money columns by currency: "amount_minor USD" → minor."""
    totals = {}
    for column in columns:
        if not column.endswith("_minor"):
            continue
        unit = "currency" if "currency" in columns else "''"
        rows = db.execute(
            text(f'select {unit} as unit, sum("{column}") as total from "{table}" group by 1')
        )
        for row in rows:
            totals[f"{column} {row.unit}".strip()] = int(row.total or 0)
    return dict(sorted(totals.items()))


def is_empty(db: Session) -> bool:
    """Return whether the database has no user accounts."""
    if db.scalar(text("select to_regclass('app_user')")) is None:
        return True
    return not db.scalar(text("select exists (select from app_user)"))


def database_name(db: Session) -> str:
    """Return the name of the database."""
    return str(db.scalar(text("select current_database()")))


def others_at_work(db: Session) -> int:
    """Count the other connections of DonorCRM to this database."""
    others = db.scalar(
        text("""
        select count(*) from pg_stat_activity where datname = current_database()
            and starts_with(application_name, 'donorcrm') and pid <> pg_backend_pid()
        """)
    )
    return int(others or 0)


@contextmanager
def laid_open(db: Session, names: Sequence[str]) -> Iterator[None]:
    """Empty the tables and disable triggers and foreign keys while they are filled.

    The foreign keys are created again afterwards, which checks every row; all in one transaction.
    """
    _spell(db)
    keys = db.execute(
        text("""
        select conrelid::regclass::text as table, conname as name,
            pg_get_constraintdef(oid) as says
        from pg_constraint where contype = 'f' and conparentid = 0
            and connamespace = current_schema()::regnamespace
            and conrelid::regclass::text not like 'procrastinate\\_%'
        """)
    ).all()
    for key in keys:
        db.execute(text(f'alter table {key.table} drop constraint "{key.name}"'))
    for name in names:
        db.execute(text(f'alter table "{name}" disable trigger user'))
    db.execute(text(f"truncate {_listed(names)}"))
    yield
    for name in names:
        db.execute(text(f'alter table "{name}" enable trigger user'))
    for key in keys:
        db.execute(text(f'alter table {key.table} add constraint "{key.name}" {key.says}'))


def set_counters(db: Session, wanted: Mapping[str, int]) -> None:
    """Set the next value of every known sequence."""
    sequences = counters(db)
    for name, following in wanted.items():
        if name in sequences:
            db.execute(
                text("select setval(cast(:name as regclass), :next, false)"),
                {"name": f'"{name}"', "next": following},
            )


def learn(db: Session, names: Sequence[str]) -> None:
    """Update the planner's statistics of the tables: without them queries take seconds."""
    db.execute(text(f"analyze {_listed(names)}"))


def end_what_was_open(db: Session, *, now: datetime) -> None:
    """End all sessions, tokens and codes, and mark waiting mails as failed, after a restore."""
    values = {"at": now}
    for statement in (
        "update session set revoked_at = :at, revoked_why = 'restored' where revoked_at is null",
        """update token_family set revoked_at = :at, revoked_why = 'restored'
           where revoked_at is null""",
        "update one_time_code set expires_at = :at where expires_at > :at",
        """update outbox set state = 'failed', error = 'It waited when the backup was made. Send
           it again if it should still go.' where state in ('queued', 'sending')""",
    ):
        db.execute(text(statement), values if ":at" in statement else {})


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
