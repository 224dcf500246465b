"""SQL of a donor's history: the timeline, and entries of the contact log."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import delete, insert, select, text, update

from app.accounts import Actor, visible_donors
from app.db import Session
from app.db.models import Activity, ContactLog, Donor, User


class TimelineRow(Protocol):
    """One event of a donor's timeline; the amount is in minor units."""

    on_day: date
    at: datetime
    kind: str
    sort_kind: str
    sentence: str
    detail: str | None
    user_name: str | None
    amount_minor: int | None
    currency: str
    id: int


# Every kind of record has its own lines; the audit log adds only events that have no record. A
# thank-you is an event of the audit log, or the mark of a gift that came with a file.
EVENTS = """
select gift_date as on_day, created_at as at, kind, 'gift' as sort_kind, note as detail,
       case when kind = 'reversal' then 'Gift taken back'
            else 'Gift' || coalesce(' by ' || method, '') end as sentence,
       null::text as user_name, amount_minor, currency, id
from gift where donor_id = :donor_id
union all
select (g.thanked_at at time zone :zone)::date, g.thanked_at, 'thanks', 'thanks', null,
       'Thanked for a gift' || coalesce(' by ' || g.thanked_how, '') || '.', u.name, null, null,
       g.id
from gift g left join app_user u on u.id = g.thanked_by
where g.donor_id = :donor_id and g.thanked_at is not null and not exists (
    select from activity a
    where a.entity = 'gift' and a.entity_id = g.id and a.action = 'gift.thanked')
union all
select start_date, created_at, 'pledge', 'pledge', note,
       'Pledge, ' || (cast(:intervals as jsonb) ->> frequency), null, amount_minor, currency, id
from pledge where donor_id = :donor_id
union all
select (c.at at time zone :zone)::date, c.at, 'contact', 'contact', c.text,
       upper(left(c.kind, 1)) || substr(c.kind, 2), u.name, null, null, c.id
from contact_log c left join app_user u on u.id = c.by_id where c.donor_id = :donor_id
union all
select coalesce((t.done_at at time zone :zone)::date, t.due_on,
                (t.created_at at time zone :zone)::date),
       coalesce(t.done_at, t.created_at), 'task', 'task', t.note,
       case when t.done_at is null then 'To do' else 'Done' end || ': ' || t.title, u.name,
       null, null, t.id
from task t left join app_user u on u.id = t.assignee_id where t.donor_id = :donor_id
union all
select coalesce(r.answered_on, r.asked_on), r.updated_at, 'request', 'request',
       concat_ws(' · ', r.text, r.answer),
       case when r.answered_on is null then 'Request' else 'Request answered' end, u.name,
       null, null, r.id
from care_request r left join app_user u on u.id = r.created_by
where r.donor_id = :donor_id
  and 'requests' = any (coalesce((select o.modules from organisation o), '{}'))
union all
select c.given_on, c.created_at, 'consent', 'consent', c.source,
       case when c.granted then 'Allowed ' else 'Refused ' end
       || coalesce(cast(:purposes as jsonb) ->> c.purpose, c.purpose) || ' by '
       || coalesce(cast(:channels as jsonb) ->> c.channel, c.channel), u.name, null, null, c.id
from donor_consent c left join app_user u on u.id = c.recorded_by where c.donor_id = :donor_id
union all
select (r.created_at at time zone :zone)::date, r.created_at, 'relation', 'imported relation',
       null, 'A file added a relation: ' || r.type || '.', null, null, null, r.id
from donor_relation r where r.donor_id = :donor_id and r.import_run_id is not null
union all
select s.gift_date, s.created_at, 'soft credit', 'soft credit', null,
       'Soft credit: ' || s.type, null, s.amount_minor, g.currency, s.id
from soft_credit s left join gift g on g.id = s.gift_id
where s.donor_id = :donor_id and :sees_amounts
union all
select (a.at at time zone :zone)::date, a.at,
       case when a.action = 'gift.thanked' then 'thanks'
            when a.action = any (:relations) then 'relation' else 'change' end,
       'audit', null, a.sentence, u.name, null, null, a.id
from activity a left join app_user u on u.id = a.actor_id
where a.donor_id = :donor_id and a.action <> all (:recorded)
"""
# actions of the audit log whose record is in the timeline
RECORDED = [
    *("gift.recorded", "gift.reversed", "pledge.created", "donor.contacted", "donor.consented"),
    *("task.created", "task.finished", "request.noted", "request.answered"),
]
RELATIONS = [
    *("donor.related", "donor.joined", "donor.left"),
    *("donor.household_made", "donor.household_head", "donor.household_dissolved"),
]
PAGE = f"""
select * from ({EVENTS}) event
where (:all_kinds or replace(kind, 'reversal', 'gift') = any (:kinds))
  and (not :searched or normalise(concat_ws(' ', sentence, detail, user_name)) like all (
       select normalise(word) from unnest(cast(:words as text[])) word))
  and (cast(:on_day as date) is null or (on_day, at, sort_kind, id) < (
       cast(:on_day as date), cast(:at as timestamptz), cast(:sort_kind as text), :id))
order by on_day desc, at desc, sort_kind desc, id desc
limit :most
"""


def timeline(
    db: Session, donor_id: int, *, words: Sequence[str], **values: object
) -> Sequence[TimelineRow]:
    """Return events of a donor whom the caller has checked to be visible, newest first.

    Args:
        db: the session.
        donor_id: the donor.
        words: texts that an event must contain all, in any case and without accents.
        values: the parameters of PAGE: `zone`, `intervals`, `purposes`, `channels` (JSON),
            `sees_amounts`, `kinds` (empty: all), `on_day`, `at`, `sort_kind` and `id` of the event
            before (a day of None: from the start), `most`.
    """
    escaped = [_pattern(word) for word in words]
    chosen = {
        "donor_id": donor_id,
        "all_kinds": not values["kinds"],
        "searched": bool(words),
        "words": escaped,
        "recorded": RECORDED,
        "relations": RELATIONS,
    }
    return db.execute(text(PAGE), chosen | values).all()


def _pattern(word: str) -> str:
    for sign in "\\%_":
        word = word.replace(sign, f"\\{sign}")
    return f"%{word}%"


REMOVED = "donor.contact_removed"


def add_contact(db: Session, **values: object) -> int:
    """Insert an entry into the contact log and return its id."""
    return db.execute(insert(ContactLog).values(**values).returning(ContactLog.id)).scalar_one()


def donor_of_contact(db: Session, actor: Actor, contact_id: int) -> int | None:
    """Return the donor of a contact-log entry, if the actor may see the donor."""
    statement = (
        select(ContactLog.donor_id)
        .join(Donor, Donor.id == ContactLog.donor_id)
        .where(ContactLog.id == contact_id, visible_donors(actor))
    )
    return db.scalar(statement)


def locked_contact(db: Session, contact_id: int) -> ContactLog | None:
    """Lock an entry of the contact log and return it as it is now."""
    return db.scalar(
        select(ContactLog)
        .where(ContactLog.id == contact_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def change_contact(db: Session, contact_id: int, **values: object) -> None:
    """Update columns of a contact-log entry."""
    db.execute(update(ContactLog).where(ContactLog.id == contact_id).values(**values))


def remove_contact(db: Session, contact_id: int) -> None:
    """Delete a contact-log entry."""
    db.execute(delete(ContactLog).where(ContactLog.id == contact_id))


def removed_contact(
    db: Session, actor: Actor, contact_id: int
) -> tuple[int, dict[str, Any] | None] | None:
    """Return the donor of a deleted entry, if visible, and the values it had.

    The values are None if the audit log does not have them (any more).
    """
    row = db.execute(
        select(Donor.id, Activity.before)
        .join(Donor, Donor.id == Activity.donor_id)
        .where(
            Activity.entity == "contact",
            Activity.entity_id == contact_id,
            Activity.action == REMOVED,
            visible_donors(actor),
        )
        .order_by(Activity.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def is_contact(db: Session, contact_id: int, source: str | None, external_id: str | None) -> bool:
    """Return whether an entry has this id, or this number of another system."""
    by_id = ContactLog.id == contact_id
    same = (ContactLog.import_source == source) & (ContactLog.external_id == external_id)
    found = by_id if external_id is None else by_id | same
    return db.scalar(select(ContactLog.id).where(found).limit(1)) is not None


def is_user(db: Session, user_id: int | None) -> bool:
    """Return whether this user is still there."""
    return db.scalar(select(User.id).where(User.id == user_id)) is not None
