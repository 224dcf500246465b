"""Staging of rows in temporary tables that are dropped when the transaction ends."""

from collections.abc import Iterator

import pandas as pd
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from app.accounts import Actor, editable_donors, giftable_donors
from app.db import Session
from app.db.bulk_copy import copy_in
from app.imports.planning.plan import Tally
from app.imports.queries import new_records
from app.imports.queries.problems import problem_of
from app.imports.values.problems import RowProblem

_REFERENCES = {
    "donor_ext": "text",
    "donor_own": "bigint",
    "fund_ext": "text",
    "fund_own": "bigint",
    "fund": "text",
    "pledge_ext": "text",
    "pledge_own": "bigint",
    "email": "text",
    "donor_row": "bigint",
}
_ROW = {"row": "bigint", "ext_id": "text", "own_id": "bigint"}
_RESULT = {
    "target_id": "bigint",
    "target_version": "bigint",
    "action": "text",
    "field": "text",
    # made by `problem_sql`
    "reason": "jsonb",
}
SHAPES: dict[str, dict[str, str]] = {
    "donors": _ROW
    | dict.fromkeys(
        (
            "kind",
            "name",
            "first_name",
            "last_name",
            "spouse_first_name",
            "spouse_last_name",
            "salutation",
            "envelope_name",
            "status",
            "owner_email",
            "email",
            "other_emails",
            "phone",
            "other_phones",
            "street",
            "city",
            "state",
            "postal_code",
            "country",
            "notes",
            "tags",
            "custom",
        ),
        "text",
    )
    | dict.fromkeys(("no_email", "no_phone", "no_mail", "deceased", "anonymous"), "boolean"),
    "gifts": _ROW
    | _REFERENCES
    | {
        "amount_minor": "bigint",
        "currency": "text",
        "gift_date": "date",
        "method": "text",
        "fee_minor": "bigint",
        "note": "text",
        "reverses_ext": "text",
        "reverses_own": "bigint",
    },
    "pledges": _ROW
    | _REFERENCES
    | {
        "amount_minor": "bigint",
        "currency": "text",
        "frequency": "text",
        "status": "text",
        "start_date": "date",
        "end_date": "date",
        "anchor_day": "bigint",
        "instalments": "bigint",
        "total_minor": "bigint",
        "grace_days": "bigint",
        "method": "text",
        "note": "text",
    },
    "funds": _ROW | {"name": "text", "status": "text"},
}
_WORKING = {
    "donors": _RESULT
    | {"how": "text", "owner_id": "bigint", "same_as": "bigint", "asked": "text"}
    # the name is nothing but the e-mail; the row's name replaces such a name
    | {"nameless": "boolean", "renames": "boolean"},
    "gifts": {},
    "pledges": _RESULT | {"donor_id": "bigint", "fund_id": "bigint", "kept": "text"},
    "funds": _RESULT,
}
_SUMMED = {
    "gifts": ("amount_minor", "gift_date"),
    "pledges": ("amount_minor", "start_date"),
}


def prepare(db: Session) -> None:
    """Give this transaction's bulk statements memory for their joins, and discard cached plans.

    A connection caches the plans of foreign keys and triggers. A plan made while a table was small
    scans the whole table, and would do so for each of the many rows this transaction writes.
    """
    db.execute(text("set local work_mem = '192MB'"))
    db.execute(text("discard plans"))


def stage(db: Session, kind: str, rows: pd.DataFrame) -> None:
    """Copy typed rows into a new staging table; columns that the file lacks stay null."""
    shape = SHAPES[kind] | _WORKING[kind]
    definitions = ", ".join(f'"{name}" {type_}' for name, type_ in shape.items())
    db.execute(text(f"drop table if exists planned_{kind}, import_{kind}"))
    db.execute(text(f"create temporary table import_{kind} ({definitions}) on commit drop"))
    if kind == "donors":
        db.execute(text("drop table if exists import_notes, import_emails"))
        db.execute(
            text(
                "create temporary table import_notes (row bigint, field text, note jsonb)"
                " on commit drop"
            )
        )
    columns = [name for name in rows.columns if name in SHAPES[kind]]
    copy_in(db, f"import_{kind}", columns, rows)
    db.execute(text(f"analyze import_{kind}"))


def drop_staged(db: Session) -> None:
    """Drop the tables of a file that was staged earlier in this transaction."""
    db.execute(text(f"drop table if exists {', '.join(_TABLES)}"))


_TABLES = (
    "planned_gifts",
    *(f"import_{kind}" for kind in SHAPES),
    *("import_notes", "import_emails", "import_splits", "import_credits", "import_extra"),
    *("import_candidates", "import_wanted", "import_pairs"),
)


def add_notes(db: Session, statement: str, **values: object) -> None:
    """Store notes about staged donors: a query of (row, field, note made by `problem_sql`)."""
    db.execute(text(f"insert into import_notes (row, field, note) {statement}"), values)


def notes(db: Session, kind: str, *, limit: int) -> list[RowProblem]:
    """Return the notes about staged rows that are imported, in the file's order."""
    if kind != "donors":
        return []
    rows = db.execute(
        text(
            "select row, field, note from import_notes order by row, field, note ->> 'code'"
            " limit :limit"
        ),
        {"limit": limit},
    )
    return [RowProblem(row.row, row.field, problem_of(row.note), "note") for row in rows]


def analyse(db: Session) -> None:
    """Update the planner's statistics of the many new rows now, before autovacuum does."""
    db.execute(
        text(
            "analyze donor, donor_external_id, donor_email, fund, gift, pledge, donor_summary,"
            " donor_year, owner_month"
        )
    )


def scope_sql(actor: Actor, *, gifts: bool = False) -> str:
    """Return the actor's authorization as an SQL condition on the table `donor`."""
    scope = giftable_donors(actor) if gifts else editable_donors(actor)
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    return str(scope.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


def tallies(db: Session, kind: str, *, in_batch: bool = False) -> list[Tally]:
    """Return sums of the planned rows by action and currency.

    `in_batch`: records that earlier files of the batch add count by their key, not by their id.
    """
    amount, day = _SUMMED.get(kind, ("0", "null::date"))
    currency = "currency" if kind in _SUMMED else "null"
    rows = db.execute(
        text(f"""
        select action, {currency}, count(*),
               (sum({amount}) filter (where action <> 'skip' or reason is null))::bigint,
               min({day}), max({day}),
               sum(hash_record_extended(row({", ".join(_state(kind, in_batch=in_batch))}),
                                        0)::numeric)
        from {table(kind)} s group by 1, 2
        """)
    )
    return [Tally(*row) for row in rows]


def _state(kind: str, *, in_batch: bool) -> Iterator[str]:
    """Yield the SQL of what a row's action depends on."""
    records = {"target_id": kind.removesuffix("s")} | _RECORDS_OF
    for column in ("row", "action", "target_id", "target_version", *_RESULT_COLUMNS[kind]):
        record = records.get(column) if in_batch else None
        yield new_records.key_sql(record, f"s.{column}") if record else column


_RECORDS_OF = {"donor_id": "donor", "fund_id": "fund", "reverses_id": "gift"}
_RESULT_COLUMNS = {
    "gifts": ("donor_id", "fund_id", "reverses_id"),
    "pledges": ("donor_id", "fund_id", "field"),
    "donors": ("how", "field"),
    "funds": ("field",),
}


def table(kind: str) -> str:
    """Return the name of the table that holds the action of each row."""
    return "planned_gifts" if kind == "gifts" else f"import_{kind}"


def problems(db: Session, kind: str, *, limit: int) -> list[RowProblem]:
    """Return the staged rows that are not imported for a reason, in the file's order."""
    # a further row of the same donor is no row left aside
    named = "reason is not null" if kind == "gifts" else "false"
    # its gifts and pledges are listed
    explained = "reason->>'code' <> 'donor_without_record'"
    rows = db.execute(
        text(f"""
        select row, coalesce(field, '') as field, reason, action from {table(kind)}
        where (action in ('error', 'conflict') and {explained}) or (action = 'skip' and {named})
        order by row limit :limit
        """),
        {"limit": limit},
    )
    return [RowProblem(row.row, row.field, problem_of(row.reason), row.action) for row in rows]
