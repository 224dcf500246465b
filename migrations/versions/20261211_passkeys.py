"""Passkeys (WebAuthn), and roles for which the organisation requires two-factor authentication.

A sign-in challenge is made before anybody is known, so a one-time code may belong to nobody. A
session remembers whether it was opened with two factors; those of people whose second factor was
in force when they signed in were.

Revision ID: 20261211_passkeys
Revises: 20261208_known_devices
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261211_passkeys"
down_revision = "20261208_known_devices"
branch_labels = None
depends_on = None

OLD = "purpose in ('sign_in', 'reset', 'invitation', 'device')"
NEW = "purpose in ('sign_in', 'reset', 'invitation', 'device', 'passkey_add', 'passkey_sign_in')"


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "passkey",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("transports", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("backed_up", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("sign_count >= 0", name=op.f("ck_passkey_sign_count")),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["app_user.id"],
            name=op.f("fk_passkey_user_id_app_user"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
    )
    op.create_index("uq_passkey_credential_id", "passkey", ["credential_id"], unique=True)
    op.create_index("ix_passkey_user_id", "passkey", ["user_id"], unique=False)
    op.add_column(
        "session",
        sa.Column("two_factor", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.execute(
        "update session set two_factor = true from second_factor f"
        " where f.user_id = session.user_id and f.confirmed_at <= session.created_at"
    )
    op.add_column(
        "organisation",
        sa.Column(
            "mfa_required_since",
            postgresql.JSONB(),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
    )
    op.add_column(
        "organisation",
        sa.Column("mfa_grace_days", sa.SmallInteger(), server_default="7", nullable=False),
    )
    op.create_check_constraint(
        op.f("ck_organisation_mfa_grace_days"), "organisation", "mfa_grace_days between 0 and 14"
    )
    op.alter_column("one_time_code", "user_id", nullable=True)
    op.drop_constraint(op.f("ck_one_time_code_purpose"), "one_time_code", type_="check")
    op.create_check_constraint(op.f("ck_one_time_code_purpose"), "one_time_code", NEW)
    op.create_check_constraint(
        op.f("ck_one_time_code_owner"),
        "one_time_code",
        "user_id is not null or purpose = 'passkey_sign_in'",
    )


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.execute("delete from one_time_code where purpose in ('passkey_add', 'passkey_sign_in')")
    op.drop_constraint(op.f("ck_one_time_code_owner"), "one_time_code", type_="check")
    op.drop_constraint(op.f("ck_one_time_code_purpose"), "one_time_code", type_="check")
    op.create_check_constraint(op.f("ck_one_time_code_purpose"), "one_time_code", OLD)
    op.alter_column("one_time_code", "user_id", nullable=False)
    op.drop_constraint(op.f("ck_organisation_mfa_grace_days"), "organisation", type_="check")
    op.drop_column("organisation", "mfa_grace_days")
    op.drop_column("organisation", "mfa_required_since")
    op.drop_column("session", "two_factor")
    op.drop_table("passkey")
