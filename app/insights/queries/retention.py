"""SQL of the retention of donors from one fiscal year to the next."""

from collections.abc import Sequence

from sqlalchemy import and_, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from app.accounts import Actor, visible_amounts
from app.db import Session
from app.db.models import DonorSummary, DonorYear
from app.insights.queries.awaiting_rate import years_without_rate


def retention_by_year(
    db: Session, actor: Actor, *, first: int, last: int
) -> Sequence[tuple[int, int, int]]:
    """Return (fiscal year, donors of the year before, those of them who gave again)."""
    next_year = aliased(DonorYear)
    year = DonorYear.fiscal_year + 1
    gave_without_rate = tuple_(next_year.donor_id, next_year.fiscal_year).in_(
        years_without_rate(actor)
    )
    statement = (
        select(year, func.count(), func.count(next_year.donor_id))
        .outerjoin(
            next_year,
            and_(
                next_year.donor_id == DonorYear.donor_id,
                next_year.fiscal_year == year,
                or_(next_year.total_minor > 0, gave_without_rate),
            ),
        )
        .where(year.between(first, last), DonorYear.total_minor > 0)
        .group_by(year)
        .order_by(year)
    )
    if not actor.sees_everyone:
        visible = select(DonorSummary.donor_id).where(
            visible_amounts(actor, DonorSummary.owner_id)
        )
        statement = statement.where(DonorYear.donor_id.in_(visible))
    return [(row[0], row[1], row[2]) for row in db.execute(statement).all()]
