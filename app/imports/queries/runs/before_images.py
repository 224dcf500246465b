"""Before-images: the rows a run is about to change, stored for its undo, and their new state."""

from collections.abc import Sequence

from sqlalchemy import text

from app.db import Session

VERSIONED = ("gift", "pledge", "fund", "campaign", "donor", "task", "care_request")
PLAIN = (
    "donor_email",
    "donor_phone",
    "donor_address",
    "pledge_pause",
    "alert",
    "contact_log",
    "soft_credit",
)


def store_alerts(db: Session, *, run_id: int) -> None:
    """Store the alerts and tasks of donors with imported gifts, which the gifts may settle."""
    for statement in _store_alerts(_WITH_GIFTS):
        db.execute(text(statement), {"run": run_id})


def changed_contact_preferences(db: Session, *, run_id: int) -> Sequence[int]:
    """Return the donors changed by the run who are deceased or refuse a channel of contact.

    Their alerts and tasks are stored first, as the change closes them.
    """
    values = {"run": run_id}
    donor_ids = db.scalars(text(f"{_REFUSING_CONTACT} order by row_id"), values).all()
    if donor_ids:
        for statement in _store_alerts(_REFUSING_CONTACT):
            db.execute(text(statement), values)
    return donor_ids


def donors_of_changed_pledges(db: Session, *, run_id: int) -> Sequence[int]:
    """Return the donors of pledges changed by the run, and store their alerts and tasks first."""
    values = {"run": run_id}
    donor_ids = db.scalars(text(f"{_WITH_PLEDGES} order by donor_id"), values).all()
    if donor_ids:
        for statement in _store_alerts(_WITH_PLEDGES):
            db.execute(text(statement), values)
    return donor_ids


def store_raised_alerts(db: Session, alert_ids: Sequence[int], *, run_id: int) -> None:
    """Store the alerts that the run raised by reversing gifts: an undo deletes them."""
    if alert_ids:
        values = {"run": run_id, "ids": list(alert_ids)}
        db.execute(text(_STORE_RAISED), values)


def update_statuses(db: Session, *, run_id: int) -> None:
    """Set the status of everyone with a new gift in this run to donor, storing before-images.

    Also set the status of everyone whose gifts were all reversed by it back to prospect.
    """
    for statement in _STATUSES:
        db.execute(text(statement), {"run": run_id})


def store_new_states(db: Session, *, run_id: int) -> None:
    """Store the new state of each changed row, and delete the images of unchanged rows."""
    for table in (*VERSIONED, *PLAIN):
        db.execute(
            text(f"""
            update import_change c set after = to_jsonb(t) from {table} t
            where c.run_id = :run and c.table_name = '{table}' and t.id = c.row_id
                and c.after = '{{}}'
            """),
            {"run": run_id},
        )
    db.execute(
        text("""
        update import_change c set after = to_jsonb(a) from pledge_amount a
        where c.run_id = :run and c.table_name = 'pledge_amount' and a.pledge_id = c.row_id
            and a.effective_from = (select max(effective_from) from pledge_amount m
                                    where m.pledge_id = c.row_id)
        """),
        {"run": run_id},
    )
    db.execute(
        text("""
        delete from import_change where run_id = :run and table_name <> 'tag'
            and before - 'updated_at' = after - 'updated_at'
        """),
        {"run": run_id},
    )


_STORE_RAISED = """
    insert into import_change (run_id, table_name, row_id, before, after)
    select :run, 'alert', id, '{}', '{}' from unnest(cast(:ids as bigint[])) as id
    on conflict do nothing
"""
_REFUSING_CONTACT = """
    select c.row_id from import_change c join donor d on d.id = c.row_id
    where c.run_id = :run and c.table_name = 'donor'
        and (d.deceased or d.no_email or d.no_phone or d.no_mail)
"""
_WITH_PLEDGES = """
    select distinct p.donor_id from import_change c join pledge p on p.id = c.row_id
    where c.run_id = :run and c.table_name = 'pledge'
"""
# a gift of the household may be linked to another member's pledge
_WITH_GIFTS = """
    select donor_id from planned_gifts where action in ('create', 'update')
    union select p.donor_id from planned_gifts s join gift g on g.id = s.target_id
    join pledge p on p.id = g.pledge_id where s.action = 'update'
    union select p.donor_id from planned_gifts s join gift g on g.id = s.reverses_id
    join pledge p on p.id = g.pledge_id where s.action = 'create' and s.reverses_id is not null
"""


def _store_alerts(donors: str) -> tuple[str, str]:
    return (
        f"""
        insert into import_change (run_id, table_name, row_id, before, after)
        select :run, 'alert', a.id, to_jsonb(a), '{{}}' from alert a
        where a.state in ('open', 'snoozed') and a.donor_id in ({donors})
        on conflict do nothing
        """,
        f"""
        insert into import_change (run_id, table_name, row_id, before, after)
        select :run, 'task', t.id, to_jsonb(t), '{{}}' from task t
        where t.done_at is null and t.donor_id in ({donors})
        on conflict do nothing
        """,
    )


_HAS_FIRST_GIFT = """
    donor.status in ('prospect', 'asked', 'lapsed') and donor.id in (
        select donor_id from planned_gifts where action = 'create' and amount_minor > 0)
"""
# all gifts of the donor are reversed
_HAS_NO_GIFT_LEFT = """
    donor.status in ('donor', 'lapsed') and donor.id in (
        select k.donor_id from gift k join donor_summary s on s.donor_id = k.donor_id
        where k.import_run_id = :run and k.kind = 'reversal' and s.gifts = 0)
"""
_STATUSES = (
    f"""
    insert into import_change (run_id, table_name, row_id, before, after)
    select :run, 'donor', donor.id, jsonb_build_object('status', donor.status),
        jsonb_build_object('status', 'donor', 'version', donor.version)
    from donor where {_HAS_FIRST_GIFT} and donor.import_run_id is distinct from :run
    on conflict do nothing
    """,
    # not an edit by a user: version and time of change stay
    f"update donor set status = 'donor' where {_HAS_FIRST_GIFT}",
    f"""
    insert into import_change (run_id, table_name, row_id, before, after)
    select :run, 'donor', donor.id, jsonb_build_object('status', donor.status),
        jsonb_build_object('status', 'prospect', 'version', donor.version)
    from donor where {_HAS_NO_GIFT_LEFT} and donor.import_run_id is distinct from :run
    on conflict (run_id, table_name, row_id) do update
        set after = jsonb_set(import_change.after, '{{status}}', '"prospect"')
        where import_change.after <> '{{}}'
    """,
    f"update donor set status = 'prospect' where {_HAS_NO_GIFT_LEFT}",
)
