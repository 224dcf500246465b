"""Create the triggers that keep the aggregates and the search text equal to the data.

Each trigger handles all rows of a statement at once: an import of a million rows costs three
upserts, and a single gift costs three small ones. They run with the rights of the owner of the
tables, because no user may write an aggregate.

Revision ID: 0008_summary_triggers
Revises: 0007_summaries
"""

from alembic import op

revision = "0008_summary_triggers"
down_revision = "0007_summaries"
branch_labels = None
depends_on = None

CHILDREN = ("donor_email", "donor_phone", "donor_external_id")

EFFECTIVE = "{t}kind = 'gift' and {t}returned_minor < {t}amount_minor"
GIFT = EFFECTIVE.format(t="")
GIFT_G = EFFECTIVE.format(t="g.")

# The rows of a statement as differences: n is 1 for an effective gift, else 0, and negative, like
# the amount, for a row that was deleted or replaced.
DELTA = (
    "select donor_id, gift_date, {sign}base_minor as base_minor,"
    f" {{sign}}({GIFT})::int as n, recurring as recurring from {{rows}}"
)
NEW = DELTA.format(sign="", rows="new_rows")
OLD = DELTA.format(sign="-", rows="old_rows")
BOTH = f"{NEW} union all {OLD}"

# Sums are added in the order of the keys, so that two statements at once cannot deadlock.
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

# Rows that became zero are deleted. The first, last and largest gift cannot be subtracted from:
# they are computed from all gifts of the donors concerned.
SWEEP = f"""
    delete from donor_year t using (select distinct donor_id from ({{delta}}) x) k
    where t.donor_id = k.donor_id and t.gifts = 0 and t.total_minor = 0;
    delete from owner_month where gifts = 0 and recurring_minor = 0 and one_time_minor = 0;
    update donor_summary t
    set gifts = f.gifts, total_minor = f.total_minor, first_gift_date = f.first_gift_date,
        last_gift_date = f.last_gift_date, largest_minor = f.largest_minor
    from (
        select k.donor_id, count(g.id) filter (where {GIFT_G}) as gifts,
               coalesce(sum(g.base_minor), 0) as total_minor,
               min(g.gift_date) filter (where {GIFT_G}) as first_gift_date,
               max(g.gift_date) filter (where {GIFT_G}) as last_gift_date,
               max(g.base_minor - g.returned_base_minor) filter (where {GIFT_G}) as largest_minor
        from (select distinct donor_id from ({{delta}}) x order by 1) k
        left join gift g on g.donor_id = k.donor_id group by k.donor_id
    ) f where t.donor_id = f.donor_id;
"""

# What was returned of a gift is summed anew from all its reversals: no order of changes can leave
# it wrong. This update runs the trigger of gift again, which counts the gift.
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
KEYS = "select distinct reverses_id as id from {rows} where reverses_id is not null"
KEYS_NEW, KEYS_OLD = KEYS.format(rows="new_rows"), KEYS.format(rows="old_rows")

INSERTED = f"""
    insert into donor_summary as t (donor_id, owner_id, gifts, total_minor, first_gift_date,
                                    last_gift_date, largest_minor)
    select x.donor_id, d.owner_id, x.gifts, x.total_minor, x.first_date, x.last_date, x.largest
    from (
        select donor_id, count(*) filter (where {GIFT}) as gifts,
               sum(base_minor) as total_minor,
               min(gift_date) filter (where {GIFT}) as first_date,
               max(gift_date) filter (where {GIFT}) as last_date,
               max(base_minor - returned_base_minor) filter (where {GIFT}) as largest
        from new_rows group by donor_id order by donor_id
    ) x join donor d on d.id = x.donor_id
    on conflict (donor_id) do update
        set gifts = t.gifts + excluded.gifts, total_minor = t.total_minor + excluded.total_minor,
            first_gift_date = least(t.first_gift_date, excluded.first_gift_date),
            last_gift_date = greatest(t.last_gift_date, excluded.last_gift_date),
            largest_minor = greatest(t.largest_minor, excluded.largest_minor);
    {APPLY.format(delta=NEW)}
    if exists (select 1 from new_rows where reverses_id is not null) then
        {RETURNED.format(keys=KEYS_NEW)}
    end if;
"""
DELETED = APPLY.format(delta=OLD) + SWEEP.format(delta=OLD) + RETURNED.format(keys=KEYS_OLD)

# Thanking a donor or writing a note changes no sum: those updates end at the first statement.
COMPARED = (
    "id, donor_id, gift_date, base_minor, kind, pledge_id is null, amount_minor,"
    " returned_minor, returned_base_minor, reverses_id, recurring"
)
UPDATED = f"""
    -- a difference of sets, not a join of the two: a cached plan for one row would loop over all
    -- pairs of a mass update
    if not exists (
        select {COMPARED} from new_rows except select {COMPARED} from old_rows
    ) then
        return null;
    end if;
    {APPLY.format(delta=BOTH)}
    {SWEEP.format(delta=BOTH)}
    if exists (select 1 from new_rows where reverses_id is not null)
        or exists (select 1 from old_rows where reverses_id is not null) then
        {RETURNED.format(keys=f"{KEYS_NEW} union {KEYS_OLD}")}
    end if;
"""

FUNCTION = """
create function {name}() returns trigger language plpgsql
    security definer set search_path = public, pg_temp as $$
{declare}begin
    {body}
    return null;
end $$
"""
START_MONTH = "declare start_month int := fiscal_start_month();\n"

DONOR_INSERTED = """
    insert into donor_summary (donor_id, owner_id) select id, owner_id from new_rows order by id;
    perform refresh_donor_search(array(select id from new_rows));
"""

# The income of a donor who gets another owner moves with the donor, all months at once.
DONOR_UPDATED = f"""
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
           coalesce(sum(m.sign * g.base_minor) filter (where g.recurring), 0),
           coalesce(sum(m.sign * g.base_minor) filter (where not (g.recurring)), 0),
           sum(m.sign * ({GIFT_G})::int)
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
"""

SEARCH = "perform refresh_donor_search(array(select distinct donor_id from {rows}));"
EITHER = "(select donor_id from new_rows union select donor_id from old_rows) k"

# another first month of the fiscal year moves gifts between years
ORGANISATION_UPDATED = """
    if new.fiscal_start_month is distinct from old.fiscal_start_month then
        delete from donor_year;
        insert into donor_year select * from donor_year_fresh;
    end if;
"""

ROWS = {
    "inserted": "insert on {table} referencing new table as new_rows",
    "deleted": "delete on {table} referencing old table as old_rows",
    "updated": "update on {table} referencing old table as old_rows new table as new_rows",
}


def upgrade() -> None:
    for past, body in {"inserted": INSERTED, "deleted": DELETED, "updated": UPDATED}.items():
        _trigger("gift", past, body, declare=START_MONTH)
    _trigger("donor", "inserted", DONOR_INSERTED)
    _trigger("donor", "updated", DONOR_UPDATED)
    for table in CHILDREN:
        for past, rows in {
            "inserted": "new_rows",
            "deleted": "old_rows",
            "updated": EITHER,
        }.items():
            _trigger(table, past, SEARCH.format(rows=rows))
    op.execute(FUNCTION.format(name="organisation_updated", declare="", body=ORGANISATION_UPDATED))
    op.execute(
        "create trigger organisation_updated after update on organisation"
        " for each row execute function organisation_updated()"
    )
    # for the donors and gifts of a database that was downgraded
    op.execute("select rebuild_summaries()")
    op.execute("select refresh_donor_search(array(select id from donor))")


def _trigger(table: str, past: str, body: str, declare: str = "") -> None:
    name = f"{table}_{past}"
    op.execute(FUNCTION.format(name=name, declare=declare, body=body))
    op.execute(
        f"create trigger {name} after {ROWS[past].format(table=table)}"
        f" for each statement execute function {name}()"
    )


def downgrade() -> None:
    tables = {
        "organisation": ["updated"],
        "donor": ["inserted", "updated"],
        **{table: list(ROWS) for table in ("gift", *CHILDREN)},
    }
    for table, pasts in tables.items():
        for past in pasts:
            op.execute(f"drop trigger {table}_{past} on {table}")
            op.execute(f"drop function {table}_{past}()")
