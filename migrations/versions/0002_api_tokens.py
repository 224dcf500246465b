"""Create the tokens of API clients: sign-ins of programs, and tokens that users create.

Only hashes are stored. A repeated request with the same idempotency key gets the first response.

Revision ID: 0002_api_tokens
Revises: 0001_accounts
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.columns import now, reference

revision = "0002_api_tokens"
down_revision = "0001_accounts"
branch_labels = None
depends_on = None

TABLES = (
    "token_family",
    "api_token",
    "idempotency_key",
)


def upgrade() -> None:
    _tokens()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _tokens() -> None:
    """Create the tokens of API clients and the responses to requests that may be repeated."""
    op.create_table(
        "token_family",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("token_hash", sa.Text, nullable=False),
        sa.Column("previous_hash", sa.Text),
        sa.Column("rotated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        now("created_at"),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_why", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_token_family"),
        reference("token_family", "user_id", "app_user", "CASCADE"),
    )
    op.create_index("ix_token_family_user_id", "token_family", ["user_id"])

    op.create_table(
        "api_token",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("token_hash", sa.Text, nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text), nullable=False),
        now("created_at"),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("last_used_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_why", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_api_token"),
        reference("api_token", "user_id", "app_user", "CASCADE"),
    )
    op.create_index("ix_api_token_user_id", "api_token", ["user_id"])
    op.create_index("uq_api_token_token_hash", "api_token", ["token_hash"], unique=True)

    op.create_table(
        "idempotency_key",
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("key_hash", sa.Text, nullable=False),
        sa.Column("request_hash", sa.Text, nullable=False),
        sa.Column("answer", postgresql.JSONB),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "key_hash", name="pk_idempotency_key"),
        reference("idempotency_key", "user_id", "app_user", "CASCADE"),
    )
    op.create_index("ix_idempotency_key_created_at", "idempotency_key", ["created_at"])
