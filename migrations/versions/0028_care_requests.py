"""Prayer and care requests of donors, and which optional modules the organisation uses.

Revision ID: 0028_care_requests
Revises: 0027_imported_relations
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.columns import now, reference

revision = "0028_care_requests"
down_revision = "0027_imported_relations"
branch_labels = None
depends_on = None

TABLE = "care_request"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("donor_id", sa.BigInteger, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("asked_on", sa.Date, nullable=False),
        sa.Column("answered_on", sa.Date),
        sa.Column("answer", sa.Text),
        sa.Column("created_by", sa.BigInteger),
        sa.Column("import_source", sa.Text),
        sa.Column("external_id", sa.Text),
        sa.Column("import_run_id", sa.BigInteger),
        sa.Column("version", sa.BigInteger, server_default="1", nullable=False),
        now("created_at"),
        now("updated_at"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{TABLE}"),
        reference(TABLE, "donor_id", "donor", "CASCADE"),
        reference(TABLE, "created_by", "app_user", "SET NULL"),
        sa.CheckConstraint("btrim(text) <> ''", name=op.f(f"ck_{TABLE}_text")),
        sa.CheckConstraint("answered_on >= asked_on", name=op.f(f"ck_{TABLE}_answered_on")),
        sa.CheckConstraint(
            "answer is null or answered_on is not null", name=op.f(f"ck_{TABLE}_answer")
        ),
    )
    op.create_index(f"ix_{TABLE}_donor_id", TABLE, ["donor_id"])
    op.create_index(
        f"ix_{TABLE}_open", TABLE, ["asked_on", "id"], postgresql_where="answered_on is null"
    )
    op.create_index(
        f"uq_{TABLE}_external_id", TABLE, ["import_source", "external_id"], unique=True
    )
    op.add_column(
        "organisation",
        sa.Column(
            "modules",
            postgresql.ARRAY(sa.Text),
            server_default=sa.text("'{}'::text[]"),
            nullable=False,
        ),
    )
    op.create_check_constraint(
        op.f("ck_organisation_modules"), "organisation", "modules <@ array['requests']"
    )


def downgrade() -> None:
    op.drop_column("organisation", "modules")
    op.drop_table(TABLE)
