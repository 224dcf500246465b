"""Create funds, appeals and pledges.

The row of a pledge has its current terms; earlier amounts and terms are rows of their own, so that
a change never rewrites what was expected before.

Revision ID: 0005_pledges
Revises: 0004_donors
"""

import sqlalchemy as sa
from alembic import op

from migrations.columns import now, reference

revision = "0005_pledges"
down_revision = "0004_donors"
branch_labels = None
depends_on = None

TABLES = (
    "exchange_rate",
    "fund",
    "campaign",
    "pledge",
    "pledge_amount",
    "pledge_terms",
    "pledge_pause",
    "pledge_skip",
)


def upgrade() -> None:
    _purposes()
    _pledges()
    _exceptions()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _purposes() -> None:
    """Create exchange rates, funds and appeals."""
    op.create_table(
        "exchange_rate",
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("on_date", sa.Date, nullable=False),
        sa.Column("rate", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("currency", "on_date", name="pk_exchange_rate"),
        sa.CheckConstraint("rate > 0", name=op.f("ck_exchange_rate_rate")),
    )

    op.create_table(
        "fund",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("status", sa.Text, server_default="active", nullable=False),
        sa.Column("source", sa.Text),
        sa.Column("external_id", sa.Text),
        sa.Column("import_run_id", sa.BigInteger),
        sa.Column("version", sa.BigInteger, server_default="1", nullable=False),
        now("created_at"),
        now("updated_at"),
        sa.PrimaryKeyConstraint("id", name="pk_fund"),
        reference("fund", "import_run_id", "import_run", "SET NULL"),
        sa.CheckConstraint("btrim(name) <> ''", name=op.f("ck_fund_name")),
        sa.CheckConstraint("status in ('active', 'closed')", name=op.f("ck_fund_status")),
    )
    op.create_index("uq_fund_name", "fund", [sa.text("lower(name)")], unique=True)
    op.create_index(
        "uq_fund_source_external_id",
        "fund",
        ["source", "external_id"],
        unique=True,
        postgresql_where="external_id is not null",
    )

    op.create_table(
        "campaign",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("fund_id", sa.BigInteger),
        sa.Column("starts_on", sa.Date),
        sa.Column("ends_on", sa.Date),
        sa.Column("goal_minor", sa.BigInteger),
        sa.Column("version", sa.BigInteger, server_default="1", nullable=False),
        now("created_at"),
        now("updated_at"),
        sa.PrimaryKeyConstraint("id", name="pk_campaign"),
        reference("campaign", "fund_id", "fund", "RESTRICT"),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_campaign_dates")),
    )
    op.create_index("uq_campaign_name", "campaign", [sa.text("lower(name)")], unique=True)


def _pledges() -> None:
    """Create pledges and the history of their terms."""
    op.create_table(
        "pledge",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("donor_id", sa.BigInteger, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("frequency", sa.Text, nullable=False),
        sa.Column("anchor_day", sa.SmallInteger),
        sa.Column("start_date", sa.Date, nullable=False),
        sa.Column("end_date", sa.Date),
        sa.Column("instalments", sa.BigInteger),
        sa.Column("total_minor", sa.BigInteger),
        sa.Column("grace_days", sa.BigInteger),
        sa.Column("status", sa.Text, server_default="active", nullable=False),
        sa.Column("fund_id", sa.BigInteger),
        sa.Column("method", sa.Text),
        sa.Column("source", sa.Text),
        sa.Column("external_id", sa.Text),
        sa.Column("note", sa.Text),
        sa.Column("import_run_id", sa.BigInteger),
        sa.Column("version", sa.BigInteger, server_default="1", nullable=False),
        now("created_at"),
        now("updated_at"),
        sa.PrimaryKeyConstraint("id", name="pk_pledge"),
        reference("pledge", "donor_id", "donor", "RESTRICT"),
        reference("pledge", "fund_id", "fund", "RESTRICT"),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_pledge_amount")),
        sa.CheckConstraint("anchor_day between 1 and 31", name=op.f("ck_pledge_anchor_day")),
        sa.CheckConstraint(
            "currency = upper(currency) and length(currency) = 3", name=op.f("ck_pledge_currency")
        ),
        sa.CheckConstraint("end_date >= start_date", name=op.f("ck_pledge_dates")),
        sa.CheckConstraint(
            "frequency in ('weekly', 'biweekly', 'semimonthly', 'monthly', 'bimonthly', "
            "'quarterly', 'semiannual', 'annual', 'once')",
            name=op.f("ck_pledge_frequency"),
        ),
        sa.CheckConstraint("grace_days between 0 and 366", name=op.f("ck_pledge_grace_days")),
        sa.CheckConstraint("instalments > 0", name=op.f("ck_pledge_instalments")),
        sa.CheckConstraint(
            "method in ('cash', 'check', 'card', 'bank transfer', 'direct debit', "
            "'online', 'in kind', 'stock', 'other')",
            name=op.f("ck_pledge_method"),
        ),
        sa.CheckConstraint(
            "status in ('active', 'paused', 'completed', 'cancelled')",
            name=op.f("ck_pledge_status"),
        ),
        sa.CheckConstraint("total_minor > 0", name=op.f("ck_pledge_total")),
    )
    op.create_index("ix_pledge_donor_id", "pledge", ["donor_id"])
    op.create_index("ix_pledge_status", "pledge", ["status"], postgresql_where="status = 'active'")
    op.create_index(
        "uq_pledge_source_external_id",
        "pledge",
        ["source", "external_id"],
        unique=True,
        postgresql_where="external_id is not null",
    )

    op.create_table(
        "pledge_amount",
        sa.Column("pledge_id", sa.BigInteger, nullable=False),
        sa.Column("effective_from", sa.Date, nullable=False),
        sa.Column("donor_id", sa.BigInteger, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("created_by", sa.BigInteger),
        now("created_at"),
        sa.PrimaryKeyConstraint("pledge_id", "effective_from", name="pk_pledge_amount"),
        reference("pledge_amount", "pledge_id", "pledge", "CASCADE"),
        reference("pledge_amount", "donor_id", "donor", "CASCADE"),
        reference("pledge_amount", "created_by", "app_user", "SET NULL"),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_pledge_amount_amount")),
        sa.CheckConstraint(
            "reason in ('upgrade', 'downgrade', 'correction')",
            name=op.f("ck_pledge_amount_reason"),
        ),
    )

    op.create_table(
        "pledge_terms",
        sa.Column("pledge_id", sa.BigInteger, nullable=False),
        sa.Column("until_date", sa.Date, nullable=False),
        sa.Column("donor_id", sa.BigInteger, nullable=False),
        sa.Column("frequency", sa.Text, nullable=False),
        sa.Column("anchor_day", sa.SmallInteger),
        sa.Column("grace_days", sa.BigInteger),
        sa.Column("fund_id", sa.BigInteger),
        sa.Column("created_by", sa.BigInteger),
        now("created_at"),
        sa.Column("import_run_id", sa.BigInteger),
        sa.PrimaryKeyConstraint("pledge_id", "until_date", name="pk_pledge_terms"),
        reference("pledge_terms", "pledge_id", "pledge", "CASCADE"),
        reference("pledge_terms", "donor_id", "donor", "CASCADE"),
        reference("pledge_terms", "fund_id", "fund", "RESTRICT"),
        reference("pledge_terms", "created_by", "app_user", "SET NULL"),
        sa.CheckConstraint(
            "frequency in ('weekly', 'biweekly', 'semimonthly', 'monthly', 'bimonthly', "
            "'quarterly', 'semiannual', 'annual', 'once')",
            name=op.f("ck_pledge_terms_frequency"),
        ),
    )


def _exceptions() -> None:
    """Create pauses and single instalments that are not expected."""
    op.create_table(
        "pledge_pause",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("pledge_id", sa.BigInteger, nullable=False),
        sa.Column("donor_id", sa.BigInteger, nullable=False),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date),
        sa.Column("reason", sa.Text),
        now("created_at"),
        now("updated_at"),
        sa.Column("import_run_id", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_pledge_pause"),
        reference("pledge_pause", "pledge_id", "pledge", "CASCADE"),
        reference("pledge_pause", "donor_id", "donor", "CASCADE"),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_pledge_pause_dates")),
    )
    op.create_index("ix_pledge_pause_pledge_id", "pledge_pause", ["pledge_id"])

    op.create_table(
        "pledge_skip",
        sa.Column("pledge_id", sa.BigInteger, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("donor_id", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text),
        now("created_at"),
        now("updated_at"),
        sa.PrimaryKeyConstraint("pledge_id", "due_on", name="pk_pledge_skip"),
        reference("pledge_skip", "pledge_id", "pledge", "CASCADE"),
        reference("pledge_skip", "donor_id", "donor", "CASCADE"),
    )
