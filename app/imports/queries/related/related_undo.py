"""Undo of related records: delete those that a run created, and restore flags of one of several.

Of a donor's details one is the primary one, of a household's members one is the head: the row that
has the flag now gives it up before another takes it back.
"""

from collections.abc import Mapping

from sqlalchemy import text

from app.db import Session

# table → (the flag that one row of a group has, the column of the group)
FLAGS: Mapping[str, tuple[str, str]] = {
    "donor": ("household_head", "household_id"),
    "donor_email": ("is_primary", "donor_id"),
    "donor_phone": ("is_primary", "donor_id"),
    "donor_address": ("is_primary", "donor_id"),
}
_CREATED = ("donor_email", "donor_phone", "donor_address")


def make_way(db: Session, *, run_id: int) -> None:
    """Take flags from rows that the run created, and leave those that users have set since."""
    for table in FLAGS:
        for statement in _make_way(table):
            db.execute(text(statement), {"run": run_id})


def take_back(db: Session, *, run_id: int) -> None:
    """Delete the relations and soft credits that a run created."""
    for statement in _DELETE:
        db.execute(text(statement), {"run": run_id})


def _make_way(table: str) -> tuple[str, ...]:
    flag, group = FLAGS[table]
    created = "t.import_run_id is distinct from :run" if table in _CREATED else "true"
    unchanged = (
        "c.after - 'updated_at' = to_jsonb(t) - 'updated_at'"
        if table in _CREATED
        else "c.after ->> 'version' = t.version::text"
    )
    # another row has the flag, and the undo will not take it away
    keep = f"""
        update import_change r set before = r.before || '{{"{flag}": false}}'
        where r.run_id = :run and r.table_name = '{table}' and (r.before ->> '{flag}')::boolean
            and exists (
                select from {table} t left join import_change c on c.run_id = :run
                    and c.table_name = '{table}' and c.row_id = t.id
                where t.{group} = (r.before ->> '{group}')::bigint and t.{flag}
                    and t.id <> r.row_id and {created}
                    and (c.row_id is null or not ({unchanged})))
    """
    if table not in _CREATED:
        return (keep,)
    yield_flag = f"""
        update {table} k set {flag} = false
        where k.import_run_id = :run and k.{flag} and exists (
            select from import_change c where c.run_id = :run and c.table_name = '{table}'
                and (c.before ->> '{flag}')::boolean
                and (c.before ->> '{group}')::bigint = k.{group})
    """
    return keep, yield_flag


_DELETE = (
    # the credits of gifts that the same run added go, or stay, with them
    """
    delete from soft_credit s using gift g
    where s.import_run_id = :run and g.id = s.gift_id and g.import_run_id is distinct from :run
    """,
    "delete from donor_relation where import_run_id = :run",
)
