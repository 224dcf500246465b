"""SQL of soft credits; database triggers keep what each of them counts equal to its gift."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Protocol

from sqlalchemy import Select, and_, case, delete, insert, select
from sqlalchemy.orm import aliased

from app.accounts import Actor, visible_amounts
from app.db import Session
from app.db.models import Donor, Gift, SoftCredit
from app.donors.anonymity import shown_name


class SoftCreditRow(Protocol):
    """A soft credit; names are None where the actor does not see the donor."""

    id: int
    gift_id: int
    donor_id: int
    donor_name: str | None
    giver_id: int
    giver_name: str | None
    type: str
    amount_minor: int
    # of the gift; None when the actor does not see it
    currency: str | None
    awaiting_rate: bool | None
    base_minor: int
    gift_date: date


def add(db: Session, **values: object) -> int:
    """Insert a soft credit and return its id."""
    return db.execute(insert(SoftCredit).values(**values).returning(SoftCredit.id)).scalar_one()


def remove(db: Session, credit_id: int) -> None:
    """Delete a soft credit."""
    db.execute(delete(SoftCredit).where(SoftCredit.id == credit_id))


def find(db: Session, actor: Actor, credit_id: int) -> SoftCredit | None:
    """Return a soft credit of a donor whose amounts the actor sees."""
    statement = select(SoftCredit).join(Donor, Donor.id == SoftCredit.donor_id)
    visible = visible_amounts(actor, Donor.owner_id)
    return db.scalar(statement.where(SoftCredit.id == credit_id, visible))


def exists(db: Session, *, gift_id: int, donor_id: int) -> bool:
    """Return whether a donor has a soft credit for a gift."""
    statement = select(SoftCredit.id).where(
        SoftCredit.gift_id == gift_id, SoftCredit.donor_id == donor_id
    )
    return db.scalar(statement.limit(1)) is not None


def of_gift(db: Session, actor: Actor, gift_id: int) -> Sequence[SoftCreditRow]:
    """Return the soft credits of a gift, in the order in which they were added."""
    statement = _credits(actor).where(SoftCredit.gift_id == gift_id)
    rows: Sequence[SoftCreditRow] = db.execute(statement.order_by(SoftCredit.id)).all()
    return rows


def of_donor(db: Session, actor: Actor, donor_id: int) -> Sequence[SoftCreditRow]:
    """Return the soft credits of a donor, newest first."""
    statement = _credits(actor).where(SoftCredit.donor_id == donor_id)
    order = (SoftCredit.gift_date.desc(), SoftCredit.id.desc())
    rows: Sequence[SoftCreditRow] = db.execute(statement.order_by(*order)).all()
    return rows


def _credits(actor: Actor) -> Select[Any]:
    giver = aliased(Donor)
    sees_giver = visible_amounts(actor, giver.owner_id)
    return (
        select(
            SoftCredit.id,
            SoftCredit.gift_id,
            SoftCredit.donor_id,
            shown_name(actor).label("donor_name"),
            SoftCredit.giver_id,
            case((giver.id.is_not(None), shown_name(actor, giver))).label("giver_name"),
            SoftCredit.type,
            SoftCredit.amount_minor,
            Gift.currency,
            and_(Gift.awaiting_rate, Gift.effective).label("awaiting_rate"),
            SoftCredit.base_minor,
            SoftCredit.gift_date,
        )
        .join(Donor, Donor.id == SoftCredit.donor_id)
        .outerjoin(Gift, Gift.id == SoftCredit.gift_id)
        .outerjoin(giver, and_(giver.id == SoftCredit.giver_id, sees_giver))
        .where(visible_amounts(actor, Donor.owner_id))
    )
