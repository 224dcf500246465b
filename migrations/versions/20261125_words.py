"""What the words of a file mean is remembered with its columns.

Revision ID: 20261125_words
Revises: 20261124_tokens
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261125_words"
down_revision = "20261124_tokens"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "mapping_preset",
        sa.Column(
            "words",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
    )


def downgrade() -> None:
    op.drop_column("mapping_preset", "words")
