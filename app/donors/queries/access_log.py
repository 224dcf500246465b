"""SQL of the access log: one statement per entry."""

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
    # this export names the donors of pledges without a known exchange rate
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
    # members of a household and the households themselves
    "households": or_(
        Donor.household_id.is_not(None),
        exists().where(_MEMBER.household_id == Donor.id).correlate(Donor),
    ),
}


def note(db: Session, *, user_id: int, donor_id: int, how: str) -> None:
    """Insert one entry, unless the same user opened the donor the same way just before."""
    lately = exists().where(
        DonorAccess.donor_id == donor_id,
        DonorAccess.user_id == user_id,
        DonorAccess.how == how,
        DonorAccess.at > func.now() - text(f"interval '{AGAIN}'"),
    )
    look = select(literal(user_id), literal(donor_id), literal(how)).where(~lately)
    db.execute(insert(DonorAccess).from_select(["user_id", "donor_id", "how"], look))


def named_in_export(
    db: Session, actor: Actor, *, kind: str, ids: Sequence[int] | None = None
) -> list[int]:
    """Return the ids of the donors named in an export, or in the given rows of it."""
    named = _NAMED.get(kind, true()) if ids is None else _of_rows(kind, ids)
    return list(db.scalars(select(Donor.id).where(visible_donors(actor), named)))


def note_export(db: Session, *, user_id: int | None, donor_ids: Sequence[int]) -> None:
    """Insert an entry for every one of these donors that still exists."""
    looks = select(literal(user_id, BigInteger), Donor.id, literal("export")).where(
        Donor.id == func.any(literal(list(donor_ids), ARRAY(BigInteger)))
    )
    db.execute(insert(DonorAccess).from_select(["user_id", "donor_id", "how"], looks))


def _of_rows(kind: str, ids: Sequence[int]) -> ColumnElement[bool]:
    among = func.any(literal(list(ids), ARRAY(BigInteger)))
    if kind == "donors":
        return Donor.id == among
    row: Any = {"gifts": Gift, "pledges": Pledge}[kind]
    return exists().where(row.donor_id == Donor.id, row.id == among)


def looks(db: Session, *, donor_id: int, most: int) -> Sequence[Any]:
    """Return (moment, user name, how) of the latest entries for a donor."""
    statement = (
        select(DonorAccess.at, User.name, DonorAccess.how)
        .outerjoin(User, User.id == DonorAccess.user_id)
        .where(DonorAccess.donor_id == donor_id)
        .order_by(DonorAccess.at.desc(), DonorAccess.id.desc())
        .limit(most)
    )
    return db.execute(statement).all()


def forget(db: Session, *, before: datetime) -> int:
    """Delete the entries older than `before` and return how many."""
    done: int = db.execute(delete(DonorAccess).where(DonorAccess.at < before)).rowcount  # type: ignore[attr-defined]
    return done
