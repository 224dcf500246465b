"""SQL of one page of pledges."""

from sqlalchemy import select

from app.accounts import Actor
from app.db import Session
from app.db.models import Donor, Pledge
from app.pledges.queries.pledges import in_scope
from app.pledges.results import PledgeFilter


def ids(
    db: Session, actor: Actor, pledge_filter: PledgeFilter, *, after: int, limit: int
) -> tuple[int, ...]:
    """Return the ids of the filter's pledges greater than `after`, in order."""
    statement = in_scope(
        select(Pledge.id).join(Donor, Donor.id == Pledge.donor_id), actor, pledge_filter
    )
    ordered = statement.where(Pledge.id > after).order_by(Pledge.id)
    return tuple(db.scalars(ordered.limit(limit)))
