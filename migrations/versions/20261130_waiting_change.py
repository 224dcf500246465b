"""What the lists of who waits are made of changes the state of the data, too.

Revision ID: 20261130_waiting_change
Revises: 20261129_data_change
"""

from alembic import op

revision = "20261130_waiting_change"
down_revision = "20261129_data_change"
branch_labels = None
depends_on = None

TABLES = ("alert", "donor_email", "donor_phone", "donor_rhythm")
TRIGGER = """
create trigger {table}_changes_state after insert or update or delete or truncate on {table}
for each statement execute function note_change()
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for table in TABLES:
        op.execute(TRIGGER.format(table=table))


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for table in TABLES:
        op.execute(f"drop trigger {table}_changes_state on {table}")
