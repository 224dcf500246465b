"""Links of mails that do something are used once.

Revision ID: 20261127_deeds
Revises: 20261127_reliability
"""

import sqlalchemy as sa
from alembic import op

revision = "20261127_deeds"
down_revision = "20261127_reliability"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_deed",
        sa.Column("token_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["app_user.id"],
            ondelete="CASCADE",
            name=op.f("fk_mail_deed_user_id_app_user"),
        ),
        sa.PrimaryKeyConstraint("token_id", name=op.f("pk_mail_deed")),
    )


def downgrade() -> None:
    op.drop_table("mail_deed")
