"""Undo of a run: revert exactly what it changed, and nothing that users changed since."""

from collections.abc import Callable

from sqlalchemy import text

from app.db import Session
from app.db.exchange_rates import convert_import, hold_rates
from app.db.models import Base
from app.imports.queries.donors import search_text
from app.imports.queries.records import record_write
from app.imports.queries.related import related_undo
from app.imports.queries.runs.before_images import PLAIN, VERSIONED


def restore_rows(db: Session, *, run_id: int, report: Callable[[str, int], None]) -> list[str]:
    """Undo a run; return a sentence for each row not reverted because a user changed it since.

    `report` is called with the current step and the progress in percent.
    """
    hold_rates(db)
    search_text.defer(db)
    report("Looking for what was changed since", 5)
    for statement in _FIND_KEPT_GIFTS:
        db.execute(text(statement), {"run": run_id})
    sentences = []
    for statement in _KEEP:
        sentences += list(db.scalars(text(statement), {"run": run_id}))
    for table in (*VERSIONED, *PLAIN):
        sentences += list(db.scalars(text(_edited(table)), {"run": run_id}))
    report("Taking the gifts back", 20)
    for statement in _DELETE_GIFTS:
        db.execute(text(statement), {"run": run_id})
    report("Putting back what stood there before", 70)
    related_undo.make_way(db, run_id=run_id)
    for table in (*VERSIONED, *PLAIN):
        for statement in _restore(table):
            db.execute(text(statement), {"run": run_id})
    if db.scalar(text(_FOREIGN), {"run": run_id}):
        # the rates may have changed since the import
        convert_import(db, run_id=run_id)
    sentences += record_write.take_back(db, run_id=run_id)
    related_undo.take_back(db, run_id=run_id)
    for statement in (*_AMOUNTS, *_DELETE_RAISED, *_DELETE):
        db.execute(text(statement), {"run": run_id})
    report("Taking the people back", 85)
    sentences += list(db.scalars(text(_LEFT_DONORS), {"run": run_id}))
    db.execute(text(_DELETE_DONORS), {"run": run_id})
    db.execute(text(_DELETE_CAMPAIGNS), {"run": run_id})
    db.execute(text(_DELETE_FUNDS), {"run": run_id})
    search_text.refresh(db)
    return sentences


_FOREIGN = """
    select exists (
        select from import_change c join gift g on g.id = c.row_id
        where c.run_id = :run and c.table_name = 'gift'
            and g.currency <> coalesce((select currency from organisation), 'USD'))
"""
_DELETE_RAISED = (
    """
    delete from task t using import_change c
    where c.run_id = :run and c.table_name = 'alert' and c.before = '{}'
        and t.alert_id = c.row_id and t.version = 1
    """,
    """
    delete from alert a using import_change c
    where c.run_id = :run and c.table_name = 'alert' and c.before = '{}' and a.id = c.row_id
        and a.state = c.after ->> 'state'
    """,
)


def _unchanged(table: str) -> str:
    if table in VERSIONED:
        return "(c.after ->> 'version') is not distinct from t.version::text"
    if table == "alert":
        # deleting the gift has already removed the alert's link to it
        return "c.after ->> 'state' = t.state"
    return "c.after - 'updated_at' = to_jsonb(t) - 'updated_at'"


NOUNS = {
    "donor_address": "address",
    "donor_email": "e-mail",
    "donor_phone": "phone",
    "care_request": "request",
    "contact_log": "contact",
    "soft_credit": "soft credit",
}


def _edited(table: str) -> str:
    noun = NOUNS.get(table, table)
    return f"""
        select '{noun.capitalize()} ' || coalesce(to_jsonb(t) ->> 'name', to_jsonb(t) ->> 'title',
               'of ' || d.name, '') || ' was changed by somebody since.'
        from import_change c join {table} t on t.id = c.row_id
        left join donor d on d.id = (to_jsonb(t) ->> 'donor_id')::bigint
        where c.run_id = :run and c.table_name = '{table}' and not {_unchanged(table)}
        order by c.row_id
    """


def _restore(table: str) -> tuple[str, ...]:
    """Return statements that restore the rows: those first that give up a flag of one row."""
    columns = [
        column.name for column in Base.metadata.tables[table].columns if column.name != "id"
    ]
    names = ", ".join(columns)
    changed = """
        (select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(c.before)
         where c.after -> key is distinct from value)
    """
    restore = f"""
        update {table} t set ({names}) = (
            select {names} from jsonb_populate_record(t, to_jsonb(t) || {changed}))
        from import_change c
        where c.run_id = :run and c.table_name = '{table}' and t.id = c.row_id
            and {_unchanged(table)}
    """
    if table not in related_undo.FLAGS:
        return (restore,)
    flag, _ = related_undo.FLAGS[table]
    return f"{restore} and c.before ->> '{flag}' = 'false'", restore


# Rows to keep are determined once, table by table, and not again for every row: by statistics
# from before the import this run has hardly any rows, and the server may scan a table per row.
# Gifts that users thanked, receipted, corrected or refunded since are kept.
_FIND_KEPT_GIFTS = (
    "drop table if exists kept_gifts, run_donors, kept_donors",
    """
    create temporary table kept_gifts on commit drop as
    select g.id from gift g where g.import_run_id = :run
        and (g.version > 1 or g.thanked_at is not null or g.receipt_number is not null)
    union select g.id from gift g join soft_credit s on s.gift_id = g.id
    where g.import_run_id = :run and s.import_run_id is distinct from :run
    union select g.id from gift g join gift v on v.reverses_id = g.id
    where g.import_run_id = :run and (v.import_run_id is distinct from :run or v.version > 1)
    """,
    "analyze kept_gifts",
)
_KEPT_GIFT = "exists (select from kept_gifts k where k.id = g.id)"
_KEPT_PLEDGE = """
    (p.version > 1 or exists (select 1 from pledge_pause k where k.pledge_id = p.id
                and k.import_run_id is distinct from :run)
     or exists (select 1 from pledge_skip k where k.pledge_id = p.id)
     or exists (select 1 from pledge_amount k where k.pledge_id = p.id))
"""
_KEEP = (
    f"""
    select 'The gift of ' || d.name || ' on ' || g.gift_date || ' was worked on since.'
    from gift g join donor d on d.id = g.donor_id
    where g.import_run_id = :run and {_KEPT_GIFT} order by g.id
    """,
    f"""
    select 'The pledge of ' || d.name || ' was changed by somebody since.'
    from pledge p join donor d on d.id = p.donor_id
    where p.import_run_id = :run and {_KEPT_PLEDGE} order by p.id
    """,
)
_DELETE_GIFTS = (
    f"""
    delete from gift g
    where g.import_run_id = :run and g.kind = 'reversal' and not {_KEPT_GIFT}
    """,
    f"delete from gift g where g.import_run_id = :run and not {_KEPT_GIFT}",
)
_AMOUNTS = (
    # of pledges that are restored, or deleted with the run
    *(
        f"""
        delete from {table} k using pledge p
        where k.import_run_id = :run and p.id = k.pledge_id and (p.import_run_id = :run or exists (
            select 1 from import_change c where c.run_id = :run and c.table_name = 'pledge'
            and c.row_id = p.id and c.before ->> 'version' = p.version::text))
        """
        for table in ("pledge_terms", "pledge_pause", "pledge_amount")
    ),
    """
    delete from pledge_amount a using import_change c
    where c.run_id = :run and c.table_name = 'pledge_amount' and c.before = '{}'
        and a.pledge_id = c.row_id and a.effective_from = (c.after ->> 'effective_from')::date
    """,
    """
    update pledge_amount a set amount_minor = (c.before ->> 'amount_minor')::bigint,
        reason = c.before ->> 'reason'
    from import_change c where c.run_id = :run and c.table_name = 'pledge_amount'
        and c.before <> '{}' and a.pledge_id = c.row_id
        and a.effective_from = (c.after ->> 'effective_from')::date
    """,
)
_FIND_KEPT_DONORS = (
    """
    create temporary table run_donors on commit drop as
    select id, version from donor where import_run_id = :run
    """,
    "analyze run_donors",
    """
    create temporary table kept_donors on commit drop as
    select id from run_donors where version > 1
    union select d.id from run_donors d join gift g on g.donor_id = d.id
    union select d.id from run_donors d join pledge p on p.donor_id = d.id
    union select d.id from run_donors d join soft_credit s on s.donor_id = d.id
    where s.import_run_id is distinct from :run
    union select d.id from run_donors d join task t on t.donor_id = d.id
    where t.alert_id is null
    union select d.id from run_donors d join contact_log k on k.donor_id = d.id
    union select d.id from run_donors d join donor m on m.household_id = d.id
    """,
    "analyze kept_donors",
)
_KEPT_DONOR = "exists (select from kept_donors k where k.id = d.id)"
_NOT_KEPT = "not exists (select from kept_donors d where d.id = k.donor_id)"
_DELETE = (
    f"""
    delete from pledge p where p.import_run_id = :run and not {_KEPT_PLEDGE}
        and not exists (select 1 from gift g where g.pledge_id = p.id and g.import_run_id = :run)
    """,
    *_FIND_KEPT_DONORS,
    *(
        f"delete from {table} k where k.import_run_id = :run and {_NOT_KEPT}"
        for table in (
            "donor_tag",
            "donor_external_id",
            "donor_email",
            "donor_phone",
            "donor_address",
        )
    ),
    """
    delete from tag t using import_change c
    where c.run_id = :run and c.table_name = 'tag' and t.id = c.row_id
        and not exists (select 1 from donor_tag k where k.tag_id = t.id)
    """,
)
_LEFT_DONORS = f"""
    select d.name || ' stays: somebody changed it, or other gifts, pledges or notes hang on it.'
    from donor d
    where d.import_run_id = :run and {_KEPT_DONOR} order by d.id
"""
_DELETE_DONORS = f"delete from donor d where d.import_run_id = :run and not {_KEPT_DONOR}"
_DELETE_FUNDS = """
    delete from fund f where f.import_run_id = :run and f.version = 1
        and not exists (select 1 from gift g where g.fund_id = f.id)
        and not exists (select 1 from gift_line g where g.fund_id = f.id)
        and not exists (select 1 from pledge p where p.fund_id = f.id)
        and not exists (select 1 from campaign c where c.fund_id = f.id)
        and not exists (select 1 from fund m where m.merged_into_id = f.id)
"""
_DELETE_CAMPAIGNS = """
    delete from campaign c where c.import_run_id = :run and c.version = 1
        and not exists (select 1 from gift g where g.campaign_id = c.id)
        and not exists (select 1 from gift_line g where g.campaign_id = c.id)
        and not exists (select 1 from pledge p where p.campaign_id = c.id)
        and not exists (select 1 from campaign m where m.merged_into_id = c.id)
"""
