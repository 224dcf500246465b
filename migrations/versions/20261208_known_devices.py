"""Keep which browsers somebody has signed in with, and when a session was last confirmed.

Revision ID: 20261208_known_devices
Revises: 20261207_entering
"""

import sqlalchemy as sa
from alembic import op

revision = "20261208_known_devices"
down_revision = "20261207_entering"
branch_labels = None
depends_on = None

PURPOSE = "ck_one_time_code_purpose"


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "known_device",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("device_hash", sa.Text(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["app_user.id"],
            name=op.f("fk_known_device_user_id_app_user"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", "device_hash", name=op.f("pk_known_device")),
    )
    op.add_column("session", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint(op.f(PURPOSE), "one_time_code", type_="check")
    op.create_check_constraint(
        op.f(PURPOSE), "one_time_code", "purpose in ('sign_in', 'reset', 'invitation', 'device')"
    )


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("delete from one_time_code where purpose = 'device'")
    op.drop_constraint(op.f(PURPOSE), "one_time_code", type_="check")
    op.create_check_constraint(
        op.f(PURPOSE), "one_time_code", "purpose in ('sign_in', 'reset', 'invitation')"
    )
    op.drop_column("session", "confirmed_at")
    op.drop_table("known_device")
