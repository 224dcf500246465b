"""SQL of the scores: bulk read of all gifts, bulk write of every donor's score."""

import io
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    SQLColumnExpression,
    and_,
    exists,
    or_,
    select,
    text,
)
from sqlalchemy.engine.interfaces import DBAPICursor

from app.accounts import Actor, visible_donors
from app.db import Session
from app.db.models import (
    Alert,
    Donor,
    DonorRhythm,
    DonorSummary,
    Pledge,
    PledgePause,
)
from app.donors.anonymity import shown, shown_name
from app.donors.queries.rows import AtRiskRow
from app.donors.queries.used_contacts import used_email, used_phone

if TYPE_CHECKING:
    import pandas as pd

# Effective gifts only, without those of a pledge that has an open alert of its own.
GIFTS = """
copy (
    select g.donor_id, (g.gift_date - date '1970-01-01') as day, g.base_minor
    from effective_gift g
    where g.gift_date <= '{today}'
      and (g.pledge_id is null or not exists (
          select 1 from alert a where a.pledge_id = g.pledge_id and a.kind = 'late_pledge'
          and a.state in ('open', 'snoozed')))
) to stdout with (format csv)
"""

STAGE = """
create temporary table if not exists scored (like donor_rhythm) on commit drop;
truncate scored
"""

STORE = """
insert into donor_rhythm as t (donor_id, as_of, gifts, last_gift, rhythm_days, overdue_ratio,
                               regular, risk, status, expected_by, peers, peers_returned)
select s.donor_id, s.as_of, s.gifts, s.last_gift, s.rhythm_days, s.overdue_ratio, s.regular,
       s.risk, s.status, s.expected_by, s.peers, s.peers_returned
from scored s join donor d on d.id = s.donor_id order by s.donor_id
on conflict (donor_id) do update
    set as_of = excluded.as_of, gifts = excluded.gifts, last_gift = excluded.last_gift,
        rhythm_days = excluded.rhythm_days, overdue_ratio = excluded.overdue_ratio,
        regular = excluded.regular, risk = excluded.risk, status = excluded.status,
        expected_by = excluded.expected_by, peers = excluded.peers,
        peers_returned = excluded.peers_returned, scored_at = now();
delete from donor_rhythm t where not exists (select 1 from scored s where s.donor_id = t.donor_id)
"""

# Scoring only switches "donor" and "lapsed"; the other statuses are set by people. A household
# whose members have given is no prospect.
STATUS = """
update donor d set status = case when r.status = 'lapsed' then 'lapsed' else 'donor' end
from donor_rhythm r
where r.donor_id = d.id
  and (d.status in ('donor', 'lapsed') or (d.kind = 'household' and d.status = 'prospect'))
  and (d.status = 'prospect' or (d.status = 'lapsed') is distinct from (r.status = 'lapsed'))
"""


# Everybody of a household with members, and the household itself.
UNITS = """
select id, coalesce(household_id, id) as unit_id from donor
where household_id is not null
   or id in (select household_id from donor where household_id is not null)
"""


def units_for_system(db: Session) -> dict[int, int]:
    """Return the household of everybody in one, and of the household itself."""
    return {row.id: row.unit_id for row in db.execute(text(UNITS))}


def gifts_for_system(db: Session, *, today: date) -> "pd.DataFrame":
    """Return donor_id, gift_date, amount (minor units) of every gift that counts for rhythm."""
    import pandas as pd  # noqa: PLC0415 - slow to import, and only needed here

    sink = io.BytesIO()
    _cursor(db).copy_expert(GIFTS.format(today=today.isoformat()), sink)
    sink.seek(0)
    names = ["donor_id", "gift_date", "amount"]
    frame = pd.read_csv(sink, names=names, dtype="int64")
    return frame.assign(gift_date=frame["gift_date"].to_numpy().astype("datetime64[D]"))


def store_for_system(db: Session, scores: "pd.DataFrame", *, today: date) -> None:
    """Replace every donor's score by this table and update who is lapsed."""
    for statement in STAGE.split(";"):
        db.execute(text(statement))
    columns = list(scores.columns)
    source = io.StringIO()
    scores.assign(as_of=today, scored_at="now").to_csv(source, header=False, index=False)
    source.seek(0)
    names = ", ".join([*columns, "as_of", "scored_at"])
    _cursor(db).copy_expert(f"copy scored ({names}) from stdin with (format csv)", source)
    for statement in STORE.split(";"):
        db.execute(text(statement))
    db.execute(text(STATUS))


def _cursor(db: Session) -> DBAPICursor:
    return db.connection().connection.cursor()


def at_risk(
    db: Session,
    actor: Actor,
    *,
    today: date,
    owner_id: int | None,
    donor_ids: Sequence[int] | None,
    limit: int | None,
) -> Sequence[AtRiskRow]:
    """Return the donors to warn about, highest risk first within each status."""
    statement = (
        select(*_at_risk_columns(actor))
        .join(DonorRhythm, DonorRhythm.donor_id == Donor.id)
        .join(DonorSummary, DonorSummary.donor_id == Donor.id)
        .where(
            visible_donors(actor),
            or_(DonorRhythm.status.in_(("at risk", "slipping")), _lapsed_since()),
            # a gift since the last scoring makes the warning obsolete
            DonorSummary.last_gift_date <= DonorRhythm.last_gift,
            ~Donor.deceased,
            ~and_(Donor.no_email, Donor.no_phone, Donor.no_mail),
            ~_has_late_pledge_alert(),
            ~pledge_paused(today),
        )
        .order_by(
            DonorRhythm.status, DonorRhythm.risk.desc(), DonorSummary.total_minor.desc(), Donor.id
        )
        .limit(limit)
    )
    if owner_id is not None:
        statement = statement.where(Donor.owner_id == owner_id)
    if donor_ids is not None:
        statement = statement.where(Donor.id.in_(donor_ids))
    return db.execute(statement).all()


def _at_risk_columns(actor: Actor) -> list[Any]:
    return [
        Donor.id,
        shown_name(actor).label("name"),
        Donor.owner_id,
        DonorRhythm.status,
        DonorRhythm.risk,
        DonorRhythm.gifts,
        DonorRhythm.last_gift,
        DonorRhythm.rhythm_days,
        DonorRhythm.regular,
        DonorRhythm.expected_by,
        DonorRhythm.peers,
        DonorRhythm.peers_returned,
        shown(actor, used_email(Donor.id)).label("email"),
        shown(actor, used_phone(Donor.id)).label("phone"),
    ]


def pledge_paused(
    today: date | SQLColumnExpression[date], donor: type[Donor] = Donor
) -> ColumnElement[bool]:
    """Return a condition: a pledge of the donor is paused on `today`, a day or a date column."""
    paused_now = exists().where(
        PledgePause.pledge_id == Pledge.id,
        PledgePause.starts_on <= today,
        or_(PledgePause.ends_on.is_(None), PledgePause.ends_on >= today),
    )
    paused = or_(Pledge.status == "paused", and_(Pledge.status == "active", paused_now))
    return exists().where(Pledge.donor_id == donor.id, paused)


def _lapsed_since() -> ColumnElement[bool]:
    """Return a condition: the donor has lapsed since an alert that is still active was raised."""
    warned = exists().where(
        Alert.donor_id == Donor.id,
        Alert.kind == "at_risk",
        Alert.since == DonorRhythm.last_gift,
        Alert.state.in_(("open", "snoozed")),
    )
    return and_(DonorRhythm.status == "lapsed", warned.correlate(Donor, DonorRhythm))


def _has_late_pledge_alert() -> ColumnElement[bool]:
    return exists().where(
        Alert.donor_id == Donor.id,
        Alert.kind == "late_pledge",
        Alert.state.in_(("open", "snoozed")),
    )
