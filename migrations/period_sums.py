"""The functions of the triggers that add up gifts, with and without the sums of two periods.

Migration 0031 depends on this module: what a function builds must not change any more.
"""

EFFECTIVE = "{t}kind = 'gift' and {t}returned_minor < {t}amount_minor"
GIFT = EFFECTIVE.format(t="")
GIFT_G = EFFECTIVE.format(t="g.")

DELTA = (
    "select donor_id, gift_date, {sign}base_minor as base_minor,"
    f" {{sign}}({GIFT})::int as n, recurring as recurring from {{rows}}"
)
NEW = DELTA.format(sign="", rows="new_rows")
OLD = DELTA.format(sign="-", rows="old_rows")
BOTH = f"{NEW} union all {OLD}"

PERIODS = ("before", "now")
SUM = (
    "coalesce(sum({t}base_minor) filter"
    " (where {t}gift_date >= {p}{name}_start and {t}gift_date < {p}{name}_end), 0)"
)


def sums(table: str, period: str = "") -> dict[str, str]:
    """Return the SQL of the sums of both periods, by the names of their columns."""
    return {f"{name}_minor": SUM.format(t=table, p=period, name=name) for name in PERIODS}


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

# The rows are locked before the gifts are read: a gift that another transaction adds meanwhile is
# then either seen here, or added to these sums when this transaction has ended.
LOCK = """
    perform from donor_summary where donor_id in (select donor_id from ({delta}) x)
    order by donor_id for update;
"""
# Rows that became zero are deleted. The first, last and largest gift cannot be subtracted from:
# they are computed from all gifts of the donors concerned.
SWEEP = """
    delete from donor_year t using (select distinct donor_id from ({{delta}}) x) k
    where t.donor_id = k.donor_id and t.gifts = 0 and t.total_minor = 0;
    delete from owner_month where gifts = 0 and recurring_minor = 0 and one_time_minor = 0;
    update donor_summary t
    set gifts = f.gifts, total_minor = f.total_minor, first_gift_date = f.first_gift_date,
        last_gift_date = f.last_gift_date, largest_minor = f.largest_minor{more_set}
    from (
        select k.donor_id, count(g.id) filter (where {gift}) as gifts,
               coalesce(sum(g.base_minor), 0) as total_minor,
               min(g.gift_date) filter (where {gift}) as first_gift_date,
               max(g.gift_date) filter (where {gift}) as last_gift_date,
               max(g.base_minor - g.returned_base_minor) filter (where {gift})
                   as largest_minor{more}
        from (select distinct donor_id from ({{delta}}) x order by 1) k
        left join gift g on g.donor_id = k.donor_id group by k.donor_id
    ) f where t.donor_id = f.donor_id;
"""
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
                                    last_gift_date, largest_minor{{columns}})
    select x.donor_id, d.owner_id, x.gifts, x.total_minor, x.first_date, x.last_date,
           x.largest{{columns}}
    from (
        select donor_id, count(*) filter (where {GIFT}) as gifts,
               sum(base_minor) as total_minor,
               min(gift_date) filter (where {GIFT}) as first_date,
               max(gift_date) filter (where {GIFT}) as last_date,
               max(base_minor - returned_base_minor) filter (where {GIFT}) as largest{{more}}
        from new_rows group by donor_id order by donor_id
    ) x join donor d on d.id = x.donor_id
    on conflict (donor_id) do update
        set gifts = t.gifts + excluded.gifts, total_minor = t.total_minor + excluded.total_minor,
            first_gift_date = least(t.first_gift_date, excluded.first_gift_date),
            last_gift_date = greatest(t.last_gift_date, excluded.last_gift_date),
            largest_minor = greatest(t.largest_minor, excluded.largest_minor){{more_set}};
    {APPLY.format(delta=NEW)}
    if exists (select 1 from new_rows where reverses_id is not null) then
        {RETURNED.format(keys=KEYS_NEW)}
    end if;
"""
# One gift, as people save them, is added without sums of rows. The row of the donor is locked
# first, and knows the owner.
ONE_INSERTED = """
    if (select count(*) from (select from new_rows limit 2) n) = 1 then
        select * into strict added from new_rows;
        if added.kind = 'gift' and added.returned_minor = 0 then
            update donor_summary t
            set gifts = t.gifts + 1, total_minor = t.total_minor + added.base_minor,
                first_gift_date = least(t.first_gift_date, added.gift_date),
                last_gift_date = greatest(t.last_gift_date, added.gift_date),
                largest_minor = greatest(t.largest_minor,
                                         added.base_minor - added.returned_base_minor),
                before_minor = t.before_minor + case when added.gift_date >= before_start
                    and added.gift_date < before_end then added.base_minor else 0 end,
                now_minor = t.now_minor + case when added.gift_date >= now_start
                    and added.gift_date < now_end then added.base_minor else 0 end
            where t.donor_id = added.donor_id returning coalesce(t.owner_id, 0) into added_owner;
            if found then
                insert into donor_year as t (donor_id, fiscal_year, gifts, total_minor)
                values (added.donor_id, fiscal_year(added.gift_date, start_month), 1,
                        added.base_minor)
                on conflict (donor_id, fiscal_year) do update set gifts = t.gifts + 1,
                    total_minor = t.total_minor + excluded.total_minor;
                insert into owner_month as t
                    (owner_id, month, recurring_minor, one_time_minor, gifts)
                values (added_owner, date_trunc('month', added.gift_date::timestamp)::date,
                        case when added.recurring then added.base_minor else 0 end,
                        case when added.recurring then 0 else added.base_minor end, 1)
                on conflict (owner_id, month) do update
                    set recurring_minor = t.recurring_minor + excluded.recurring_minor,
                        one_time_minor = t.one_time_minor + excluded.one_time_minor,
                        gifts = t.gifts + 1;
                if added.pledge_id is not null then
                    insert into pledge_change (pledge_id) values (added.pledge_id);
                end if;
                return null;
            end if;
        end if;
    end if;
"""
PLEDGES_CHANGED = """
    insert into pledge_change (pledge_id)
    select distinct pledge_id from new_rows where pledge_id is not null;
"""
# Thanking a donor or writing a note changes no sum: those updates end at the first statement.
COMPARED = (
    "id, donor_id, gift_date, base_minor, kind, pledge_id is null, amount_minor,"
    " returned_minor, returned_base_minor, reverses_id, recurring"
)
# a difference of sets, not a join of the two: a cached plan for one row would loop over all pairs
# of a mass update
UNCHANGED = f"""
    if not exists (
        select {COMPARED} from new_rows except select {COMPARED} from old_rows
    ) then
        return null;
    end if;
"""
REVERSED = f"""
    if exists (select 1 from new_rows where reverses_id is not null)
        or exists (select 1 from old_rows where reverses_id is not null) then
        {RETURNED.format(keys=f"{KEYS_NEW} union {KEYS_OLD}")}
    end if;
"""
FUNCTION = """
create or replace function {name}() returns trigger language plpgsql
    security definer set search_path = public, pg_temp as $$
declare {declare}
begin
    {body}
    return null;
end $$
"""
DECLARE = "start_month int := fiscal_start_month();"
DECLARE_PERIODS = (
    "start_month int; before_start date; before_end date; now_start date; now_end date;"
    " added gift; added_owner bigint;"
)
# one statement for all settings; there may be no organisation yet
READ_SETTINGS = """
    select coalesce(o.fiscal_start_month, 1), p.before_start, p.before_end, p.now_start, p.now_end
    into start_month, before_start, before_end, now_start, now_end
    from (select 1) one left join organisation o on true left join giving_period p on true;
"""


def gift_functions(*, with_periods: bool) -> list[str]:
    """Return the functions of the triggers of gifts, with or without the sums of the periods."""
    inserted = sums("") if with_periods else {}
    fresh = sums("g.") if with_periods else {}
    sweep = SWEEP.format(
        gift=GIFT_G,
        more="".join(f", {value} as {name}" for name, value in fresh.items()),
        more_set="".join(f", {name} = f.{name}" for name in fresh),
    )
    insert = INSERTED.format(
        columns="".join(f", {name}" for name in inserted),
        more="".join(f", {value} as {name}" for name, value in inserted.items()),
        more_set="".join(f", {name} = t.{name} + excluded.{name}" for name in inserted),
    )
    lock = read = one = changed = ""
    if with_periods:
        lock, read, one, changed = LOCK, READ_SETTINGS, ONE_INSERTED, PLEDGES_CHANGED
    bodies = {
        "gift_inserted": read + one + changed + insert,
        "gift_deleted": read
        + (lock + APPLY + sweep).format(delta=OLD)
        + RETURNED.format(keys=KEYS_OLD),
        "gift_updated": UNCHANGED + read + (lock + APPLY + sweep).format(delta=BOTH) + REVERSED,
    }
    declare = DECLARE_PERIODS if with_periods else DECLARE
    return [
        FUNCTION.format(name=name, declare=declare, body=body) for name, body in bodies.items()
    ]
