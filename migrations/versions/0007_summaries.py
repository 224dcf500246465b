"""Create the aggregates of gifts, the search text of donors and the scores.

`donor_summary`, `donor_year` and `owner_month` answer the dashboard without reading every gift;
the triggers of the next migration update them. The `*_fresh` views compute the same from the gifts
and reversals themselves: the nightly check and the tests compare the two, and
`rebuild_summaries()` starts over.

Revision ID: 0007_summaries
Revises: 0006_gifts
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.columns import now, reference

revision = "0007_summaries"
down_revision = "0006_gifts"
branch_labels = None
depends_on = None

TABLES = (
    "donor_summary",
    "donor_year",
    "owner_month",
    "donor_search",
    "donor_rhythm",
    "rhythm_reliability",
)

# The functions name the schema of what they read, so that they work under any search path. The
# fiscal year is named by the calendar year it ends in.
FUNCTIONS = """
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

# The function is called for one donor as for 100,000. A plan cached while the tables were small
# would read a whole table of addresses for each donor, so it is planned anew for each call.
SEARCH = r"""
create function refresh_donor_search(ids bigint[]) returns void language sql
    set plan_cache_mode = force_custom_plan as $$
    insert into donor_search as t (donor_id, text)
    select d.id, normalise(concat_ws(' ', d.name, d.first_name, d.last_name, d.spouse_first_name,
                                     d.spouse_last_name, e.words, p.words, x.words))
    from donor d
    left join lateral (select string_agg(email, ' ') as words
                       from donor_email where donor_id = d.id) e on true
    left join lateral (select string_agg(phone || ' ' || regexp_replace(phone, '\D', '', 'g'),
                                         ' ') as words
                       from donor_phone where donor_id = d.id) p on true
    left join lateral (select string_agg(external_id, ' ') as words
                       from donor_external_id where donor_id = d.id) x on true
    where d.id = any(ids) order by d.id
    on conflict (donor_id) do update set text = excluded.text where t.text <> excluded.text;
$$;
"""

# What was returned is summed from the reversals and not read from the gift, so that the comparison
# also finds a gift whose stored amount is wrong.
VIEWS = """
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

create view donor_summary_fresh with (security_invoker = true) as
select d.id as donor_id, d.owner_id,
       count(g.id) filter (where g.effective) as gifts,
       coalesce(sum(g.base_minor), 0)::bigint as total_minor,
       min(g.gift_date) filter (where g.effective) as first_gift_date,
       max(g.gift_date) filter (where g.effective) as last_gift_date,
       max(g.base_minor - g.returned_base_minor) filter (where g.effective) as largest_minor
from donor d left join gift_returned_fresh g on g.donor_id = d.id
group by d.id, d.owner_id;

create view donor_year_fresh with (security_invoker = true) as
select donor_id, fiscal_year(gift_date, fiscal_start_month()) as fiscal_year,
       count(*) filter (where effective) as gifts, sum(base_minor)::bigint as total_minor
from gift_returned_fresh group by 1, 2
having count(*) filter (where effective) <> 0 or sum(base_minor) <> 0;

create view owner_month_fresh with (security_invoker = true) as
select coalesce(d.owner_id, 0) as owner_id, date_trunc('month', g.gift_date)::date as month,
       coalesce(sum(g.base_minor) filter (where g.recurring), 0)::bigint as recurring_minor,
       coalesce(sum(g.base_minor) filter (where not g.recurring), 0)::bigint as one_time_minor,
       count(*) filter (where g.effective) as gifts
from gift_returned_fresh g join donor d on d.id = g.donor_id group by 1, 2
having count(*) filter (where g.effective) <> 0
    or coalesce(sum(g.base_minor) filter (where g.recurring), 0) <> 0
    or coalesce(sum(g.base_minor) filter (where not g.recurring), 0) <> 0;
"""

# Lock out writes of gifts and donors: their triggers would add to aggregates that count them.
REBUILD = """
create function rebuild_summaries() returns void language plpgsql as $$
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


def upgrade() -> None:
    _tables()
    for statements in (FUNCTIONS, SEARCH, VIEWS, REBUILD):
        op.execute(statements)


def downgrade() -> None:
    op.execute("drop function rebuild_summaries()")
    for view in ("owner_month", "donor_year", "donor_summary", "gift_returned"):
        op.execute(f"drop view {view}_fresh")
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute("drop function refresh_donor_search(bigint[])")
    op.execute("drop function fiscal_start_month()")
    op.execute("drop function fiscal_year(date, int)")
    op.execute("drop function normalise(text)")


def _tables() -> None:
    """Create the aggregates, the search text and the scores."""
    op.create_table(
        "donor_summary",
        sa.Column("donor_id", sa.BigInteger, nullable=False),
        sa.Column("owner_id", sa.BigInteger),
        sa.Column("gifts", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("total_minor", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("first_gift_date", sa.Date),
        sa.Column("last_gift_date", sa.Date),
        sa.Column("largest_minor", sa.BigInteger),
        sa.PrimaryKeyConstraint("donor_id", name="pk_donor_summary"),
        reference("donor_summary", "donor_id", "donor", "CASCADE"),
    )
    op.create_index(
        "ix_donor_summary_last",
        "donor_summary",
        [sa.text("last_gift_date desc nulls last"), "donor_id"],
    )
    op.create_index(
        "ix_donor_summary_owner_last",
        "donor_summary",
        ["owner_id", sa.text("last_gift_date desc nulls last"), "donor_id"],
    )
    op.create_index(
        "ix_donor_summary_owner_total",
        "donor_summary",
        ["owner_id", sa.text("total_minor desc"), "donor_id"],
    )
    op.create_index(
        "ix_donor_summary_total", "donor_summary", [sa.text("total_minor desc"), "donor_id"]
    )

    op.create_table(
        "donor_year",
        sa.Column("donor_id", sa.BigInteger, nullable=False),
        sa.Column("fiscal_year", sa.SmallInteger, nullable=False),
        sa.Column("gifts", sa.BigInteger, nullable=False),
        sa.Column("total_minor", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("donor_id", "fiscal_year", name="pk_donor_year"),
        reference("donor_year", "donor_id", "donor", "CASCADE"),
    )
    op.create_index(
        "ix_donor_year_year_total",
        "donor_year",
        ["fiscal_year", sa.text("total_minor desc"), "donor_id"],
    )

    op.create_table(
        "owner_month",
        sa.Column("owner_id", sa.BigInteger, nullable=False),
        sa.Column("month", sa.Date, nullable=False),
        sa.Column("recurring_minor", sa.BigInteger, nullable=False),
        sa.Column("one_time_minor", sa.BigInteger, nullable=False),
        sa.Column("gifts", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "month", name="pk_owner_month"),
    )
    op.create_index("ix_owner_month_month", "owner_month", ["month"])

    op.create_table(
        "donor_search",
        sa.Column("donor_id", sa.BigInteger, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("donor_id", name="pk_donor_search"),
        reference("donor_search", "donor_id", "donor", "CASCADE"),
    )
    op.create_index(
        "ix_donor_search_text",
        "donor_search",
        ["text"],
        postgresql_using="gin",
        postgresql_ops={"text": "gin_trgm_ops"},
    )

    op.create_table(
        "donor_rhythm",
        sa.Column("donor_id", sa.BigInteger, nullable=False),
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("gifts", sa.BigInteger, nullable=False),
        sa.Column("last_gift", sa.Date, nullable=False),
        sa.Column("rhythm_days", sa.Double),
        sa.Column("overdue_ratio", sa.Double),
        sa.Column("regular", sa.Boolean, nullable=False),
        sa.Column("risk", sa.Double),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("expected_by", sa.Date),
        sa.Column("peers", sa.BigInteger),
        sa.Column("peers_returned", sa.BigInteger),
        now("scored_at"),
        sa.PrimaryKeyConstraint("donor_id", name="pk_donor_rhythm"),
        reference("donor_rhythm", "donor_id", "donor", "CASCADE"),
    )
    op.create_index("ix_donor_rhythm_status", "donor_rhythm", ["status"])

    op.create_table(
        "rhythm_reliability",
        sa.Column("as_of", sa.Date, nullable=False),
        sa.Column("report", postgresql.JSONB, nullable=False),
        now("made_at"),
        sa.PrimaryKeyConstraint("as_of", name="pk_rhythm_reliability"),
    )
