"""SQL of one donor's page: the header, contact details, external ids, tags and months."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import and_, func, select, text

from app.accounts import Actor, editable_donors, giftable_donors, visible_donors
from app.db import Session
from app.db.models import (
    Donor,
    DonorExternalId,
    DonorRhythm,
    DonorSummary,
    DonorTag,
    DonorYear,
    Tag,
    User,
)
from app.donors.anonymity import hidden
from app.donors.queries.giving import giving_now
from app.donors.queries.rows import DonorHead, MonthRow
from app.donors.queries.scores import risk_on


def head(db: Session, actor: Actor, donor_id: int, *, fiscal_year: int) -> DonorHead | None:
    """Return the donor with sums, owner and permissions, or None when not visible."""
    this, last = DonorYear.__table__.alias("this"), DonorYear.__table__.alias("last")
    statement = (
        select(
            Donor,
            User.name.label("owner_name"),
            DonorSummary.gifts,
            DonorSummary.total_minor,
            DonorSummary.largest_minor,
            DonorSummary.first_gift_date,
            DonorSummary.last_gift_date,
            func.coalesce(this.c.total_minor, 0).label("this_minor"),
            func.coalesce(last.c.total_minor, 0).label("last_minor"),
            editable_donors(actor).label("editable"),
            giftable_donors(actor).label("giftable"),
        )
        .outerjoin(User, User.id == Donor.owner_id)
        .join(DonorSummary, DonorSummary.donor_id == Donor.id)
        .outerjoin(this, and_(this.c.donor_id == Donor.id, this.c.fiscal_year == fiscal_year))
        .outerjoin(last, and_(last.c.donor_id == Donor.id, last.c.fiscal_year == fiscal_year - 1))
        .where(Donor.id == donor_id, visible_donors(actor))
        # reload: the session's object is stale if someone else saved while the page was open
        .execution_options(populate_existing=True)
    )
    return db.execute(statement).one_or_none()


def rhythm(
    db: Session, donor_id: int, *, today: date
) -> tuple[DonorRhythm, str, float | None] | None:
    """Return the donor's latest score, how the donor gives, as in the list, and today's risk."""
    row = db.execute(
        select(DonorRhythm, giving_now(), risk_on(today))
        .join(Donor, Donor.id == DonorRhythm.donor_id)
        .where(DonorRhythm.donor_id == donor_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


def external_ids(db: Session, donor_id: int) -> list[tuple[str, str]]:
    """Return (system, id) of the donor in other systems."""
    statement = (
        select(DonorExternalId.source, DonorExternalId.external_id)
        .where(DonorExternalId.donor_id == donor_id)
        .order_by(DonorExternalId.source, DonorExternalId.external_id)
    )
    return [(row.source, row.external_id) for row in db.execute(statement)]


def tags(db: Session, donor_id: int) -> list[str]:
    """Return the names of the donor's tags."""
    statement = select(Tag.name).join(DonorTag, DonorTag.tag_id == Tag.id)
    return list(
        db.scalars(statement.where(DonorTag.donor_id == donor_id).order_by(Tag.name, Tag.id))
    )


def is_hidden(db: Session, actor: Actor, donor_id: int) -> bool:
    """Return whether the actor may see this donor but not its name."""
    statement = select(Donor.id).where(Donor.id == donor_id, visible_donors(actor))
    return db.scalar(statement.where(hidden(actor))) is not None


MONTHS = """
select date_trunc('month', gift_date)::date as month,
       coalesce(sum(base_minor) filter (where recurring), 0)::bigint as pledged,
       coalesce(sum(base_minor) filter (where not recurring), 0)::bigint as one_time
from gift where donor_id = :donor_id and gift_date >= :since group by 1 order by 1
"""


def months(db: Session, donor_id: int, *, since: date) -> Sequence[MonthRow]:
    """Return (month, pledged, one-time) in minor units since a day, for a visible donor."""
    return db.execute(text(MONTHS), {"donor_id": donor_id, "since": since}).all()
