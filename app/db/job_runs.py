"""State of the scheduler: the timetable, job runs with their results, and heartbeats."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.dialects.postgresql import distinct_on, insert

from app.db.models import Heartbeat, JobRun, TimetableLine
from app.db.queue import defer
from app.db.session import Session
from app.kit.errors import NotFoundError

# the queue's task that runs a line of the timetable
TASK = "job"


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """A line of the timetable as the scheduler stores it."""

    job: str
    place: int
    title: str
    rhythm: str
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a job; `state` is queued, running, done or failed."""

    job: str
    slot: datetime
    state: str
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    tries: int
    result: str | None
    error: str | None

    @property
    def seconds(self) -> float | None:
        """The duration in seconds, or None while the run has not ended."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the timetable with its newest run."""

    job: str
    title: str
    rhythm: str
    next_at: datetime | None
    last: Run | None


@dataclass(frozen=True, slots=True)
class Process:
    """A scheduler or worker process and its last heartbeat."""

    name: str
    kind: str
    at: datetime
    started_at: datetime


def write_timetable(db: Session, lines: Sequence[PlannedRun]) -> None:
    """Replace the stored timetable."""
    db.execute(delete(TimetableLine).where(TimetableLine.job.not_in([line.job for line in lines])))
    statement = insert(TimetableLine)
    values = {
        name: statement.excluded[name] for name in ("place", "title", "rhythm", "next_at")
    } | {"updated_at": func.now()}
    rows = [asdict(line) for line in sorted(lines, key=lambda line: line.job)]
    db.execute(statement.on_conflict_do_update(index_elements=["job"], set_=values), rows)


def take(db: Session, *, job: str, slot: datetime) -> bool:
    """Claim a slot and queue its job in one transaction; False when it was claimed before."""
    statement = insert(JobRun).values(job=job, slot=slot).on_conflict_do_nothing()
    if db.execute(statement.returning(JobRun.job)).first() is None:
        return False
    # one run of a job at a time, however many workers there are
    defer(db, TASK, {"job": job, "slot": slot.isoformat()}, lock=f"{TASK}:{job}")
    return True


def run_now(db: Session, *, job: str, now: datetime) -> bool:
    """Queue a run of a job immediately; False when one was queued in the same second.

    Raises:
        NotFoundError: the timetable has no such job.
    """
    if db.get(TimetableLine, job) is None:
        msg = f"There is no job called {job}."
        raise NotFoundError(msg)
    return take(db, job=job, slot=now.replace(microsecond=0))


def start(db: Session, *, job: str, slot: datetime, worker: str) -> int:
    """Record the start of a run and return the number of the attempt, from 1."""
    values = {
        "state": "running",
        "started_at": func.clock_timestamp(),
        "error": None,
        "result": None,
        "heartbeat_at": func.clock_timestamp(),
        "finished_at": None,
        "worker": worker,
    }
    statement = insert(JobRun).values(job=job, slot=slot, tries=1, **values)
    statement = statement.on_conflict_do_update(
        index_elements=["job", "slot"], set_={"tries": JobRun.tries + 1, **values}
    )
    return db.execute(statement.returning(JobRun.tries)).scalar_one()


def finish(
    db: Session, *, job: str, slot: datetime, result: str | None = None, error: str | None = None
) -> None:
    """Record the end of a run: a sentence about its result, or an error."""
    db.execute(
        update(JobRun)
        .where(JobRun.job == job, JobRun.slot == slot)
        .values(
            state="failed" if error else "done",
            finished_at=func.clock_timestamp(),
            result=result,
            error=error,
        )
    )


def note(db: Session, *, job: str, slot: datetime, result: str, seconds: float = 0.0) -> None:
    """Record or update the result of work that has no slots in the timetable.

    A slot that is noted several times holds start and end of the last work, which took `seconds`.
    """
    ended = func.clock_timestamp()
    values = {
        "state": "done",
        "started_at": ended - timedelta(seconds=seconds),
        "finished_at": ended,
        "result": result,
    }
    statement = insert(JobRun).values(job=job, slot=slot, **values)
    db.execute(statement.on_conflict_do_update(index_elements=["job", "slot"], set_=values))


def beat(db: Session, *, process: str, kind: str) -> None:
    """Record the heartbeat of a process and of the runs it works on."""
    statement = insert(Heartbeat).values(process=process, kind=kind, at=func.clock_timestamp())
    fresh = {"at": func.clock_timestamp(), "kind": kind}
    db.execute(statement.on_conflict_do_update(index_elements=["process"], set_=fresh))
    db.execute(
        update(JobRun)
        .where(JobRun.worker == process, JobRun.state == "running")
        .values(heartbeat_at=func.clock_timestamp())
    )


def delete_heartbeat(db: Session, *, process: str) -> None:
    """Delete the heartbeat of a process that shuts down normally."""
    db.execute(delete(Heartbeat).where(Heartbeat.process == process))


def purge(db: Session, *, before: datetime, dead_before: datetime) -> int:
    """Delete runs queued before `before` and heartbeats older than `dead_before`.

    Return the number of deleted runs.
    """
    old = delete(JobRun).where(JobRun.queued_at < before).returning(JobRun.job)
    count = len(db.execute(old).all())
    db.execute(delete(Heartbeat).where(Heartbeat.at < dead_before))
    return count


def timetable(db: Session) -> list[Line]:
    """Return every line of the timetable with its newest run."""
    lines = db.scalars(select(TimetableLine).order_by(TimetableLine.place)).all()
    newest = (
        select(JobRun).ext(distinct_on(JobRun.job)).order_by(JobRun.job, JobRun.queued_at.desc())
    ).subquery()
    last = {row.job: _run(row) for row in db.execute(select(newest))}
    return [
        Line(line.job, line.title, line.rhythm, line.next_at, last.get(line.job)) for line in lines
    ]


def recent(db: Session, *, limit: int = 50, failed_only: bool = False) -> list[Run]:
    """Return the newest runs, the last queued first."""
    statement = select(JobRun).order_by(JobRun.queued_at.desc(), JobRun.job).limit(limit)
    if failed_only:
        statement = statement.where(JobRun.state == "failed")
    return [_run(row) for row in db.scalars(statement)]


def last(db: Session, job: str) -> Run | None:
    """Return the newest finished run of a job, successful or failed."""
    statement = select(JobRun).where(JobRun.job == job, JobRun.finished_at.is_not(None))
    row = db.scalars(statement.order_by(JobRun.finished_at.desc()).limit(1)).first()
    return None if row is None else _run(row)


def processes(db: Session) -> list[Process]:
    """Return the processes with a heartbeat, the latest first."""
    rows = db.scalars(select(Heartbeat).order_by(Heartbeat.at.desc(), Heartbeat.process))
    return [Process(row.process, row.kind, row.at, row.started_at) for row in rows]


def _run(row: JobRun | Row[Any]) -> Run:
    return Run(
        row.job,
        row.slot,
        row.state,
        row.queued_at,
        row.started_at,
        row.finished_at,
        row.tries,
        row.result,
        row.error,
    )
