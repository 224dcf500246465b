"""SQL of pledges in given currencies."""

from collections.abc import Sequence

from sqlalchemy import select

from app.accounts import Actor
from app.db import Session
from app.db.models import Pledge
from app.pledges.queries.pledges import in_scope_and_expected
from app.pledges.results import PledgeFilter


def in_currencies(
    db: Session, actor: Actor, pledge_filter: PledgeFilter, *, currencies: Sequence[str]
) -> tuple[int, ...]:
    """Return the ids of the actor's pledges in these currencies that pass the filter."""
    statement = select(Pledge.id).where(Pledge.currency.in_(currencies))
    return tuple(db.scalars(in_scope_and_expected(statement, actor, pledge_filter)))
