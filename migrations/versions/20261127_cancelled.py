"""Who cancelled an import that waited or ran; a big one is also taken back by the worker.

Revision ID: 20261127_cancelled
Revises: 20261127_deeds
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261127_cancelled"
down_revision = "20261127_deeds"
branch_labels = None
depends_on = None

OLD = "state in ('preview', 'queued', 'running', 'done', 'failed', 'cancelled', 'undone')"
NEW = OLD.replace("'undone'", "'undoing', 'undone'")


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.add_column(
        "import_run", sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("import_run", sa.Column("cancelled_by", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_import_run_cancelled_by_app_user"),
        "import_run",
        "app_user",
        ["cancelled_by"],
        ["id"],
        ondelete="SET NULL",
    )
    op.add_column(
        "import_run",
        sa.Column(
            "kept",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
    )
    op.drop_constraint(op.f("ck_import_run_state"), "import_run", type_="check")
    op.create_check_constraint(op.f("ck_import_run_state"), "import_run", NEW)


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("update import_run set state = 'done' where state = 'undoing'")
    op.drop_constraint(op.f("ck_import_run_state"), "import_run", type_="check")
    op.create_check_constraint(op.f("ck_import_run_state"), "import_run", OLD)
    op.drop_column("import_run", "kept")
    op.drop_column("import_run", "cancelled_by")
    op.drop_column("import_run", "cancelled_at")
