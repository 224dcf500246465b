"""How good the alerts were, week by week.

Revision ID: 20261127_reliability
Revises: 20261127_layouts
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261127_reliability"
down_revision = "20261127_layouts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rhythm_reliability",
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("report", postgresql.JSONB(), nullable=False),
        sa.Column(
            "made_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.PrimaryKeyConstraint("as_of", name=op.f("pk_rhythm_reliability")),
    )


def downgrade() -> None:
    op.drop_table("rhythm_reliability")
