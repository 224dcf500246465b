"""Relations and amounts of pledges can be imported: the run that added one.

Revision ID: 0027_imported_relations
Revises: 0026_household_members
"""

import sqlalchemy as sa
from alembic import op

revision = "0027_imported_relations"
down_revision = "0026_household_members"
branch_labels = None
depends_on = None

TABLES = ("donor_relation", "pledge_amount")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("import_run_id", sa.BigInteger))


def downgrade() -> None:
    for table in TABLES:
        op.drop_column(table, "import_run_id")
