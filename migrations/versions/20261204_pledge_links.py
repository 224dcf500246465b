"""Say on a gift why it is linked to its pledge, and remember what a person refused.

Revision ID: 20261204_pledge_links
Revises: 20261203_access_version
"""

import sqlalchemy as sa
from alembic import op

revision = "20261204_pledge_links"
down_revision = "20261203_access_version"
branch_labels = None
depends_on = None

REASONS = "pledge_reason in ('instalment', 'open sum', 'several', 'near', 'by hand', 'file')"


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column("gift", sa.Column("pledge_reason", sa.Text(), nullable=True))
    op.create_check_constraint(op.f("ck_gift_pledge_reason"), "gift", REASONS)
    op.create_table(
        "pledge_refusal",
        sa.Column("gift_id", sa.BigInteger(), nullable=False),
        sa.Column("pledge_id", sa.BigInteger(), nullable=False),
        sa.Column("donor_id", sa.BigInteger(), nullable=False),
        sa.Column("refused_by", sa.BigInteger(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["gift_id"],
            ["gift.id"],
            name=op.f("fk_pledge_refusal_gift_id_gift"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["pledge_id"],
            ["pledge.id"],
            name=op.f("fk_pledge_refusal_pledge_id_pledge"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["donor_id"],
            ["donor.id"],
            name=op.f("fk_pledge_refusal_donor_id_donor"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["refused_by"],
            ["app_user.id"],
            name=op.f("fk_pledge_refusal_refused_by_app_user"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("gift_id", "pledge_id", name=op.f("pk_pledge_refusal")),
    )
    op.execute(
        "create trigger pledge_refusal_changes_state after insert or update or delete or truncate"
        " on pledge_refusal for each statement execute function note_change()"
    )
    op.create_index("ix_pledge_refusal_pledge_id", "pledge_refusal", ["pledge_id"])
    op.create_index("ix_pledge_refusal_donor_id", "pledge_refusal", ["donor_id"])


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_table("pledge_refusal")
    op.drop_constraint(op.f("ck_gift_pledge_reason"), "gift")
    op.drop_column("gift", "pledge_reason")
