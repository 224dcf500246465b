"""Queries that read the audit log: keyset pagination, a capped count, the entity names."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, text

from app.db import Session
from app.db.models import Activity, User

COUNTED = 10_001

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


def lines(db: Session, chosen: Any, *, after: int | None, most: int) -> Sequence[Any]:
    """Return up to `most` entries older than entry `after`, newest first."""
    statement = (
        select(Activity.__table__, User.name.label("who"))
        .outerjoin(User, User.id == Activity.actor_id)
        .where(*_fits(chosen))
        .order_by(Activity.id.desc())
        .limit(most)
    )
    if after is not None:
        statement = statement.where(Activity.id < after)
    return db.execute(statement).all()


def total(db: Session, chosen: Any) -> int:
    """Return how many entries match, counted to 10,001 at most."""
    some = select(Activity.id).where(*_fits(chosen)).limit(COUNTED).subquery()
    return db.execute(select(func.count()).select_from(some)).scalar_one()


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


def _fits(chosen: Any) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if chosen.actor_id is not None:
        by = Activity.actor_id
        found.append(by == chosen.actor_id if chosen.actor_id else by.is_(None))
    if chosen.entity:
        found.append(Activity.entity == chosen.entity)
    if chosen.record is not None:
        found.append(
            or_(Activity.entity_id == chosen.record, Activity.donor_id == chosen.record)
            if not chosen.entity
            else Activity.entity_id == chosen.record
        )
    if chosen.start:
        found.append(Activity.at >= chosen.start)
    if chosen.end:
        found.append(Activity.at < chosen.end)
    return found
