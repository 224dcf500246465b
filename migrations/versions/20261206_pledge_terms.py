"""Keep a pledge's earlier frequency, day, grace and fund, each up to the day it ended.

The pledge's own row holds the newest terms, and its history what held before: a change never
rewrites what was asked for earlier.

Revision ID: 20261206_pledge_terms
Revises: 20261204_pledge_links
"""

import sqlalchemy as sa
from alembic import op

revision = "20261206_pledge_terms"
down_revision = "20261204_pledge_links"
branch_labels = None
depends_on = None

FREQUENCIES = (
    "frequency in ('weekly', 'biweekly', 'semimonthly', 'monthly', 'bimonthly', 'quarterly',"
    " 'semiannual', 'annual', 'once')"
)


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "pledge_terms",
        sa.Column("pledge_id", sa.BigInteger(), nullable=False),
        sa.Column("until_date", sa.Date(), nullable=False),
        sa.Column("donor_id", sa.BigInteger(), nullable=False),
        sa.Column("frequency", sa.Text(), nullable=False),
        sa.Column("anchor_day", sa.SmallInteger(), nullable=True),
        sa.Column("grace_days", sa.BigInteger(), nullable=True),
        sa.Column("fund_id", sa.BigInteger(), nullable=True),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("import_run_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(FREQUENCIES, name=op.f("ck_pledge_terms_frequency")),
        sa.ForeignKeyConstraint(
            ["pledge_id"],
            ["pledge.id"],
            name=op.f("fk_pledge_terms_pledge_id_pledge"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["donor_id"],
            ["donor.id"],
            name=op.f("fk_pledge_terms_donor_id_donor"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["fund_id"],
            ["fund.id"],
            name=op.f("fk_pledge_terms_fund_id_fund"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["created_by"],
            ["app_user.id"],
            name=op.f("fk_pledge_terms_created_by_app_user"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("pledge_id", "until_date", name=op.f("pk_pledge_terms")),
    )
    op.add_column("pledge_pause", sa.Column("import_run_id", sa.BigInteger(), nullable=True))
    op.execute(
        "create trigger pledge_terms_changes_state after insert or update or delete or truncate"
        " on pledge_terms for each statement execute function note_change()"
    )


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_column("pledge_pause", "import_run_id")
    op.drop_table("pledge_terms")
