"""SQL of pledges in given currencies."""

from collections.abc import Sequence

from sqlalchemy import select

from app.accounts import Actor
from app.db import Session
from app.db.models import Pledge
from app.pledges.queries.pledges import in_sight
from app.pledges.results import PledgeFilter


def in_currencies(
    db: Session, actor: Actor, chosen: PledgeFilter, *, currencies: Sequence[str]
) -> tuple[int, ...]:
    """Return the ids of the actor's pledges in these currencies that pass the filter."""
    statement = select(Pledge.id).where(Pledge.currency.in_(currencies))
    return tuple(db.scalars(in_sight(statement, actor, chosen)))
