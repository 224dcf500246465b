"""Add types and validity of e-mails, phones and addresses, and further fields of a donor.

Revision ID: 0021_contact_details
Revises: 0020_households_soft_credits
"""

import sqlalchemy as sa
from alembic import op

revision = "0021_contact_details"
down_revision = "0020_households_soft_credits"
branch_labels = None
depends_on = None

TYPES = {
    "donor_email": "type in ('home', 'work', 'mobile', 'other')",
    "donor_phone": "type in ('home', 'work', 'mobile', 'other')",
    "donor_address": "type in ('home', 'work', 'seasonal', 'other')",
}
MONTH_DAY = "~ '^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$'"
ADDRESS_CHECKS = {
    "season": "(type = 'seasonal') = (season_from is not null)"
    " and (season_from is null) = (season_to is null)",
    "season_days": f"season_from {MONTH_DAY} and season_to {MONTH_DAY}",
    "valid": "valid_from <= valid_to",
}


def upgrade() -> None:
    for table, check in TYPES.items():
        op.add_column(table, sa.Column("type", sa.Text, nullable=False, server_default="other"))
        op.add_column(
            table,
            sa.Column("do_not_use", sa.Boolean, nullable=False, server_default=sa.text("false")),
        )
        op.create_check_constraint(op.f(f"ck_{table}_type"), table, check)
    for name in ("season_from", "season_to"):
        op.add_column("donor_address", sa.Column(name, sa.Text))
    for name in ("valid_from", "valid_to"):
        op.add_column("donor_address", sa.Column(name, sa.Date))
    for name, check in ADDRESS_CHECKS.items():
        op.create_check_constraint(op.f(f"ck_donor_address_{name}"), "donor_address", check)
    op.add_column("donor", sa.Column("deceased_on", sa.Date))
    op.add_column("donor", sa.Column("preferred_language", sa.Text))
    op.add_column("donor", sa.Column("preferred_channel", sa.Text))
    op.create_check_constraint(
        op.f("ck_donor_preferred_channel"),
        "donor",
        "preferred_channel in ('email', 'phone', 'mail', 'text')",
    )


def downgrade() -> None:
    op.drop_constraint("ck_donor_preferred_channel", "donor")
    for name in ("preferred_channel", "preferred_language", "deceased_on"):
        op.drop_column("donor", name)
    for name in ADDRESS_CHECKS:
        op.drop_constraint(f"ck_donor_address_{name}", "donor_address")
    for name in ("valid_to", "valid_from", "season_to", "season_from"):
        op.drop_column("donor_address", name)
    for table in TYPES:
        op.drop_constraint(f"ck_{table}_type", table)
        op.drop_column(table, "do_not_use")
        op.drop_column(table, "type")
