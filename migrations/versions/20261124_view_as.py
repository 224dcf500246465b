"""Whom a signed-in person looks at the app as: kept with the session, so it ends with it.

Revision ID: 20261124_view_as
Revises: 20261124_access
"""

import sqlalchemy as sa
from alembic import op

revision = "20261124_view_as"
down_revision = "20261124_access"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column("session", sa.Column("viewing_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        "fk_session_viewing_id_app_user",
        "session",
        "app_user",
        ["viewing_id"],
        ["id"],
        ondelete="SET NULL",
    )


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_column("session", "viewing_id")
