"""What the scheduler plans, so that a screen can show each job's next run.

Revision ID: 20261123_timetable
Revises: 20261123_queue
"""

import sqlalchemy as sa
from alembic import op

revision = "20261123_timetable"
down_revision = "20261123_queue"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "timetable",
        sa.Column("job", sa.Text(), primary_key=True),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("rhythm", sa.Text(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
    )


def downgrade() -> None:
    op.drop_table("timetable")
