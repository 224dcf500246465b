"""Create, finish and reopen tasks; open and close those of alerts."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app import audit, donors
from app.accounts import Actor, require_own
from app.db import Session
from app.kit import formatting, text
from app.kit.dates import days
from app.kit.errors import InvalidError, NotFoundError
from app.tasks import rules
from app.tasks.queries import for_alerts as queries
from app.tasks.queries import write
from app.tasks.read_model import UNKNOWN
from app.tasks.results import PRIORITIES, TYPES

URGENT = 1
LETTER_AFTER = timedelta(days=14)


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
    repeats: str | None = None,
) -> int:
    """Create a task assigned to the actor and return its id; its time is without seconds.

    A task that repeats is counted from `due_on`, as in app/kit/dates/cadence.

    Raises:
        InvalidError: no title, an unknown type or priority, an impossible year, or no day for a
            time or for a task that repeats.
        NotFoundError: the donor is not editable.
    """
    require_own(actor)
    values = checked(
        title=title,
        type=type,
        due_on=due_on,
        due_at=due_at,
        priority=priority,
        note=note,
        repeats=repeats,
    )
    if donor_id is not None and not write.may_edit(db, actor, donor_id=donor_id):
        msg = "This donor does not exist, or is not yours."
        raise NotFoundError(msg)
    owner = {"assignee_id": actor.user_id, "created_by": actor.user_id}
    task_id = write.add(db, **values, donor_id=donor_id, **owner)
    record_event(db, actor, "created", task_id, donor_id, f"Made a task: {values['title']}.")
    return task_id


def checked(
    *,
    title: str,
    type: str,  # noqa: A002 - the name of the field
    due_on: date | None,
    due_at: time | None,
    priority: int,
    note: str | None,
    repeats: str | None,
) -> dict[str, object]:
    """Return the columns of a task with these values; its time is without seconds.

    Raises:
        InvalidError: no title, an unknown type or priority, an impossible year, or no day for a
            time or for a task that repeats.
    """
    cleaned_title = text.line(title, "The title")
    _check(cleaned_title, type, priority, due_on, due_at)
    _check_repeats(repeats, due_on)
    return {
        "title": cleaned_title,
        "type": type,
        "due_on": due_on,
        "due_at": due_at and due_at.replace(second=0, microsecond=0, tzinfo=None),
        "priority": priority,
        "note": text.note(note),
        "repeats": repeats,
        "repeats_from": due_on if repeats else None,
    }


def _check(title: str, kind: str, priority: int, on: date | None, at: time | None) -> None:
    if not title or kind not in TYPES:
        msg = "A task needs a few words that say what to do."
        raise InvalidError(msg)
    if priority not in PRIORITIES:
        msg = "The priority is 1 (high), 2 (normal) or 3 (low)."
        raise InvalidError(msg)
    if on is not None:
        days.check_day(on)
    elif at is not None:
        msg = "A time needs a day. Choose the day as well."
        raise InvalidError(msg)


def _check_repeats(repeats: str | None, on: date | None) -> None:
    if repeats is None:
        return
    if repeats not in rules.REPEATS:
        msg = "A task repeats every week, month, quarter or year, or in steps between."
        raise InvalidError(msg)
    if on is None:
        msg = "A task that repeats needs a day. Choose the day as well."
        raise InvalidError(msg)


def finish(db: Session, actor: Actor, *, task_id: int, now: datetime) -> None:
    """Mark one of the actor's tasks as done; a task that is already done stays done.

    After a call about a pledge that stays late, a letter is due two weeks later; the gift that
    resolves the alert closes all its open tasks.
    """
    finish_many(db, actor, task_ids=[task_id], now=now)


def finish_many(
    db: Session, actor: Actor, *, task_ids: Collection[int], now: datetime
) -> tuple[int, ...]:
    """Mark tasks as done as `finish` does, and return those that were open.

    A task that repeats is followed by the next one, due after today and after the task's own day.
    Passed over are tasks that the actor may not change.

    Raises:
        NotFoundError: the actor may change none of the tasks.
    """
    require_own(actor)
    rows = write.finish(db, actor, task_ids=task_ids, now=now)
    if not rows:
        _check_changeable(db, actor, task_ids)
        return ()
    changed = [(task_id, donor, title) for task_id, donor, title, _, _, _ in rows]
    finished = record_many(db, actor, "finished", changed)
    today = now.astimezone(ZoneInfo(actor.time_zone)).date()
    write.add_following(db, _next_days(rows, today))
    queries.follow_up(db, finished, due_on=today + LETTER_AFTER)
    return finished


def reopen(db: Session, actor: Actor, *, task_id: int) -> None:
    """Mark a task as open again; a task that is already open stays open."""
    reopen_many(db, actor, task_ids=[task_id])


def reopen_many(db: Session, actor: Actor, *, task_ids: Collection[int]) -> tuple[int, ...]:
    """Mark tasks as open again, and return those that were done.

    The tasks that followed, the next ones and letters after calls, are deleted unless they were
    changed. Passed over are tasks that the actor may not change.

    Raises:
        NotFoundError: the actor may change none of the tasks.
    """
    require_own(actor)
    rows = write.reopen(db, actor, task_ids=task_ids)
    if not rows:
        _check_changeable(db, actor, task_ids)
        return ()
    reopened = record_many(db, actor, "reopened", rows)
    write.remove_following(db, reopened)
    return reopened


def _next_days(rows: Sequence[write.Finished], today: date) -> dict[int, date]:
    """Return id → day of the next task, for those that repeat."""
    following = {
        task_id: rules.next_day(repeats, start, after=max(on or today, today))
        for task_id, _, _, repeats, start, on in rows
        if repeats and start
    }
    return {task_id: day for task_id, day in following.items() if day is not None}


def _check_changeable(db: Session, actor: Actor, task_ids: Collection[int]) -> None:
    if not write.count_changeable(db, actor, task_ids=task_ids):
        raise NotFoundError(UNKNOWN)


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
    queries.follow_up(db, closed, due_on=today + LETTER_AFTER)
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


def record_many(
    db: Session,
    actor: Actor,
    verb: str,
    changed: Sequence[write.Changed | tuple[int, int | None, str]],
) -> tuple[int, ...]:
    """Record one event for tasks given as (id, donor, title), and return the ids.

    One task is named; of several only the ids are recorded.
    """
    ids = tuple(task_id for task_id, _, _ in changed)
    if len(changed) == 1:
        ((task_id, donor_id, title),) = changed
        sentence = f"{verb.capitalize()} the task: {title}."
        record_event(db, actor, verb, task_id, donor_id, sentence)
    elif changed:
        audit.record(
            db,
            actor_id=actor.user_id,
            action=f"task.{verb}",
            entity="task",
            sentence=f"{verb.capitalize()} {formatting.count(len(ids), 'task')}.",
            after={"task_ids": sorted(ids)},
        )
    return ids


def record_event(
    db: Session, actor: Actor, verb: str, task_id: int, donor_id: int | None, sentence: str
) -> None:
    """Record an event of one task, which also stands in its donor's timeline."""
    audit.record(
        db,
        actor_id=actor.user_id,
        action=f"task.{verb}",
        entity="task",
        entity_id=task_id,
        donor_id=donor_id,
        sentence=sentence,
    )
