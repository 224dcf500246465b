"""Joins shared by gifts and pledges: donor, fund and exchange rate of each staged row."""

from sqlalchemy import text

from app.accounts import Actor
from app.db import Session
from app.db.exchange_rates import converted_sql
from app.imports.queries.problems import problem_sql
from app.imports.queries.staging import scope_sql, staging_table


def joins(
    db: Session, actor: Actor, kind: str, *, gifts: bool, mixed: bool
) -> tuple[str, str, str, str]:
    """Return (joins, donor reason, fund id, base minor units) as SQL over the staged rows `s`.

    Only joins that the file needs are included, as each costs time in a file of a million rows.
    """
    scope = scope_sql(actor, gifts=gifts)
    filled = _filled_columns(db, kind)
    ids = ["s.donor_own"] if "donor_own" in filled else []
    parts = []
    if "donor_ext" in filled:
        parts.append(
            "left join donor_external_id x on x.source = :source and x.external_id = s.donor_ext"
        )
        ids.insert(0, "x.donor_id")
    if mixed:
        parts.append(
            "left join import_donors r on r.row = s.donor_row"
            " left join import_donors r2 on r2.row = r.same_as"
        )
        ids.append("coalesce(r.target_id, r2.target_id)")
    elif "email" in filled:
        parts.append(f"left join ({_BY_EMAIL.format(scope=scope)}) m on m.email = s.email")
        ids.append("case when m.donors = 1 then m.id end")
    donor_id = f"coalesce({', '.join(ids)})" if ids else "null::bigint"
    parts.append(f"left join donor on donor.id = {donor_id} and {scope}")
    several = "m.donors > 1" if not mixed and "email" in filled else "false"
    fund = _fund(parts, filled)
    return "\n".join(parts), _reason(several, mixed=mixed), fund, _base_amount()


def _filled_columns(db: Session, kind: str) -> set[str]:
    columns = (
        "donor_ext",
        "donor_own",
        "email",
        "fund_ext",
        "fund_own",
        "fund",
        "pledge_ext",
        "pledge_own",
    )
    counts = ", ".join(f"count({name})" for name in columns)
    row = db.execute(text(f"select {counts} from {staging_table(kind)}")).one()
    return {name for name, cells in zip(columns, row, strict=True) if cells}


_BY_EMAIL = """
    select lower(e.email) as email, min(donor.id) as id, count(distinct donor.id) as donors
    from donor_email e join donor on donor.id = e.donor_id and {scope} group by 1
"""


def _reason(several: str, *, mixed: bool) -> str:
    """Return SQL for the reason why a row has no donor.

    It is the same for an unknown donor and for one the actor may not access.
    """
    new = "r.action is not null and r.action not in ('error', 'conflict')" if mixed else "false"
    return f"""
        case when donor.id is not null or ({new}) then null
             when {several} then {problem_sql("donor_ambiguous", email="s.email")}
             when {str(mixed).lower()} then {problem_sql("donor_not_imported")}
             else {problem_sql("donor_unknown", donor="coalesce(s.donor_ext, s.email, '?')")} end
    """


def _fund(parts: list[str], filled: set[str]) -> str:
    ids = []
    if "fund_ext" in filled:
        parts.append("left join fund f on f.source = :source and f.external_id = s.fund_ext")
        ids.append("coalesce(f.merged_into_id, f.id)")
    if "fund_own" in filled:
        parts.append("left join fund fo on fo.id = s.fund_own")
        ids.append("coalesce(fo.merged_into_id, fo.id)")
    if "fund" in filled:
        parts.append("left join fund fn on lower(fn.name) = lower(s.fund)")
        ids.append("coalesce(fn.merged_into_id, fn.id)")
    return f"coalesce({', '.join(ids)})" if ids else "null::bigint"


def _base_amount() -> str:
    """Return SQL for the minor units in the base currency, null without a rate."""
    # doubled braces: the day is filled in with str.format
    return converted_sql(minor="s.amount_minor", currency="s.currency", day="s.{day}")
