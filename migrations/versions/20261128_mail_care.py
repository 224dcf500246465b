"""Hours in which no mail comes at once, and addresses that are sent nothing.

Revision ID: 20261128_mail_care
Revises: 20261128_regular_exports
"""

import sqlalchemy as sa
from alembic import op

revision = "20261128_mail_care"
down_revision = "20261128_regular_exports"
branch_labels = None
depends_on = None

HOURS = (
    "(quiet_from is null and quiet_until is null)"
    " or (quiet_from between 0 and 23 and quiet_until between 0 and 23)"
)


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column("app_user", sa.Column("quiet_from", sa.SmallInteger(), nullable=True))
    op.add_column("app_user", sa.Column("quiet_until", sa.SmallInteger(), nullable=True))
    op.create_check_constraint(op.f("ck_app_user_quiet_hours"), "app_user", HOURS)
    op.create_table(
        "mail_suppression",
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_mail_suppression_lower")),
        sa.PrimaryKeyConstraint("email", name=op.f("pk_mail_suppression")),
    )
    op.create_table(
        "user_device",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["app_user.id"],
            ondelete="CASCADE",
            name=op.f("fk_user_device_user_id_app_user"),
        ),
        sa.PrimaryKeyConstraint("user_id", "device", name=op.f("pk_user_device")),
    )
    # the sender counts what left lately, and the log of a person is read by person
    op.create_index("ix_outbox_sent_at", "outbox", ["sent_at"])
    op.create_index("ix_outbox_user_id", "outbox", ["user_id", sa.text("id desc")])


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_index("ix_outbox_user_id", "outbox")
    op.drop_index("ix_outbox_sent_at", "outbox")
    op.drop_table("user_device")
    op.drop_table("mail_suppression")
    op.drop_constraint(op.f("ck_app_user_quiet_hours"), "app_user", type_="check")
    op.drop_column("app_user", "quiet_until")
    op.drop_column("app_user", "quiet_from")
