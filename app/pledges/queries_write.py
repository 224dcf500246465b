"""Writing pledges: rows of history are added, never rewritten."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    and_,
    bindparam,
    delete,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from app.accounts import Actor, editable_donors
from app.db import Session
from app.db.models import Donor, Fund, Pledge, PledgeAmount, PledgePause, PledgeSkip


def may_promise(db: Session, actor: Actor, donor_id: int) -> bool:
    """Whether the actor may write pledges of this donor."""
    statement = select(Donor.id).where(Donor.id == donor_id, editable_donors(actor))
    return db.scalar(statement) is not None


def locked(db: Session, actor: Actor, pledge_id: int) -> Pledge | None:
    """Return the pledge for changing, or None when the actor may not."""
    return db.scalar(
        select(Pledge)
        .join(Donor, Donor.id == Pledge.donor_id)
        .where(Pledge.id == pledge_id, editable_donors(actor))
        .with_for_update(of=Pledge)
        .execution_options(populate_existing=True)
    )


def add(db: Session, **values: Any) -> int:
    """Insert a pledge and return its id."""
    return db.execute(insert(Pledge).values(**values).returning(Pledge.id)).scalar_one()


def touch(db: Session, pledge_id: int, **values: Any) -> None:
    """Save changed columns, if any, and count the version up."""
    row = update(Pledge).where(Pledge.id == pledge_id)
    db.execute(row.values(version=Pledge.version + 1, **values))


def put_amount(db: Session, **values: Any) -> None:
    """Add an amount from a day on; a second one for the same day replaces the first."""
    row = upsert(PledgeAmount).values(**values)
    kept = {name: row.excluded[name] for name in ("amount_minor", "reason", "created_by")}
    db.execute(
        row.on_conflict_do_update(index_elements=["pledge_id", "effective_from"], set_=kept)
    )


def add_pause(db: Session, **values: Any) -> None:
    """Insert a pause."""
    db.execute(insert(PledgePause).values(**values))


def end_pauses(db: Session, pledge_id: int, last_day: date) -> None:
    """Let the pauses under way on the day after `last_day` end; later ones stay as planned."""
    mine = PledgePause.pledge_id == pledge_id
    next_day = last_day + timedelta(days=1)
    db.execute(delete(PledgePause).where(mine, PledgePause.starts_on == next_day))
    under_way = and_(
        PledgePause.starts_on <= last_day,
        or_(PledgePause.ends_on.is_(None), PledgePause.ends_on > last_day),
    )
    db.execute(update(PledgePause).where(mine, under_way).values(ends_on=last_day))


def add_skip(db: Session, **values: Any) -> None:
    """Excuse one instalment; once is enough."""
    db.execute(upsert(PledgeSkip).values(**values).on_conflict_do_nothing())


def is_open_fund(db: Session, fund_id: int) -> bool:
    """Whether gifts may be promised to this fund."""
    statement = select(Fund.id).where(Fund.id == fund_id, Fund.status == "active")
    return db.scalar(statement) is not None


# A donor's only active pledge in a currency; the gift's fund, when both name one, must agree.
CANDIDATES = """
select g.id as gift_id, g.gift_date, g.amount_minor, p.id as pledge_id
from gift g
join lateral (
    select min(q.id) as id, count(*) as promises from pledge q
    where q.donor_id = g.donor_id and q.status = 'active' and q.currency = g.currency
      and (g.fund_id is null or q.fund_id is null or q.fund_id = g.fund_id)
) p on p.promises = 1
where g.pledge_id is null and g.kind = 'gift' and g.gift_date <= :today
  and g.donor_id in (select donor_id from pledge where status = 'active')
  and ({which})
  and not exists (select 1 from gift r where r.reverses_id = g.id)
order by p.id, g.gift_date, g.id
"""


def candidates_for_system(
    db: Session, *, gift_ids: Sequence[int] | None, import_run_id: int | None, today: date
) -> Sequence[Any]:
    """Return unlinked gifts beside the one pledge that might take each."""
    which = "g.id = any(:gift_ids)" if gift_ids is not None else "g.import_run_id = :run"
    statement = text(CANDIDATES.format(which=which))
    if gift_ids is not None:
        statement = statement.bindparams(bindparam("gift_ids", type_=ARRAY(BigInteger)))
        return db.execute(statement, {"gift_ids": list(gift_ids), "today": today}).all()
    return db.execute(statement, {"run": import_run_id, "today": today}).all()


LINK = """
update gift set pledge_id = pair.pledge_id, updated_at = now()
from unnest(cast(:gifts as bigint[]), cast(:pledges as bigint[])) as pair(gift_id, pledge_id)
where gift.id = pair.gift_id and gift.pledge_id is null
"""


def link_for_system(db: Session, pairs: Sequence[tuple[int, int]]) -> None:
    """Link (gift, pledge) pairs in one statement, so that the sums are kept once."""
    gifts, pledges = [one for one, _ in pairs], [one for _, one in pairs]
    db.execute(text(LINK), {"gifts": gifts, "pledges": pledges})
