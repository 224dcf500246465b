"""Who looked at a donor's data, when and how.

Revision ID: 20261124_access
Revises: 20261124_audit
"""

import sqlalchemy as sa
from alembic import op

revision = "20261124_access"
down_revision = "20261124_audit"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "donor_access",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("donor_id", sa.BigInteger(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_donor_access"),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["app_user.id"],
            name="fk_donor_access_user_id_app_user",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["donor_id"], ["donor.id"], name="fk_donor_access_donor_id_donor", ondelete="CASCADE"
        ),
        sa.CheckConstraint("how in ('page', 'export', 'api')", name="ck_donor_access_how"),
    )
    op.create_index(
        "ix_donor_access_donor_id_at", "donor_access", ["donor_id", sa.literal_column("at desc")]
    )
    op.create_index("ix_donor_access_at", "donor_access", ["at"])
    op.create_index("ix_donor_access_user_id", "donor_access", ["user_id"])


def downgrade() -> None:
    op.drop_table("donor_access")
