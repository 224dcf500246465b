"""Queries on the hash chain of the audit log: seal and check all entries, purge and erase some."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text

from app.db import Session, timeouts

LOCK = "select pg_advisory_xact_lock(hashtext('donorcrm.record'))"

# Every row written before this moment is committed or never will be, because no older transaction
# is open. The margin covers a transaction that is just beginning.
SAFE = """
select least(now(), min(xact_start)) - interval '10 seconds'
from pg_stat_activity where datname = current_database()
"""

SEAL = """
with last as (
    select coalesce(max(place), 0) as place,
           coalesce((select hash from activity_seal order by place desc limit 1), '') as hash
    from activity_seal
), waiting as (
    select a.*, gen_random_uuid() as salt from activity a
    where at >= (select at from activity_horizon)
      and not exists (select from activity_seal s where s.activity_id = a.id)
    order by id limit :most
), hashed as (
    select w.id, w.salt, activity_content(a, w.salt) as content,
           row_number() over (order by w.id) as number
    from waiting w join activity a on a.id = w.id
)
insert into activity_seal (place, activity_id, salt, content, hash)
select last.place + number, id, salt, content,
       chained(last.hash, content) over (order by number rows unbounded preceding)
from hashed, last
"""

# The oldest link may have no predecessor if a later entry states that older entries were purged.
BROKEN = """
with link as (
    select s.*, lag(place) over chain as place_before, lag(hash) over chain as hash_before
    from activity_seal s window chain as (order by place)
), judged as (
    select l.place, l.activity_id, case
        when place_before is null and exists (
            select from activity e where e.action = 'activity.purged'
               and e.after ->> 'place' = l.place::text
               and e.after ->> 'hash' = encode(l.hash, 'hex')) then null
        when l.place <> coalesce(place_before, 0) + 1 then 'links before it are missing'
        when l.hash <> sha256(coalesce(hash_before, ''::bytea) || l.content)
            then 'its link was changed'
        when a.id is null then 'it was deleted'
        when erased_by is null and l.content <> activity_content(a, l.salt) then 'it was changed'
        when erased_by is not null and (
            l.erased_content <> activity_content(a, l.salt) or not exists (
                select from activity e where e.id = l.erased_by and e.action = 'donor.erased'
                   and e.after -> 'links' ->> l.place::text = encode(l.erased_content, 'hex')))
            then 'it was changed'
        end as why
    from link l left join activity a on a.id = l.activity_id
)
select activity_id, why, count(*) over () as lines from judged
where why is not null order by place limit 1
"""

INTRUDER = """
select a.id as activity_id, 'it was put in afterwards' as why, count(*) over () as lines
from activity a
where at < (select at from activity_horizon)
  and not exists (select from activity_seal s where s.activity_id = a.id)
order by a.id limit 1
"""

STATE = """
select (select count(*) from activity_seal) as sealed,
       (select count(*) from activity a where at >= (select at from activity_horizon)
           and not exists (select from activity_seal s where s.activity_id = a.id)) as waiting,
       (select encode(hash, 'hex') from activity_seal order by place desc limit 1) as head
"""

# The last link before the first entry that is recent enough: only the chain's start is purged.
OLD = """
select s.place, encode(s.hash, 'hex') as hash from activity_seal s
where s.place < coalesce(
    (select min(k.place) from activity_seal k join activity a on a.id = k.activity_id
     where a.at >= :before), (select max(place) from activity_seal))
order by s.place desc limit 1
"""

ERASE = """
update activity set sentence = 'Removed at the person''s request.', before = null, after = null,
    address = null
where donor_id = :donor_id and action <> 'donor.erased'
"""

RESALT = """
update activity_seal s set salt = gen_random_uuid()
from activity a
where a.id = s.activity_id and a.donor_id = :donor_id and a.action <> 'donor.erased'
  and s.erased_by is null
"""

LINKS = """
select s.place, encode(activity_content(a, s.salt), 'hex') as content
from activity_seal s join activity a on a.id = s.activity_id
where a.donor_id = :donor_id and a.action <> 'donor.erased' and s.erased_by is null
order by s.place
"""

MARK = """
update activity_seal s set erased_by = :by, erased_content = activity_content(a, s.salt)
from activity a
where a.id = s.activity_id and a.donor_id = :donor_id and a.action <> 'donor.erased'
  and s.erased_by is null
"""


def allow(db: Session, what: str) -> None:
    """Set what the trigger lets this transaction do to the audit log; "" permits nothing."""
    db.execute(text("select set_config('donorcrm.record', :what, true)"), {"what": what})


def lock(db: Session) -> None:
    """Lock the chain for this transaction, and extend its timeout to a job's."""
    timeouts.allow(db, timeouts.JOB)
    db.execute(text(LOCK))


def safe_moment(db: Session) -> datetime:
    """Return the moment before which no new entry can become visible any more."""
    found: datetime = db.execute(text(SAFE)).scalar_one()
    return found


def seal(db: Session, *, most: int) -> int:
    """Add up to `most` unsealed entries to the chain and return how many."""
    done: int = db.execute(text(SEAL), {"most": most}).rowcount  # type: ignore[attr-defined]
    return done


def advance(db: Session, moment: datetime) -> None:
    """Store the moment up to which all entries are sealed; it never moves back."""
    db.execute(text("update activity_horizon set at = greatest(at, :moment)"), {"moment": moment})


def broken(db: Session) -> list[Any]:
    """Return (activity_id, why, lines) of the first entry changed and the first inserted late.

    An entry inserted late has a time before the sealed moment but no link. `lines` is the number
    of entries of each kind; a kind without any is left out.
    """
    found = (db.execute(text(statement)).first() for statement in (BROKEN, INTRUDER))
    return [row for row in found if row is not None]


def state(db: Session) -> Any:
    """Return the number of sealed and of unsealed entries, and the last hash."""
    return db.execute(text(STATE)).one()


def last_link(db: Session) -> Any | None:
    """Return (place, hash) of the last link, or None when the chain is empty."""
    return db.execute(
        text("select place, hash from activity_seal order by place desc limit 1")
    ).first()


def link(db: Session, place: int) -> Any | None:
    """Return (place, hash) of the link at a position, or None."""
    statement = text("select place, hash from activity_seal where place = :place")
    return db.execute(statement, {"place": place}).first()


def first_place(db: Session) -> int | None:
    """Return the position of the oldest stored link, or None when the chain is empty."""
    found: int | None = db.scalar(text("select min(place) from activity_seal"))
    return found


def has_hash(db: Session, head: str) -> bool:
    """Return whether the chain still contains an earlier hash."""
    statement = "select exists (select from activity_seal where encode(hash, 'hex') = :head)"
    return bool(db.execute(text(statement), {"head": head}).scalar_one())


def oldest_to_keep(db: Session, *, before: datetime) -> Any | None:
    """Return the last link of the part of the chain that is older than `before`."""
    return db.execute(text(OLD), {"before": before}).first()


def forget_until(db: Session, place: int) -> int:
    """Delete the entries up to a link, and the links before it; return how many entries."""
    lines: int = db.execute(
        text(
            "delete from activity a using activity_seal s"
            " where s.activity_id = a.id and s.place <= :place"
        ),
        {"place": place},
    ).rowcount  # type: ignore[attr-defined]
    db.execute(text("delete from activity_seal where place < :place"), {"place": place})
    return lines


def erase(db: Session, *, donor_id: int) -> Sequence[Any]:
    """Empty the entries about a donor; return (place, new hash) of those already sealed."""
    db.execute(text(RESALT), {"donor_id": donor_id})
    db.execute(text(ERASE), {"donor_id": donor_id})
    return db.execute(text(LINKS), {"donor_id": donor_id}).all()


def mark_erased(db: Session, *, donor_id: int, by: int) -> None:
    """Store the new hash and the id `by` of the erasure's entry in the emptied entries' links."""
    db.execute(text(MARK), {"donor_id": donor_id, "by": by})
