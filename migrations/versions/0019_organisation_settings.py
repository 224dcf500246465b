"""Settings of the organisation: country, address, tax id, logo, deadlines, mail server.

Revision ID: 0019_organisation_settings
Revises: 0018_funds_campaigns
"""

import sqlalchemy as sa
from alembic import op

revision = "0019_organisation_settings"
down_revision = "0018_funds_campaigns"
branch_labels = None
depends_on = None

TEXTS = ("address", "tax_id", "sender_name")


def upgrade() -> None:
    op.add_column("organisation", sa.Column("country", sa.Text))
    for name in TEXTS:
        op.add_column("organisation", sa.Column(name, sa.Text, nullable=False, server_default=""))
    op.add_column(
        "organisation",
        sa.Column("thank_within_hours", sa.SmallInteger, nullable=False, server_default="48"),
    )
    op.add_column(
        "organisation",
        sa.Column("file_retention_days", sa.SmallInteger, nullable=False, server_default="90"),
    )
    op.add_column(
        "organisation",
        sa.Column("alert_channel", sa.Text, nullable=False, server_default="summary"),
    )
    op.add_column(
        "organisation",
        sa.Column("checklist_hidden", sa.Boolean, nullable=False, server_default=sa.text("false")),
    )
    op.create_check_constraint(
        op.f("ck_organisation_thank_within_hours"),
        "organisation",
        "thank_within_hours between 1 and 720",
    )
    op.create_check_constraint(
        op.f("ck_organisation_file_retention_days"),
        "organisation",
        "file_retention_days between 1 and 3650",
    )
    op.create_check_constraint(
        op.f("ck_organisation_alert_channel"),
        "organisation",
        "alert_channel in ('at once', 'summary', 'app', 'none')",
    )
    op.create_table(
        "organisation_logo",
        sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("png", sa.LargeBinary, nullable=False),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.CheckConstraint("id = 1", name=op.f("ck_organisation_logo_single")),
    )
    op.create_table(
        "mail_server",
        sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("port", sa.BigInteger, nullable=False),
        sa.Column("use_tls", sa.Boolean, nullable=False),
        sa.Column("username", sa.Text, nullable=False, server_default=""),
        sa.Column("password", sa.LargeBinary),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.CheckConstraint("id = 1", name=op.f("ck_mail_server_single")),
        sa.CheckConstraint("port between 1 and 65535", name=op.f("ck_mail_server_port")),
    )


def downgrade() -> None:
    op.drop_table("mail_server")
    op.drop_table("organisation_logo")
    for name in (
        *TEXTS,
        "country",
        "thank_within_hours",
        "file_retention_days",
        "alert_channel",
        "checklist_hidden",
    ):
        op.drop_column("organisation", name)
