"""Tasks that repeat: how often, counted from which day, and the task that each one follows.

The days are counted from the first one and never from the last, so that 31 January is followed by
28 February and by 31 March. `follows_id` is what an undo takes away: the next task, and the letter
after a call.

Revision ID: 0034_tasks
Revises: 0033_donor_segments
"""

import sqlalchemy as sa
from alembic import op

revision = "0034_tasks"
down_revision = "0033_donor_segments"
branch_labels = None
depends_on = None

FREQUENCIES = (
    "repeats in ('weekly', 'biweekly', 'semimonthly', 'monthly', 'bimonthly', 'quarterly',"
    " 'semiannual', 'annual')"
)
WHOLE = "(repeats is null) = (repeats_from is null) and (repeats is null or due_on is not null)"


def upgrade() -> None:
    op.add_column("task", sa.Column("repeats", sa.Text))
    op.add_column("task", sa.Column("repeats_from", sa.Date))
    op.add_column("task", sa.Column("follows_id", sa.BigInteger))
    for name, rule in (("repeats", FREQUENCIES), ("repeats_from", WHOLE)):
        op.create_check_constraint(op.f(f"ck_task_{name}"), "task", rule)
    op.create_foreign_key(
        "fk_task_follows_id_task", "task", "task", ["follows_id"], ["id"], ondelete="SET NULL"
    )
    op.create_index(
        "ix_task_follows_id", "task", ["follows_id"], postgresql_where="follows_id is not null"
    )


def downgrade() -> None:
    op.drop_column("task", "follows_id")
    op.drop_column("task", "repeats_from")
    op.drop_column("task", "repeats")
