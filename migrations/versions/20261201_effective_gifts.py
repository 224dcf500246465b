"""Keep on each gift how much of it was reversed, and count only effective gifts.

An effective gift is a gift of which something is left: `returned_minor < amount_minor`. A gift
that was reversed whole was never given: it is not counted, and it is neither first, last nor
largest. One that was reversed in part counts on its own day with what is left. Sums of money keep
each row on its own day.

A gift towards a pledge is recurring, unless the pledge was for one gift ("once").

`returned_minor` and `returned_base_minor` are kept by the triggers of `gift`, whichever way a
reversal is written, changed or deleted. The `*_fresh` views work them out from the reversals
themselves, so that the nightly check compares two routes.

Revision ID: 20261201_effective_gifts
Revises: 20261130_waiting_change
"""

import sqlalchemy as sa
from alembic import op

revision = "20261201_effective_gifts"
down_revision = "20261130_waiting_change"
branch_labels = None
depends_on = None

# For the trigger's rows and for the table alike: one spelling of "effective".
EFFECTIVE = "{t}kind = 'gift' and {t}returned_minor < {t}amount_minor"
LEFT = "{t}base_minor - {t}returned_base_minor"

VIEWS = """
create view effective_gift with (security_invoker = true) as
select id, donor_id, pledge_id, fund_id, campaign_id, currency, gift_date, method,
       amount_minor - returned_minor as amount_minor,
       base_minor - returned_base_minor as base_minor
from gift where kind = 'gift' and returned_minor < amount_minor;

create view gift_returned_fresh with (security_invoker = true) as
select g.id, g.donor_id, g.kind, g.gift_date, g.base_minor, g.pledge_id,
       coalesce((select p.frequency <> 'once' from pledge p where p.id = g.pledge_id), false)
           as recurring,
       g.kind = 'gift' and coalesce(r.minor, 0) < g.amount_minor as effective,
       coalesce(r.minor, 0)::bigint as returned_minor,
       coalesce(r.base, 0)::bigint as returned_base_minor
from gift g left join (
    select reverses_id, -sum(amount_minor) as minor, -sum(base_minor) as base
    from gift where reverses_id is not null group by reverses_id
) r on r.reverses_id = g.id;

create or replace view donor_summary_fresh with (security_invoker = true) as
select d.id as donor_id, d.owner_id,
       count(g.id) filter (where g.effective) as gifts,
       coalesce(sum(g.base_minor), 0)::bigint as total_minor,
       min(g.gift_date) filter (where g.effective) as first_gift_date,
       max(g.gift_date) filter (where g.effective) as last_gift_date,
       max(g.base_minor - g.returned_base_minor) filter (where g.effective) as largest_minor
from donor d left join gift_returned_fresh g on g.donor_id = d.id
group by d.id, d.owner_id;

create or replace view donor_year_fresh with (security_invoker = true) as
select donor_id, fiscal_year(gift_date, fiscal_start_month()) as fiscal_year,
       count(*) filter (where effective) as gifts, sum(base_minor)::bigint as total_minor
from gift_returned_fresh group by 1, 2
having count(*) filter (where effective) <> 0 or sum(base_minor) <> 0;

create or replace view owner_month_fresh with (security_invoker = true) as
select coalesce(d.owner_id, 0) as owner_id, date_trunc('month', g.gift_date)::date as month,
       coalesce(sum(g.base_minor) filter (where g.recurring), 0)::bigint as recurring_minor,
       coalesce(sum(g.base_minor) filter (where not g.recurring), 0)::bigint as one_time_minor,
       count(*) filter (where g.effective) as gifts
from gift_returned_fresh g join donor d on d.id = g.donor_id group by 1, 2
having count(*) filter (where g.effective) <> 0
    or coalesce(sum(g.base_minor) filter (where g.recurring), 0) <> 0
    or coalesce(sum(g.base_minor) filter (where not g.recurring), 0) <> 0;

create or replace view gift_part with (security_invoker = true) as
select g.id as gift_id, g.donor_id, g.kind, g.gift_date, g.pledge_id, g.fund_id,
       g.campaign_id, g.currency, g.amount_minor, g.base_minor,
       g.kind = 'gift' and g.returned_minor < g.amount_minor as effective, g.recurring
from gift g where g.fund_id is not null
    or not exists (select 1 from gift_line l where l.gift_id = g.id)
union all
select g.id, g.donor_id, g.kind, g.gift_date, g.pledge_id, l.fund_id,
       l.campaign_id, g.currency, l.amount_minor, l.base_minor,
       g.kind = 'gift' and g.returned_minor < g.amount_minor as effective, g.recurring
from gift g join gift_line l on l.gift_id = g.id;

create or replace view pledge_income as
select id, pledge_id, gift_date, amount_minor - returned_minor as amount_minor
from gift where pledge_id is not null and kind = 'gift' and returned_minor < amount_minor;
"""

# The views as they were before.
OLD_VIEWS = """
create view donor_summary_fresh with (security_invoker = true) as
select d.id as donor_id, d.owner_id,
       count(g.id) filter (where g.kind = 'gift') as gifts,
       coalesce(sum(g.base_minor), 0)::bigint as total_minor,
       min(g.gift_date) filter (where g.kind = 'gift') as first_gift_date,
       max(g.gift_date) filter (where g.kind = 'gift') as last_gift_date,
       max(g.base_minor) filter (where g.kind = 'gift') as largest_minor
from donor d left join gift g on g.donor_id = d.id
group by d.id, d.owner_id;
create view donor_year_fresh with (security_invoker = true) as
select donor_id, fiscal_year(gift_date, fiscal_start_month()) as fiscal_year,
       count(*) filter (where kind = 'gift') as gifts, sum(base_minor)::bigint as total_minor
from gift group by 1, 2
having count(*) filter (where kind = 'gift') <> 0 or sum(base_minor) <> 0;
create view owner_month_fresh with (security_invoker = true) as
select coalesce(d.owner_id, 0) as owner_id, date_trunc('month', g.gift_date)::date as month,
       coalesce(sum(g.base_minor) filter (where g.pledge_id is not null), 0)::bigint
           as recurring_minor,
       coalesce(sum(g.base_minor) filter (where g.pledge_id is null), 0)::bigint
           as one_time_minor,
       count(*) filter (where g.kind = 'gift') as gifts
from gift g join donor d on d.id = g.donor_id group by 1, 2
having count(*) filter (where g.kind = 'gift') <> 0
    or coalesce(sum(g.base_minor) filter (where g.pledge_id is not null), 0) <> 0
    or coalesce(sum(g.base_minor) filter (where g.pledge_id is null), 0) <> 0;
create view gift_part with (security_invoker = true) as
select g.id as gift_id, g.donor_id, g.kind, g.gift_date, g.pledge_id, g.fund_id,
       g.campaign_id, g.currency, g.amount_minor, g.base_minor
from gift g where g.fund_id is not null
    or not exists (select 1 from gift_line l where l.gift_id = g.id)
union all
select g.id, g.donor_id, g.kind, g.gift_date, g.pledge_id, l.fund_id,
       l.campaign_id, g.currency, l.amount_minor, l.base_minor
from gift g join gift_line l on l.gift_id = g.id;
create view pledge_income as
select id, pledge_id, gift_date, amount_minor from gift where pledge_id is not null;
"""
REBUILD = """
create or replace function rebuild_summaries() returns void language plpgsql as $$
begin
    lock table gift, donor in share row exclusive mode;
    update gift g set returned_minor = f.returned_minor,
                      returned_base_minor = f.returned_base_minor
    from gift_returned_fresh f
    where f.id = g.id and (g.returned_minor, g.returned_base_minor)
        is distinct from (f.returned_minor, f.returned_base_minor);
    delete from donor_summary; delete from donor_year; delete from owner_month;
    insert into donor_summary select * from donor_summary_fresh;
    insert into donor_year select * from donor_year_fresh;
    insert into owner_month select * from owner_month_fresh;
end $$;
"""
OLD_REBUILD = """
create or replace function rebuild_summaries() returns void language plpgsql as $$
begin
    lock table gift, donor in share mode;
    delete from donor_summary; delete from donor_year; delete from owner_month;
    insert into donor_summary select * from donor_summary_fresh;
    insert into donor_year select * from donor_year_fresh;
    insert into owner_month select * from owner_month_fresh;
end $$;
"""

# Rows of `delta`: donor_id, gift_date, base_minor, n (1 an effective gift, else 0; negative when
# taken away), recurring. Sums are added; whatever falls to nothing is removed.
APPLY = """
    insert into donor_year as t (donor_id, fiscal_year, gifts, total_minor)
    select donor_id, fiscal_year(gift_date, start_month), sum(n), sum(base_minor)
    from ({delta}) x group by 1, 2 having sum(n) <> 0 or sum(base_minor) <> 0 order by 1, 2
    on conflict (donor_id, fiscal_year) do update
        set gifts = t.gifts + excluded.gifts, total_minor = t.total_minor + excluded.total_minor;

    insert into owner_month as t (owner_id, month, recurring_minor, one_time_minor, gifts)
    select coalesce(d.owner_id, 0), date_trunc('month', gift_date)::date,
           coalesce(sum(base_minor) filter (where recurring), 0),
           coalesce(sum(base_minor) filter (where not recurring), 0), sum(n)
    from ({delta}) x join donor d on d.id = x.donor_id group by 1, 2
    having sum(n) <> 0 or coalesce(sum(base_minor) filter (where recurring), 0) <> 0
        or coalesce(sum(base_minor) filter (where not recurring), 0) <> 0
    order by 1, 2
    on conflict (owner_id, month) do update
        set recurring_minor = t.recurring_minor + excluded.recurring_minor,
            one_time_minor = t.one_time_minor + excluded.one_time_minor,
            gifts = t.gifts + excluded.gifts;
"""

SWEEP = """
    delete from donor_year t using (select distinct donor_id from ({delta}) x) k
    where t.donor_id = k.donor_id and t.gifts = 0 and t.total_minor = 0;
    delete from owner_month where gifts = 0 and recurring_minor = 0 and one_time_minor = 0;
    update donor_summary t
    set gifts = f.gifts, total_minor = f.total_minor, first_gift_date = f.first_gift_date,
        last_gift_date = f.last_gift_date, largest_minor = f.largest_minor
    from (
        select k.donor_id, count(g.id) filter (where {effective}) as gifts,
               coalesce(sum(g.base_minor), 0) as total_minor,
               min(g.gift_date) filter (where {effective}) as first_gift_date,
               max(g.gift_date) filter (where {effective}) as last_gift_date,
               max({left}) filter (where {effective}) as largest_minor
        from (select distinct donor_id from ({delta}) x order by 1) k
        left join gift g on g.donor_id = k.donor_id group by k.donor_id
    ) f where t.donor_id = f.donor_id;
"""

# The reversals' originals: summed anew, so that no order of changes can leave them wrong.
RETURNED = """
    update gift g set returned_minor = f.minor, returned_base_minor = f.base
    from (
        select k.id, coalesce(-sum(r.amount_minor), 0)::bigint as minor,
               coalesce(-sum(r.base_minor), 0)::bigint as base
        from ({keys}) k left join gift r on r.reverses_id = k.id group by k.id
    ) f
    where g.id = f.id
        and (g.returned_minor, g.returned_base_minor) is distinct from (f.minor, f.base);
"""
KEYS_NEW = "select distinct reverses_id as id from new_rows where reverses_id is not null"
KEYS_OLD = "select distinct reverses_id as id from old_rows where reverses_id is not null"

FUNCTION = """
create or replace function {name}() returns trigger language plpgsql
    security definer set search_path = public, pg_temp as $$
declare start_month int := fiscal_start_month();
begin
    {body}
    return null;
end $$;
"""

INSERTED = """
    insert into donor_summary as t (donor_id, owner_id, gifts, total_minor, first_gift_date,
                                    last_gift_date, largest_minor)
    select x.donor_id, d.owner_id, x.gifts, x.total_minor, x.first_date, x.last_date, x.largest
    from (
        select donor_id, count(*) filter (where {effective}) as gifts,
               sum(base_minor) as total_minor,
               min(gift_date) filter (where {effective}) as first_date,
               max(gift_date) filter (where {effective}) as last_date,
               max({left}) filter (where {effective}) as largest
        from new_rows group by donor_id order by donor_id
    ) x join donor d on d.id = x.donor_id
    on conflict (donor_id) do update
        set gifts = t.gifts + excluded.gifts, total_minor = t.total_minor + excluded.total_minor,
            first_gift_date = least(t.first_gift_date, excluded.first_gift_date),
            last_gift_date = greatest(t.last_gift_date, excluded.last_gift_date),
            largest_minor = greatest(t.largest_minor, excluded.largest_minor);
    {apply}
    if exists (select 1 from new_rows where reverses_id is not null) then
        {returned}
    end if;
"""

# Thanking a donor or writing a note changes no sum: those updates end at the first question.
UPDATED = """
    -- a difference of sets, not a join of the two: a cached plan for one row would loop over all
    -- pairs of a mass update
    if not exists (
        select {compared} from new_rows except select {compared} from old_rows
    ) then
        return null;
    end if;
    {apply}
    {sweep}
    if exists (select 1 from new_rows where reverses_id is not null)
        or exists (select 1 from old_rows where reverses_id is not null) then
        {returned}
    end if;
"""

OWNERS = """
create or replace function donor_updated() returns trigger language plpgsql
    security definer set search_path = public, pg_temp as $$
begin
    perform refresh_donor_search(array(
        select id from (
            select id, name, first_name, last_name, spouse_first_name, spouse_last_name
            from new_rows
            except select id, name, first_name, last_name, spouse_first_name, spouse_last_name
            from old_rows) k));
    if not exists (select id, owner_id from new_rows
                   except select id, owner_id from old_rows) then
        return null;
    end if;
    update donor_summary t set owner_id = n.owner_id
    from (select id, owner_id from new_rows except select id, owner_id from old_rows) n
    where t.donor_id = n.id;
    insert into owner_month as t (owner_id, month, recurring_minor, one_time_minor, gifts)
    select m.owner_id, date_trunc('month', g.gift_date)::date,
           coalesce(sum(m.sign * g.base_minor) filter (where {recurring}), 0),
           coalesce(sum(m.sign * g.base_minor) filter (where not ({recurring})), 0),
           sum(m.sign * ({effective})::int)
    from (
        select id, coalesce(owner_id, 0) as owner_id, 1 as sign
        from (select id, owner_id from new_rows except select id, owner_id from old_rows) n
        union all
        select id, coalesce(owner_id, 0), -1
        from (select id, owner_id from old_rows except select id, owner_id from new_rows) o
    ) m join gift g on g.donor_id = m.id group by 1, 2 order by 1, 2
    on conflict (owner_id, month) do update
        set recurring_minor = t.recurring_minor + excluded.recurring_minor,
            one_time_minor = t.one_time_minor + excluded.one_time_minor,
            gifts = t.gifts + excluded.gifts;
    delete from owner_month where gifts = 0 and recurring_minor = 0 and one_time_minor = 0;
    return null;
end $$;
"""


RECURRING = """
update gift g set recurring = true from pledge p
where p.id = g.pledge_id and p.frequency <> 'once';

create function set_gift_recurring() returns trigger language plpgsql
    security definer set search_path = public, pg_temp as $$
begin
    new.recurring := coalesce(
        (select p.frequency <> 'once' from pledge p where p.id = new.pledge_id), false);
    return new;
end $$;
create trigger gift_recurring_inserted before insert on gift
for each row when (new.pledge_id is not null) execute function set_gift_recurring();
create trigger gift_recurring_updated before update of pledge_id on gift
for each row when (new.pledge_id is distinct from old.pledge_id)
execute function set_gift_recurring();

create function pledge_frequency_changed() returns trigger language plpgsql
    security definer set search_path = public, pg_temp as $$
begin
    update gift set recurring = (new.frequency <> 'once') where pledge_id = new.id;
    return null;
end $$;
create trigger pledge_frequency_changed after update of frequency on pledge
for each row when ((old.frequency = 'once') is distinct from (new.frequency = 'once'))
execute function pledge_frequency_changed();
"""
NOT_RECURRING = """
drop trigger pledge_frequency_changed on pledge;
drop function pledge_frequency_changed();
drop trigger gift_recurring_updated on gift;
drop trigger gift_recurring_inserted on gift;
drop function set_gift_recurring();
"""


def functions(effective: str, left: str, recurring: str, *, keeps_returned: bool) -> list[str]:
    """Spell the trigger functions for one meaning of "counts as a gift"."""
    columns = (
        "donor_id, gift_date, {sign}base_minor as base_minor,"
        f" {{sign}}({effective.format(t='')})::int as n, {recurring.format(t='')} as recurring"
    )
    new = f"select {columns.format(sign='')} from new_rows"
    old = f"select {columns.format(sign='-')} from old_rows"
    both = f"{new} union all {old}"

    def sweep(delta: str) -> str:
        return SWEEP.format(
            delta=delta, effective=effective.format(t="g."), left=left.format(t="g.")
        )

    def returned(*keys: str) -> str:
        return RETURNED.format(keys=" union ".join(keys)) if keeps_returned else "null;"

    compared = "id, donor_id, gift_date, base_minor, kind, pledge_id is null"
    if keeps_returned:
        compared += ", amount_minor, returned_minor, returned_base_minor, reverses_id, recurring"
    bodies = {
        "gift_inserted": INSERTED.format(
            effective=effective.format(t=""),
            left=left.format(t=""),
            apply=APPLY.format(delta=new),
            returned=returned(KEYS_NEW),
        ),
        "gift_deleted": APPLY.format(delta=old) + sweep(old) + returned(KEYS_OLD),
        "gift_updated": UPDATED.format(
            compared=compared,
            apply=APPLY.format(delta=both),
            sweep=sweep(both),
            returned=returned(KEYS_NEW, KEYS_OLD),
        ),
    }
    made = [FUNCTION.format(name=name, body=body) for name, body in bodies.items()]
    owners = OWNERS.format(effective=effective.format(t="g."), recurring=recurring.format(t="g."))
    return [*made, owners]


# New views have no grants yet: without its fingerprint row-level security is built anew.
FORGET = "comment on function wall_enter(bigint, bigint) is null"


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for name in ("returned_minor", "returned_base_minor"):
        op.add_column(
            "gift", sa.Column(name, sa.BigInteger(), server_default=sa.text("0"), nullable=False)
        )
    op.add_column(
        "gift",
        sa.Column("recurring", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    # asked by every sum over pledges, and few
    op.create_index("ix_donor_deceased", "donor", ["id"], postgresql_where=sa.text("deceased"))
    run = op.get_bind().exec_driver_sql
    run(VIEWS)
    for function in functions(EFFECTIVE, LEFT, "{t}recurring", keeps_returned=True):
        run(function)
    run(RECURRING)
    run(REBUILD)
    run("select rebuild_summaries()")
    run(FORGET)


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    run = op.get_bind().exec_driver_sql
    for view in (
        "pledge_income",
        "gift_part",
        "owner_month_fresh",
        "donor_year_fresh",
        "donor_summary_fresh",
        "gift_returned_fresh",
        "effective_gift",
    ):
        run(f"drop view {view}")
    run(OLD_VIEWS)
    run(NOT_RECURRING)
    for function in functions(
        "{t}kind = 'gift'", "{t}base_minor", "{t}pledge_id is not null", keeps_returned=False
    ):
        run(function)
    run(OLD_REBUILD)
    op.drop_index("ix_donor_deceased", "donor")
    op.drop_column("gift", "recurring")
    op.drop_column("gift", "returned_base_minor")
    op.drop_column("gift", "returned_minor")
    run("select rebuild_summaries()")
    run(FORGET)
