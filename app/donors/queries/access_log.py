"""Who looked at whom, as SQL: one statement a look."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.orm import aliased

from app.accounts import Actor, visible_donors
from app.db import Session
from app.db.models import (
    Donor,
    DonorAccess,
    ExchangeRate,
    Gift,
    Organisation,
    Pledge,
    PledgeRefusal,
    Task,
    User,
)

AGAIN = "15 minutes"
_MEMBER = aliased(Donor)
_NAMED = {
    "gifts": exists().where(Gift.donor_id == Donor.id),
    "pledges": exists().where(Pledge.donor_id == Donor.id),
    "pledge-versions": exists().where(Pledge.donor_id == Donor.id),
    "refused-links": exists().where(PledgeRefusal.gift_id == Gift.id, Gift.donor_id == Donor.id),
    # named are those whose pledges no exchange rate is known for
    "figures": exists().where(
        Pledge.donor_id == Donor.id,
        Pledge.status == "active",
        ~exists().where(Organisation.currency == Pledge.currency),
        ~exists().where(
            ExchangeRate.currency == Pledge.currency,
            ExchangeRate.on_date <= func.current_date(),
        ),
    ),
    "tasks": exists().where(Task.donor_id == Donor.id),
    # who belongs to one, and who is one
    "households": or_(
        Donor.household_id.is_not(None),
        exists().where(_MEMBER.household_id == Donor.id).correlate(Donor),
    ),
}


def note(db: Session, *, user_id: int, donor_id: int, how: str) -> None:
    """Add one look, unless the same person looked the same way a moment ago."""
    lately = exists().where(
        DonorAccess.donor_id == donor_id,
        DonorAccess.user_id == user_id,
        DonorAccess.how == how,
        DonorAccess.at > func.now() - text(f"interval '{AGAIN}'"),
    )
    look = select(literal(user_id), literal(donor_id), literal(how)).where(~lately)
    db.execute(insert(DonorAccess).from_select(["user_id", "donor_id", "how"], look))


def note_export(db: Session, actor: Actor, *, kind: str, ids: Sequence[int] | None = None) -> None:
    """Add a look at every donor whom a file of this kind names, or of these rows of it."""
    named = _NAMED.get(kind, true()) if ids is None else _of_rows(kind, ids)
    looks = select(literal(actor.user_id or None), Donor.id, literal("export")).where(
        visible_donors(actor), named
    )
    db.execute(insert(DonorAccess).from_select(["user_id", "donor_id", "how"], looks))


def _of_rows(kind: str, ids: Sequence[int]) -> ColumnElement[bool]:
    among = func.any(literal(list(ids), ARRAY(BigInteger)))
    if kind == "donors":
        return Donor.id == among
    row: Any = {"gifts": Gift, "pledges": Pledge}[kind]
    return exists().where(row.donor_id == Donor.id, row.id == among)


def looks(db: Session, *, donor_id: int, most: int) -> Sequence[Any]:
    """Return (moment, who, how) of the latest looks at a donor."""
    statement = (
        select(DonorAccess.at, User.name, DonorAccess.how)
        .outerjoin(User, User.id == DonorAccess.user_id)
        .where(DonorAccess.donor_id == donor_id)
        .order_by(DonorAccess.at.desc(), DonorAccess.id.desc())
        .limit(most)
    )
    return db.execute(statement).all()


def forget(db: Session, *, before: datetime) -> int:
    """Delete the looks before a moment and return how many."""
    done: int = db.execute(delete(DonorAccess).where(DonorAccess.at < before)).rowcount  # type: ignore[attr-defined]
    return done
