"""Contacts, tasks and consents can be imported: the id in the other system, and the run.

Revision ID: 0024_imported_records
Revises: 0023_custom_fields
"""

import sqlalchemy as sa
from alembic import op

revision = "0024_imported_records"
down_revision = "0023_custom_fields"
branch_labels = None
depends_on = None

TABLES = ("contact_log", "task", "donor_consent")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("import_source", sa.Text))
        op.add_column(table, sa.Column("external_id", sa.Text))
        op.add_column(table, sa.Column("import_run_id", sa.BigInteger))
        op.create_index(
            f"uq_{table}_external_id", table, ["import_source", "external_id"], unique=True
        )


def downgrade() -> None:
    for table in TABLES:
        op.drop_index(f"uq_{table}_external_id", table)
        for column in ("import_run_id", "external_id", "import_source"):
            op.drop_column(table, column)
