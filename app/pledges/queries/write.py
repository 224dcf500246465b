"""SQL statements that write pledges: history rows are added, never rewritten."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Protocol

from sqlalchemy import (
    ARRAY,
    BigInteger,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from app.accounts import Actor, editable_donors
from app.db import Session
from app.db.models import (
    Campaign,
    Donor,
    Fund,
    Pledge,
    PledgeAmount,
    PledgePause,
    PledgeSkip,
    PledgeTerms,
)


def is_editable_donor(db: Session, actor: Actor, donor_id: int) -> bool:
    """Return whether the actor may write pledges of this donor."""
    statement = select(Donor.id).where(Donor.id == donor_id, editable_donors(actor))
    return db.scalar(statement) is not None


def locked(db: Session, actor: Actor, pledge_id: int) -> Pledge | None:
    """Lock the pledge row and return it, or None when the actor may not change it."""
    return db.scalar(
        select(Pledge)
        .join(Donor, Donor.id == Pledge.donor_id)
        .where(Pledge.id == pledge_id, editable_donors(actor))
        .with_for_update(of=Pledge)
        .execution_options(populate_existing=True)
    )


def add(db: Session, **values: object) -> int:
    """Insert a pledge and return its id."""
    return db.execute(insert(Pledge).values(**values).returning(Pledge.id)).scalar_one()


def touch(db: Session, pledge_id: int, **values: object) -> None:
    """Update columns, if any, and increment the version."""
    row = update(Pledge).where(Pledge.id == pledge_id)
    db.execute(row.values(version=Pledge.version + 1, **values))


def put_amount(db: Session, **values: object) -> None:
    """Insert an amount that holds from a day on; a second one for the same day replaces it."""
    row = upsert(PledgeAmount).values(**values)
    replaced = {name: row.excluded[name] for name in ("amount_minor", "reason", "created_by")}
    db.execute(
        row.on_conflict_do_update(index_elements=["pledge_id", "effective_from"], set_=replaced)
    )


def add_pause(db: Session, **values: object) -> None:
    """Insert a pause."""
    db.execute(insert(PledgePause).values(**values))


def end_pauses(db: Session, pledge_id: int, last_day: date) -> None:
    """End the pauses in force on the day after `last_day`; later ones stay as planned."""
    of_pledge = PledgePause.pledge_id == pledge_id
    next_day = last_day + timedelta(days=1)
    db.execute(delete(PledgePause).where(of_pledge, PledgePause.starts_on == next_day))
    under_way = and_(
        PledgePause.starts_on <= last_day,
        or_(PledgePause.ends_on.is_(None), PledgePause.ends_on > last_day),
    )
    db.execute(update(PledgePause).where(of_pledge, under_way).values(ends_on=last_day))


def add_skip(db: Session, **values: object) -> None:
    """Excuse one instalment; does nothing if it is already excused."""
    db.execute(upsert(PledgeSkip).values(**values).on_conflict_do_nothing())


def remove_skip(db: Session, pledge_id: int, due: date) -> None:
    """Delete the excuse of an instalment."""
    skip = (PledgeSkip.pledge_id == pledge_id) & (PledgeSkip.due_on == due)
    db.execute(delete(PledgeSkip).where(skip))


def store_terms(db: Session, pledge: Pledge, *, until: date, by: int | None) -> None:
    """Store the terms that applied up to a day, before the pledge row gets new ones."""
    values = {
        "pledge_id": pledge.id,
        "donor_id": pledge.donor_id,
        "until_date": until,
        "frequency": pledge.frequency,
        "anchor_day": pledge.anchor_day or pledge.start_date.day,
        "grace_days": pledge.grace_days,
        "fund_id": pledge.fund_id,
        "created_by": by,
    }
    db.execute(upsert(PledgeTerms).values(**values).on_conflict_do_nothing())


def last_terms(db: Session, pledge_id: int) -> date | None:
    """Return the day from which the newest terms hold, or None if they never changed."""
    latest = select(func.max(PledgeTerms.until_date)).where(PledgeTerms.pledge_id == pledge_id)
    return db.scalar(latest)


def is_open(db: Session, model: type[Fund | Campaign], purpose_id: int) -> bool:
    """Return whether the fund or campaign is open for pledges."""
    statement = select(model.id).where(model.id == purpose_id, model.status == "active")
    return db.scalar(statement) is not None


CANDIDATES = """
select g.id as gift_id, g.donor_id, g.currency, g.gift_date,
       g.amount_minor - g.returned_minor as amount_minor, g.fund_id,
       array(select r.pledge_id from pledge_refusal r where r.gift_id = g.id) as refused
from gift g
where g.pledge_id is null and g.kind = 'gift' and g.returned_minor < g.amount_minor
  and g.gift_date <= :today and ({condition})
  and exists (
      select 1 from pledge p where p.donor_id = g.donor_id and p.currency = g.currency
          and p.start_date <= g.gift_date and (p.end_date is null or p.end_date >= g.gift_date))
order by g.donor_id, g.currency, g.gift_date, g.id
"""
CONDITIONS = {
    "gift_ids": "g.id = any(:gift_ids)",
    "import_run_id": "g.import_run_id = :import_run_id",
    "donor_ids": "g.donor_id = any(:donor_ids)",
}


class CandidateRow(Protocol):
    """An unlinked gift; `refused` are the pledges a user said it does not pay."""

    gift_id: int
    donor_id: int
    currency: str
    gift_date: date
    amount_minor: int
    fund_id: int | None
    refused: Sequence[int]


def candidates_for_system(
    db: Session, key: str, ids: Sequence[int] | int | None, *, today: date
) -> Sequence[CandidateRow]:
    """Return the unlinked effective gifts dated within the term of one of the donor's pledges.

    `which` is a key of WHICH, `wanted` the value it is compared with.
    """
    statement = text(CANDIDATES.format(condition=CONDITIONS[key]))
    if key != "import_run_id":
        statement = statement.bindparams(bindparam(key, type_=ARRAY(BigInteger)))
    rows: Sequence[Any] = db.execute(statement, {key: ids, "today": today}).all()
    return rows


# a reversal is linked to the pledge of its gift
LINK = (
    """
    update gift set pledge_id = pair.pledge_id, pledge_reason = pair.reason, updated_at = now()
    from unnest(cast(:gifts as bigint[]), cast(:pledges as bigint[]), cast(:reasons as text[]))
        as pair(gift_id, pledge_id, reason)
    where gift.id = pair.gift_id and gift.pledge_id is null
    """,
    """
    update gift r set pledge_id = g.pledge_id from gift g
    where r.reverses_id = g.id and g.id = any(:gifts) and g.returned_minor > 0
    """,
)


def link_for_system(db: Session, links: Sequence[tuple[int, int, str]]) -> None:
    """Link (gift, pledge, reason) in one statement each, so that triggers update sums once."""
    gifts, pledges, reasons = (list(column) for column in zip(*links, strict=True))
    for statement in LINK:
        values = {"gifts": gifts, "pledges": pledges, "reasons": reasons}
        db.execute(text(statement), values)
