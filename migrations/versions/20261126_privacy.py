"""A donor may be erased; consent is kept for text messages too, and for a known purpose.

Revision ID: 20261126_privacy
Revises: 20261126_keys
"""

import sqlalchemy as sa
from alembic import op

revision = "20261126_privacy"
down_revision = "20261126_keys"
branch_labels = None
depends_on = None

OLD = "channel in ('email', 'phone', 'mail')"
NEW = "channel in ('email', 'phone', 'mail', 'text')"
PURPOSES = "purpose in ('everything', 'news', 'appeals', 'thanks')"


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column("donor", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint(op.f("ck_donor_consent_channel"), "donor_consent", type_="check")
    op.create_check_constraint(op.f("ck_donor_consent_channel"), "donor_consent", NEW)
    op.execute(
        "update donor_consent set purpose = 'everything'"
        " where purpose not in ('everything', 'news', 'appeals', 'thanks')"
    )
    op.create_check_constraint(op.f("ck_donor_consent_purpose"), "donor_consent", PURPOSES)
    op.add_column("donor_consent", sa.Column("recorded_by", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_donor_consent_recorded_by_app_user"),
        "donor_consent",
        "app_user",
        ["recorded_by"],
        ["id"],
        ondelete="SET NULL",
    )


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_column("donor_consent", "recorded_by")
    op.drop_constraint(op.f("ck_donor_consent_purpose"), "donor_consent", type_="check")
    op.drop_constraint(op.f("ck_donor_consent_channel"), "donor_consent", type_="check")
    op.execute("delete from donor_consent where channel = 'text'")
    op.create_check_constraint(op.f("ck_donor_consent_channel"), "donor_consent", OLD)
    op.drop_column("donor", "erased_at")
