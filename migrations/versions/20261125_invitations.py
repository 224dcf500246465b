"""Who invited a person.

Revision ID: 20261125_invitations
Revises: 20261125_words
"""

import sqlalchemy as sa
from alembic import op

revision = "20261125_invitations"
down_revision = "20261125_words"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("app_user", sa.Column("invited_by", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_app_user_invited_by_app_user"),
        "app_user",
        "app_user",
        ["invited_by"],
        ["id"],
        ondelete="SET NULL",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("fk_app_user_invited_by_app_user"), "app_user", type_="foreignkey")
    op.drop_column("app_user", "invited_by")
