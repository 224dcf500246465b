"""Tie the import runs of files that are imported together.

Revision ID: 0016_import_batch
Revises: 0015_import_rows
"""

import sqlalchemy as sa
from alembic import op

revision = "0016_import_batch"
down_revision = "0015_import_rows"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("import_run", sa.Column("batch_id", sa.BigInteger))
    op.create_foreign_key(
        "fk_import_run_batch_id_import_run",
        "import_run",
        "import_run",
        ["batch_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_index(
        "ix_import_run_batch_id",
        "import_run",
        ["batch_id"],
        postgresql_where=sa.text("batch_id is not null"),
    )


def downgrade() -> None:
    op.drop_column("import_run", "batch_id")
