"""Read tasks: a user's own ones by day, those that are due, those about a donor."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.accounts import Actor
from app.db import Session
from app.kit.amount_masking import without_amounts
from app.kit.dates.days import LATEST
from app.kit.errors import NotFoundError
from app.tasks.queries import listing as queries
from app.tasks.results import DAYS, TaskCursor, TaskFilter, TaskGroup, TaskLine, TaskPage

UNKNOWN = "This task does not exist, or is not yours."
# how long a task that is done stays in the list, and how many do
DONE_FOR = timedelta(days=14)
MOST_DONE = 50


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


def page(
    db: Session,
    actor: Actor,
    *,
    today: date,
    week_end: date,
    filter: TaskFilter = TaskFilter(),  # noqa: A002, B008 - a frozen value
    limit: int = 50,
    after: TaskCursor | None = None,
) -> TaskPage:
    """Return a page of the actor's own tasks in groups by day: see `DAYS`.

    `week_end` is the last day of this week. The last page ends with the tasks that were done in
    the last 14 days. `after` is `next` of the page before.
    """
    midnight = datetime.combine(today - DONE_FOR, time(), ZoneInfo(actor.time_zone))
    numbers = queries.count_by_day(
        db, actor, chosen=filter, today=today, week_end=week_end, since=midnight
    )
    rows = queries.open_page(db, actor, chosen=filter, limit=limit + 1, after=after)
    lines = [_line(actor, row) for row in rows[:limit]]
    by_day: dict[str, list[TaskLine]] = {day: [] for day in DAYS}
    for line in lines:
        by_day[_day_of(line, today, week_end)].append(line)
    following = _cursor(lines[-1]) if len(rows) > limit else None
    if following is None and numbers["done"]:
        done = queries.done_since(db, actor, chosen=filter, since=midnight, limit=MOST_DONE)
        by_day["done"] = [_line(actor, row) for row in done]
    return TaskPage(
        tuple(TaskGroup(day, tuple(by_day[day]), numbers[day]) for day in DAYS if by_day[day]),
        sum(numbers.values()) - numbers["done"],
        numbers["overdue"],
        following,
    )


def get(db: Session, actor: Actor, *, task_id: int) -> TaskLine:
    """Return one of the actor's own tasks.

    Raises:
        NotFoundError: it does not exist, or is somebody else's.
    """
    row = queries.one_own(db, actor, task_id=task_id)
    if row is None:
        raise NotFoundError(UNKNOWN)
    return _line(actor, row)


def overdue_by_assignee(db: Session, actor: Actor, *, today: date) -> dict[int, int]:
    """Return how many of each user's tasks about visible donors were due before `today`.

    Tasks without a donor are private to whoever has them and are not counted.
    """
    return queries.overdue_by_assignee(db, actor, today=today)


def for_donor(db: Session, actor: Actor, *, donor_id: int) -> list[TaskLine]:
    """Return a donor's tasks, open ones first."""
    return [_line(actor, row) for row in queries.of_donor(db, actor, donor_id=donor_id)]


def _day_of(line: TaskLine, today: date, week_end: date) -> str:
    if line.due_on is None:
        return "none"
    if line.due_on <= today:
        return "today" if line.due_on == today else "overdue"
    return "week" if line.due_on <= week_end else "later"


def _cursor(line: TaskLine) -> TaskCursor:
    return line.due_on or LATEST, line.due_at or time.max, line.priority, line.task_id


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
        version=task.version,
        repeats=task.repeats,
    )
