"""SQL of the access log: one statement per entry."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Row,
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
    CareRequest,
    ContactLog,
    Donor,
    DonorAccess,
    DonorAddress,
    DonorConsent,
    DonorEmail,
    DonorPhone,
    DonorRelation,
    DonorTag,
    ExchangeRate,
    Gift,
    Organisation,
    Pledge,
    PledgePause,
    PledgeRefusal,
    SoftCredit,
    Task,
    User,
)

REPEAT_WINDOW = "15 minutes"
_MEMBER = aliased(Donor)
_NAMED_IN_EXPORT = {
    "gifts": exists().where(Gift.donor_id == Donor.id),
    "pledges": exists().where(Pledge.donor_id == Donor.id),
    "pledge-versions": exists().where(Pledge.donor_id == Donor.id),
    "pledge-pauses": exists().where(PledgePause.donor_id == Donor.id),
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
    # the donors who are credited; the givers are not named
    "soft-credits": exists().where(SoftCredit.donor_id == Donor.id),
    "tags": exists().where(DonorTag.donor_id == Donor.id),
    "emails": exists().where(DonorEmail.donor_id == Donor.id),
    "phones": exists().where(DonorPhone.donor_id == Donor.id),
    "addresses": exists().where(DonorAddress.donor_id == Donor.id),
    "relations": exists().where(
        or_(DonorRelation.donor_id == Donor.id, DonorRelation.other_id == Donor.id)
    ),
    "consents": exists().where(DonorConsent.donor_id == Donor.id),
    "contacts": exists().where(ContactLog.donor_id == Donor.id),
    "requests": exists().where(CareRequest.donor_id == Donor.id),
    "tasks": exists().where(Task.donor_id == Donor.id),
    # members of a household and the households themselves
    "households": or_(
        Donor.household_id.is_not(None),
        exists().where(_MEMBER.household_id == Donor.id).correlate(Donor),
    ),
}


def add_view(db: Session, *, user_id: int, donor_id: int, how: str) -> None:
    """Insert one entry, unless the same user opened the donor the same way just before."""
    opened_recently = exists().where(
        DonorAccess.donor_id == donor_id,
        DonorAccess.user_id == user_id,
        DonorAccess.how == how,
        DonorAccess.at > func.now() - text(f"interval '{REPEAT_WINDOW}'"),
    )
    entry = select(literal(user_id), literal(donor_id), literal(how)).where(~opened_recently)
    db.execute(insert(DonorAccess).from_select(["user_id", "donor_id", "how"], entry))


def named_in_export(
    db: Session, actor: Actor, *, kind: str, ids: Sequence[int] | None = None
) -> list[int]:
    """Return the ids of the donors named in an export, or in the given rows of it."""
    named = _NAMED_IN_EXPORT.get(kind, true()) if ids is None else _of_rows(kind, ids)
    statement = select(Donor.id).where(visible_donors(actor), named).order_by(Donor.id)
    return list(db.scalars(statement))


def add_export(db: Session, *, user_id: int | None, donor_ids: Sequence[int]) -> None:
    """Insert an entry for every one of these donors that still exists."""
    entries = select(literal(user_id, BigInteger), Donor.id, literal("export")).where(
        Donor.id == func.any(literal(list(donor_ids), ARRAY(BigInteger)))
    )
    db.execute(insert(DonorAccess).from_select(["user_id", "donor_id", "how"], entries))


def _of_rows(kind: str, ids: Sequence[int]) -> ColumnElement[bool]:
    any_id = func.any(literal(list(ids), ARRAY(BigInteger)))
    if kind == "donors":
        return Donor.id == any_id
    models: dict[str, type[Gift | Pledge]] = {"gifts": Gift, "pledges": Pledge}
    row = models[kind]
    return exists().where(row.donor_id == Donor.id, row.id == any_id)


def newest(db: Session, *, donor_id: int, most: int) -> Sequence[Row[datetime, str, str]]:
    """Return (moment, user name, how) of the latest entries for a donor."""
    statement = (
        select(DonorAccess.at, User.name, DonorAccess.how)
        .outerjoin(User, User.id == DonorAccess.user_id)
        .where(DonorAccess.donor_id == donor_id)
        .order_by(DonorAccess.at.desc(), DonorAccess.id.desc())
        .limit(most)
    )
    return db.execute(statement).all()


def purge(db: Session, *, before: datetime) -> int:
    """Delete the entries older than `before` and return how many."""
    deleted: int = db.execute(delete(DonorAccess).where(DonorAccess.at < before)).rowcount  # type: ignore[attr-defined]
    return deleted
