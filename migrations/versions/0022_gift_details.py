"""Gifts: whether a receipt is wanted, the number of the cheque, and whom the gift honours.

The number of a receipt (`receipt_number`) is given when a receipt is written; `receipt_wanted` is
the donor's wish before that. A tribute is text about people who need not be donors.

Revision ID: 0022_gift_details
Revises: 0021_contact_details
"""

import sqlalchemy as sa
from alembic import op

revision = "0022_gift_details"
down_revision = "0021_contact_details"
branch_labels = None
depends_on = None

TEXTS = ("check_number", "tribute", "tribute_name", "notify_name", "notify_address")


def upgrade() -> None:
    op.add_column(
        "gift",
        sa.Column("receipt_wanted", sa.Boolean, nullable=False, server_default=sa.text("true")),
    )
    for name in TEXTS:
        op.add_column("gift", sa.Column(name, sa.Text))
    op.create_check_constraint(
        op.f("ck_gift_tribute"), "gift", "tribute in ('in honour of', 'in memory of')"
    )


def downgrade() -> None:
    for name in ("receipt_wanted", *TEXTS):
        op.drop_column("gift", name)
