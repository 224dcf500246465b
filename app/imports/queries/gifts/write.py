"""Write the planned gifts: one ordered insert, updates with before-images, refunds last."""

from sqlalchemy import text

from app.db import Session
from app.db.exchange_rates import convert_import
from app.imports.queries import campaigns
from app.imports.queries.gifts import splits as gift_split_queries


def write(db: Session, *, run_id: int, source: str, mixed: bool) -> None:
    """Insert and update the planned gifts."""
    values = {"run": run_id, "source": source}
    if mixed:
        db.execute(text(_NEW_DONORS))
    gift_split_queries.write_funds(db, run_id=run_id)
    campaigns.create(db, "planned_gifts", run_id=run_id)
    for statement in (_NEW_FUNDS, _FUNDS, _REMEMBER, _UPDATE, _INSERT):
        db.execute(text(statement), values)
    if gift_split_queries.has_refunds(db):
        db.execute(text(_REVERSE), values)
    gift_split_queries.write(db, run_id=run_id, source=source, mixed=mixed)
    if db.scalar(text(_FOREIGN)):
        convert_import(db, run_id=run_id)


_FOREIGN = """
    select exists (select from planned_gifts where action in ('create', 'update')
        and (currency <> coalesce((select currency from organisation), 'USD')
            or awaiting_rate))
"""
_NEW_DONORS = """
    update planned_gifts s set donor_id = coalesce(r.target_id, r2.target_id)
    from import_donors r left join import_donors r2 on r2.row = r.same_as
    where r.row = s.donor_row and s.donor_id is null and s.action = 'create'
"""
_NEW_FUNDS = """
    insert into fund (name, import_run_id)
    select distinct on (lower(fund)) fund, :run from planned_gifts
    where action in ('create', 'update') and fund_id is null and fund is not null
    on conflict do nothing
"""
_FUNDS = """
    update planned_gifts s set fund_id = coalesce(f.merged_into_id, f.id) from fund f
    where s.action in ('create', 'update') and s.fund_id is null and s.fund is not null
        and lower(f.name) = lower(s.fund)
"""
_REMEMBER = """
    insert into import_change (run_id, table_name, row_id, before, after)
    select :run, 'gift', g.id, to_jsonb(g), '{}' from planned_gifts s
    join gift g on g.id = s.target_id where s.action = 'update'
"""
_UPDATE = """
    update gift g set amount_minor = s.amount_minor, currency = s.currency,
        base_minor = s.base_minor, awaiting_rate = s.awaiting_rate, gift_date = s.gift_date,
        fund_id = case when s.field like '%fund%' then s.fund_id else g.fund_id end,
        campaign_id = case when s.field like '%campaign%' then s.campaign_id
                           else g.campaign_id end,
        method = coalesce(s.method, g.method), note = coalesce(s.note, g.note),
        version = g.version + 1, updated_at = now()
    from planned_gifts s where s.action = 'update' and g.id = s.target_id
"""
_COLUMNS_IN = """
    (donor_id, kind, amount_minor, currency, base_minor, awaiting_rate, gift_date, method,
     fund_id, campaign_id, pledge_id, pledge_reason, reverses_id, fee_minor, source, external_id,
     note, import_run_id)
"""
_DETAILS = """
    , receipt_wanted, check_number, tribute, tribute_name, notify_name, notify_address)
"""
# what says whom a gift honours is only kept with the name
_INSERT = f"""
    insert into gift {_COLUMNS_IN.replace(")", _DETAILS)}
    select donor_id, 'gift', amount_minor, currency, base_minor, awaiting_rate, gift_date,
           method, fund_id,
           case when not exists (select from import_splits p where p.row = planned_gifts.row)
                then campaign_id end,
           pledge_id, case when pledge_id is not null then 'file' end, null, fee_minor, :source,
           ext_id, note, :run, coalesce(receipt_wanted, true), check_number,
           case when tribute_name is not null then coalesce(tribute, 'in honour of') end,
           tribute_name,
           case when tribute_name is not null then notify_name end,
           case when tribute_name is not null then notify_address end
    from planned_gifts where action = 'create' and amount_minor > 0
    order by donor_id, gift_date
"""
# the few refunds are materialised first, as the planner lacks statistics of the new table
_REVERSE = f"""
    with back as materialized (
        select s.*, t.ext_id as of_ext from planned_gifts s
        left join planned_gifts t on t.row = s.reverses_row
        where s.action = 'create' and s.amount_minor < 0
    )
    insert into gift {_COLUMNS_IN}
    select s.donor_id, 'reversal', s.amount_minor, s.currency, s.base_minor, s.awaiting_rate,
           s.gift_date, s.method, coalesce(s.fund_id, o.fund_id, made.fund_id),
           coalesce(s.campaign_id, o.campaign_id, made.campaign_id),
           coalesce(s.pledge_id, o.pledge_id, made.pledge_id), null, coalesce(o.id, made.id),
           s.fee_minor, :source, s.ext_id, s.note, :run
    from back s left join gift o on o.id = s.reverses_id
    left join gift made on s.reverses_id is null and made.source = :source
        and made.external_id = s.of_ext
    where coalesce(o.id, made.id) is not null order by s.gift_date, s.row
"""
