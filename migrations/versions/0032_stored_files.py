"""Store uploaded files and archives in the database, where every process finds them.

They were files in DATA_DIR, so that web processes and workers had to share a folder, which
platforms do not offer to two services. A file is several rows, so that none is large; the rows are
encrypted, and stored without an attempt to compress them.

Revision ID: 0032_stored_files
Revises: 0031_period_sums
"""

import sqlalchemy as sa
from alembic import op

from migrations.columns import now, reference

revision = "0032_stored_files"
down_revision = "0031_period_sums"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stored_file",
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("part", sa.BigInteger, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        now("saved_at"),
        sa.PrimaryKeyConstraint("user_id", "kind", "name", "part", name="pk_stored_file"),
        sa.CheckConstraint("kind in ('upload', 'archive')", name=op.f("ck_stored_file_kind")),
        reference("stored_file", "user_id", "app_user", "CASCADE"),
    )
    op.execute("alter table stored_file alter column data set storage external")


def downgrade() -> None:
    op.drop_table("stored_file")
