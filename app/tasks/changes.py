"""Change the actor's own tasks: edit, delete, move to another day; each can be undone."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, time

from app.accounts import Actor, require_own
from app.db import Session
from app.db.models import Task
from app.kit import text
from app.kit.dates import days
from app.kit.errors import ConflictError, InvalidError, NotFoundError
from app.tasks import service
from app.tasks.queries import write as queries
from app.tasks.read_model import UNKNOWN
from app.tasks.results import MovedTask, RemovedTask

CHANGED = (
    "This task was changed in the meantime, here or by another window. What you entered was not "
    "saved: look at what is there now, then save again."
)
NONE_OPEN = "None of these tasks is open and yours."


def change(
    db: Session,
    actor: Actor,
    *,
    task_id: int,
    version: int,
    title: str,
    type: str,  # noqa: A002 - the name of the field
    due_on: date | None,
    due_at: time | None,
    priority: int,
    note: str | None,
    repeats: str | None,
) -> None:
    """Change one of the actor's own tasks; its time is without seconds.

    A task that repeats is counted from its new day, if it has one.

    Raises:
        InvalidError: no title, an unknown type or priority, an impossible year, or no day for a
            time or for a task that repeats.
        ConflictError: the task was changed since `version`.
        NotFoundError: it does not exist, or is somebody else's.
    """
    task = _locked(db, actor, task_id, version)
    values = service.checked(
        title=title,
        type=type,
        due_on=due_on,
        due_at=due_at,
        priority=priority,
        note=note,
        repeats=repeats,
    )
    if (repeats, due_on) == (task.repeats, task.due_on):
        # the day may be one to which the task was moved
        values["repeats_from"] = task.repeats_from
    queries.save(db, task_id, **values)
    sentence = f"Changed the task: {values['title']}."
    service.record_event(db, actor, "changed", task_id, task.donor_id, sentence)


def remove(db: Session, actor: Actor, *, task_id: int, version: int) -> RemovedTask:
    """Delete one of the actor's own tasks, and return what `restore` needs.

    Raises:
        ConflictError: the task was changed since `version`.
        NotFoundError: it does not exist, or is somebody else's.
    """
    task = _locked(db, actor, task_id, version)
    removed = RemovedTask(
        **{name: getattr(task, name) for name in RemovedTask.COLUMNS},
        alert_id=task.alert_id,
        follows_id=task.follows_id,
    )
    queries.remove(db, task_id)
    sentence = f"Deleted the task: {removed.title}."
    service.record_event(db, actor, "deleted", task_id, removed.donor_id, sentence)
    return removed


def restore(db: Session, actor: Actor, *, removed: RemovedTask) -> int:
    """Create a deleted task again for the actor, and return its new id.

    Raises:
        InvalidError: its values are not those of a task.
        ConflictError: an import has brought the task back already.
        NotFoundError: the actor does not see its donor any more.
    """
    require_own(actor)
    if removed.donor_id is not None and not queries.may_see(db, actor, donor_id=removed.donor_id):
        raise NotFoundError(UNKNOWN)
    task_id = queries.restore(db, actor, _checked_again(removed))
    if task_id is None:
        msg = "An import has brought this task back already."
        raise ConflictError(msg)
    sentence = f"Restored the task: {removed.title}."
    service.record_event(db, actor, "restored", task_id, removed.donor_id, sentence)
    return task_id


def _checked_again(removed: RemovedTask) -> RemovedTask:
    """Return a deleted task whose values are checked as those of a new one."""
    values = service.checked(
        title=removed.title,
        type=removed.type,
        due_on=removed.due_on,
        due_at=removed.due_at,
        priority=removed.priority,
        note=removed.note,
        repeats=removed.repeats,
    )
    if removed.repeats_from is not None:
        days.check_day(removed.repeats_from)
    return replace(
        removed,
        title=str(values["title"]),
        note=text.note(removed.note),
        import_source=text.line(removed.import_source or "", "The system") or None,
        external_id=text.line(removed.external_id or "", "The id") or None,
    )


def move(
    db: Session, actor: Actor, *, task_ids: Collection[int], to: date, today: date
) -> tuple[MovedTask, ...]:
    """Move the actor's own open tasks to a day, and return those that were on another day.

    Raises:
        InvalidError: the day is before `today`, or its year is impossible.
        NotFoundError: none of the tasks is open and the actor's own.
    """
    require_own(actor)
    days.check_day(to)
    if to < today:
        msg = "This day is in the past. Choose today or a later day."
        raise InvalidError(msg)
    rows = queries.move(db, actor, task_ids=task_ids, to=to)
    if not rows and not queries.count_own(db, actor, task_ids=task_ids):
        raise NotFoundError(NONE_OPEN)
    service.record_many(
        db, actor, "moved", [(task_id, donor, title) for task_id, _, _, donor, title in rows]
    )
    return tuple(MovedTask(task_id, day, version) for task_id, day, version, _, _ in rows)


def move_back(db: Session, actor: Actor, *, moved: Sequence[MovedTask]) -> int:
    """Give tasks the day they had before `move`, and return how many.

    Passed over are tasks that were changed, done or deleted since.
    """
    require_own(actor)
    rows = queries.move_back(db, actor, moved)
    service.record_many(db, actor, "moved back", rows)
    return len(rows)


def _locked(db: Session, actor: Actor, task_id: int, version: int) -> Task:
    require_own(actor)
    task = queries.lock_own(db, actor, task_id=task_id)
    if task is None:
        raise NotFoundError(UNKNOWN)
    if task.version != version:
        raise ConflictError(CHANGED)
    return task
