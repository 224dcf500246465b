"""Wrong tries are counted by what was typed and who called, not by account.

Revision ID: 20261125_tries
Revises: 20261124_walls
"""

import sqlalchemy as sa
from alembic import op

revision = "20261125_tries"
down_revision = "20261124_walls"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sign_in_try",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("failed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_try")),
    )
    op.drop_column("app_user", "failed_sign_ins")
    op.drop_column("app_user", "blocked_until")


def downgrade() -> None:
    op.add_column(
        "app_user", sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(
        "app_user",
        sa.Column("failed_sign_ins", sa.BigInteger(), server_default="0", nullable=False),
    )
    op.drop_table("sign_in_try")
