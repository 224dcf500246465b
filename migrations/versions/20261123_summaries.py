"""Sums by statement-level triggers, the search text, and the check that splits add up.

`donor_summary`, `donor_year` and `owner_month` answer the dashboard without reading every gift.
Each trigger works on the whole statement's rows at once, so a million-row import costs three
upserts and a single gift costs three small ones. The `*_fresh` views say the same thing the slow
way: the nightly check and the tests compare the two, and `rebuild_summaries()` starts over.

Revision ID: 20261123_summaries
Revises: 20261123_core
"""

from alembic import op

revision = "20261123_summaries"
down_revision = "20261123_core"
branch_labels = None
depends_on = None

WORDS = """
create function normalise(value text) returns text
language sql immutable parallel safe strict as
$$ select lower(public.unaccent('public.unaccent', value)) $$;

create function fiscal_year(day date, start_month int) returns smallint
language sql immutable parallel safe as
$$ select (extract(year from day)::int
           + (start_month > 1 and extract(month from day)::int >= start_month)::int)::smallint $$;

create function fiscal_start_month() returns int
language sql stable parallel safe as
$$ select coalesce((select fiscal_start_month from public.organisation), 1)::int $$;
"""

FRESH = """
create view donor_summary_fresh as
select d.id as donor_id, d.owner_id,
       count(g.id) filter (where g.kind = 'gift') as gifts,
       coalesce(sum(g.base_minor), 0)::bigint as total_minor,
       min(g.gift_date) filter (where g.kind = 'gift') as first_gift_date,
       max(g.gift_date) filter (where g.kind = 'gift') as last_gift_date,
       max(g.base_minor) filter (where g.kind = 'gift') as largest_minor
from donor d left join gift g on g.donor_id = d.id
group by d.id, d.owner_id;

create view donor_year_fresh as
select donor_id, fiscal_year(gift_date, fiscal_start_month()) as fiscal_year,
       count(*) filter (where kind = 'gift') as gifts, sum(base_minor)::bigint as total_minor
from gift group by 1, 2
having count(*) filter (where kind = 'gift') <> 0 or sum(base_minor) <> 0;

create view owner_month_fresh as
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

create function rebuild_summaries() returns void language plpgsql as $$
begin
    lock table gift, donor in share mode;
    delete from donor_summary; delete from donor_year; delete from owner_month;
    insert into donor_summary select * from donor_summary_fresh;
    insert into donor_year select * from donor_year_fresh;
    insert into owner_month select * from owner_month_fresh;
end $$;
"""

# Rows of `delta`: donor_id, gift_date, base_minor, n (1 a gift, 0 a reversal, negative when
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
        select k.donor_id, count(g.id) filter (where g.kind = 'gift') as gifts,
               coalesce(sum(g.base_minor), 0) as total_minor,
               min(g.gift_date) filter (where g.kind = 'gift') as first_gift_date,
               max(g.gift_date) filter (where g.kind = 'gift') as last_gift_date,
               max(g.base_minor) filter (where g.kind = 'gift') as largest_minor
        from (select distinct donor_id from ({delta}) x order by 1) k
        left join gift g on g.donor_id = k.donor_id group by k.donor_id
    ) f where t.donor_id = f.donor_id;
"""

COLUMNS = "donor_id, gift_date, {sign}base_minor as base_minor, {sign}(kind = 'gift')::int as n, pledge_id is not null as recurring"
NEW = f"select {COLUMNS.format(sign='')} from new_rows"
OLD = f"select {COLUMNS.format(sign='-')} from old_rows"

GIFT_INSERTED = f"""
create function gift_inserted() returns trigger language plpgsql as $$
declare start_month int := fiscal_start_month();
begin
    insert into donor_summary as t (donor_id, owner_id, gifts, total_minor, first_gift_date,
                                    last_gift_date, largest_minor)
    select x.donor_id, d.owner_id, x.gifts, x.total_minor, x.first_date, x.last_date, x.largest
    from (
        select donor_id, count(*) filter (where kind = 'gift') as gifts,
               sum(base_minor) as total_minor,
               min(gift_date) filter (where kind = 'gift') as first_date,
               max(gift_date) filter (where kind = 'gift') as last_date,
               max(base_minor) filter (where kind = 'gift') as largest
        from new_rows group by donor_id order by donor_id
    ) x join donor d on d.id = x.donor_id
    on conflict (donor_id) do update
        set gifts = t.gifts + excluded.gifts, total_minor = t.total_minor + excluded.total_minor,
            first_gift_date = least(t.first_gift_date, excluded.first_gift_date),
            last_gift_date = greatest(t.last_gift_date, excluded.last_gift_date),
            largest_minor = greatest(t.largest_minor, excluded.largest_minor);
    {APPLY.format(delta=NEW)}
    return null;
end $$;
create trigger gift_inserted after insert on gift referencing new table as new_rows
for each statement execute function gift_inserted();
"""

GIFT_DELETED = f"""
create function gift_deleted() returns trigger language plpgsql as $$
declare start_month int := fiscal_start_month();
begin
    {APPLY.format(delta=OLD)}
    {SWEEP.format(delta=OLD)}
    return null;
end $$;
create trigger gift_deleted after delete on gift referencing old table as old_rows
for each statement execute function gift_deleted();
"""

# Thanking a donor or writing a note changes no sum: those updates end at the first question.
GIFT_UPDATED = f"""
create function gift_updated() returns trigger language plpgsql as $$
declare start_month int := fiscal_start_month();
begin
    -- a difference of sets, not a join of the two: a cached plan for one row would loop over all
    -- pairs of a mass update
    if not exists (
        select id, donor_id, gift_date, base_minor, kind, pledge_id is null from new_rows
        except select id, donor_id, gift_date, base_minor, kind, pledge_id is null from old_rows
    ) then
        return null;
    end if;
    {APPLY.format(delta=f"{NEW} union all {OLD}")}
    {SWEEP.format(delta=f"{NEW} union all {OLD}")}
    return null;
end $$;
create trigger gift_updated after update on gift
referencing old table as old_rows new table as new_rows
for each statement execute function gift_updated();
"""

SEARCH = """
create function refresh_donor_search(ids bigint[]) returns void language sql as $$
    insert into donor_search as t (donor_id, text)
    select d.id, normalise(concat_ws(' ', d.name, d.first_name, d.last_name, d.spouse_first_name,
                                     d.spouse_last_name, e.words, p.words, x.words))
    from donor d
    left join lateral (select string_agg(email, ' ') as words
                       from donor_email where donor_id = d.id) e on true
    left join lateral (select string_agg(phone || ' ' || regexp_replace(phone, '\\D', '', 'g'),
                                         ' ') as words
                       from donor_phone where donor_id = d.id) p on true
    left join lateral (select string_agg(external_id, ' ') as words
                       from donor_external_id where donor_id = d.id) x on true
    where d.id = any(ids) order by d.id
    on conflict (donor_id) do update set text = excluded.text where t.text <> excluded.text;
$$;

create function donor_inserted() returns trigger language plpgsql as $$
begin
    insert into donor_summary (donor_id, owner_id) select id, owner_id from new_rows order by id;
    perform refresh_donor_search(array(select id from new_rows));
    return null;
end $$;
create trigger donor_inserted after insert on donor referencing new table as new_rows
for each statement execute function donor_inserted();

create function donor_updated() returns trigger language plpgsql as $$
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
           coalesce(sum(m.sign * g.base_minor) filter (where g.pledge_id is not null), 0),
           coalesce(sum(m.sign * g.base_minor) filter (where g.pledge_id is null), 0),
           sum(m.sign * (g.kind = 'gift')::int)
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
create trigger donor_updated after update on donor
referencing old table as old_rows new table as new_rows
for each statement execute function donor_updated();
"""

CHILDREN = ("donor_email", "donor_phone", "donor_external_id")


def child(table: str) -> str:
    """Refresh the search text whichever way a row of `table` changes."""
    return "".join(
        f"""
create function {table}_{past}() returns trigger language plpgsql as $$
begin
    perform refresh_donor_search(array(select distinct donor_id from {rows}));
    return null;
end $$;
create trigger {table}_{past} after {verb} on {table} referencing {referencing}
for each statement execute function {table}_{past}();
"""
        for verb, past, rows, referencing in (
            ("insert", "inserted", "new_rows", "new table as new_rows"),
            ("delete", "deleted", "old_rows", "old table as old_rows"),
            (
                "update",
                "updated",
                "(select donor_id from new_rows union select donor_id from old_rows) k",
                "old table as old_rows new table as new_rows",
            ),
        )
    )


SPLITS = """
create function gift_lines_add_up() returns trigger language plpgsql as $$
declare gift_key bigint; whole bigint; parts bigint; fund bigint;
begin
    -- three statements: in one expression, the columns of the other table's row would be missing
    if tg_table_name = 'gift' then gift_key := new.id;
    elsif tg_op = 'DELETE' then gift_key := old.gift_id;
    else gift_key := new.gift_id;
    end if;
    select amount_minor, fund_id into whole, fund from gift where id = gift_key;
    select sum(amount_minor) into parts from gift_line where gift_id = gift_key;
    if whole is not null and parts is not null and (parts <> whole or fund is not null) then
        raise exception 'the parts of gift %% add up to %%, not to %%', gift_key, parts, whole
            using errcode = 'check_violation', constraint = 'gift_lines_add_up';
    end if;
    return null;
end $$;
create constraint trigger gift_line_adds_up after insert or update or delete on gift_line
deferrable initially deferred for each row execute function gift_lines_add_up();
create constraint trigger gift_adds_up after update of amount_minor, fund_id on gift
deferrable initially deferred for each row
when (old.amount_minor is distinct from new.amount_minor
      or old.fund_id is distinct from new.fund_id)
execute function gift_lines_add_up();

create view gift_part as
select g.id as gift_id, g.donor_id, g.kind, g.gift_date, g.pledge_id, g.fund_id,
       g.campaign_id, g.currency, g.amount_minor, g.base_minor
from gift g where g.fund_id is not null
    or not exists (select 1 from gift_line l where l.gift_id = g.id)
union all
select g.id, g.donor_id, g.kind, g.gift_date, g.pledge_id, l.fund_id,
       l.campaign_id, g.currency, l.amount_minor, l.base_minor
from gift g join gift_line l on l.gift_id = g.id;
"""

FISCAL = """
create function organisation_updated() returns trigger language plpgsql as $$
begin
    if new.fiscal_start_month is distinct from old.fiscal_start_month then
        delete from donor_year;
        insert into donor_year select * from donor_year_fresh;
    end if;
    return null;
end $$;
create trigger organisation_updated after update on organisation
for each row execute function organisation_updated();
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    run = op.get_bind().exec_driver_sql
    for statement in (WORDS, FRESH, GIFT_INSERTED, GIFT_DELETED, GIFT_UPDATED, SEARCH, SPLITS):
        run(statement)
    for table in CHILDREN:
        run(child(table))
    run(FISCAL)
    # a database that already holds rows starts right
    run("insert into donor_summary select * from donor_summary_fresh on conflict do nothing")
    run("select rebuild_summaries()")
    run("select refresh_donor_search(array(select id from donor))")


def downgrade() -> None:
    run = op.get_bind().exec_driver_sql
    run("drop trigger organisation_updated on organisation")
    run("drop function organisation_updated()")
    run("drop view gift_part")
    run("drop trigger gift_adds_up on gift")
    run("drop trigger gift_line_adds_up on gift_line")
    run("drop function gift_lines_add_up()")
    for table in CHILDREN:
        for past in ("inserted", "updated", "deleted"):
            run(f"drop trigger {table}_{past} on {table}")
            run(f"drop function {table}_{past}()")
    for table, verbs in (
        ("donor", ("inserted", "updated")),
        ("gift", ("inserted", "updated", "deleted")),
    ):
        for verb in verbs:
            run(f"drop trigger {table}_{verb} on {table}")
            run(f"drop function {table}_{verb}()")
    run("drop function refresh_donor_search(bigint[])")
    run("drop function rebuild_summaries()")
    for view in ("owner_month_fresh", "donor_year_fresh", "donor_summary_fresh"):
        run(f"drop view {view}")
    run("drop function fiscal_start_month()")
    run("drop function fiscal_year(date, int)")
    run("drop function normalise(text)")
