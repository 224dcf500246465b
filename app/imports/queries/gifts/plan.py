"""Plan the gifts of a file: one pass finds the donor, fund and stored gift of each row."""

from sqlalchemy import text

from app.accounts import Actor
from app.db import Session
from app.db.exchange_rates import digits_of, hold_rates
from app.imports.planning.update_policy import OVERWRITE, Policy
from app.imports.queries import campaigns
from app.imports.queries import update_policies as policy_queries
from app.imports.queries.donors.matching import NOT_YOURS
from app.imports.queries.lookups import joins
from app.imports.queries.problems import problem_sql
from app.imports.queries.staging import scope_sql


def plan(
    db: Session, actor: Actor, *, source: str, policy: Policy, mixed: bool, currency: str
) -> None:
    """Create `planned_gifts`: every staged gift with its donor, fund, stored gift and action.

    One pass finds and decides everything: a million rows are written once, not once per question.
    """
    hold_rates(db)
    lookups, reason, fund, base = joins(db, actor, "gifts", gifts=True, mixed=mixed)
    pledge = "coalesce(p.id, po.id)"
    stored = ["g", "go"] if _own_ids(db) else ["g"]
    statement = f"""
        create temporary table planned_gifts on commit drop as
        select {_STAGED_COLUMNS}, {_ACTION} from (
            select s.*, donor.id as donor_id, {fund} as fund_id, {pledge} as pledge_id,
                {campaigns.ID} as campaign_id,
                {base.format(day="gift_date")} as base_minor,
                coalesce({", ".join(f"{gift}.id" for gift in stored)}) as target_id,
                {" or ".join(f"({_equals(gift, fund)})" for gift in stored)} as same,
                coalesce({", ".join(f"{gift}.version" for gift in stored)}) as target_version,
                {reason} as no_donor,
                s.fund_ext is not null and {fund} is null and s.fund is null as no_fund,
                s.pledge_ext is not null and ({pledge} is null
                    or coalesce(p.donor_id, po.donor_id) is distinct from donor.id) as no_pledge
            from import_gifts s {lookups}
            left join pledge p on p.source = :source and p.external_id = s.pledge_ext
            left join pledge po on po.id = s.pledge_own
            left join gift g on g.source = :source and g.external_id = s.ext_id
            {_BY_OWN_ID if len(stored) > 1 else ""}) x
    """
    db.execute(text("drop table if exists planned_gifts"))
    db.execute(text(statement), {"source": source} | digits_of(currency))
    held_back = policy_queries.hold_gifts(db, policy, changed=_CHANGED)
    _compare_stored(db, actor, overwrite=policy.default == OVERWRITE)
    if held_back:
        policy_queries.note_kept(db, "gifts")


def _own_ids(db: Session) -> bool:
    """Return whether a row refers to a gift by this instance's id; else that join is skipped."""
    return bool(
        db.scalar(text("select exists (select from import_gifts where own_id is not null)"))
    )


_BY_OWN_ID = "left join gift go on go.id = s.own_id and g.id is null"
_STAGED_COLUMNS = """
    row, ext_id, donor_ext, email, donor_row, amount_minor, currency, gift_date, method,
    fee_minor, receipt_wanted, check_number, tribute, tribute_name, notify_name, notify_address,
    note, fund, campaign, campaign_id, reverses_ext, reverses_own, donor_id,
    fund_id, pledge_id, coalesce(base_minor, 0) as base_minor,
    base_minor is null as awaiting_rate, target_id, target_version, null::bigint as reverses_id,
    null::bigint as reverses_row, null::text as kept
"""
_ACTION = f"""
    case when no_donor is not null or no_fund or no_pledge
         then 'error' when target_id is null then 'create' when same then 'skip' end as action,
    case when no_donor is not null then 'donor' when no_fund then 'fund'
         when no_pledge then 'pledge' end as field,
    case when no_donor is not null then no_donor
         when no_fund then {problem_sql("fund_unknown", fund="fund_ext")}
         when no_pledge then {problem_sql("pledge_unknown", pledge="pledge_ext")}
    end as reason
"""


def _equals(gift: str, fund: str) -> str:
    """Return SQL that tells whether a stored gift equals the row.

    If its donor is one the actor may access, so is the gift.
    """
    return f"""
        {gift}.donor_id = donor.id and {gift}.amount_minor = s.amount_minor
        and {gift}.currency = s.currency and {gift}.gift_date = s.gift_date
        and coalesce({fund}, {gift}.fund_id) is not distinct from {gift}.fund_id
        and ({fund} is not null or s.fund is null)
        and (s.campaign is null or {campaigns.ID} = {campaigns.of_gift(gift)})
        and coalesce(s.method, {gift}.method) is not distinct from {gift}.method
        and coalesce(s.note, {gift}.note) is not distinct from {gift}.note
    """


def _compare_stored(db: Session, actor: Actor, *, overwrite: bool) -> None:
    """Set the changed fields of gifts that differ, and whether they may be updated."""
    edited = "false" if overwrite else _EDITED
    db.execute(
        text(f"""
        update planned_gifts s set
            field = case when not ({scope_sql(actor, gifts=True)}) then 'id'
                         when s.donor_id <> g.donor_id then 'donor' else {_CHANGED} end,
            action = case when not ({scope_sql(actor, gifts=True)}) then 'conflict'
                when s.donor_id <> g.donor_id then 'conflict'
                when {_CHANGED} is null then 'skip'
                when {edited} then 'conflict'
                when ({_CHANGED} ~ 'campaign' and {campaigns.is_split("g")})
                    or {_CHANGED} ~ 'amount|currency'
                    and (sign(g.amount_minor) <> sign(s.amount_minor)
                    or exists (select 1 from gift_line l where l.gift_id = g.id)
                    or exists (select 1 from gift v where v.reverses_id = g.id)) then 'conflict'
                else 'update' end,
            reason = case when not ({scope_sql(actor, gifts=True)}) then {NOT_YOURS}
                when s.donor_id <> g.donor_id then {problem_sql("gift_of_other_donor")}
                when {_CHANGED} is null then null
                when {edited} then {problem_sql("gift_changed")}
                else {problem_sql("gift_split_or_refunded")} end
        from gift g join donor on donor.id = g.donor_id
        where g.id = s.target_id and s.action is null
        """)
    )


_CHANGED = f"""
    nullif(concat_ws(', ',
        case when s.amount_minor <> g.amount_minor then 'amount' end,
        case when s.currency <> g.currency then 'currency' end,
        case when s.gift_date <> g.gift_date then 'date' end,
        case when (s.fund_id is not null and s.fund_id is distinct from g.fund_id)
             or (s.fund_id is null and s.fund is not null) then 'fund' end,
        case when s.campaign is not null and {campaigns.of_gift("g")} is distinct from
             s.campaign_id then 'campaign' end,
        case when s.method <> g.method or (s.method is not null and g.method is null)
             then 'method' end,
        case when s.note is not null and s.note is distinct from
             nullif(regexp_replace(replace(replace(g.note, e'\\r\\n', e'\\n'), e'\\r', e'\\n'),
                                   '^\\s+|\\s+$', '', 'g'), '')
             then 'note' end), '')
"""
# a user's edit raises the version; so does an update by an import, which left a before-image,
# also one of an earlier file of the batch, whose run has not ended yet
_EDITED = """
    g.version - 1 > (select count(*) from import_change c join import_run i on i.id = c.run_id
                     where c.table_name = 'gift' and c.row_id = g.id
                        and i.state not in ('undoing', 'undone'))
"""
