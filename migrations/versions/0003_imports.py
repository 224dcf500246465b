"""Create import runs and saved file layouts.

Donors and funds refer to the run that created them, so these tables come first. A row that a run
changed is stored here as it was before, which is what an undo needs.

Revision ID: 0003_imports
Revises: 0002_api_tokens
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.columns import now, reference

revision = "0003_imports"
down_revision = "0002_api_tokens"
branch_labels = None
depends_on = None

TABLES = (
    "import_run",
    "import_change",
    "mapping_preset",
    "import_layout",
)


def upgrade() -> None:
    _runs()
    _layouts()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _runs() -> None:
    """Create import runs and the rows they changed."""
    op.create_table(
        "import_run",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, server_default="preview", nullable=False),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("file_sha256", sa.Text, nullable=False),
        sa.Column("file_path", sa.Text),
        sa.Column("preset", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column(
            "options", postgresql.JSONB, server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("plan_hash", sa.Text),
        sa.Column(
            "counts", postgresql.JSONB, server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "problems", postgresql.JSONB, server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
        sa.Column("progress", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("progress_of", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("doing", sa.Text),
        sa.Column("error", sa.Text),
        sa.Column("committed_at", sa.DateTime(timezone=True)),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.Column("undone_by", sa.BigInteger),
        now("created_at"),
        now("updated_at"),
        sa.Column("cancelled_at", sa.DateTime(timezone=True)),
        sa.Column("cancelled_by", sa.BigInteger),
        sa.Column("kept", postgresql.JSONB, server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_import_run"),
        reference("import_run", "user_id", "app_user", "RESTRICT"),
        reference("import_run", "undone_by", "app_user", "SET NULL"),
        reference("import_run", "cancelled_by", "app_user", "SET NULL"),
        sa.CheckConstraint(
            "state in ('preview', 'queued', 'running', 'done', 'failed', 'cancelled', "
            "'undoing', 'undone')",
            name=op.f("ck_import_run_state"),
        ),
    )
    op.create_index("ix_import_run_user_id", "import_run", ["user_id", sa.text("id desc")])

    op.create_table(
        "import_change",
        sa.Column("run_id", sa.BigInteger, nullable=False),
        sa.Column("table_name", sa.Text, nullable=False),
        sa.Column("row_id", sa.BigInteger, nullable=False),
        sa.Column("before", postgresql.JSONB, nullable=False),
        sa.Column("after", postgresql.JSONB, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "table_name", "row_id", name="pk_import_change"),
        reference("import_change", "run_id", "import_run", "CASCADE"),
    )
    op.create_index("ix_import_change_row", "import_change", ["table_name", "row_id"])


def _layouts() -> None:
    """Create the saved column mappings."""
    op.create_table(
        "mapping_preset",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("header_key", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("mapping", postgresql.JSONB, nullable=False),
        now("used_at"),
        now("created_at"),
        now("updated_at"),
        sa.Column(
            "words", postgresql.JSONB, server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name="pk_mapping_preset"),
        reference("mapping_preset", "user_id", "app_user", "CASCADE"),
    )
    op.create_index(
        "uq_mapping_preset", "mapping_preset", ["user_id", "header_key", "kind"], unique=True
    )

    op.create_table(
        "import_layout",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("origin", sa.BigInteger),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("header_key", sa.Text, nullable=False),
        sa.Column("headers", postgresql.JSONB, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("mapping", postgresql.JSONB, nullable=False),
        sa.Column(
            "words", postgresql.JSONB, server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("made_by", sa.BigInteger),
        now("created_at"),
        now("updated_at"),
        sa.PrimaryKeyConstraint("id", name="pk_import_layout"),
        reference("import_layout", "origin", "import_layout", "CASCADE"),
        reference("import_layout", "made_by", "app_user", "SET NULL"),
    )
    op.create_index("ix_import_layout_header_key", "import_layout", ["header_key"])
    op.create_index(
        "uq_import_layout_version", "import_layout", ["origin", "version"], unique=True
    )
