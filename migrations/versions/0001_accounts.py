"""Create the organisation, its users and everything a sign-in needs.

Of every secret only the hash is stored; the secret of an authenticator app, which has to be read
again, is encrypted. Rows that belong to a user are deleted with the user.

Revision ID: 0001_accounts
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.columns import now, reference

revision = "0001_accounts"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "organisation",
    "app_user",
    "team_member",
    "session",
    "one_time_code",
    "sign_in_try",
    "known_device",
    "user_device",
    "second_factor",
    "recovery_code",
    "passkey",
)

# Links in mails contain the access version. A change of password, role or account raises it,
# whichever way it is written, so that the links of older mails end.
ACCESS_VERSION = """
create function raise_access_version() returns trigger language plpgsql as $$
begin
    new.access_version := old.access_version + 1;
    return new;
end $$;

create trigger app_user_raises_access_version
before update of active, role, password_changed_at on app_user for each row
when (
    (old.active, old.role, old.password_changed_at)
    is distinct from (new.active, new.role, new.password_changed_at)
)
execute function raise_access_version();
"""


def upgrade() -> None:
    _people()
    _sign_in()
    _two_factor()
    op.execute(ACCESS_VERSION)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute("drop function raise_access_version()")


def _people() -> None:
    """Create the organisation, its users and who leads whom."""
    op.create_table(
        "organisation",
        sa.Column("id", sa.SmallInteger, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("currency", sa.CHAR(3), server_default="USD", nullable=False),
        sa.Column("time_zone", sa.Text, server_default="UTC", nullable=False),
        sa.Column("locale", sa.Text, server_default="en_US", nullable=False),
        sa.Column("fiscal_start_month", sa.SmallInteger, server_default="1", nullable=False),
        sa.Column("is_demo", sa.Boolean, server_default=sa.text("false"), nullable=False),
        sa.Column("version", sa.BigInteger, server_default="1", nullable=False),
        now("created_at"),
        now("updated_at"),
        sa.Column(
            "mfa_required_since",
            postgresql.JSONB,
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("mfa_grace_days", sa.SmallInteger, server_default="7", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_organisation"),
        sa.CheckConstraint(
            "fiscal_start_month between 1 and 12", name=op.f("ck_organisation_fiscal_start_month")
        ),
        sa.CheckConstraint(
            "mfa_grace_days between 0 and 14", name=op.f("ck_organisation_mfa_grace_days")
        ),
        sa.CheckConstraint("id = 1", name=op.f("ck_organisation_single")),
    )

    op.create_table(
        "app_user",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, server_default=sa.text("true"), nullable=False),
        sa.Column("password_hash", sa.Text),
        sa.Column("password_changed_at", sa.DateTime(timezone=True)),
        sa.Column("time_zone", sa.Text),
        sa.Column("locale", sa.Text),
        sa.Column("monthly_goal_minor", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("summary_on", sa.Boolean, server_default=sa.text("true"), nullable=False),
        sa.Column("summary_weekday", sa.SmallInteger, server_default="0", nullable=False),
        sa.Column("summary_hour", sa.SmallInteger, server_default="8", nullable=False),
        sa.Column(
            "alert_channels",
            postgresql.JSONB,
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("last_sign_in_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.BigInteger, server_default="1", nullable=False),
        now("created_at"),
        now("updated_at"),
        sa.Column("invited_by", sa.BigInteger),
        sa.Column("quiet_from", sa.SmallInteger),
        sa.Column("quiet_until", sa.SmallInteger),
        sa.Column("access_version", sa.BigInteger, server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_app_user"),
        reference("app_user", "invited_by", "app_user", "SET NULL"),
        sa.CheckConstraint("monthly_goal_minor >= 0", name=op.f("ck_app_user_monthly_goal")),
        sa.CheckConstraint(
            "(quiet_from is null and quiet_until is null) or (quiet_from between 0 and "
            "23 and quiet_until between 0 and 23)",
            name=op.f("ck_app_user_quiet_hours"),
        ),
        sa.CheckConstraint(
            "role in ('fundraiser', 'supervisor', 'coach', 'finance', 'read_only', 'admin')",
            name=op.f("ck_app_user_role"),
        ),
        sa.CheckConstraint("summary_hour between 0 and 23", name=op.f("ck_app_user_summary_hour")),
        sa.CheckConstraint(
            "summary_weekday between 0 and 6", name=op.f("ck_app_user_summary_weekday")
        ),
    )
    op.create_index("uq_app_user_email", "app_user", [sa.text("lower(email)")], unique=True)

    op.create_table(
        "team_member",
        sa.Column("lead_id", sa.BigInteger, nullable=False),
        sa.Column("member_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        now("created_at"),
        now("updated_at"),
        sa.PrimaryKeyConstraint("lead_id", "member_id", "kind", name="pk_team_member"),
        reference("team_member", "lead_id", "app_user", "CASCADE"),
        reference("team_member", "member_id", "app_user", "CASCADE"),
        sa.CheckConstraint("kind in ('supervisor', 'coach')", name=op.f("ck_team_member_kind")),
        sa.CheckConstraint("lead_id <> member_id", name=op.f("ck_team_member_not_oneself")),
    )
    op.create_index("ix_team_member_member_id", "team_member", ["member_id"])


def _sign_in() -> None:
    """Create sessions, one-time codes and what limits wrong tries."""
    op.create_table(
        "session",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("token_hash", sa.Text, nullable=False),
        sa.Column("previous_hash", sa.Text),
        now("rotated_at"),
        now("created_at"),
        now("last_seen_at"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_why", sa.Text),
        sa.Column("address", sa.Text),
        sa.Column("user_agent", sa.Text),
        sa.Column("viewing_id", sa.BigInteger),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("two_factor", sa.Boolean, server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_session"),
        reference("session", "user_id", "app_user", "CASCADE"),
        reference("session", "viewing_id", "app_user", "SET NULL"),
    )
    op.create_index("ix_session_user_id", "session", ["user_id"])

    op.create_table(
        "one_time_code",
        sa.Column("code_hash", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("user_id", sa.BigInteger),
        sa.Column("session_id", sa.Text),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        now("created_at"),
        sa.PrimaryKeyConstraint("code_hash", name="pk_one_time_code"),
        reference("one_time_code", "user_id", "app_user", "CASCADE"),
        reference("one_time_code", "session_id", "session", "CASCADE"),
        sa.CheckConstraint(
            "user_id is not null or purpose = 'passkey_sign_in'",
            name=op.f("ck_one_time_code_owner"),
        ),
        sa.CheckConstraint(
            "purpose in ('sign_in', 'reset', 'invitation', 'device', 'passkey_add', "
            "'passkey_sign_in')",
            name=op.f("ck_one_time_code_purpose"),
        ),
    )
    op.create_index("ix_one_time_code_user_id", "one_time_code", ["user_id"])

    op.create_table(
        "sign_in_try",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("failed", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True)),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_sign_in_try"),
    )

    op.create_table(
        "known_device",
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("device_hash", sa.Text, nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "device_hash", name="pk_known_device"),
        reference("known_device", "user_id", "app_user", "CASCADE"),
    )

    op.create_table(
        "user_device",
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "device", name="pk_user_device"),
        reference("user_device", "user_id", "app_user", "CASCADE"),
    )


def _two_factor() -> None:
    """Create authenticator codes, recovery codes and passkeys."""
    op.create_table(
        "second_factor",
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        now("created_at"),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("last_step", sa.BigInteger, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_second_factor"),
        reference("second_factor", "user_id", "app_user", "CASCADE"),
    )

    op.create_table(
        "recovery_code",
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("code_hash", sa.Text, nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("user_id", "code_hash", name="pk_recovery_code"),
        reference("recovery_code", "user_id", "app_user", "CASCADE"),
    )

    op.create_table(
        "passkey",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("credential_id", sa.LargeBinary, nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sign_count", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("transports", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("backed_up", sa.Boolean, server_default=sa.text("false"), nullable=False),
        now("created_at"),
        sa.Column("last_used_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_passkey"),
        reference("passkey", "user_id", "app_user", "CASCADE"),
        sa.CheckConstraint("sign_count >= 0", name=op.f("ck_passkey_sign_count")),
    )
    op.create_index("ix_passkey_user_id", "passkey", ["user_id"])
    op.create_index("uq_passkey_credential_id", "passkey", ["credential_id"], unique=True)
