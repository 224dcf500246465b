"""Monthly goals: versions with the month they begin in, never changed; the goal of a month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app import audit
from app.accounts.authorization import Actor, require, require_own
from app.accounts.organisation import organisation
from app.accounts.queries import monthly_goals as queries
from app.accounts.users import preferences
from app.accounts.users.directory import existing_user
from app.db import Session
from app.kit import formatting
from app.kit.dates.days import check_day, month_of
from app.kit.errors import InvalidError, NotAllowedError, NotFoundError
from app.kit.money import Money
from app.kit.roles import Role


@dataclass(frozen=True, slots=True)
class GoalVersion:
    """A user's goal from a month (its first day) on; `set_by` is None if it is not known."""

    month: date
    goal: Money
    set_by: str | None
    set_at: datetime


def goal_by_month(db: Session, actor: Actor, months: Sequence[date]) -> dict[date, Money]:
    """Return the sum of the goals of the visible users, by first day of the month."""
    currency = organisation(db).currency
    totals = queries.totals(db, actor, months)
    return {month: Money(totals.get(month, 0), currency) for month in months}


def goal_by_user(db: Session, actor: Actor, *, today: date) -> dict[int, Money]:
    """Return this month's goal of each visible user who has one, by user id."""
    currency = organisation(db).currency
    goals = queries.of_users(db, actor, month_of(today).start)
    return {user_id: Money(minor, currency) for user_id, minor in goals.items()}


def own_goal(db: Session, actor: Actor, *, today: date) -> Money:
    """Return the actor's own goal of this month; zero without one, and for a coach."""
    goals = queries.of_users(db, actor, month_of(today).start, user_id=actor.user_id)
    return Money(goals.get(actor.user_id, 0), organisation(db).currency)


def goal_history(db: Session, actor: Actor, *, user_id: int) -> list[GoalVersion]:
    """Return all versions of a visible user's goal, the latest month first.

    Raises:
        NotFoundError: the account does not exist, or the actor does not see its donors.
        NotAllowedError: the actor sees no amounts.
    """
    _require_amounts(actor)
    currency = organisation(db).currency
    rows = queries.history(db, actor, user_id=user_id)
    if not rows and not queries.is_visible(db, actor, user_id=user_id):
        msg = "This account does not exist."
        raise NotFoundError(msg)
    return [GoalVersion(row[0], Money(row[1], currency), row[2], row[3]) for row in rows]


def set_goal(
    db: Session, actor: Actor, *, user_id: int, month: date, minor: int, today: date
) -> bool:
    """Set a user's goal in minor units from a month on; return whether it is another one.

    Everybody sets their own, administrators those of all. Versions that begin in a later month
    stay. A past month keeps the goal it had: only months before the first version, which had
    none, can be given one.

    Raises:
        InvalidError: the month has passed, the amount is out of range, or the account is not
            active. NotAllowedError: it is somebody else's goal, or the actor sees no amounts.
    """
    _require_may_set(actor, user_id)
    preferences.check_goal(minor)
    check_day(month)
    person, month = existing_user(db, user_id), month_of(month).start
    if not person.active:
        msg = f"The account of {person.name} is deactivated. Reactivate it before it has a goal."
        raise InvalidError(msg)
    queries.lock(db, user_id)
    _require_open_month(db, user_id, month, today)
    before = queries.of_users(db, actor, month, user_id=user_id).get(user_id, 0)
    if minor == before:
        return False
    queries.add(db, user_id=user_id, month=month, minor=minor, set_by_id=actor.user_id or None)
    goal = Money(minor, organisation(db).currency)
    text = formatting.money(goal, locale=actor.locale) if minor else "none"
    audit.record(
        db,
        actor_id=actor.user_id,
        action="user.goal_set",
        entity="user",
        entity_id=user_id,
        sentence=f"Set the monthly goal of {person.name} from {month:%B %Y} on: {text}.",
        before={"monthly_goal": str(Money(before, goal.currency))},
        after={"monthly_goal": str(goal), "from": month.isoformat()},
    )
    return True


def _require_may_set(actor: Actor, user_id: int) -> None:
    require_own(actor)
    if user_id != actor.user_id:
        require(actor, Role.ADMIN, Role.SYSTEM)
    _require_amounts(actor)


def _require_amounts(actor: Actor) -> None:
    if not actor.sees_amounts:
        msg = "Your role sees no amounts, and so it has no goals. Ask an administrator."
        raise NotAllowedError(msg)


def _require_open_month(db: Session, user_id: int, month: date, today: date) -> None:
    first = next(iter(queries.months(db, user_id=user_id)), None)
    this_month = month_of(today).start
    if first is not None and first <= month < this_month:
        msg = (
            f"{month:%B %Y} has passed and keeps its goal. Choose {this_month:%B %Y} or later, or "
            f"a month before {first:%B %Y}, when the first goal began."
        )
        raise InvalidError(msg)


def add_to_goal(db: Session, actor: Actor, *, user_id: int, minor: int, now: datetime) -> None:
    """Raise a user's goal from this month on, and the goals planned for later months as well.

    Raises:
        InvalidError: the sum is out of range.
    """
    queries.lock(db, user_id)
    for month in _months_ahead(db, user_id, _this_month(actor, now)):
        goal = minor + queries.of_users(db, actor, month, user_id=user_id).get(user_id, 0)
        preferences.check_goal(goal)
        queries.add(db, user_id=user_id, month=month, minor=goal, set_by_id=actor.user_id or None)


def end_goal(db: Session, actor: Actor, *, user_id: int, now: datetime) -> int:
    """End a user's goal from this month on, with what was planned; return what it was this month.

    The amount is in minor units, and 0 without a goal.
    """
    this_month = _this_month(actor, now)
    queries.lock(db, user_id)
    ended = 0
    for month in _months_ahead(db, user_id, this_month):
        goal = queries.of_users(db, actor, month, user_id=user_id).get(user_id, 0)
        if goal:
            queries.add(db, user_id=user_id, month=month, minor=0, set_by_id=actor.user_id or None)
        ended = goal if month == this_month else ended
    return ended


def _this_month(actor: Actor, now: datetime) -> date:
    return month_of(now.astimezone(ZoneInfo(actor.time_zone)).date()).start


def _months_ahead(db: Session, user_id: int, this_month: date) -> list[date]:
    """Return this month and the later months in which a version begins."""
    later = [month for month in queries.months(db, user_id=user_id) if month > this_month]
    return [this_month, *later]
