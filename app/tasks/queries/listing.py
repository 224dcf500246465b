"""SQL that lists tasks. A task is visible to users who see its donor, and to its assignee."""

from collections.abc import Sequence
from datetime import date, datetime, time

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    SQLColumnExpression,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)

from app.accounts import Actor, visible_donors
from app.accounts.authorization import visible_to_user
from app.db import Session
from app.db.models import Donor, Task, User
from app.donors.anonymity import shown_name, without_name
from app.kit.dates.days import LATEST
from app.tasks.results import DAYS, TaskCursor, TaskFilter

# a task with its donor's name, title and note as the actor may see them
TaskRow = Row[Task, str, str, str | None]
# tasks without a day or a time follow the others
_DAY = func.coalesce(Task.due_on, LATEST)
_TIME = func.coalesce(Task.due_at, time.max)


def due(
    db: Session, actor: Actor, *, today: date, limit: int, after: tuple[int, date, int] | None
) -> Sequence[TaskRow]:
    """Return the actor's open tasks due by a day, without a donor or with a visible one.

    `after` is the (priority, due day, id) of the previous page's last task.
    """
    sort_key = tuple_(Task.priority, Task.due_on, Task.id)
    following = sort_key > tuple_(*map(literal, after)) if after else true()
    return db.execute(
        _rows(actor)
        .where(
            own(actor, visible_donors(actor)),
            Task.done_at.is_(None),
            Task.due_on <= today,
            following,
        )
        .order_by(Task.priority, Task.due_on, Task.id)
        .limit(limit)
    ).all()


def open_page(
    db: Session, actor: Actor, *, chosen: TaskFilter, limit: int, after: TaskCursor | None
) -> Sequence[TaskRow]:
    """Return a page of the actor's open tasks by day, time, priority and id."""
    sort_key = tuple_(_DAY, _TIME, Task.priority, Task.id)
    following = sort_key > tuple_(*map(literal, after)) if after else true()
    return db.execute(
        _rows(actor)
        .where(
            own(actor, visible_donors(actor)),
            _matches(actor, chosen),
            Task.done_at.is_(None),
            following,
        )
        .order_by(_DAY, _TIME, Task.priority, Task.id)
        .limit(limit)
    ).all()


def done_since(
    db: Session, actor: Actor, *, chosen: TaskFilter, since: datetime, limit: int
) -> Sequence[TaskRow]:
    """Return the actor's tasks that were done at or after a moment, the latest first."""
    return db.execute(
        _rows(actor)
        .where(own(actor, visible_donors(actor)), _matches(actor, chosen), Task.done_at >= since)
        .order_by(Task.done_at.desc(), Task.id.desc())
        .limit(limit)
    ).all()


def count_by_day(
    db: Session,
    actor: Actor,
    *,
    chosen: TaskFilter,
    today: date,
    week_end: date,
    since: datetime,
) -> dict[str, int]:
    """Return the number of the actor's tasks in each of `DAYS`; done ones count from `since`."""
    day = case(
        (Task.done_at.is_not(None), "done"),
        (Task.due_on.is_(None), "none"),
        (Task.due_on < today, "overdue"),
        (Task.due_on == today, "today"),
        (Task.due_on <= week_end, "week"),
        else_="later",
    ).label("day")
    shown = or_(Task.done_at.is_(None), Task.done_at >= since)
    statement = (
        select(day, func.count())
        .select_from(Task)
        .outerjoin(Donor, Donor.id == Task.donor_id)
        .where(own(actor, visible_donors(actor)), _matches(actor, chosen), shown)
        .group_by(day)
    )
    return dict.fromkeys(DAYS, 0) | {row[0]: row[1] for row in db.execute(statement)}


def one_own(db: Session, actor: Actor, *, task_id: int) -> TaskRow | None:
    """Return one of the actor's own tasks."""
    return db.execute(
        _rows(actor).where(own(actor, visible_donors(actor)), Task.id == task_id)
    ).one_or_none()


def overdue_by_assignee(db: Session, actor: Actor, *, today: date) -> dict[int, int]:
    """Return assignee → open tasks due before a day, about donors both they and the actor see."""
    statement = (
        select(Task.assignee_id, func.count())
        .join(Donor, Donor.id == Task.donor_id)
        .join(User, User.id == Task.assignee_id)
        .where(
            Task.done_at.is_(None),
            Task.due_on < today,
            visible_donors(actor),
            visible_to_user(Donor.owner_id),
        )
        .group_by(Task.assignee_id)
    )
    return {row[0]: row[1] for row in db.execute(statement)}


def of_donor(db: Session, actor: Actor, *, donor_id: int) -> Sequence[TaskRow]:
    """Return a visible donor's tasks, open ones first."""
    return db.execute(
        _rows(actor)
        .where(Task.donor_id == donor_id, visible_donors(actor))
        .order_by(Task.done_at.desc().nulls_first(), Task.due_on, Task.due_at, Task.id)
    ).all()


def own(actor: Actor, in_sight: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return an SQL condition over tasks: assigned to the actor, about no donor or one in sight.

    `in_sight` is `visible_donors` of the actor, which each query names itself.
    """
    return and_(Task.assignee_id == actor.user_id, or_(Task.donor_id.is_(None), in_sight))


def _rows(actor: Actor) -> Select[Task, str, str, str | None]:
    return select(Task, *_text_columns(actor)).outerjoin(Donor, Donor.id == Task.donor_id)


def _matches(actor: Actor, chosen: TaskFilter) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = []
    if chosen.type is not None:
        conditions.append(Task.type == chosen.type)
    if chosen.priority is not None:
        conditions.append(Task.priority == chosen.priority)
    for word in chosen.query.split():
        searched = func.concat_ws(" ", *_text_columns(actor))
        if not actor.sees_amounts:
            # a search must not tell the amounts that the list does not show
            searched = func.regexp_replace(searched, r"\d", "", "g")
        conditions.append(searched.icontains(word, autoescape=True))
    return and_(true(), *conditions)


def _text_columns(
    actor: Actor,
) -> tuple[ColumnElement[str], SQLColumnExpression[str], SQLColumnExpression[str | None]]:
    """Return columns: the donor's name, title and note, with the name masked where hidden."""
    return shown_name(actor), without_name(actor, Task.title), without_name(actor, Task.note)
