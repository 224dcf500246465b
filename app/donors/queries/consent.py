"""SQL of consent: rows are only ever added."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Row, insert, select

from app.accounts import Actor, visible_donors
from app.db import Session
from app.db.models import Donor, DonorConsent, User


def of_donor(
    db: Session, actor: Actor, donor_id: int
) -> Sequence[Row[str, str, bool, str, date, str]]:
    """Return a visible donor's answers with the recording user's name, newest first."""
    consent = DonorConsent
    return db.execute(
        select(
            consent.channel,
            consent.purpose,
            consent.granted,
            consent.source,
            consent.given_on,
            User.name.label("by"),
        )
        .join(Donor, Donor.id == consent.donor_id)
        .outerjoin(User, User.id == consent.recorded_by)
        .where(consent.donor_id == donor_id, visible_donors(actor))
        .order_by(consent.given_on.desc(), consent.id.desc())
    ).all()


def add(db: Session, **values: object) -> None:
    """Insert an answer."""
    db.execute(insert(DonorConsent).values(**values))
