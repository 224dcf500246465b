"""Operations on tasks: list, create, finish and reopen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app import audit, donors
from app.accounts import Actor, require_own
from app.db import Session
from app.kit import formatting, text
from app.kit.amount_masking import without_amounts
from app.kit.dates import days
from app.kit.errors import InvalidError, NotFoundError
from app.tasks import queries

TYPES = ("call", "thank", "write", "meet", "e-mail", "other")
URGENT = 1
LETTER_AFTER = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task as it is listed; priority 1 is high, 3 low."""

    task_id: int
    type: str
    title: str
    note: str | None
    priority: int
    due_on: date | None
    # of the day, in the time zone of whoever has the task
    due_at: time | None
    donor_id: int | None
    donor_name: str | None
    assignee_id: int
    done_at: datetime | None
    alert_id: int | None


def due(
    db: Session,
    actor: Actor,
    *,
    today: date,
    limit: int = 50,
    after: tuple[int, date, int] | None = None,
) -> list[TaskLine]:
    """Return the actor's own open tasks due by `today`, by priority and due day.

    A later day as `today` includes upcoming tasks. `after` is the (priority, due day, id) of the
    previous page's last task.
    """
    rows = queries.due(db, actor, today=today, limit=limit, after=after)
    return [_line(actor, row) for row in rows]


def overdue_by_assignee(db: Session, actor: Actor, *, today: date) -> dict[int, int]:
    """Return how many of each user's tasks about visible donors were due before `today`.

    Tasks without a donor are private to whoever has them and are not counted.
    """
    return queries.overdue_by_assignee(db, actor, today=today)


def for_donor(db: Session, actor: Actor, *, donor_id: int) -> list[TaskLine]:
    """Return a donor's tasks, open ones first."""
    return [_line(actor, row) for row in queries.of_donor(db, actor, donor_id=donor_id)]


def create(
    db: Session,
    actor: Actor,
    *,
    title: str,
    type: str = "call",  # noqa: A002 - the name of the field
    due_on: date | None = None,
    due_at: time | None = None,
    donor_id: int | None = None,
    priority: int = 2,
    note: str | None = None,
) -> int:
    """Create a task assigned to the actor and return its id; its time is without seconds.

    Raises:
        InvalidError: no title, an unknown type, an impossible year, or a time without a day.
        NotFoundError: the donor is not editable.
    """
    require_own(actor)
    cleaned_title, cleaned_note = text.line(title, "The title"), text.note(note)
    _check(cleaned_title, type, due_on, due_at)
    if donor_id is not None and not queries.may_edit(db, actor, donor_id=donor_id):
        msg = "This donor does not exist, or is not yours."
        raise NotFoundError(msg)
    task_id = queries.add(
        db,
        title=cleaned_title,
        type=type,
        due_on=due_on,
        due_at=due_at and due_at.replace(second=0, microsecond=0, tzinfo=None),
        donor_id=donor_id,
        priority=priority,
        note=cleaned_note,
        assignee_id=actor.user_id,
        created_by=actor.user_id,
    )
    _record_event(db, actor, "created", task_id, donor_id, f"Made a task: {cleaned_title}.")
    return task_id


def _check(title: str, kind: str, on: date | None, at: time | None) -> None:
    if not title or kind not in TYPES:
        msg = "A task needs a few words that say what to do."
        raise InvalidError(msg)
    if on is not None:
        days.check_day(on)
    elif at is not None:
        msg = "A time needs a day. Choose the day as well."
        raise InvalidError(msg)


def finish(db: Session, actor: Actor, *, task_id: int, now: datetime) -> None:
    """Mark one of the actor's tasks as done; a task that is already done stays done.

    After a call about a pledge that stays late, a letter is due two weeks later; the gift that
    resolves the alert closes all its open tasks.
    """
    _set_done(db, actor, task_id, "finished", done_at=now, done_by=actor.user_id)
    today = now.astimezone(ZoneInfo(actor.time_zone)).date()
    queries.follow_up(db, task_id, due_on=today + LETTER_AFTER)


def reopen(db: Session, actor: Actor, *, task_id: int) -> None:
    """Mark a task as open again."""
    _set_done(db, actor, task_id, "reopened", done_at=None, done_by=None)


def _set_done(db: Session, actor: Actor, task_id: int, verb: str, **values: object) -> None:
    require_own(actor)
    row = queries.set_done(db, actor, task_id=task_id, **values)
    if row is None:
        msg = "This task does not exist, or is not yours."
        raise NotFoundError(msg)
    _record_event(
        db, actor, verb, task_id, row.donor_id, f"{verb.capitalize()} the task: {row.title}."
    )


def open_for_alerts(db: Session, *, alert_ids: Sequence[int], today: date) -> int:
    """Create one call per alert for the donor's owner; return how many."""
    return queries.open_for_system(db, alert_ids=alert_ids, today=today)


def close_of_alerts(db: Session, *, alert_ids: Sequence[int], now: datetime | None) -> list[int]:
    """Close the open tasks of these alerts, at `now` or the current time; return their ids."""
    return queries.close_for_system(db, alert_ids=alert_ids, now=now)


def finish_of_alert(
    db: Session, *, alert_id: int, by: int, today: date, now: datetime
) -> list[int]:
    """Mark the tasks of an alert as done by a user, as `finish` does; return their ids.

    For the alerts package, which has checked that the user may change the alert.
    """
    closed = queries.close_for_system(db, alert_ids=[alert_id], now=now, by=by)
    for task_id in closed:
        queries.follow_up(db, task_id, due_on=today + LETTER_AFTER)
    return closed


def reopen_closed(db: Session, *, task_ids: Sequence[int]) -> None:
    """Reopen tasks closed by an action on an alert, and delete letters that followed.

    For the alerts package, which has checked that the actor may change the alert.
    """
    queries.reopen_for_system(db, task_ids=task_ids)


def follow_donors(db: Session, donor_ids: Sequence[int], today: date) -> None:
    """Close tasks that no longer apply after donors' details changed.

    For a deceased donor these are all open tasks, otherwise the calls and letters for an alert
    that the donor no longer wants. Connected to `donors.changed`; logged in the donor's timeline.
    """
    del today
    for donor_id, closed in queries.close_unwanted_for_system(db, donor_ids):
        sentence = f"Closed {formatting.count(closed, 'open task')}: not to be contacted about it."
        audit.record(
            db,
            actor_id=None,
            action="task.closed",
            entity="donor",
            entity_id=donor_id,
            donor_id=donor_id,
            sentence=sentence,
        )


donors.changed.connect(follow_donors)


def _record_event(
    db: Session, actor: Actor, verb: str, task_id: int, donor_id: int | None, sentence: str
) -> None:
    audit.record(
        db,
        actor_id=actor.user_id,
        action=f"task.{verb}",
        entity="task",
        entity_id=task_id,
        donor_id=donor_id,
        sentence=sentence,
    )


def _line(actor: Actor, row: queries.TaskRow) -> TaskLine:
    task, donor_name, title, note = row
    mask = str if actor.sees_amounts else without_amounts
    return TaskLine(
        task_id=task.id,
        type=task.type,
        title=mask(title),
        note=None if note is None else mask(note),
        priority=task.priority,
        due_on=task.due_on,
        due_at=task.due_at,
        donor_id=task.donor_id,
        donor_name=donor_name,
        assignee_id=task.assignee_id,
        done_at=task.done_at,
        alert_id=task.alert_id,
    )
