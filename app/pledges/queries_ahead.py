"""What promises ask for, as a few groups of promises that fall due alike."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, select

from app.accounts import Actor
from app.db import Session
from app.db.models import Donor, Pledge, PledgeAmount, PledgePause, PledgeSkip
from app.pledges.answers import PledgeFilter
from app.pledges.queries import in_scope


def groups(db: Session, actor: Actor, chosen: PledgeFilter, *, until: date) -> Sequence[Any]:
    """Return (currency, frequency, anchor, start, end, minor units) of open-ended promises.

    Those alike are one row with their sum; an end after `until` does not matter and is None.
    Promises that `exceptions` names are left out.
    """
    ends = case((Pledge.end_date <= until, Pledge.end_date))
    alike = (Pledge.currency, Pledge.frequency, Pledge.anchor_day, Pledge.start_date, ends)
    statement = (
        select(*alike, func.sum(Pledge.amount_minor))
        .join(Donor, Donor.id == Pledge.donor_id)
        .where(Pledge.start_date <= until, ~_exceptional())
        .group_by(*alike)
    )
    return db.execute(in_scope(statement, actor, chosen)).all()


def exceptions(db: Session, actor: Actor, chosen: PledgeFilter) -> tuple[int, ...]:
    """Return the pledges with other amounts, pauses, excused instalments or a fixed sum."""
    statement = select(Pledge.id).join(Donor, Donor.id == Pledge.donor_id).where(_exceptional())
    return tuple(db.scalars(in_scope(statement, actor, chosen)))


def _exceptional() -> ColumnElement[bool]:
    plain = and_(
        Pledge.total_minor.is_(None),
        Pledge.instalments.is_(None),
        *(
            ~exists().where(model.pledge_id == Pledge.id)
            for model in (PledgeAmount, PledgePause, PledgeSkip)
        ),
    )
    return ~plain
