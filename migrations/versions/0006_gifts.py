"""Create gifts, their splits and soft credits, and the rules that only the database can enforce.

An effective gift is a gift of which something is left: `returned_minor < amount_minor`. A gift
that was reversed completely is not counted, and it is neither the first, last nor largest; one
that was reversed in part counts on its own day with what is left.

Revision ID: 0006_gifts
Revises: 0005_pledges
"""

import sqlalchemy as sa
from alembic import op

from migrations.columns import now, reference

revision = "0006_gifts"
down_revision = "0005_pledges"
branch_labels = None
depends_on = None

TABLES = (
    "gift",
    "gift_line",
    "soft_credit",
    "pledge_refusal",
)

# Deferred to the end of the transaction, because a gift and its splits are written one by one.
SPLITS = """
create function gift_lines_add_up() returns trigger language plpgsql
    security definer set search_path = public, pg_temp as $$
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
        raise exception 'the parts of gift % add up to %, not to %', gift_key, parts, whole
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
"""

# A gift towards a pledge is recurring, unless the pledge was for one gift ("once"). Stored on the
# gift, so that sums of recurring income do not read the pledges.
RECURRING = """
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

# Every gift stores its amount in the organisation's currency: another currency would make these
# amounts wrong without changing them.
CURRENCY = """
create function keep_currency() returns trigger language plpgsql
    security definer set search_path = public, pg_temp as $$
begin
    if exists (select from gift) or exists (select from pledge) then
        raise exception 'the organisation''s currency cannot change: there are gifts or pledges'
            using errcode = 'check_violation';
    end if;
    return new;
end $$;

create trigger organisation_keeps_currency before update on organisation for each row
when (old.currency is distinct from new.currency) execute function keep_currency();
"""

# Views run with the rights of whoever reads them, so that row-level security applies. The
# exception is pledge_income: a coach sees what came in for a pledge but no gifts. It is always
# joined to pledges, which row-level security limits.
VIEWS = """
create view effective_gift with (security_invoker = true) as
select id, donor_id, pledge_id, fund_id, campaign_id, currency, gift_date, method,
       amount_minor - returned_minor as amount_minor,
       base_minor - returned_base_minor as base_minor
from gift where kind = 'gift' and returned_minor < amount_minor;

create view gift_part with (security_invoker = true) as
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

create view pledge_income as
select id, pledge_id, gift_date, amount_minor - returned_minor as amount_minor
from gift where pledge_id is not null and kind = 'gift' and returned_minor < amount_minor;
"""


def upgrade() -> None:
    _gifts()
    _details()
    for statements in (SPLITS, RECURRING, CURRENCY, VIEWS):
        op.execute(statements)


def downgrade() -> None:
    for view in ("pledge_income", "gift_part", "effective_gift"):
        op.execute(f"drop view {view}")
    op.execute("drop trigger organisation_keeps_currency on organisation")
    op.execute("drop trigger pledge_frequency_changed on pledge")
    for table in reversed(TABLES):
        op.drop_table(table)
    for function in (
        "keep_currency",
        "pledge_frequency_changed",
        "set_gift_recurring",
        "gift_lines_add_up",
    ):
        op.execute(f"drop function {function}()")


def _gifts() -> None:
    """Create gifts and their reversals."""
    op.create_table(
        "gift",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("donor_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, server_default="gift", nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("base_minor", sa.BigInteger, nullable=False),
        sa.Column("gift_date", sa.Date, nullable=False),
        sa.Column("method", sa.Text),
        sa.Column("fund_id", sa.BigInteger),
        sa.Column("campaign_id", sa.BigInteger),
        sa.Column("pledge_id", sa.BigInteger),
        sa.Column("reverses_id", sa.BigInteger),
        sa.Column("fee_minor", sa.BigInteger),
        sa.Column("source", sa.Text),
        sa.Column("external_id", sa.Text),
        sa.Column("thanked_at", sa.DateTime(timezone=True)),
        sa.Column("thanked_by", sa.BigInteger),
        sa.Column("thanked_how", sa.Text),
        sa.Column("receipt_number", sa.Text),
        sa.Column("note", sa.Text),
        sa.Column("import_run_id", sa.BigInteger),
        sa.Column("version", sa.BigInteger, server_default="1", nullable=False),
        now("created_at"),
        now("updated_at"),
        sa.Column("returned_minor", sa.BigInteger, server_default=sa.text("0"), nullable=False),
        sa.Column(
            "returned_base_minor", sa.BigInteger, server_default=sa.text("0"), nullable=False
        ),
        sa.Column("recurring", sa.Boolean, server_default=sa.text("false"), nullable=False),
        sa.Column("pledge_reason", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_gift"),
        sa.UniqueConstraint("receipt_number", name="uq_gift_receipt_number"),
        reference("gift", "donor_id", "donor", "RESTRICT"),
        reference("gift", "fund_id", "fund", "RESTRICT"),
        reference("gift", "campaign_id", "campaign", "RESTRICT"),
        reference("gift", "pledge_id", "pledge", "SET NULL"),
        reference("gift", "reverses_id", "gift", "RESTRICT"),
        reference("gift", "thanked_by", "app_user", "SET NULL"),
        sa.CheckConstraint(
            "currency = upper(currency) and length(currency) = 3", name=op.f("ck_gift_currency")
        ),
        sa.CheckConstraint(
            "gift_date between '1900-01-01' and '2199-12-31'", name=op.f("ck_gift_gift_date")
        ),
        sa.CheckConstraint(
            "method in ('cash', 'check', 'card', 'bank transfer', 'direct debit', "
            "'online', 'in kind', 'stock', 'other')",
            name=op.f("ck_gift_method"),
        ),
        sa.CheckConstraint(
            "pledge_reason in ('instalment', 'open sum', 'several', 'near', 'by hand', 'file')",
            name=op.f("ck_gift_pledge_reason"),
        ),
        sa.CheckConstraint(
            "(kind = 'gift' and amount_minor > 0 and base_minor >= 0 and reverses_id is "
            "null) or (kind = 'reversal' and amount_minor < 0 and base_minor <= 0 and "
            "reverses_id is not null)",
            name=op.f("ck_gift_sign"),
        ),
    )
    op.create_index("ix_gift_donor_id_gift_date", "gift", ["donor_id", "gift_date"])
    op.create_index("ix_gift_gift_date", "gift", [sa.text("gift_date desc"), sa.text("id desc")])
    op.create_index(
        "ix_gift_pledge_id",
        "gift",
        ["pledge_id"],
        postgresql_where="pledge_id is not null",
        postgresql_include=["gift_date", "amount_minor", "returned_minor", "kind"],
    )
    op.create_index(
        "ix_gift_reverses_id", "gift", ["reverses_id"], postgresql_where="reverses_id is not null"
    )
    op.create_index(
        "uq_gift_source_external_id",
        "gift",
        ["source", "external_id"],
        unique=True,
        postgresql_where="external_id is not null",
    )


def _details() -> None:
    """Create splits, soft credits and refused links to pledges."""
    op.create_table(
        "gift_line",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("gift_id", sa.BigInteger, nullable=False),
        sa.Column("donor_id", sa.BigInteger, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("base_minor", sa.BigInteger, nullable=False),
        sa.Column("fund_id", sa.BigInteger),
        sa.Column("campaign_id", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_gift_line"),
        reference("gift_line", "gift_id", "gift", "CASCADE"),
        reference("gift_line", "donor_id", "donor", "RESTRICT"),
        reference("gift_line", "fund_id", "fund", "RESTRICT"),
        reference("gift_line", "campaign_id", "campaign", "RESTRICT"),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_gift_line_amount")),
    )
    op.create_index("ix_gift_line_gift_id", "gift_line", ["gift_id"])

    op.create_table(
        "soft_credit",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("gift_id", sa.BigInteger, nullable=False),
        sa.Column("donor_id", sa.BigInteger, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        now("created_at"),
        now("updated_at"),
        sa.Column("import_run_id", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_soft_credit"),
        reference("soft_credit", "gift_id", "gift", "CASCADE"),
        reference("soft_credit", "donor_id", "donor", "CASCADE"),
        sa.CheckConstraint(
            "type in ('spouse', 'employer match', 'donor-advised fund', 'tribute', 'solicitor')",
            name=op.f("ck_soft_credit_type"),
        ),
    )
    op.create_index("ix_soft_credit_donor_id", "soft_credit", ["donor_id"])
    op.create_index("ix_soft_credit_gift_id", "soft_credit", ["gift_id"])

    op.create_table(
        "pledge_refusal",
        sa.Column("gift_id", sa.BigInteger, nullable=False),
        sa.Column("pledge_id", sa.BigInteger, nullable=False),
        sa.Column("donor_id", sa.BigInteger, nullable=False),
        sa.Column("refused_by", sa.BigInteger),
        now("created_at"),
        sa.PrimaryKeyConstraint("gift_id", "pledge_id", name="pk_pledge_refusal"),
        reference("pledge_refusal", "gift_id", "gift", "CASCADE"),
        reference("pledge_refusal", "pledge_id", "pledge", "CASCADE"),
        reference("pledge_refusal", "donor_id", "donor", "CASCADE"),
        reference("pledge_refusal", "refused_by", "app_user", "SET NULL"),
    )
    op.create_index("ix_pledge_refusal_donor_id", "pledge_refusal", ["donor_id"])
    op.create_index("ix_pledge_refusal_pledge_id", "pledge_refusal", ["pledge_id"])
