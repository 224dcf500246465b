"""Index the gifts and pledges of an import.

The lists show what an import created; without an index each such list reads every gift.

Revision ID: 0015_import_rows
Revises: 0014_saved_mappings
"""

from alembic import op

revision = "0015_import_rows"
down_revision = "0014_saved_mappings"
branch_labels = None
depends_on = None

TABLES = ("gift", "pledge")


def upgrade() -> None:
    """Apply this migration."""
    for table in TABLES:
        op.create_index(
            f"ix_{table}_import_run_id",
            table,
            ["import_run_id"],
            postgresql_where="import_run_id is not null",
        )


def downgrade() -> None:
    """Revert this migration."""
    for table in TABLES:
        op.drop_index(f"ix_{table}_import_run_id", table_name=table)
