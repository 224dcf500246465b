"""Queries that erase a donor: personal data is deleted, amounts stay.

Only `app.privacy.service` may call them, after it has checked for an administrator: they change
the mails and imports of all users.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import RowMapping, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from app.db import Session

IDENTITY = """
select name as full_name, array[name, first_name, last_name, concat_ws(' ', first_name, last_name),
       spouse_first_name, spouse_last_name, concat_ws(' ', spouse_first_name, spouse_last_name),
       salutation, envelope_name]
    || array(select email from donor_email where donor_id = d.id)
    || array(select phone from donor_phone where donor_id = d.id)
    || array(select street from donor_address where donor_id = d.id)
    || array(select v from activity a, lateral (values (a.before ->> 'email'),
             (a.before ->> 'phone')) removed(v)
             where a.donor_id = d.id and starts_with(a.action, 'donor.contact_detail_')
             and v <> '')
    as words
from donor d where id = :id
"""

# rows that hold only the donor's personal data
DELETE_ROWS = (
    "delete from donor_email where donor_id = :id",
    "delete from donor_phone where donor_id = :id",
    "delete from donor_address where donor_id = :id",
    "delete from donor_external_id where donor_id = :id",
    "delete from donor_tag where donor_id = :id",
    "delete from donor_consent where donor_id = :id",
    "delete from donor_rhythm where donor_id = :id",
    "delete from donor_relation where :id in (donor_id, other_id)",
    "delete from contact_log where donor_id = :id",
    "delete from task where donor_id = :id",
    "delete from care_request where donor_id = :id",
    "delete from alert where donor_id = :id",
    # before-images of the person's rows; those of gifts contain notes
    (
        "delete from import_change where (table_name = 'donor' and row_id = :id)"
        " or (table_name = 'gift' and row_id in (select id from gift where donor_id = :id))"
        " or (table_name in ('pledge', 'pledge_amount')"
        "     and row_id in (select id from pledge where donor_id = :id))"
        " or (before ->> 'donor_id')::bigint = :id or (after ->> 'donor_id')::bigint = :id"
    ),
)

# rows that stay for their amounts lose their texts
EMPTY_ROWS = (
    (
        "update gift set note = null, thanked_how = null, check_number = null, tribute = null,"
        " tribute_name = null, notify_name = null, notify_address = null, version = version + 1,"
        " updated_at = :now where donor_id = :id"
    ),
    (
        "update pledge set note = null, version = version + 1, updated_at = :now,"
        " status = case when status in ('active', 'paused') then 'cancelled' else status end"
        " where donor_id = :id"
    ),
    "update pledge_pause set reason = null where donor_id = :id",
    "update pledge_skip set reason = null where donor_id = :id",
    (
        "update donor set name = :erased, first_name = null, last_name = null,"
        " spouse_first_name = null, spouse_last_name = null, salutation = null,"
        " envelope_name = null, notes = null, custom = '{}', household_id = null,"
        " household_head = false,"
        " import_run_id = null, no_email = true, no_phone = true, no_mail = true,"
        " deceased_on = null, preferred_language = null, preferred_channel = null,"
        " last_contacted_on = null, erased_at = :now, version = version + 1,"
        " updated_at = :now where id = :id"
    ),
)

# texts about several people: table, key column, text columns
SHARED_TEXTS = (
    ("outbox", "id", ("subject", "text_body", "html_body", "to_email")),
    ("import_run", "id", ("file_name", "error", "problems", "kept")),
    ("idempotency_key", "key_hash", ("answer",)),
)
_JSON_COLUMNS = {"problems", "kept", "answer"}

FILES = """
select distinct r.file_sha256 from import_run r where r.id in (
    select import_run_id from donor where id = :id
    union select import_run_id from donor_email where donor_id = :id
    union select import_run_id from donor_phone where donor_id = :id
    union select import_run_id from donor_address where donor_id = :id
    union select import_run_id from donor_external_id where donor_id = :id
    union select import_run_id from gift where donor_id = :id
    union select import_run_id from pledge where donor_id = :id
    union select run_id from import_change where (table_name = 'donor' and row_id = :id)
        or (before ->> 'donor_id')::bigint = :id)
"""


class DonorToErase(NamedTuple):
    """A locked donor: the name, and when the donor was erased, None if not yet."""

    name: str
    erased_at: datetime | None


class Identity(NamedTuple):
    """A donor's full name, and all values that may identify the donor."""

    full_name: str
    values: list[str | None]


def lock(db: Session, donor_id: int) -> DonorToErase | None:
    """Lock the donor's row and return it, or None; the household is locked before its member."""
    household = "(select household_id from donor where id = :id)"
    db.execute(text(f"select from donor where id = {household} for update"), {"id": donor_id})
    statement = text("select name, erased_at from donor where id = :id for update")
    row = db.execute(statement, {"id": donor_id}).one_or_none()
    return None if row is None else DonorToErase(*row)


def identity(db: Session, donor_id: int) -> Identity:
    """Return the donor's name and all values that may identify the donor."""
    return Identity(*db.execute(text(IDENTITY), {"id": donor_id}).one())


def files(db: Session, donor_id: int) -> list[str]:
    """Return the hashes of the uploaded files that contained data of this donor."""
    return list(db.scalars(text(FILES), {"id": donor_id}))


def delete_personal_data(db: Session, donor_id: int, *, erased: str, now: datetime) -> None:
    """Delete the donor's personal rows, and empty the texts of the rows that stay."""
    values = {"id": donor_id, "erased": erased, "now": now}
    for statement in (*DELETE_ROWS, *EMPTY_ROWS):
        db.execute(text(statement), {k: v for k, v in values.items() if f":{k}" in statement})


def matching_rows(
    db: Session, table: str, key: str, columns: Sequence[str], pattern: str
) -> list[RowMapping]:
    """Return the rows of a table that match `pattern`, a POSIX pattern of the words."""
    searched = " || ' ' || ".join(f"coalesce({column}::text, '')" for column in columns)
    statement = text(
        f"select {key} as key, {', '.join(columns)} from {table} where {searched} ~* :s"
    )
    return list(db.execute(statement, {"s": pattern}).mappings())


def update_row(
    db: Session, table: str, key: str, value: object, new_values: Mapping[str, object]
) -> None:
    """Write redacted texts back into a row."""
    sets = ", ".join(f"{name} = :{name}" for name in new_values)
    statement = text(f"update {table} set {sets} where {key} = :the_key")
    json = [bindparam(name, type_=JSONB) for name in new_values if name in _JSON_COLUMNS]
    db.execute(statement.bindparams(*json), {"the_key": value, **new_values})
