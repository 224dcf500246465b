"""Saved segments of donors: a name for the conditions of a list, own or shared.

Revision ID: 0033_donor_segments
Revises: 0032_stored_files
"""

import sqlalchemy as sa
from alembic import op

from migrations.columns import now, reference

revision = "0033_donor_segments"
down_revision = "0032_stored_files"
branch_labels = None
depends_on = None

TABLE = "donor_segment"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("user_id", sa.BigInteger),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("shared_with", sa.Text, server_default="nobody", nullable=False),
        sa.Column("version", sa.BigInteger, server_default="1", nullable=False),
        now("created_at"),
        now("updated_at"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{TABLE}"),
        reference(TABLE, "user_id", "app_user", "SET NULL"),
        sa.CheckConstraint("btrim(name) <> ''", name=op.f(f"ck_{TABLE}_name")),
        sa.CheckConstraint(
            "shared_with in ('nobody', 'team', 'organisation')",
            name=op.f(f"ck_{TABLE}_shared_with"),
        ),
    )
    op.create_index(f"ix_{TABLE}_user_id", TABLE, ["user_id"])


def downgrade() -> None:
    op.drop_table(TABLE)
