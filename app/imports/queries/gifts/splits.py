"""Splits and soft credits of a file's gifts: stage, match and write them with the gifts."""

from typing import Any

from sqlalchemy import text

from app.accounts import Actor
from app.db import Session
from app.db.statements.bulk_copy import copy_in
from app.imports.parsing.gift_splits import CREDITS, SPLITS
from app.imports.parsing.records import TypedRows
from app.imports.queries.problems import problem_sql
from app.imports.queries.staging import scope_sql


def stage(db: Session, part: TypedRows) -> None:
    """Copy the splits and soft credits of the gifts into new staging tables."""
    for statement in _TABLES:
        db.execute(text(statement))
    for table, names, rows in (
        ("import_splits", SPLITS, part.splits),
        ("import_credits", CREDITS, part.soft_credits),
    ):
        if rows is not None and len(rows):
            copy_in(db, table, list(names), rows)


def match_credits(db: Session, actor: Actor, *, source: str, mixed: bool) -> None:
    """Match the credited donors and move a single split to the gift's fund, before planning.

    The name of a credited donor who is not found is added to the gift's note, so that no data of
    the file is lost.
    """
    if not _has_splits(db):
        return
    for statement in (
        *_SINGLE_SPLIT,
        *_STORED_DONORS,
        *(_DONORS_IN_FILE if mixed else ()),
        _ADD_TO_NOTE,
        _DELETE_UNKNOWN,
    ):
        sql = statement.replace("{scope}", scope_sql(actor))
        db.execute(text(sql), {"source": source} if ":source" in sql else {})


def mark_conflicts(db: Session) -> None:
    """Mark stored gifts with other splits as conflicts, which leaves them unchanged."""
    db.execute(text(_MARK_CONFLICTS))


def write_funds(db: Session, *, run_id: int) -> None:
    """Create the funds that are named only in splits."""
    db.execute(text(_INSERT_FUNDS), {"run": run_id})


def write(db: Session, *, run_id: int, source: str, mixed: bool) -> None:
    """Add splits and soft credits to the created gifts; refunds reverse the original's splits."""
    values: dict[str, Any] = {"run": run_id, "source": source}
    statements = (
        [_INSERT_SPLITS, *([_CREDIT_NEW_DONORS] if mixed else []), _INSERT_CREDITS]
        if _has_splits(db)
        else []
    )
    if has_refunds(db):
        statements.append(_REVERSE_SPLITS)
    for statement in statements:
        db.execute(
            text(statement),
            {name: value for name, value in values.items() if f":{name}" in statement},
        )


def has_refunds(db: Session) -> bool:
    """Return whether the plan creates a refund."""
    return bool(db.scalar(text(_REFUNDS)))


def _has_splits(db: Session) -> bool:
    return bool(
        db.scalar(
            text(
                "select exists (select from import_splits) or exists (select from import_credits)"
            )
        )
    )


_TABLES = (
    "drop table if exists import_splits, import_credits",
    (
        "create temporary table import_splits (row bigint, place bigint, fund text, minor bigint)"
        " on commit drop"
    ),
    (
        "create temporary table import_credits (row bigint, kind text, who text,"
        " donor_row bigint, donor_id bigint, name text) on commit drop"
    ),
)
_SINGLE_SPLIT = (
    """
    update import_gifts s set fund = one.fund from (
        select row, min(fund) as fund from import_splits group by row having count(*) = 1) one
    where one.row = s.row
    """,
    """
    delete from import_splits where row in (
        select row from import_splits group by row having count(*) = 1)
    """,
    # the splits determine the funds
    """
    update import_gifts set fund = null, fund_ext = null, fund_own = null
    where row in (select row from import_splits)
    """,
)
_STORED_DONORS = (
    """
    update import_credits c set donor_id = donor.id, name = donor.name
    from donor_external_id x join donor on donor.id = x.donor_id and {scope}
    where x.source = :source and x.external_id = c.who
    """,
    """
    update import_credits c set donor_id = found.id, name = found.name from (
        select lower(e.email) as email, min(donor.id) as id, min(donor.name) as name
        from donor_email e join donor on donor.id = e.donor_id and {scope}
        where lower(e.email) in (select lower(who) from import_credits)
        group by 1 having count(distinct donor.id) = 1) found
    where c.donor_id is null and found.email = lower(c.who)
    """,
    """
    update import_credits c set donor_id = found.id, name = found.name from (
        select lower(donor.name) as known, min(donor.id) as id, min(donor.name) as name
        from donor where lower(donor.name) in (select lower(who) from import_credits) and {scope}
        group by 1 having count(*) = 1) found
    where c.donor_id is null and found.known = lower(c.who)
    """,
)
_DONORS_IN_FILE = (
    """
    update import_credits c set donor_row = r.row from import_donors r
    where c.donor_id is null and c.donor_row is null and r.ext_id = c.who
    """,
    """
    update import_credits c set donor_row = found.row from (
        select lower(name) as known, min(row) as row from import_donors
        where same_as is null group by 1 having count(*) = 1) found
    where c.donor_id is null and c.donor_row is null and found.known = lower(c.who)
    """,
    """
    update import_credits c set donor_id = coalesce(r.target_id, r2.target_id), name = r.name
    from import_donors r left join import_donors r2 on r2.row = r.same_as
    where r.row = c.donor_row
    """,
)
_ADD_TO_NOTE = """
    update import_gifts s set note = concat_ws(e'\\n', s.note, 'Soft credit: ' || lost.who)
    from (select row, string_agg(who, ', ' order by who) as who from import_credits
          where donor_id is null and donor_row is null group by row) lost
    where lost.row = s.row
"""
_DELETE_UNKNOWN = "delete from import_credits where donor_id is null and donor_row is null"
_MARK_CONFLICTS = f"""
    update planned_gifts s set action = 'conflict', field = 'split',
        reason = {problem_sql("gift_split_differs")}
    where s.action in ('skip', 'update')
        and exists (select from import_splits p where p.row = s.row)
        and array(select lower(coalesce(m.name, p.fund)) || ' ' || p.minor from import_splits p
                  left join fund f on lower(f.name) = lower(p.fund)
                  left join fund m on m.id = f.merged_into_id
                  where p.row = s.row order by 1)
            <> array(select lower(coalesce(f.name, '')) || ' ' || l.amount_minor from gift_line l
                     left join fund f on f.id = l.fund_id
                     where l.gift_id = s.target_id order by 1)
"""
_INSERT_FUNDS = """
    insert into fund (name, import_run_id)
    select distinct on (lower(p.fund)) p.fund, :run from import_splits p
    join planned_gifts s on s.row = p.row and s.action = 'create'
    where not exists (select from fund f where lower(f.name) = lower(p.fund))
    on conflict do nothing
"""
_REFUNDS = "select exists (select from planned_gifts where action = 'create' and amount_minor < 0)"
_CREATED_GIFTS = """
    planned_gifts s join gift g on g.source = :source and g.external_id = s.ext_id
        and g.import_run_id = :run
"""
# each split's share of the base amount; cumulative rounding distributes the rounding error
_INSERT_SPLITS = f"""
    insert into gift_line (gift_id, donor_id, amount_minor, base_minor, fund_id, campaign_id)
    select gift_id, donor_id, minor, round(base * upto / whole) - round(base * before / whole),
        fund_id, campaign_id
    from (
        select g.id as gift_id, g.donor_id, p.place, p.minor,
            coalesce(f.merged_into_id, f.id) as fund_id, s.campaign_id,
            g.base_minor::numeric as base, g.amount_minor as whole,
            sum(p.minor) over (partition by p.row order by p.place) as upto,
            sum(p.minor) over (partition by p.row order by p.place) - p.minor as before
        from {_CREATED_GIFTS} join import_splits p on p.row = s.row
        left join fund f on lower(f.name) = lower(p.fund)
        where s.action = 'create') shares
    order by gift_id, place
"""
# a refund of a split gift, if its own row has no splits, reverses each split proportionally
_REVERSE_SPLITS = f"""
    insert into gift_line (gift_id, donor_id, amount_minor, base_minor, fund_id, campaign_id)
    select gift_id, donor_id, amount, base, fund_id, campaign_id from (
        select g.id as gift_id, g.donor_id, l.id as place,
            round(g.amount_minor::numeric * upto / whole)
                - round(g.amount_minor::numeric * before / whole) as amount,
            round(g.base_minor::numeric * upto / whole)
                - round(g.base_minor::numeric * before / whole) as base,
            l.fund_id, l.campaign_id
        from {_CREATED_GIFTS} join (
            select l.*, o.amount_minor as whole,
                sum(l.amount_minor) over (partition by l.gift_id order by l.id) as upto,
                sum(l.amount_minor) over (partition by l.gift_id order by l.id)
                    - l.amount_minor as before
            from gift_line l join gift o on o.id = l.gift_id
            where l.gift_id in (select reverses_id from gift where import_run_id = :run)
        ) l on l.gift_id = g.reverses_id
        where s.action = 'create' and s.amount_minor < 0 and not exists (
            select from import_splits p where p.row = s.row)) back
    where amount <> 0 order by gift_id, place
"""
_CREDIT_NEW_DONORS = """
    update import_credits c set donor_id = coalesce(r.target_id, r2.target_id)
    from import_donors r left join import_donors r2 on r2.row = r.same_as
    where r.row = c.donor_row and c.donor_id is null
"""
_INSERT_CREDITS = f"""
    insert into soft_credit (gift_id, donor_id, type, amount_minor, import_run_id)
    select g.id, c.donor_id, c.kind, g.amount_minor, :run
    from {_CREATED_GIFTS} join import_credits c on c.row = s.row
    where s.action = 'create' and g.amount_minor > 0 and c.donor_id is not null
        and c.donor_id <> g.donor_id
    order by g.id, c.donor_id
"""
