"""Statistics of the database, queue, mails, jobs and imports, without personal data."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from app.db.monitoring.health import Health, report
from app.db.session import Session, engine


@dataclass(frozen=True, slots=True)
class Vitals:
    """Statistics at one moment. Ages in seconds, sizes in bytes."""

    health: Health
    # state → number of tasks in the queue
    queue: dict[str, int]
    oldest_task_seconds: float
    # state → number of messages
    mails: dict[str, int]
    # (job, state) → number of runs in the last day
    runs: dict[tuple[str, str], int]
    # state → number of imports
    imports: dict[str, int]
    pool_in_use: int


def database_vitals(db: Session) -> Vitals:
    """Return the current statistics."""
    queue = db.execute(
        text("select status::text as state, count(*) from procrastinate_jobs group by 1")
    )
    waiting = db.scalar(
        text("""
        select coalesce(extract(epoch from clock_timestamp() - min(e.at)), 0)
        from procrastinate_jobs j join procrastinate_events e on e.job_id = j.id
        where j.status = 'todo' and e.type = 'deferred'
            and (j.scheduled_at is null or j.scheduled_at <= now())
        """)
    )
    mails = db.execute(text("select state, count(*) from outbox group by 1"))
    runs = db.execute(
        text("""
        select job, state, count(*) as number from job_run
        where queued_at > now() - interval '1 day' group by 1, 2
        """)
    )
    imports = db.execute(text("select state, count(*) from import_run group by 1"))
    return Vitals(
        health=report(db),
        queue={row[0]: int(row[1]) for row in queue},
        oldest_task_seconds=float(waiting or 0),
        mails={row[0]: int(row[1]) for row in mails},
        runs={(row.job, row.state): int(row.number) for row in runs},
        imports={row[0]: int(row[1]) for row in imports},
        pool_in_use=engine().pool.checkedout(),  # type: ignore[attr-defined]
    )


@dataclass(frozen=True, slots=True)
class Machine:
    """Further facts for the System page. Sizes in bytes, the hit rate 0 to 1."""

    server: str
    size: int
    # (table, bytes, rows as estimated by the planner), the largest first
    tables: tuple[tuple[str, int, int], ...]
    connections: int
    most_connections: int
    hit_rate: float
    revision: str
    started_at: datetime


def machine(db: Session) -> Machine:
    """Return facts about the server and its eight largest tables."""
    row = db.execute(
        text("""
        select current_setting('server_version') as version,
            pg_database_size(current_database()) as size,
            (select count(*) from pg_stat_activity where datname = current_database()) as open,
            current_setting('max_connections')::int as most,
            (select coalesce(sum(blks_hit)::float / nullif(sum(blks_hit + blks_read), 0), 1)
             from pg_stat_database where datname = current_database()) as hits,
            (select version_num from alembic_version) as revision,
            pg_postmaster_start_time() as started
        """)
    ).one()
    tables = db.execute(
        text("""
        select relname, pg_total_relation_size(oid) as size,
            -- never looked at, it does not know, but what came in since its start it has counted
            coalesce(nullif(reltuples, -1), pg_stat_get_live_tuples(oid))::bigint as n
        from pg_class where relkind = 'r' and relnamespace = current_schema()::regnamespace
        order by 2 desc limit 8
        """)
    )
    return Machine(
        server=str(row.version).partition(" ")[0],
        size=int(row.size),
        tables=tuple((table.relname, int(table.size), int(table.n)) for table in tables),
        connections=int(row.open),
        most_connections=int(row.most),
        hit_rate=float(row.hits),
        revision=str(row.revision),
        started_at=row.started,
    )


def clock(db: Session) -> datetime:
    """Return the current time of the database's clock."""
    moment: datetime = db.execute(text("select clock_timestamp()")).scalar_one()
    return moment
