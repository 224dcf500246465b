"""Store what each donor gave in the compared periods, and how far each pledge is prepaid.

`giving_period` has two periods of a year; `donor_summary` has each donor's sums of both, so that
the comparison of the last twelve months with those before reads one row for each donor. A job
moves the periods to the new day by the gifts of the days that enter and leave. A reader of another
day corrects the sums by the gifts of the days between, so that the figures are exact before the
job has run, too.

`pledge_summary` has the due date of the last instalment that a pledge's gifts reach: before that
day it may be paid ahead, and the forecast need not add up the gifts of every pledge. A change of
its gifts or terms adds a row to `pledge_change`; until the job has computed the day anew, the
forecast adds up the gifts of this pledge as well. Rows are added and never updated, so that
writers do not wait for each other.

Revision ID: 0031_period_sums
Revises: 0030_rhythm_changes
"""

import sqlalchemy as sa
from alembic import op

from migrations.columns import reference
from migrations.period_sums import PERIODS, SUM, gift_functions, sums

revision = "0031_period_sums"
down_revision = "0030_rhythm_changes"
branch_labels = None
depends_on = None

SUMMARY_FRESH = """
create {replace} view donor_summary_fresh with (security_invoker = true) as
select d.id as donor_id, d.owner_id,
       count(g.id) filter (where g.effective) as gifts,
       coalesce(sum(g.base_minor), 0)::bigint as total_minor,
       min(g.gift_date) filter (where g.effective) as first_gift_date,
       max(g.gift_date) filter (where g.effective) as last_gift_date,
       max(g.base_minor - g.returned_base_minor) filter (where g.effective) as largest_minor{more}
from donor d left join gift_returned_fresh g on g.donor_id = d.id{period}
group by d.id, d.owner_id
"""
FILL = """
update donor_summary t set before_minor = f.before_minor, now_minor = f.now_minor
from (
    select g.donor_id, {before} as before_minor, {now} as now_minor
    from gift g cross join giving_period p
    where g.gift_date >= least(p.before_start, p.now_start)
        and g.gift_date < greatest(p.before_end, p.now_end)
    group by 1
) f where t.donor_id = f.donor_id
"""

# The due date of the last instalment that what was received reaches, if only in part; the last day
# of all when there are fewer instalments, or for a pledge twice a month, whose due dates the
# forecast counts otherwise. Null when nothing was received.
PREPAID = """
create function prepaid_until(
    received numeric, amount bigint, frequency text, anchor smallint, starts date, ends date
) returns date language plpgsql immutable parallel safe as $$
declare paid numeric := ceil(received / amount); never date := '9999-12-31'; due date;
        day int; month int;
begin
    if paid is null or paid < 1 then
        return null;
    elsif paid > 20000 or frequency = 'semimonthly' or frequency = 'once' and paid > 1 then
        return never;
    elsif frequency = 'once' then
        due := starts;
    elsif frequency in ('weekly', 'biweekly') then
        due := starts + (paid::int - 1) * case frequency when 'weekly' then 7 else 14 end;
    else
        day := coalesce(anchor, extract(day from starts));
        month := extract(year from starts) * 12 + extract(month from starts) - 1;
        due := least(starts - extract(day from starts)::int + day,
                     date_trunc('month', starts::timestamp) + interval '1 month - 1 day');
        month := month + (due < starts)::int + (paid::int - 1) * case frequency
            when 'monthly' then 1 when 'bimonthly' then 2 when 'quarterly' then 3
            when 'semiannual' then 6 else 12 end;
        due := make_date(month / 12, month % 12 + 1, 1);
        due := least(due + day - 1, (due + interval '1 month - 1 day')::date);
    end if;
    return case when due > ends then never else due end;
end $$;
"""
PLEDGE_FRESH = """
create view pledge_summary_fresh with (security_invoker = true) as
select pledge_id, donor_id, prepaid_until from (
    select p.id as pledge_id, p.donor_id,
           prepaid_until(
               (select sum(g.amount_minor - g.returned_minor) from gift g
                where g.pledge_id = p.id and g.kind = 'gift'
                    and g.returned_minor < g.amount_minor),
               p.amount_minor, p.frequency, p.anchor_day, p.start_date, p.end_date)
               as prepaid_until
    from pledge p) f
where prepaid_until is not null;
"""
REBUILD = """
create or replace function rebuild_summaries() returns void language plpgsql as $$
begin
    lock table gift, donor{pledge} in share row exclusive mode;
    update gift g set returned_minor = f.returned_minor,
                      returned_base_minor = f.returned_base_minor
    from gift_returned_fresh f
    where f.id = g.id and (g.returned_minor, g.returned_base_minor)
        is distinct from (f.returned_minor, f.returned_base_minor);
    delete from donor_summary; delete from donor_year; delete from owner_month;
    insert into donor_summary select * from donor_summary_fresh;
    insert into donor_year select * from donor_year_fresh;
    insert into owner_month select * from owner_month_fresh;
    {more}
end $$;
"""

# Which pledges a statement touches. The day of a gift is not among what is compared: all gifts
# count, those of later days too.
PAID = (
    "select id, pledge_id, amount_minor, returned_minor, kind from {rows} where pledge_id is not"
    " null"
)
TERMS = (
    "select id, donor_id, amount_minor, frequency, anchor_day, start_date, end_date from {rows}"
)
DIFFERENCE = "({new} except {old}) union all ({old} except {new})"


def _difference(rows: str) -> str:
    return DIFFERENCE.format(new=rows.format(rows="new_rows"), old=rows.format(rows="old_rows"))


# table and kind of change → the keys of the pledges, and the rows that have them; the trigger of
# inserted gifts adds them itself, as a call of one more takes longer than its work
CHANGED = {
    ("gift", "deleted"): ("pledge_id", PAID.format(rows="old_rows")),
    ("gift", "updated"): ("pledge_id", _difference(PAID)),
    ("pledge", "updated"): ("id", _difference(TERMS)),
}
TRANSITION = {
    "inserted": "insert on {table} referencing new table as new_rows",
    "deleted": "delete on {table} referencing old table as old_rows",
    "updated": "update on {table} referencing old table as old_rows new table as new_rows",
}
TRIGGER = """
create function {name}() returns trigger language plpgsql
    security definer set search_path = public, pg_temp as $$
begin
    insert into pledge_change (pledge_id) select distinct k.{key} from ({rows}) k;
    return null;
end $$;
create trigger {name} after {transition} for each statement execute function {name}()
"""


def upgrade() -> None:
    _tables()
    for name in PERIODS:
        op.add_column(
            "donor_summary",
            sa.Column(f"{name}_minor", sa.BigInteger, server_default="0", nullable=False),
        )
    filled = {name: SUM.format(t="g.", p="p.", name=name) for name in PERIODS}
    op.execute(FILL.format(**filled))
    for statement in gift_functions(with_periods=True):
        op.execute(statement)
    fresh = sums("g.", "p.")
    op.execute(
        SUMMARY_FRESH.format(
            replace="or replace",
            more="".join(f", {value}::bigint as {name}" for name, value in fresh.items()),
            period=" left join giving_period p on true",
        )
    )
    for statement in (PREPAID, PLEDGE_FRESH):
        op.execute(statement)
    op.execute("insert into pledge_summary select * from pledge_summary_fresh")
    for (table, past), (key, rows) in CHANGED.items():
        op.execute(
            TRIGGER.format(
                name=f"{table}_{past}_prepaid",
                key=key,
                rows=rows,
                transition=TRANSITION[past].format(table=table),
            )
        )
    op.execute(
        REBUILD.format(
            pledge=", pledge",
            more="delete from pledge_summary; delete from pledge_change;"
            " insert into pledge_summary select * from pledge_summary_fresh;",
        )
    )


def downgrade() -> None:
    op.execute(REBUILD.format(pledge="", more=""))
    for table, past in CHANGED:
        op.execute(f"drop trigger {table}_{past}_prepaid on {table}")
        op.execute(f"drop function {table}_{past}_prepaid()")
    op.execute("drop view pledge_summary_fresh")
    op.execute("drop function prepaid_until(numeric, bigint, text, smallint, date, date)")
    for statement in gift_functions(with_periods=False):
        op.execute(statement)
    # a column of a view cannot be dropped
    op.execute("drop view donor_summary_fresh")
    op.execute(SUMMARY_FRESH.format(replace="", more="", period=""))
    for name in PERIODS:
        op.drop_column("donor_summary", f"{name}_minor")
    op.drop_table("pledge_change")
    op.drop_table("pledge_summary")
    op.drop_table("giving_period")


def _tables() -> None:
    op.create_table(
        "giving_period",
        sa.Column("id", sa.SmallInteger, autoincrement=False, nullable=False),
        sa.Column("before_start", sa.Date, nullable=False),
        sa.Column("before_end", sa.Date, nullable=False),
        sa.Column("now_start", sa.Date, nullable=False),
        sa.Column("now_end", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_giving_period"),
        sa.CheckConstraint("id = 1", name=op.f("ck_giving_period_id")),
    )
    # any periods do: readers correct the sums, and the job moves them
    op.execute(
        "insert into giving_period select 1, (d - interval '2 years')::date, (d - interval"
        " '1 year')::date, (d - interval '1 year')::date, d from (select current_date + 1) t (d)"
    )
    op.create_table(
        "pledge_summary",
        sa.Column("pledge_id", sa.BigInteger, nullable=False),
        sa.Column("donor_id", sa.BigInteger, nullable=False),
        sa.Column("prepaid_until", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("pledge_id", name="pk_pledge_summary"),
        reference("pledge_summary", "pledge_id", "pledge", "CASCADE"),
    )
    op.create_index("ix_pledge_summary_prepaid_until", "pledge_summary", ["prepaid_until"])
    op.create_table(
        "pledge_change",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("pledge_id", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pledge_change"),
    )
