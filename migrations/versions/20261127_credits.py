"""A soft credit knows the import that made it, so that undoing takes it back.

Revision ID: 20261127_credits
Revises: 20261126_privacy
"""

import sqlalchemy as sa
from alembic import op

revision = "20261127_credits"
down_revision = "20261126_privacy"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column("soft_credit", sa.Column("import_run_id", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_column("soft_credit", "import_run_id")
