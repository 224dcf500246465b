"""Pledges of a file: match them by id, create and update them with set-based SQL."""

from datetime import date

from sqlalchemy import text

from app.accounts import Actor
from app.db import Session
from app.imports.planning.update_policy import Policy
from app.imports.queries import campaigns
from app.imports.queries import update_policies as policy_queries
from app.imports.queries.donors.matching import NOT_YOURS
from app.imports.queries.lookups import joins
from app.imports.queries.problems import problem_sql
from app.imports.queries.staging import scope_sql


def plan(db: Session, actor: Actor, *, source: str, policy: Policy, mixed: bool) -> None:
    """Set the action of every staged pledge."""
    lookups, reason, fund, _ = joins(db, actor, "pledges", gifts=False, mixed=mixed)
    values = {"source": source}
    db.execute(
        text(f"""
        update import_pledges s set donor_id = k.donor_id, fund_id = k.fund_id,
            campaign_id = k.campaign_id,
            action = case when k.no_donor is not null or k.no_fund then 'error' end,
            field = case when k.no_donor is not null then 'donor' when k.no_fund then 'fund' end,
            reason = case when k.no_donor is not null then k.no_donor when k.no_fund then
                {problem_sql("fund_unknown", fund="s.fund_ext")} end
        from (select s.row, donor.id as donor_id, {fund} as fund_id, {reason} as no_donor,
                     {campaigns.ID} as campaign_id,
                     s.fund_ext is not null and {fund} is null and s.fund is null as no_fund
              from import_pledges s {lookups}) k
        where k.row = s.row
        """),
        values,
    )
    scope = scope_sql(actor)
    for statement in _STORED:
        db.execute(text(statement), values)
    held_back = policy_queries.hold_pledges(db, policy, changed=_CHANGED)
    for statement in (_COMPARE.replace("{scope}", scope), _NEW):
        db.execute(text(statement), values)
    if held_back:
        policy_queries.note_kept(db, "pledges")


def write(db: Session, *, run_id: int, source: str, today: date, mixed: bool) -> None:
    """Create and update the planned pledges; a new amount is effective from `today`."""
    values = {"run": run_id, "source": source, "today": today}
    if mixed:
        db.execute(text(_NEW_DONORS))
    campaigns.create(db, "import_pledges", run_id=run_id)
    for statement in (_NEW_FUNDS, _FUNDS, _NUMBERS, _INSERT, _REMEMBER, _TERMS):
        db.execute(text(statement), values)
    for statement in (*_RESUME, _UPDATE, _PAUSES, _NEW_AMOUNT_IMAGE, _NEW_AMOUNT):
        db.execute(text(statement), values)


_CURRENT = """
    coalesce((select a.amount_minor from pledge_amount a where a.pledge_id = p.id
              order by a.effective_from desc limit 1), p.amount_minor)
"""
_STORED = (
    """
    update import_pledges s set target_id = p.id, target_version = p.version from pledge p
    where p.source = :source and p.external_id = s.ext_id
    """,
    """
    update import_pledges s set target_id = p.id, target_version = p.version from pledge p
    where p.id = s.own_id and s.target_id is null
    """,
)
_CHANGED = f"""
    nullif(concat_ws(', ',
        case when s.amount_minor <> {_CURRENT} then 'amount' end,
        case when s.frequency <> p.frequency then 'frequency' end,
        case when s.anchor_day <> coalesce(p.anchor_day, extract(day from p.start_date))
             then 'day' end,
        case when s.grace_days is not null and s.grace_days is distinct from p.grace_days
             then 'grace' end,
        case when s.instalments is not null and s.instalments is distinct from p.instalments
             then 'number' end,
        case when s.total_minor is not null and s.total_minor is distinct from p.total_minor
             then 'total' end,
        case when s.method is not null and s.method is distinct from p.method
             then 'method' end,
        case when s.status <> p.status then 'status' end,
        case when s.start_date <> p.start_date then 'start' end,
        case when s.end_date is not null and s.end_date is distinct from p.end_date
             then 'end' end,
        case when (s.fund_id is not null and s.fund_id is distinct from p.fund_id)
             or (s.fund_id is null and s.fund is not null) then 'fund' end,
        case when s.campaign is not null and s.campaign_id is distinct from p.campaign_id
             then 'campaign' end,
        case when s.note is not null and s.note is distinct from
             nullif(regexp_replace(replace(replace(p.note, e'\\r\\n', e'\\n'), e'\\r', e'\\n'),
                                   '^\\s+|\\s+$', '', 'g'), '')
             then 'note' end), '')
"""
# a pledge ended by a user is not reopened by an old file
_REOPENS = """
    s.status in ('active', 'paused') and p.status in ('completed', 'cancelled') and exists (
        select 1 from activity a where a.entity = 'pledge' and a.entity_id = p.id
        and a.action in ('pledge.completed', 'pledge.cancelled'))
"""
_COMPARE = f"""
    update import_pledges s set
        field = case when not ({{scope}}) then 'id'
                     when s.donor_id <> p.donor_id then 'donor'
                     when s.currency <> p.currency then 'currency' else {_CHANGED} end,
        action = case when not ({{scope}}) or s.donor_id <> p.donor_id
                        or s.currency <> p.currency or ({_REOPENS}) then 'conflict'
                      when {_CHANGED} is null then 'skip' else 'update' end,
        reason = case when not ({{scope}}) then {NOT_YOURS}
                      when s.donor_id <> p.donor_id
                      then {problem_sql("pledge_of_other_donor")}
                      when s.currency <> p.currency
                      then {problem_sql("pledge_in_other_currency")}
                      when {_REOPENS} and p.end_date is null
                      then {problem_sql("pledge_ended_earlier")}
                      when {_REOPENS} then {problem_sql("pledge_ended", day="p.end_date")} end
    from pledge p join donor on donor.id = p.donor_id
    where p.id = s.target_id and s.action is null
"""
_NEW = "update import_pledges set action = 'create' where action is null"
_NEW_DONORS = """
    update import_pledges s set donor_id = coalesce(r.target_id, r2.target_id)
    from import_donors r left join import_donors r2 on r2.row = r.same_as
    where r.row = s.donor_row and s.donor_id is null and s.action = 'create'
"""
_NEW_FUNDS = """
    insert into fund (name, import_run_id)
    select distinct on (lower(fund)) fund, :run from import_pledges
    where action in ('create', 'update') and fund_id is null and fund is not null
    on conflict do nothing
"""
_FUNDS = """
    update import_pledges s set fund_id = coalesce(f.merged_into_id, f.id) from fund f
    where s.action in ('create', 'update') and s.fund_id is null and s.fund is not null
        and lower(f.name) = lower(s.fund)
"""
_NUMBERS = (
    "update import_pledges set target_id = nextval(pg_get_serial_sequence('pledge', 'id'))"
    " where action = 'create'"
)
_INSERT = """
    insert into pledge (id, donor_id, amount_minor, currency, frequency, anchor_day, start_date,
                        end_date, instalments, total_minor, grace_days, status, fund_id,
                        campaign_id, method, source, external_id, note, import_run_id)
    select target_id, donor_id, amount_minor, currency, frequency, anchor_day,
           coalesce(start_date, :today),
           end_date, instalments, total_minor, grace_days, coalesce(status, 'active'), fund_id,
           campaign_id, method, :source, ext_id, note, :run
    from import_pledges where action = 'create' order by row
"""
_REMEMBER = """
    insert into import_change (run_id, table_name, row_id, before, after)
    select :run, 'pledge', p.id, to_jsonb(p), '{}' from import_pledges s
    join pledge p on p.id = s.target_id where s.action = 'update'
"""
_UPDATE = """
    update pledge p set frequency = s.frequency, status = coalesce(s.status, p.status),
        anchor_day = case when s.field ~ '\\m(frequency|day)\\M' then coalesce(s.anchor_day,
            p.anchor_day, extract(day from p.start_date)) else p.anchor_day end,
        grace_days = coalesce(s.grace_days, p.grace_days),
        instalments = coalesce(s.instalments, p.instalments),
        total_minor = coalesce(s.total_minor, p.total_minor),
        method = coalesce(s.method, p.method),
        start_date = coalesce(s.start_date, p.start_date),
        end_date = coalesce(s.end_date, p.end_date), fund_id = coalesce(s.fund_id, p.fund_id),
        campaign_id = coalesce(s.campaign_id, p.campaign_id),
        note = coalesce(s.note, p.note), version = p.version + 1, updated_at = now()
    from import_pledges s where s.action = 'update' and p.id = s.target_id
"""
# instalments due before today keep their terms
_TERMS = """
    insert into pledge_terms (pledge_id, until_date, donor_id, frequency, anchor_day, grace_days,
                              fund_id, import_run_id)
    select p.id, :today, p.donor_id, p.frequency,
           coalesce(p.anchor_day, extract(day from p.start_date)), p.grace_days, p.fund_id, :run
    from import_pledges s join pledge p on p.id = s.target_id
    where s.action = 'update' and s.field ~ '\\m(frequency|day|grace|fund)\\M'
        and p.start_date < :today
    on conflict do nothing
"""
_PAUSES = """
    insert into pledge_pause (pledge_id, donor_id, starts_on, reason, import_run_id)
    select p.id, p.donor_id, greatest(:today, p.start_date), 'Paused in the imported file', :run
    from import_pledges s join pledge p on p.id = s.target_id
    where s.status = 'paused' and (s.action = 'create' or s.field ~ '\\mstatus\\M')
        and s.action in ('create', 'update')
        and not exists (select 1 from pledge_pause k where k.pledge_id = p.id
                        and k.starts_on <= :today and (k.ends_on is null or k.ends_on >= :today))
"""
# a pledge that a file paused runs again when a file says so
_RESTING = """
    from import_pledges s join pledge p on p.id = s.target_id join pledge_pause r
        on r.pledge_id = p.id and r.starts_on <= :today
        and (r.ends_on is null or r.ends_on >= :today)
    where s.action = 'update' and s.status = 'active' and p.status = 'paused'
"""
_RESUME = (
    f"""
    insert into import_change (run_id, table_name, row_id, before, after)
    select :run, 'pledge_pause', r.id, to_jsonb(r), '{{}}' {_RESTING}
    """,
    f"""
    update pledge_pause k set ends_on = greatest(k.starts_on, cast(:today as date) - 1)
    where k.id in (select r.id {_RESTING})
    """,
)
_NEW_AMOUNT_IMAGE = """
    insert into import_change (run_id, table_name, row_id, before, after)
    select :run, 'pledge_amount', s.target_id,
        coalesce((select to_jsonb(a) from pledge_amount a
                  where a.pledge_id = s.target_id and a.effective_from = :today), '{}'), '{}'
    from import_pledges s where s.action = 'update' and s.field like '%amount%'
"""
_NEW_AMOUNT = f"""
    insert into pledge_amount (pledge_id, effective_from, donor_id, amount_minor, reason)
    select p.id, :today, p.donor_id, s.amount_minor,
        case when s.amount_minor > {_CURRENT} then 'upgrade' else 'downgrade' end
    from import_pledges s join pledge p on p.id = s.target_id
    where s.action = 'update' and s.field like '%amount%'
    on conflict (pledge_id, effective_from) do update set amount_minor = excluded.amount_minor
"""
