"""Queries on the hash chain of the audit log: seal and check all entries, purge and erase some."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text

from app.db import Session
from app.db.statements import timeouts

LOCK = "select pg_advisory_xact_lock(hashtext('donorcrm.record'))"

# Every row written before this moment is committed or never will be, because no older transaction
# is open. The margin covers a transaction that is just beginning.
SAFE_MOMENT = """
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

INSERTED_LATE = """
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
LAST_LINK_BEFORE = """
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

ERASED_LINKS = """
select s.place, encode(activity_content(a, s.salt), 'hex') as hash
from activity_seal s join activity a on a.id = s.activity_id
where a.donor_id = :donor_id and a.action <> 'donor.erased' and s.erased_by is null
order by s.place
"""

MARK_ERASED = """
update activity_seal s set erased_by = :by, erased_content = activity_content(a, s.salt)
from activity a
where a.id = s.activity_id and a.donor_id = :donor_id and a.action <> 'donor.erased'
  and s.erased_by is null
"""


class BrokenEntry(NamedTuple):
    """The first of `lines` entries that are broken for a reason."""

    activity_id: int
    reason: str
    lines: int


class ChainState(NamedTuple):
    """The numbers of sealed and of unsealed entries, and the last hash."""

    sealed: int
    waiting: int
    head: str | None


class Link(NamedTuple):
    """A link of the chain: its position and its hash."""

    place: int
    hash: bytes


class HexLink(NamedTuple):
    """A link of the chain: its position and its hash in hexadecimal."""

    place: int
    hash: str


def allow(db: Session, permission: str) -> None:
    """Set what the trigger lets this transaction do to the audit log; "" permits nothing."""
    db.execute(text("select set_config('donorcrm.record', :what, true)"), {"what": permission})


def lock(db: Session) -> None:
    """Lock the chain for this transaction, and extend its timeout to a job's."""
    timeouts.allow(db, timeouts.JOB)
    db.execute(text(LOCK))


def safe_moment(db: Session) -> datetime:
    """Return the moment before which no new entry can become visible any more."""
    moment: datetime = db.execute(text(SAFE_MOMENT)).scalar_one()
    return moment


def seal(db: Session, *, most: int) -> int:
    """Add up to `most` unsealed entries to the chain and return how many."""
    sealed: int = db.execute(text(SEAL), {"most": most}).rowcount  # type: ignore[attr-defined]
    return sealed


def advance(db: Session, moment: datetime) -> None:
    """Store the moment up to which all entries are sealed; it never moves back."""
    db.execute(text("update activity_horizon set at = greatest(at, :moment)"), {"moment": moment})


def broken(db: Session) -> list[BrokenEntry]:
    """Return the first entry changed and the first inserted late.

    An entry inserted late has a time before the sealed moment but no link. `lines` is the number
    of entries of each kind; a kind without any is left out.
    """
    rows = (db.execute(text(statement)).first() for statement in (BROKEN, INSERTED_LATE))
    return [BrokenEntry(*row) for row in rows if row is not None]


def state(db: Session) -> ChainState:
    """Return the number of sealed and of unsealed entries, and the last hash."""
    return ChainState(*db.execute(text(STATE)).one())


def last_link(db: Session) -> Link | None:
    """Return the last link, or None when the chain is empty."""
    row = db.execute(
        text("select place, hash from activity_seal order by place desc limit 1")
    ).first()
    return None if row is None else Link(*row)


def link(db: Session, place: int) -> Link | None:
    """Return the link at a position, or None."""
    statement = text("select place, hash from activity_seal where place = :place")
    row = db.execute(statement, {"place": place}).first()
    return None if row is None else Link(*row)


def first_place(db: Session) -> int | None:
    """Return the position of the oldest stored link, or None when the chain is empty."""
    place: int | None = db.scalar(text("select min(place) from activity_seal"))
    return place


def has_hash(db: Session, head: str) -> bool:
    """Return whether the chain still contains an earlier hash."""
    statement = "select exists (select from activity_seal where encode(hash, 'hex') = :head)"
    return bool(db.execute(text(statement), {"head": head}).scalar_one())


def last_link_before(db: Session, *, before: datetime) -> HexLink | None:
    """Return the last link of the part of the chain that is older than `before`."""
    row = db.execute(text(LAST_LINK_BEFORE), {"before": before}).first()
    return None if row is None else HexLink(*row)


def purge_until(db: Session, place: int) -> int:
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


def erase(db: Session, *, donor_id: int) -> list[HexLink]:
    """Empty the entries about a donor; return the changed links with the new content hashes."""
    db.execute(text(RESALT), {"donor_id": donor_id})
    db.execute(text(ERASE), {"donor_id": donor_id})
    rows = db.execute(text(ERASED_LINKS), {"donor_id": donor_id})
    return [HexLink(*row) for row in rows]


def mark_erased(db: Session, *, donor_id: int, erasure_id: int) -> None:
    """Store the new hash and the id `by` of the erasure's entry in the emptied entries' links."""
    db.execute(text(MARK_ERASED), {"donor_id": donor_id, "by": erasure_id})
