"""Custom fields of donors that the organisation defines: name, type, choices, order, status.

Revision ID: 0023_custom_fields
Revises: 0022_gift_details
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023_custom_fields"
down_revision = "0022_gift_details"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "custom_field",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column(
            "choices",
            postgresql.ARRAY(sa.Text),
            server_default=sa.text("'{}'::text[]"),
            nullable=False,
        ),
        sa.Column("position", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("status", sa.Text, server_default="active", nullable=False),
        sa.Column("version", sa.BigInteger, server_default="1", nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custom_field")),
        sa.CheckConstraint(
            "type in ('text', 'number', 'date', 'choice', 'yes-no')",
            name=op.f("ck_custom_field_type"),
        ),
        sa.CheckConstraint("status in ('active', 'closed')", name=op.f("ck_custom_field_status")),
        sa.CheckConstraint("btrim(name) <> ''", name=op.f("ck_custom_field_name")),
        sa.CheckConstraint(
            "(type = 'choice') = (choices <> '{}')", name=op.f("ck_custom_field_choices")
        ),
    )
    op.create_index("uq_custom_field_name", "custom_field", [sa.text("lower(name)")], unique=True)


def downgrade() -> None:
    op.drop_table("custom_field")
