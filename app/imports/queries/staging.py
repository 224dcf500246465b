"""Staging of rows in temporary tables that are dropped when the transaction ends."""

from collections.abc import Iterator

import pandas as pd
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from app.accounts import Actor, editable_donors, giftable_donors
from app.db import Session
from app.db.statements.bulk_copy import copy_in
from app.imports.planning.plan import Tally
from app.imports.queries import new_records
from app.imports.queries.problems import problem_of, problem_sql
from app.imports.queries.records import staged_records
from app.imports.values.problems import RowProblem

_REFERENCES = {
    "donor_ext": "text",
    "donor_own": "bigint",
    "fund_ext": "text",
    "fund_own": "bigint",
    "fund": "text",
    "campaign": "text",
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
            "deceased_on",
            "preferred_language",
            "preferred_channel",
            "contact_details",
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
        "receipt_wanted": "boolean",
        "tribute": "text",
        **dict.fromkeys(("check_number", "tribute_name", "notify_name", "notify_address"), "text"),
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
        **dict.fromkeys(("anchor_day", "instalments", "total_minor", "grace_days"), "bigint"),
        "method": "text",
        "note": "text",
    },
    "funds": _ROW | {"name": "text", "status": "text", "gl_code": "text"},
    **{kind: _ROW | shape for kind, shape in staged_records.SHAPES.items()},
}
_WORKING = {
    "donors": _RESULT
    | {"how": "text", "owner_id": "bigint", "same_as": "bigint", "asked": "text"}
    # the name is nothing but the e-mail; the row's name replaces such a name
    | {"nameless": "boolean", "renames": "boolean"},
    "gifts": {},
    "pledges": _RESULT
    | {"donor_id": "bigint", "fund_id": "bigint", "kept": "text"}
    | {"campaign_id": "bigint"},
    "funds": _RESULT,
    **{kind: _RESULT | working for kind, working in staged_records.WORKING.items()},
}
_SUMMED = {"gifts": ("amount_minor", "gift_date"), "pledges": ("amount_minor", "start_date")}


def staging_table(kind: str) -> str:
    """Return the name of the table that holds the file's rows of a kind."""
    return f"import_{kind.replace('-', '_')}"


def prepare(db: Session) -> None:
    """Give this transaction's bulk statements memory for their joins, and discard cached plans.

    A connection caches the plans of foreign keys and triggers: one made while a table was small
    scans the whole table for each of the many rows that this transaction writes.
    """
    db.execute(text("set local work_mem = '192MB'"))
    db.execute(text("discard plans"))


def stage(db: Session, kind: str, rows: pd.DataFrame) -> None:
    """Copy typed rows into a new staging table; columns that the file lacks stay null."""
    shape = SHAPES[kind] | _WORKING[kind]
    definitions = ", ".join(f'"{name}" {type_}' for name, type_ in shape.items())
    name = staging_table(kind)
    db.execute(text(f"drop table if exists {table(kind)}, {name}"))
    db.execute(text(f"create temporary table {name} ({definitions}) on commit drop"))
    if kind == "donors":
        db.execute(text("drop table if exists import_notes, import_emails"))
        db.execute(
            text(
                "create temporary table import_notes (row bigint, field text, note jsonb)"
                " on commit drop"
            )
        )
    columns = [name for name in rows.columns if name in SHAPES[kind]]
    copy_in(db, name, columns, rows)
    db.execute(text(f"analyze {name}"))


def drop_staged(db: Session) -> None:
    """Drop the tables of a file that was staged earlier in this transaction."""
    db.execute(text(f"drop table if exists {', '.join(_TABLES)}"))


_TABLES = (
    *("planned_gifts", *(staging_table(kind) for kind in SHAPES)),
    *("import_notes", "import_emails", "import_splits", "import_credits", "import_extra"),
    *("import_candidates", "import_wanted", "import_parts", "import_pairs"),
)


def add_notes(db: Session, statement: str, **values: object) -> None:
    """Store notes about staged donors: a query of (row, field, note made by `problem_sql`)."""
    db.execute(text(f"insert into import_notes (row, field, note) {statement}"), values)


def notes(db: Session, kind: str, *, limit: int) -> list[RowProblem]:
    """Return the notes about staged rows that are imported, in the file's order."""
    if kind == "funds":
        return []
    source = "import_notes"
    if kind in staged_records.SHAPES:
        source = staged_records.notes_sql(kind, table(kind))
    elif kind != "donors":
        split = _CLOSED_IN_SPLITS + _NOTE_AWAITING if kind == "gifts" else ""
        source = f"({_CLOSED.format(table=table(kind))}{split}) n"
    rows = db.execute(
        text(
            f"select row, field, note from {source} order by row, field, note ->> 'code'"
            " limit :limit"
        ),
        {"limit": limit},
    )
    return [RowProblem(row.row, row.field, problem_of(row.note), "note") for row in rows]


def awaiting_rate(db: Session, kind: str) -> dict[str, int]:
    """Return the number of planned gifts by currency that wait for an exchange rate."""
    if kind != "gifts":
        return {}
    rows = db.execute(text(f"select currency, count(*) {_AWAITING} group by 1 order by 1"))
    return dict(map(tuple, rows))


_AWAITING = "from planned_gifts where awaiting_rate and action in ('create', 'update')"
_AWAITED = problem_sql("exchange_rate_awaited", currency="currency", day="gift_date")
_NOTE_AWAITING = f"""
    union all
    select row, 'currency', {_AWAITED} {_AWAITING}
"""
# rows that are imported for a closed fund or campaign
_CLOSED = f"""
    select s.row, 'fund' as field, {problem_sql("fund_closed", fund="f.name")} as note
    from {{table}} s join fund f on f.id = s.fund_id and f.status = 'closed'
    where s.action in ('create', 'update')
    union all
    select s.row, 'campaign', {problem_sql("campaign_closed", campaign="c.name")}
    from {{table}} s join campaign c on c.id = s.campaign_id and c.status = 'closed'
    where s.action in ('create', 'update')
"""
_CLOSED_IN_SPLITS = f"""
    union all
    select s.row, 'split', {problem_sql("fund_closed", fund="f.name")}
    from planned_gifts s join import_splits p on p.row = s.row
    join fund f on lower(f.name) = lower(p.fund) and f.status = 'closed'
        and f.merged_into_id is null
    where s.action in ('create', 'update')
"""


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
    # in a batch the donor and the row say which related record it is
    target = () if in_batch and kind in staged_records.RELATED else ("target_id", "target_version")
    for column in ("row", "action", *target, *_RESULT_COLUMNS[kind]):
        record = records.get(column) if in_batch else None
        yield new_records.key_sql(record, f"s.{column}") if record else column


_RECORDS_OF = {"donor_id": "donor", "fund_id": "fund", "reverses_id": "gift"}
_RESULT_COLUMNS = {
    "gifts": ("donor_id", "fund_id", "reverses_id"),
    "pledges": ("donor_id", "fund_id", "field"),
    "donors": ("how", "field"),
    "funds": ("field",),
    **staged_records.DECIDING,
}


def table(kind: str) -> str:
    """Return the name of the table that holds the action of each row."""
    return "planned_gifts" if kind == "gifts" else staging_table(kind)


def problems(db: Session, kind: str, *, limit: int) -> list[RowProblem]:
    """Return the staged rows that are not imported for a reason, in the file's order."""
    # a further row of the same donor is not left aside
    named = "reason is not null" if kind == "gifts" else "false"
    explained = "reason->>'code' <> 'donor_without_record'"  # its gifts are listed
    rows = db.execute(
        text(f"""
        select row, coalesce(field, '') as field, reason, action from {table(kind)}
        where (action in ('error', 'conflict') and {explained}) or (action = 'skip' and {named})
        order by row limit :limit
        """),
        {"limit": limit},
    )
    return [RowProblem(row.row, row.field, problem_of(row.reason), row.action) for row in rows]
