"""Who cancelled an import that waited or ran, and when.

Revision ID: 20261127_cancelled
Revises: 20261127_deeds
"""

import sqlalchemy as sa
from alembic import op

revision = "20261127_cancelled"
down_revision = "20261127_deeds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column(
        "import_run", sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("import_run", sa.Column("cancelled_by", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_import_run_cancelled_by_app_user"), "import_run", "app_user",
        ["cancelled_by"], ["id"], ondelete="SET NULL",
    )  # fmt: skip


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_column("import_run", "cancelled_by")
    op.drop_column("import_run", "cancelled_at")
