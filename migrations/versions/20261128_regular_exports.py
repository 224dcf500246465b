"""Exports that come regularly: a mail with the way to the file.

Revision ID: 20261128_regular_exports
Revises: 20261127_cancelled
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261128_regular_exports"
down_revision = "20261127_cancelled"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "regular_export",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("parts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("rhythm", sa.Text(), nullable=False),
        sa.Column("only_new", sa.Boolean(), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("form in ('csv', 'xlsx')", name=op.f("ck_regular_export_form")),
        sa.CheckConstraint(
            "rhythm in ('weekly', 'monthly')", name=op.f("ck_regular_export_rhythm")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["app_user.id"],
            ondelete="CASCADE",
            name=op.f("fk_regular_export_user_id_app_user"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regular_export")),
    )
    op.create_index("ix_regular_export_user_id", "regular_export", ["user_id"])
    op.create_index("ix_regular_export_next_on", "regular_export", ["next_on"])


def downgrade() -> None:
    op.drop_table("regular_export")
