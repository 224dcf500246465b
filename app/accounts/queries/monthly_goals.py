"""Queries on the versions of monthly goals. The goal of a month is read by `_of_months` only."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ARRAY, Date, Row, Select, cast, func, insert, select, true
from sqlalchemy.dialects.postgresql import distinct_on

from app.accounts.authorization import Actor, visible_amounts
from app.db import Session
from app.db.models import MonthlyGoal, User

# a space of its own among the advisory locks
LOCK = 7_041


def _of_months(actor: Actor, months: Sequence[date]) -> Select[tuple[date, int, int]]:
    """Select (month, user id, goal in minor units) of these months, where there is a goal.

    It is the user's version with the latest beginning up to the month, and of several for the
    same month the one that was set last.
    """
    asked = select(func.unnest(cast(months, ARRAY(Date))).label("month")).subquery()
    version = (
        select(MonthlyGoal.user_id, MonthlyGoal.minor)
        .ext(distinct_on(MonthlyGoal.user_id))
        .where(MonthlyGoal.month <= asked.c.month, visible_amounts(actor, MonthlyGoal.user_id))
        .order_by(MonthlyGoal.user_id, MonthlyGoal.month.desc(), MonthlyGoal.id.desc())
        .lateral()
    )
    return (
        select(asked.c.month, version.c.user_id, version.c.minor)
        .join(version, true())
        .where(version.c.minor > 0)
    )


def totals(db: Session, actor: Actor, months: Sequence[date]) -> dict[date, int]:
    """Return month → sum of the visible users' goals, without months that have none."""
    goals = _of_months(actor, months).subquery()
    statement = select(goals.c.month, func.sum(goals.c.minor)).group_by(goals.c.month)
    return {row[0]: int(row[1]) for row in db.execute(statement)}


def of_users(
    db: Session, actor: Actor, month: date, *, user_id: int | None = None
) -> dict[int, int]:
    """Return user id → goal of a month, of all visible users or of one, if they have one."""
    goals = _of_months(actor, [month]).subquery()
    statement = select(goals.c.user_id, goals.c.minor)
    if user_id is not None:
        statement = statement.where(goals.c.user_id == user_id)
    return {row[0]: int(row[1]) for row in db.execute(statement)}


def history(
    db: Session, actor: Actor, *, user_id: int
) -> Sequence[Row[date, int, str | None, datetime]]:
    """Return (month, goal, who set it, when) of all versions of a visible user, newest first."""
    statement = (
        select(MonthlyGoal.month, MonthlyGoal.minor, User.name, MonthlyGoal.set_at)
        .outerjoin(User, User.id == MonthlyGoal.set_by_id)
        .where(MonthlyGoal.user_id == user_id, visible_amounts(actor, MonthlyGoal.user_id))
        .order_by(MonthlyGoal.month.desc(), MonthlyGoal.id.desc())
    )
    return db.execute(statement).all()


def is_visible(db: Session, actor: Actor, *, user_id: int) -> bool:
    """Return whether the actor may see the amounts of this account's donors."""
    condition = visible_amounts(actor, User.id)
    return db.scalar(select(User.id).where(User.id == user_id, condition)) is not None


def months(db: Session, *, user_id: int) -> list[date]:
    """Return the months in which versions of a user's goal begin, in their order."""
    statement = select(MonthlyGoal.month).where(MonthlyGoal.user_id == user_id)
    return list(db.scalars(statement.distinct().order_by(MonthlyGoal.month)))


def add(db: Session, *, user_id: int, month: date, minor: int, set_by_id: int | None) -> None:
    """Add a version."""
    values = {"user_id": user_id, "month": month, "minor": minor, "set_by_id": set_by_id}
    db.execute(insert(MonthlyGoal).values(**values))


def lock(db: Session, user_id: int) -> None:
    """Let one transaction at a time add versions of a user's goal."""
    db.execute(select(func.pg_advisory_xact_lock(LOCK, user_id)))
