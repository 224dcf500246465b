"""What promises ask for, as a few groups of promises that fall due alike."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select, union_all

from app.accounts import Actor
from app.db import Session
from app.db.models import Pledge, PledgeAmount, PledgePause, PledgeSkip
from app.pledges.answers import PledgeFilter
from app.pledges.queries import in_sight


def groups(db: Session, actor: Actor, chosen: PledgeFilter, *, until: date) -> Sequence[Any]:
    """Return (currency, frequency, anchor, start, end, minor units) of open-ended promises.

    Those alike are one row with their sum; an end after `until` does not matter and is None.
    Promises that `exceptions` names are left out.
    """
    ends = case((Pledge.end_date <= until, Pledge.end_date))
    alike = (Pledge.currency, Pledge.frequency, Pledge.anchor_day, Pledge.start_date, ends)
    statement = (
        select(*alike, func.sum(Pledge.amount_minor))
        .where(Pledge.start_date <= until, ~_exceptional())
        .group_by(*alike)
    )
    return db.execute(in_sight(statement, actor, chosen)).all() if actor.sees_amounts else ()


def exceptions(db: Session, actor: Actor, chosen: PledgeFilter) -> tuple[int, ...]:
    """Return the pledges with other amounts, pauses, excused instalments or a fixed sum."""
    statement = select(Pledge.id).where(_exceptional())
    return tuple(db.scalars(in_sight(statement, actor, chosen))) if actor.sees_amounts else ()


def _exceptional() -> ColumnElement[bool]:
    noted = union_all(*(select(one.pledge_id) for one in (PledgeAmount, PledgePause, PledgeSkip)))
    return or_(
        Pledge.total_minor.is_not(None),
        Pledge.instalments.is_not(None),
        Pledge.id.in_(select(noted.subquery("noted").c.pledge_id)),
    )
