"""SQL of the nightly scoring: whom to score, their gifts, and the bulk write of the scores."""

import io
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.engine.interfaces import DBAPICursor

from app.db import Session
from app.db.models import RhythmChange, RhythmModel

# Effective gifts only, without those of a pledge that has an open alert of its own.
GIFTS = """
select {whose} as donor_id, (g.gift_date - date '1970-01-01') as day, g.base_minor
from effective_gift g {joined}
where g.gift_date <= '{today}' and {only}
  and (g.pledge_id is null or not exists (
      select 1 from alert a where a.pledge_id = g.pledge_id and a.kind = 'late_pledge'
      and a.state in ('open', 'snoozed')))
"""
ALL = {"whose": "g.donor_id", "joined": "", "only": "true"}
# A household is scored with the gifts of all its members and its own, each member alone.
ALONE = ALL | {"only": "g.donor_id in (select donor_id from due where not joint)"}
JOINT = {
    "whose": "u.donor_id",
    "joined": "join donor d on d.id = g.donor_id"
    " join due u on u.donor_id = coalesce(d.household_id, d.id)",
    "only": "u.joint",
}

# Everybody of a household with members, and the household itself.
UNITS = """
select id, coalesce(household_id, id) as unit_id from donor
where household_id is not null
   or id in (select household_id from donor where household_id is not null)
"""

DUE = """
create temporary table if not exists due (donor_id bigint, joint boolean) on commit drop;
truncate due
"""
# Whose gifts changed since the last scoring or were in the future then, and whoever gave and has
# no score, as after an erasure; and their households.
CHANGED = """
with noted as (delete from rhythm_change returning donor_id),
changed as (
    select donor_id from noted
    union select donor_id from gift where gift_date > :scored_on and gift_date <= :today
    union select s.donor_id from donor_summary s where s.gifts > 0
        and not exists (select from donor_rhythm r where r.donor_id = s.donor_id)
    union select m.id from donor m join donor_summary s on s.donor_id = m.id
        where m.household_id is not null and s.gifts > 0
        and not exists (select from donor_rhythm r where r.donor_id = m.household_id)
),
everybody as (
    select donor_id from changed
    union select d.household_id from changed c join donor d on d.id = c.donor_id
        where d.household_id is not null
)
insert into due (donor_id, joint)
select e.donor_id, exists (select from donor m where m.household_id = e.donor_id)
from everybody e
"""
# The scores of the donors to score, and of those of whom nothing changed but the day. Whoever was
# paid up gets the own verdict again.
POSITIONS = """
select r.donor_id, gifts, last_gift - date '1970-01-01' as last_day, rhythm_days, spread, season,
       r.joint, past, due.donor_id is not null as due
from donor_rhythm r left join due on due.donor_id = r.donor_id
where (due.donor_id is not null or next_change_on <= :today or status = :paid)
  and past is not null
"""

STAGE = """
create temporary table if not exists scored (like donor_rhythm) on commit drop;
truncate scored
"""
COLUMNS = (
    "donor_id, as_of, gifts, last_gift, rhythm_days, overdue_ratio, regular, risk, status,"
    " expected_by, peers, peers_returned, spread, season, joint, past, risk_ahead, next_change_on"
)
_NAMES = COLUMNS.replace("donor_id, ", "").split(", ")
STORE = f"""
insert into donor_rhythm as t ({COLUMNS})
select {", ".join(f"s.{name}" for name in COLUMNS.split(", "))}
from scored s join donor d on d.id = s.donor_id order by s.donor_id
on conflict (donor_id) do update
    set {", ".join(f"{name} = excluded.{name}" for name in _NAMES)}, scored_at = now()
"""
# whoever was to be scored and has no gift that counts any more
REMOVE = """
delete from donor_rhythm t using due
where due.donor_id = t.donor_id
  and not exists (select 1 from scored s where s.donor_id = t.donor_id)
"""
REMOVE_OTHERS = """
delete from donor_rhythm t where not exists (select 1 from scored s where s.donor_id = t.donor_id)
"""

# Whose pledges may say that a warning is none: the donors with one, and their household's members.
WORRYING = """
with w as (select donor_id from donor_rhythm where status = any (:worrying))
select d.id from donor d
where (d.id in (select donor_id from w) or d.household_id in (select donor_id from w))
  and exists (select from pledge p where p.donor_id = d.id and p.status = 'active')
order by d.id
"""
# Whoever has paid all that the own or the household's pledges asked for.
PAID_UP = """
update donor_rhythm set status = :paid
where status = any (:worrying) and donor_id in (
    select id from donor where id = any (:donor_ids)
    union select household_id from donor where id = any (:donor_ids))
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


def units_for_system(db: Session) -> dict[int, int]:
    """Return the household of everybody in one, and of the household itself."""
    return {row.id: row.unit_id for row in db.execute(text(UNITS))}


def gifts_for_system(db: Session, *, today: date) -> pd.DataFrame:
    """Return donor_id, gift_date, amount (minor units) of every gift that counts for rhythm."""
    return _gifts(db, today, ALL)


def gifts_of_due_for_system(db: Session, *, today: date) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the same gifts of the donors to score, and those of the households to score.

    The gifts of everybody in a household have the household as donor_id.
    """
    return _gifts(db, today, ALONE), _gifts(db, today, JOINT)


def collect_due_for_system(db: Session, *, scored_on: date, today: date) -> None:
    """Determine the donors whose gifts changed since the last scoring, and forget the changes."""
    for statement in DUE.split(";"):
        db.execute(text(statement))
    db.execute(text(CHANGED), {"scored_on": scored_on, "today": today})
    db.execute(text("analyze due"))


def forget_changes_for_system(db: Session) -> None:
    """Remove the noted changes, before everybody's gifts are read."""
    db.execute(delete(RhythmChange))


def stored_positions_for_system(db: Session, *, today: date, paid: str) -> pd.DataFrame:
    """Return the stored scores of the donors to score.

    `due` is true where the gifts changed, and false where only the day may matter.
    """
    rows = db.execute(text(POSITIONS), {"today": today, "paid": paid})
    frame = pd.DataFrame(rows.all(), columns=list(rows.keys()))
    return frame.astype({"donor_id": "int64", "joint": "bool", "due": "bool"})


def store_for_system(db: Session, scores: pd.DataFrame, *, everybody: bool) -> None:
    """Store these scores, and remove those of the other donors who were to be scored."""
    for statement in STAGE.split(";"):
        db.execute(text(statement))
    columns = list(scores.columns)
    source = io.StringIO()
    scores.assign(scored_at="now").to_csv(source, header=False, index=False)
    source.seek(0)
    names = ", ".join([*columns, "scored_at"])
    _cursor(db).copy_expert(f"copy scored ({names}) from stdin with (format csv)", source)
    db.execute(text(STORE))
    db.execute(text(REMOVE_OTHERS if everybody else REMOVE))


def worrying_for_system(db: Session, statuses: Collection[str]) -> Sequence[int]:
    """Return the donors with a running pledge of whom, or of whose household, a status warns."""
    return db.scalars(text(WORRYING), {"worrying": list(statuses)}).all()


def settle_for_system(
    db: Session, *, paid_up: Collection[int], paid: str, worrying: Collection[str]
) -> None:
    """Set the status of donors who have paid all that was asked, and update who is lapsed."""
    if paid_up:
        values = {"paid": paid, "worrying": list(worrying), "donor_ids": list(paid_up)}
        db.execute(text(PAID_UP), values)
    db.execute(text(STATUS))


def model_for_system(db: Session) -> RhythmModel | None:
    """Return what the last scoring of everybody has learnt."""
    return db.scalar(select(RhythmModel).order_by(RhythmModel.fitted_on.desc()).limit(1))


def store_model_for_system(db: Session, learnt: dict[str, Any], *, today: date) -> None:
    """Replace the model by one fitted today."""
    db.execute(delete(RhythmModel))
    db.execute(insert(RhythmModel).values(fitted_on=today, scored_on=today, learnt=learnt))


def note_scoring_for_system(db: Session, *, today: date) -> None:
    """Store the day of the last scoring."""
    db.execute(update(RhythmModel).values(scored_on=today))


def counts_for_system(db: Session) -> tuple[int, int]:
    """Return the number of donors with a score, and of those whose gifts changed."""
    scores = db.scalar(text("select count(*) from donor_rhythm"))
    return int(scores or 0), int(db.scalar(text("select count(*) from due")) or 0)


def _gifts(db: Session, today: date, which: dict[str, str]) -> pd.DataFrame:
    query, sink = GIFTS.format(today=today.isoformat(), **which), io.BytesIO()
    _cursor(db).copy_expert(f"copy ({query}) to stdout with (format csv)", sink)
    sink.seek(0)
    names = ["donor_id", "gift_date", "amount"]
    frame = pd.read_csv(sink, names=names, dtype="int64")
    return frame.assign(gift_date=frame["gift_date"].to_numpy().astype("datetime64[D]"))


def _cursor(db: Session) -> DBAPICursor:
    return db.connection().connection.cursor()
