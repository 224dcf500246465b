"""Queries that read the audit log: keyset pagination, a capped count, the entity names."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, or_, select, text

from app.db import Session
from app.db.models import Activity, User

MAX_COUNT = 10_001

# one index probe per entity name instead of a scan of every entry
ENTITIES = """
with recursive kind as (
    (select entity from activity order by entity limit 1)
    union all
    select (select a.entity from activity a where a.entity > kind.entity order by a.entity limit 1)
    from kind where kind.entity is not null
)
select entity from kind where entity is not null
"""


@dataclass(frozen=True, slots=True)
class ActivityFilter:
    """A filter for entries: actor (0: no user, the scheduler), entity, record, half-open times.

    `action` is narrower than `entity`: "sign_in.failed".
    """

    actor_id: int | None = None
    entity: str | None = None
    record: int | None = None
    start: datetime | None = None
    end: datetime | None = None
    action: str | None = None


class ActivityRow(NamedTuple):
    """An entry with the name of its actor, None when the account no longer exists."""

    id: int
    at: datetime
    actor_id: int | None
    action: str
    entity: str
    entity_id: int | None
    donor_id: int | None
    sentence: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    address: str | None
    who: str | None


COLUMNS = tuple(getattr(Activity, name) for name in ActivityRow._fields[:-1])


def lines(
    db: Session, filters: ActivityFilter, *, after: int | None, most: int
) -> list[ActivityRow]:
    """Return up to `most` entries older than entry `after`, newest first."""
    statement = (
        select(*COLUMNS, User.name.label("who"))
        .outerjoin(User, User.id == Activity.actor_id)
        .where(*_conditions(filters))
        .order_by(Activity.id.desc())
        .limit(most)
    )
    if after is not None:
        statement = statement.where(Activity.id < after)
    return [ActivityRow._make(row) for row in db.execute(statement)]


def total(db: Session, filters: ActivityFilter) -> int:
    """Return how many entries match, counted to 10,001 at most."""
    matching = select(Activity.id).where(*_conditions(filters)).limit(MAX_COUNT).subquery()
    return db.execute(select(func.count()).select_from(matching)).scalar_one()


def entities(db: Session) -> list[str]:
    """Return the entity names that occur in the entries."""
    return list(db.scalars(text(ENTITIES)))


def first_at(db: Session, *, action: str, after: dict[str, Any]) -> datetime | None:
    """Return when an entry of an action with these `after` values was first written, or None."""
    statement = select(func.min(Activity.at)).where(
        # the index on the entity narrows the search to few entries
        Activity.entity == action.partition(".")[0],
        Activity.action == action,
        Activity.after.contains(after),
    )
    return db.scalar(statement)


def _conditions(filters: ActivityFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.actor_id is not None:
        actor_id = Activity.actor_id
        conditions.append(actor_id == filters.actor_id if filters.actor_id else actor_id.is_(None))
    if filters.entity:
        conditions.append(Activity.entity == filters.entity)
    if filters.action:
        conditions.append(Activity.action == filters.action)
    if filters.record is not None:
        conditions.append(
            or_(
                Activity.entity_id == filters.record,
                Activity.donor_id == filters.record,
            )
            if not filters.entity
            else Activity.entity_id == filters.record
        )
    if filters.start:
        conditions.append(Activity.at >= filters.start)
    if filters.end:
        conditions.append(Activity.at < filters.end)
    return conditions
