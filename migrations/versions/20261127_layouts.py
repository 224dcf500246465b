"""How a kind of file was read is kept for everybody, version by version.

Revision ID: 20261127_layouts
Revises: 20261127_credits
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261127_layouts"
down_revision = "20261127_credits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_layout",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("origin", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("header_key", sa.Text(), nullable=False),
        sa.Column("headers", postgresql.JSONB(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(), nullable=False),
        sa.Column(
            "words", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("made_by", sa.BigInteger(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.func.now(),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.func.now(),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["origin"],
            ["import_layout.id"],
            ondelete="CASCADE",
            name=op.f("fk_import_layout_origin_import_layout"),
        ),
        sa.ForeignKeyConstraint(
            ["made_by"],
            ["app_user.id"],
            ondelete="SET NULL",
            name=op.f("fk_import_layout_made_by_app_user"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_layout")),
    )
    op.create_index(
        "uq_import_layout_version", "import_layout", ["origin", "version"], unique=True
    )
    op.create_index("ix_import_layout_header_key", "import_layout", ["header_key"])


def downgrade() -> None:
    op.drop_table("import_layout")
