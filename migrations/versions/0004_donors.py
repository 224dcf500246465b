"""Create donors, their contact details, consents, tags and the log of who read them.

Revision ID: 0004_donors
Revises: 0003_imports
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.columns import now, reference

revision = "0004_donors"
down_revision = "0003_imports"
branch_labels = None
depends_on = None

TABLES = (
    "donor",
    "donor_email",
    "donor_phone",
    "donor_address",
    "donor_external_id",
    "donor_consent",
    "donor_access",
    "tag",
    "donor_tag",
)


def upgrade() -> None:
    # trusted extensions: the owner of a database may create them without being a superuser
    op.execute("create extension if not exists pg_trgm")
    op.execute("create extension if not exists unaccent")
    _donors()
    _contact_details()
    _privacy()
    _tags()


def downgrade() -> None:
    # the extensions stay: another schema of the database may use them
    for table in reversed(TABLES):
        op.drop_table(table)


def _donors() -> None:
    """Create donors."""
    op.create_table(
        "donor",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("kind", sa.Text, server_default="person", nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("first_name", sa.Text),
        sa.Column("last_name", sa.Text),
        sa.Column("spouse_first_name", sa.Text),
        sa.Column("spouse_last_name", sa.Text),
        sa.Column("salutation", sa.Text),
        sa.Column("envelope_name", sa.Text),
        sa.Column("household_id", sa.BigInteger),
        sa.Column("status", sa.Text, server_default="prospect", nullable=False),
        sa.Column("owner_id", sa.BigInteger),
        sa.Column("no_email", sa.Boolean, server_default=sa.text("false"), nullable=False),
        sa.Column("no_phone", sa.Boolean, server_default=sa.text("false"), nullable=False),
        sa.Column("no_mail", sa.Boolean, server_default=sa.text("false"), nullable=False),
        sa.Column("deceased", sa.Boolean, server_default=sa.text("false"), nullable=False),
        sa.Column("notes", sa.Text),
        sa.Column(
            "custom", postgresql.JSONB, server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("last_contacted_on", sa.Date),
        sa.Column("import_run_id", sa.BigInteger),
        sa.Column("version", sa.BigInteger, server_default="1", nullable=False),
        now("created_at"),
        now("updated_at"),
        sa.Column("erased_at", sa.DateTime(timezone=True)),
        sa.Column("anonymous", sa.Boolean, server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_donor"),
        reference("donor", "household_id", "donor", "SET NULL"),
        reference("donor", "owner_id", "app_user", "RESTRICT"),
        reference("donor", "import_run_id", "import_run", "SET NULL"),
        sa.CheckConstraint("household_id <> id", name=op.f("ck_donor_household")),
        sa.CheckConstraint(
            "kind in ('person', 'household', 'organisation')", name=op.f("ck_donor_kind")
        ),
        sa.CheckConstraint("btrim(name) <> ''", name=op.f("ck_donor_name")),
        sa.CheckConstraint(
            "status in ('prospect', 'asked', 'donor', 'lapsed', 'declined')",
            name=op.f("ck_donor_status"),
        ),
    )
    op.create_index("ix_donor_deceased", "donor", ["id"], postgresql_where="deceased")
    op.create_index(
        "ix_donor_household_id",
        "donor",
        ["household_id"],
        postgresql_where="household_id is not null",
    )
    op.create_index(
        "ix_donor_import_run_id",
        "donor",
        ["import_run_id"],
        postgresql_where="import_run_id is not null",
    )
    op.create_index("ix_donor_name", "donor", [sa.text("lower(name)"), "id"])
    op.create_index("ix_donor_owner_id", "donor", ["owner_id"])


def _contact_details() -> None:
    """Create e-mail addresses, phones, postal addresses and the numbers of other programs."""
    op.create_table(
        "donor_email",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("donor_id", sa.BigInteger, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("is_primary", sa.Boolean, server_default=sa.text("false"), nullable=False),
        sa.Column("import_run_id", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_donor_email"),
        reference("donor_email", "donor_id", "donor", "CASCADE"),
    )
    op.create_index("ix_donor_email_donor_id", "donor_email", ["donor_id"])
    op.create_index("ix_donor_email_email", "donor_email", [sa.text("lower(email)")])
    op.create_index(
        "uq_donor_email_donor", "donor_email", ["donor_id", sa.text("lower(email)")], unique=True
    )
    op.create_index(
        "uq_donor_email_primary",
        "donor_email",
        ["donor_id"],
        unique=True,
        postgresql_where="is_primary",
    )

    op.create_table(
        "donor_phone",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("donor_id", sa.BigInteger, nullable=False),
        sa.Column("phone", sa.Text, nullable=False),
        sa.Column("is_primary", sa.Boolean, server_default=sa.text("false"), nullable=False),
        sa.Column("import_run_id", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_donor_phone"),
        reference("donor_phone", "donor_id", "donor", "CASCADE"),
    )
    op.create_index("ix_donor_phone_donor_id", "donor_phone", ["donor_id"])
    op.create_index(
        "uq_donor_phone_primary",
        "donor_phone",
        ["donor_id"],
        unique=True,
        postgresql_where="is_primary",
    )

    op.create_table(
        "donor_address",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("donor_id", sa.BigInteger, nullable=False),
        sa.Column("street", sa.Text),
        sa.Column("city", sa.Text),
        sa.Column("state", sa.Text),
        sa.Column("postal_code", sa.Text),
        sa.Column("country", sa.Text),
        sa.Column("is_primary", sa.Boolean, server_default=sa.text("false"), nullable=False),
        sa.Column("import_run_id", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_donor_address"),
        reference("donor_address", "donor_id", "donor", "CASCADE"),
    )
    op.create_index("ix_donor_address_donor_id", "donor_address", ["donor_id"])
    op.create_index(
        "uq_donor_address_primary",
        "donor_address",
        ["donor_id"],
        unique=True,
        postgresql_where="is_primary",
    )

    op.create_table(
        "donor_external_id",
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("external_id", sa.Text, nullable=False),
        sa.Column("donor_id", sa.BigInteger, nullable=False),
        sa.Column("import_run_id", sa.BigInteger),
        sa.PrimaryKeyConstraint("source", "external_id", name="pk_donor_external_id"),
        reference("donor_external_id", "donor_id", "donor", "CASCADE"),
    )
    op.create_index("ix_donor_external_id_donor_id", "donor_external_id", ["donor_id"])


def _privacy() -> None:
    """Create consents and the log of who read which donor."""
    op.create_table(
        "donor_consent",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("donor_id", sa.BigInteger, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("granted", sa.Boolean, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("given_on", sa.Date, nullable=False),
        now("created_at"),
        sa.Column("recorded_by", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_donor_consent"),
        reference("donor_consent", "donor_id", "donor", "CASCADE"),
        reference("donor_consent", "recorded_by", "app_user", "SET NULL"),
        sa.CheckConstraint(
            "channel in ('email', 'phone', 'mail', 'text')", name=op.f("ck_donor_consent_channel")
        ),
        sa.CheckConstraint(
            "purpose in ('everything', 'news', 'appeals', 'thanks')",
            name=op.f("ck_donor_consent_purpose"),
        ),
    )
    op.create_index("ix_donor_consent_donor_id", "donor_consent", ["donor_id"])

    op.create_table(
        "donor_access",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        now("at"),
        sa.Column("user_id", sa.BigInteger),
        sa.Column("donor_id", sa.BigInteger, nullable=False),
        sa.Column("how", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_donor_access"),
        reference("donor_access", "user_id", "app_user", "SET NULL"),
        reference("donor_access", "donor_id", "donor", "CASCADE"),
        # the name has its prefix twice since it was first created
        sa.CheckConstraint(
            "how in ('page', 'export', 'api')", name=op.f("ck_donor_access_ck_donor_access_how")
        ),
    )
    op.create_index("ix_donor_access_at", "donor_access", ["at"])
    op.create_index(
        "ix_donor_access_donor_id_at", "donor_access", ["donor_id", sa.text("at desc")]
    )
    op.create_index("ix_donor_access_user_id", "donor_access", ["user_id"])


def _tags() -> None:
    """Create tags."""
    op.create_table(
        "tag",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        now("created_at"),
        now("updated_at"),
        sa.PrimaryKeyConstraint("id", name="pk_tag"),
    )
    op.create_index("uq_tag_name", "tag", [sa.text("lower(name)")], unique=True)

    op.create_table(
        "donor_tag",
        sa.Column("donor_id", sa.BigInteger, nullable=False),
        sa.Column("tag_id", sa.BigInteger, nullable=False),
        sa.Column("import_run_id", sa.BigInteger),
        sa.PrimaryKeyConstraint("donor_id", "tag_id", name="pk_donor_tag"),
        reference("donor_tag", "donor_id", "donor", "CASCADE"),
        reference("donor_tag", "tag_id", "tag", "CASCADE"),
    )
    op.create_index("ix_donor_tag_tag_id", "donor_tag", ["tag_id"])
