"""Task queue of the worker processes; tasks are queued in the caller's transaction."""  # noqa: A005

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.db.session import Session
from app.db.statements.parameters import to_json

QUEUED_ALREADY = "procrastinate_jobs_queueing_lock_idx"
DEFER = """
select unnest(procrastinate_defer_jobs_v1(array[row(
    'default', :task, :priority, :lock, :queueing_lock, cast(:args as jsonb), :schedule_at
)::procrastinate_job_to_defer_v1]))
"""


def defer(
    db: Session,
    task: str,
    args: Mapping[str, Any],
    *,
    queueing_lock: str | None = None,
    lock: str | None = None,
    priority: int = 0,
    schedule_at: datetime | None = None,
) -> int | None:
    """Queue a task and return its id; None when a task with this `queueing_lock` waits already.

    The task becomes visible to the workers when the caller's transaction commits, and disappears
    if it is rolled back. `args` are JSON values; of two tasks with the same `lock` only one runs
    at a time.
    """
    values = {
        "task": task,
        "priority": priority,
        "lock": lock,
        "queueing_lock": queueing_lock,
        "args": to_json(dict(args)),
        "schedule_at": schedule_at,
    }
    try:
        with db.begin_nested():
            return int(db.execute(text(DEFER), values).scalar_one())
    except IntegrityError as error:
        if QUEUED_ALREADY in str(error.orig):
            return None
        raise


def forget_ended(db: Session, *, before: datetime) -> int:
    """Delete tasks that ended before `before`, in any state; return their number."""
    statement = """
    delete from procrastinate_jobs j
    where status in ('succeeded', 'failed', 'cancelled', 'aborted')
      and not exists (select 1 from procrastinate_events e where e.job_id = j.id and e.at >= :at)
    returning id
    """
    return len(db.execute(text(statement), {"at": before}).all())
