"""The core tables: people, donors, gifts, pledges, work, imports and the machinery.

Revision ID: 20261123_core
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Text
from sqlalchemy.dialects import postgresql

revision = "20261123_core"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    # trusted extensions: a database owner may create them without being superuser
    op.execute("create extension if not exists pg_trgm")
    op.execute("create extension if not exists unaccent")
    op.create_table(
        "app_user",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_sign_ins", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("time_zone", sa.Text(), nullable=True),
        sa.Column("locale", sa.Text(), nullable=True),
        sa.Column("monthly_goal_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("summary_on", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("summary_weekday", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("summary_hour", sa.SmallInteger(), server_default="8", nullable=False),
        sa.Column(
            "alert_channels",
            postgresql.JSONB(astext_type=Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("last_sign_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "role in ('fundraiser', 'supervisor', 'coach', 'finance', 'read_only', 'admin')",
            name=op.f("ck_app_user_role"),
        ),
        sa.CheckConstraint("monthly_goal_minor >= 0", name=op.f("ck_app_user_monthly_goal")),
        sa.CheckConstraint("summary_hour between 0 and 23", name=op.f("ck_app_user_summary_hour")),
        sa.CheckConstraint(
            "summary_weekday between 0 and 6", name=op.f("ck_app_user_summary_weekday")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_user")),
    )
    op.create_index(
        "uq_app_user_email", "app_user", [sa.literal_column("lower(email)")], unique=True
    )
    op.create_table(
        "exchange_rate",
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("rate", sa.Double(), nullable=False),
        sa.CheckConstraint("rate > 0", name=op.f("ck_exchange_rate_rate")),
        sa.PrimaryKeyConstraint("currency", "on_date", name=op.f("pk_exchange_rate")),
    )
    op.create_table(
        "heartbeat",
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "started_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("process", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "job_run",
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), server_default="queued", nullable=False),
        sa.Column(
            "queued_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("tries", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state in ('queued', 'running', 'done', 'failed')", name=op.f("ck_job_run_state")
        ),
        sa.PrimaryKeyConstraint("job", "slot", name=op.f("pk_job_run")),
    )
    op.create_index(
        "ix_job_run_started_at", "job_run", [sa.literal_column("started_at desc")], unique=False
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), server_default="USD", nullable=False),
        sa.Column("time_zone", sa.Text(), server_default="UTC", nullable=False),
        sa.Column("locale", sa.Text(), server_default="en_US", nullable=False),
        sa.Column("fiscal_start_month", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("is_demo", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "fiscal_start_month between 1 and 12", name=op.f("ck_organisation_fiscal_start_month")
        ),
        sa.CheckConstraint("id = 1", name=op.f("ck_organisation_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
    )
    op.create_table(
        "owner_month",
        sa.Column("owner_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("recurring_minor", sa.BigInteger(), nullable=False),
        sa.Column("one_time_minor", sa.BigInteger(), nullable=False),
        sa.Column("gifts", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "month", name=op.f("pk_owner_month")),
    )
    op.create_index("ix_owner_month_month", "owner_month", ["month"], unique=False)
    op.create_table(
        "tag",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag")),
    )
    op.create_index("uq_tag_name", "tag", [sa.literal_column("lower(name)")], unique=True)
    op.create_table(
        "import_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default="preview", nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("file_path", sa.Text(), nullable=True),
        sa.Column("preset", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "options",
            postgresql.JSONB(astext_type=Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("plan_hash", sa.Text(), nullable=True),
        sa.Column(
            "counts",
            postgresql.JSONB(astext_type=Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column(
            "problems",
            postgresql.JSONB(astext_type=Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column("progress", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("progress_of", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("doing", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.BigInteger(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "state in ('preview', 'queued', 'running', 'done', 'failed', 'cancelled', 'undone')",
            name=op.f("ck_import_run_state"),
        ),
        sa.ForeignKeyConstraint(
            ["undone_by"],
            ["app_user.id"],
            name=op.f("fk_import_run_undone_by_app_user"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["app_user.id"],
            name=op.f("fk_import_run_user_id_app_user"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    op.create_index(
        "ix_import_run_user_id",
        "import_run",
        ["user_id", sa.literal_column("id desc")],
        unique=False,
    )
    op.create_table(
        "mapping_preset",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("header_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=Text()), nullable=False),
        sa.Column(
            "used_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["app_user.id"],
            name=op.f("fk_mapping_preset_user_id_app_user"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mapping_preset")),
    )
    op.create_index(
        "uq_mapping_preset", "mapping_preset", ["user_id", "header_key", "kind"], unique=True
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("to_email", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text_body", sa.Text(), nullable=False),
        sa.Column("html_body", sa.Text(), nullable=True),
        sa.Column(
            "headers",
            postgresql.JSONB(astext_type=Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="queued", nullable=False),
        sa.Column("tries", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column(
            "next_try_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "state in ('queued', 'sending', 'sent', 'failed', 'suppressed')",
            name=op.f("ck_outbox_state"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["app_user.id"],
            name=op.f("fk_outbox_user_id_app_user"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_id")),
    )
    op.create_index(
        "ix_outbox_created_at", "outbox", [sa.literal_column("created_at desc")], unique=False
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["next_try_at"],
        unique=False,
        postgresql_where=sa.text("state in ('queued', 'sending')"),
    )
    op.create_table(
        "session",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.Text(), nullable=True),
        sa.Column(
            "rotated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "last_seen_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_why", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["app_user.id"],
            name=op.f("fk_session_user_id_app_user"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
    )
    op.create_index("ix_session_user_id", "session", ["user_id"], unique=False)
    op.create_table(
        "team_member",
        sa.Column("lead_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("kind in ('supervisor', 'coach')", name=op.f("ck_team_member_kind")),
        sa.CheckConstraint("lead_id <> member_id", name=op.f("ck_team_member_not_oneself")),
        sa.ForeignKeyConstraint(
            ["lead_id"],
            ["app_user.id"],
            name=op.f("fk_team_member_lead_id_app_user"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["app_user.id"],
            name=op.f("fk_team_member_member_id_app_user"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("lead_id", "member_id", "kind", name=op.f("pk_team_member")),
    )
    op.create_index("ix_team_member_member_id", "team_member", ["member_id"], unique=False)
    op.create_table(
        "donor",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), server_default="person", nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=True),
        sa.Column("last_name", sa.Text(), nullable=True),
        sa.Column("spouse_first_name", sa.Text(), nullable=True),
        sa.Column("spouse_last_name", sa.Text(), nullable=True),
        sa.Column("salutation", sa.Text(), nullable=True),
        sa.Column("envelope_name", sa.Text(), nullable=True),
        sa.Column("household_id", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Text(), server_default="prospect", nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("no_email", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("no_phone", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("no_mail", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("deceased", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column(
            "custom",
            postgresql.JSONB(astext_type=Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("last_contacted_on", sa.Date(), nullable=True),
        sa.Column("import_run_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("btrim(name) <> ''", name=op.f("ck_donor_name")),
        sa.CheckConstraint(
            "kind in ('person', 'household', 'organisation')", name=op.f("ck_donor_kind")
        ),
        sa.CheckConstraint(
            "status in ('prospect', 'asked', 'donor', 'lapsed', 'declined')",
            name=op.f("ck_donor_status"),
        ),
        sa.CheckConstraint("household_id <> id", name=op.f("ck_donor_household")),
        sa.ForeignKeyConstraint(
            ["household_id"],
            ["donor.id"],
            name=op.f("fk_donor_household_id_donor"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["import_run_id"],
            ["import_run.id"],
            name=op.f("fk_donor_import_run_id_import_run"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["app_user.id"],
            name=op.f("fk_donor_owner_id_app_user"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_donor")),
    )
    op.create_index(
        "ix_donor_household_id",
        "donor",
        ["household_id"],
        unique=False,
        postgresql_where="household_id is not null",
    )
    op.create_index(
        "ix_donor_import_run_id",
        "donor",
        ["import_run_id"],
        unique=False,
        postgresql_where="import_run_id is not null",
    )
    op.create_index(
        "ix_donor_name", "donor", [sa.literal_column("lower(name)"), "id"], unique=False
    )
    op.create_index("ix_donor_owner_id", "donor", ["owner_id"], unique=False)
    op.create_table(
        "fund",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("import_run_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("btrim(name) <> ''", name=op.f("ck_fund_name")),
        sa.CheckConstraint("status in ('active', 'closed')", name=op.f("ck_fund_status")),
        sa.ForeignKeyConstraint(
            ["import_run_id"],
            ["import_run.id"],
            name=op.f("fk_fund_import_run_id_import_run"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund")),
    )
    op.create_index("uq_fund_name", "fund", [sa.literal_column("lower(name)")], unique=True)
    op.create_index(
        "uq_fund_source_external_id",
        "fund",
        ["source", "external_id"],
        unique=True,
        postgresql_where="external_id is not null",
    )
    op.create_table(
        "import_change",
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=Text()), nullable=False),
        sa.Column("after", postgresql.JSONB(astext_type=Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["import_run.id"],
            name=op.f("fk_import_change_run_id_import_run"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("run_id", "table_name", "row_id", name=op.f("pk_import_change")),
    )
    op.create_index(
        "ix_import_change_row", "import_change", ["table_name", "row_id"], unique=False
    )
    op.create_table(
        "one_time_code",
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "purpose in ('sign_in', 'reset', 'invitation')", name=op.f("ck_one_time_code_purpose")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["session.id"],
            name=op.f("fk_one_time_code_session_id_session"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["app_user.id"],
            name=op.f("fk_one_time_code_user_id_app_user"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_one_time_code")),
    )
    op.create_index("ix_one_time_code_user_id", "one_time_code", ["user_id"], unique=False)
    op.create_table(
        "activity",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.BigInteger(), nullable=True),
        sa.Column("donor_id", sa.BigInteger(), nullable=True),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(astext_type=Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=Text()), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["actor_id"],
            ["app_user.id"],
            name=op.f("fk_activity_actor_id_app_user"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["donor_id"],
            ["donor.id"],
            name=op.f("fk_activity_donor_id_donor"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity")),
    )
    op.create_index("ix_activity_at", "activity", [sa.literal_column("at desc")], unique=False)
    op.create_index(
        "ix_activity_donor_id_at",
        "activity",
        ["donor_id", sa.literal_column("at desc")],
        unique=False,
    )
    op.create_table(
        "campaign",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("fund_id", sa.BigInteger(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("goal_minor", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_campaign_dates")),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_campaign_fund_id_fund"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
    )
    op.create_index(
        "uq_campaign_name", "campaign", [sa.literal_column("lower(name)")], unique=True
    )
    op.create_table(
        "contact_log",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("donor_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "kind in ('call', 'meeting', 'letter', 'text', 'e-mail', 'note')",
            name=op.f("ck_contact_log_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["by_id"],
            ["app_user.id"],
            name=op.f("fk_contact_log_by_id_app_user"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["donor_id"],
            ["donor.id"],
            name=op.f("fk_contact_log_donor_id_donor"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_log")),
    )
    op.create_index(
        "ix_contact_log_donor_id_at",
        "contact_log",
        ["donor_id", sa.literal_column("at desc")],
        unique=False,
    )
    op.create_table(
        "donor_address",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("donor_id", sa.BigInteger(), nullable=False),
        sa.Column("street", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("is_primary", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("import_run_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["donor_id"],
            ["donor.id"],
            name=op.f("fk_donor_address_donor_id_donor"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_donor_address")),
    )
    op.create_index("ix_donor_address_donor_id", "donor_address", ["donor_id"], unique=False)
    op.create_index(
        "uq_donor_address_primary",
        "donor_address",
        ["donor_id"],
        unique=True,
        postgresql_where="is_primary",
    )
    op.create_table(
        "donor_consent",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("donor_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "channel in ('email', 'phone', 'mail')", name=op.f("ck_donor_consent_channel")
        ),
        sa.ForeignKeyConstraint(
            ["donor_id"],
            ["donor.id"],
            name=op.f("fk_donor_consent_donor_id_donor"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_donor_consent")),
    )
    op.create_index("ix_donor_consent_donor_id", "donor_consent", ["donor_id"], unique=False)
    op.create_table(
        "donor_email",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("donor_id", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("is_primary", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("import_run_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["donor_id"],
            ["donor.id"],
            name=op.f("fk_donor_email_donor_id_donor"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_donor_email")),
    )
    op.create_index("ix_donor_email_donor_id", "donor_email", ["donor_id"], unique=False)
    op.create_index(
        "ix_donor_email_email", "donor_email", [sa.literal_column("lower(email)")], unique=False
    )
    op.create_index(
        "uq_donor_email_donor",
        "donor_email",
        ["donor_id", sa.literal_column("lower(email)")],
        unique=True,
    )
    op.create_index(
        "uq_donor_email_primary",
        "donor_email",
        ["donor_id"],
        unique=True,
        postgresql_where="is_primary",
    )
    op.create_table(
        "donor_external_id",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("donor_id", sa.BigInteger(), nullable=False),
        sa.Column("import_run_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["donor_id"],
            ["donor.id"],
            name=op.f("fk_donor_external_id_donor_id_donor"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("source", "external_id", name=op.f("pk_donor_external_id")),
    )
    op.create_index(
        "ix_donor_external_id_donor_id", "donor_external_id", ["donor_id"], unique=False
    )
    op.create_table(
        "donor_phone",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("donor_id", sa.BigInteger(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("is_primary", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("import_run_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["donor_id"],
            ["donor.id"],
            name=op.f("fk_donor_phone_donor_id_donor"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_donor_phone")),
    )
    op.create_index("ix_donor_phone_donor_id", "donor_phone", ["donor_id"], unique=False)
    op.create_index(
        "uq_donor_phone_primary",
        "donor_phone",
        ["donor_id"],
        unique=True,
        postgresql_where="is_primary",
    )
    op.create_table(
        "donor_rhythm",
        sa.Column("donor_id", sa.BigInteger(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("gifts", sa.BigInteger(), nullable=False),
        sa.Column("last_gift", sa.Date(), nullable=False),
        sa.Column("rhythm_days", sa.Float(), nullable=True),
        sa.Column("overdue_ratio", sa.Float(), nullable=True),
        sa.Column("regular", sa.Boolean(), nullable=False),
        sa.Column("risk", sa.Float(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("expected_by", sa.Date(), nullable=True),
        sa.Column("peers", sa.BigInteger(), nullable=True),
        sa.Column("peers_returned", sa.BigInteger(), nullable=True),
        sa.Column(
            "scored_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["donor_id"],
            ["donor.id"],
            name=op.f("fk_donor_rhythm_donor_id_donor"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("donor_id", name=op.f("pk_donor_rhythm")),
    )
    op.create_index("ix_donor_rhythm_status", "donor_rhythm", ["status"], unique=False)
    op.create_table(
        "donor_search",
        sa.Column("donor_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["donor_id"],
            ["donor.id"],
            name=op.f("fk_donor_search_donor_id_donor"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("donor_id", name=op.f("pk_donor_search")),
    )
    op.create_index(
        "ix_donor_search_text",
        "donor_search",
        ["text"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"text": "gin_trgm_ops"},
    )
    op.create_table(
        "donor_summary",
        sa.Column("donor_id", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=True),
        sa.Column("gifts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("total_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("first_gift_date", sa.Date(), nullable=True),
        sa.Column("last_gift_date", sa.Date(), nullable=True),
        sa.Column("largest_minor", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["donor_id"],
            ["donor.id"],
            name=op.f("fk_donor_summary_donor_id_donor"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("donor_id", name=op.f("pk_donor_summary")),
    )
    op.create_index(
        "ix_donor_summary_last",
        "donor_summary",
        [sa.literal_column("last_gift_date desc nulls last"), "donor_id"],
        unique=False,
    )
    op.create_index(
        "ix_donor_summary_owner_last",
        "donor_summary",
        ["owner_id", sa.literal_column("last_gift_date desc nulls last"), "donor_id"],
        unique=False,
    )
    op.create_index(
        "ix_donor_summary_owner_total",
        "donor_summary",
        ["owner_id", sa.literal_column("total_minor desc"), "donor_id"],
        unique=False,
    )
    op.create_index(
        "ix_donor_summary_total",
        "donor_summary",
        [sa.literal_column("total_minor desc"), "donor_id"],
        unique=False,
    )
    op.create_table(
        "donor_tag",
        sa.Column("donor_id", sa.BigInteger(), nullable=False),
        sa.Column("tag_id", sa.BigInteger(), nullable=False),
        sa.Column("import_run_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["donor_id"],
            ["donor.id"],
            name=op.f("fk_donor_tag_donor_id_donor"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tag_id"], ["tag.id"], name=op.f("fk_donor_tag_tag_id_tag"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("donor_id", "tag_id", name=op.f("pk_donor_tag")),
    )
    op.create_index("ix_donor_tag_tag_id", "donor_tag", ["tag_id"], unique=False)
    op.create_table(
        "donor_year",
        sa.Column("donor_id", sa.BigInteger(), nullable=False),
        sa.Column("fiscal_year", sa.SmallInteger(), nullable=False),
        sa.Column("gifts", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["donor_id"],
            ["donor.id"],
            name=op.f("fk_donor_year_donor_id_donor"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("donor_id", "fiscal_year", name=op.f("pk_donor_year")),
    )
    op.create_index(
        "ix_donor_year_year_total",
        "donor_year",
        ["fiscal_year", sa.literal_column("total_minor desc"), "donor_id"],
        unique=False,
    )
    op.create_table(
        "pledge",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("donor_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("frequency", sa.Text(), nullable=False),
        sa.Column("anchor_day", sa.SmallInteger(), nullable=True),
        sa.Column("start_date", sa.Date(), nullable=False),
        sa.Column("end_date", sa.Date(), nullable=True),
        sa.Column("instalments", sa.BigInteger(), nullable=True),
        sa.Column("total_minor", sa.BigInteger(), nullable=True),
        sa.Column("grace_days", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("fund_id", sa.BigInteger(), nullable=True),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("import_run_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "frequency in ('weekly', 'biweekly', 'semimonthly', 'monthly', 'bimonthly', 'quarterly', 'semiannual', 'annual', 'once')",
            name=op.f("ck_pledge_frequency"),
        ),
        sa.CheckConstraint(
            "method in ('cash', 'check', 'card', 'bank transfer', 'direct debit', 'online', 'in kind', 'stock', 'other')",
            name=op.f("ck_pledge_method"),
        ),
        sa.CheckConstraint(
            "status in ('active', 'paused', 'completed', 'cancelled')",
            name=op.f("ck_pledge_status"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_pledge_amount")),
        sa.CheckConstraint("anchor_day between 1 and 31", name=op.f("ck_pledge_anchor_day")),
        sa.CheckConstraint(
            "currency = upper(currency) and length(currency) = 3", name=op.f("ck_pledge_currency")
        ),
        sa.CheckConstraint("end_date >= start_date", name=op.f("ck_pledge_dates")),
        sa.CheckConstraint("grace_days between 0 and 366", name=op.f("ck_pledge_grace_days")),
        sa.CheckConstraint("instalments > 0", name=op.f("ck_pledge_instalments")),
        sa.CheckConstraint("total_minor > 0", name=op.f("ck_pledge_total")),
        sa.ForeignKeyConstraint(
            ["donor_id"], ["donor.id"], name=op.f("fk_pledge_donor_id_donor"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_pledge_fund_id_fund"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledge")),
    )
    op.create_index("ix_pledge_donor_id", "pledge", ["donor_id"], unique=False)
    op.create_index(
        "ix_pledge_status",
        "pledge",
        ["status"],
        unique=False,
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_index(
        "uq_pledge_source_external_id",
        "pledge",
        ["source", "external_id"],
        unique=True,
        postgresql_where="external_id is not null",
    )
    op.create_table(
        "gift",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("donor_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="gift", nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.CHAR(length=3), nullable=False),
        sa.Column("base_minor", sa.BigInteger(), nullable=False),
        sa.Column("gift_date", sa.Date(), nullable=False),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("fund_id", sa.BigInteger(), nullable=True),
        sa.Column("campaign_id", sa.BigInteger(), nullable=True),
        sa.Column("pledge_id", sa.BigInteger(), nullable=True),
        sa.Column("reverses_id", sa.BigInteger(), nullable=True),
        sa.Column("fee_minor", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("thanked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("thanked_by", sa.BigInteger(), nullable=True),
        sa.Column("thanked_how", sa.Text(), nullable=True),
        sa.Column("receipt_number", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("import_run_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(kind = 'gift' and amount_minor > 0 and base_minor >= 0 and reverses_id is null) or (kind = 'reversal' and amount_minor < 0 and base_minor <= 0 and reverses_id is not null)",
            name=op.f("ck_gift_sign"),
        ),
        sa.CheckConstraint(
            "gift_date between '1900-01-01' and '2199-12-31'", name=op.f("ck_gift_gift_date")
        ),
        sa.CheckConstraint(
            "method in ('cash', 'check', 'card', 'bank transfer', 'direct debit', 'online', 'in kind', 'stock', 'other')",
            name=op.f("ck_gift_method"),
        ),
        sa.CheckConstraint(
            "currency = upper(currency) and length(currency) = 3", name=op.f("ck_gift_currency")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
            name=op.f("fk_gift_campaign_id_campaign"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["donor_id"], ["donor.id"], name=op.f("fk_gift_donor_id_donor"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_gift_fund_id_fund"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["pledge_id"],
            ["pledge.id"],
            name=op.f("fk_gift_pledge_id_pledge"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"],
            ["gift.id"],
            name=op.f("fk_gift_reverses_id_gift"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["thanked_by"],
            ["app_user.id"],
            name=op.f("fk_gift_thanked_by_app_user"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift")),
        sa.UniqueConstraint("receipt_number", name=op.f("uq_gift_receipt_number")),
    )
    op.create_index("ix_gift_donor_id_gift_date", "gift", ["donor_id", "gift_date"], unique=False)
    op.create_index(
        "ix_gift_gift_date",
        "gift",
        [sa.literal_column("gift_date desc"), sa.literal_column("id desc")],
        unique=False,
    )
    op.create_index(
        "ix_gift_pledge_id",
        "gift",
        ["pledge_id"],
        unique=False,
        postgresql_where="pledge_id is not null",
    )
    op.create_index(
        "ix_gift_reverses_id",
        "gift",
        ["reverses_id"],
        unique=False,
        postgresql_where="reverses_id is not null",
    )
    op.create_index(
        "uq_gift_source_external_id",
        "gift",
        ["source", "external_id"],
        unique=True,
        postgresql_where="external_id is not null",
    )
    op.create_table(
        "pledge_amount",
        sa.Column("pledge_id", sa.BigInteger(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("donor_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "reason in ('upgrade', 'downgrade', 'correction')",
            name=op.f("ck_pledge_amount_reason"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_pledge_amount_amount")),
        sa.ForeignKeyConstraint(
            ["created_by"],
            ["app_user.id"],
            name=op.f("fk_pledge_amount_created_by_app_user"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["donor_id"],
            ["donor.id"],
            name=op.f("fk_pledge_amount_donor_id_donor"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["pledge_id"],
            ["pledge.id"],
            name=op.f("fk_pledge_amount_pledge_id_pledge"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("pledge_id", "effective_from", name=op.f("pk_pledge_amount")),
    )
    op.create_table(
        "pledge_pause",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("pledge_id", sa.BigInteger(), nullable=False),
        sa.Column("donor_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_pledge_pause_dates")),
        sa.ForeignKeyConstraint(
            ["donor_id"],
            ["donor.id"],
            name=op.f("fk_pledge_pause_donor_id_donor"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["pledge_id"],
            ["pledge.id"],
            name=op.f("fk_pledge_pause_pledge_id_pledge"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pledge_pause")),
    )
    op.create_index("ix_pledge_pause_pledge_id", "pledge_pause", ["pledge_id"], unique=False)
    op.create_table(
        "pledge_skip",
        sa.Column("pledge_id", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("donor_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["donor_id"],
            ["donor.id"],
            name=op.f("fk_pledge_skip_donor_id_donor"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["pledge_id"],
            ["pledge.id"],
            name=op.f("fk_pledge_skip_pledge_id_pledge"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("pledge_id", "due_on", name=op.f("pk_pledge_skip")),
    )
    op.create_table(
        "alert",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("donor_id", sa.BigInteger(), nullable=False),
        sa.Column("pledge_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("severity", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column(
            "facts",
            postgresql.JSONB(astext_type=Text()),
            server_default=sa.text("'{}'::jsonb"),
            nullable=False,
        ),
        sa.Column("snoozed_until", sa.Date(), nullable=True),
        sa.Column("dismissed_why", sa.Text(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.BigInteger(), nullable=True),
        sa.Column("resolved_gift_id", sa.BigInteger(), nullable=True),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("kind in ('late_pledge', 'at_risk')", name=op.f("ck_alert_kind")),
        sa.CheckConstraint(
            "state in ('open', 'snoozed', 'dismissed', 'resolved')", name=op.f("ck_alert_state")
        ),
        sa.ForeignKeyConstraint(
            ["donor_id"], ["donor.id"], name=op.f("fk_alert_donor_id_donor"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["pledge_id"],
            ["pledge.id"],
            name=op.f("fk_alert_pledge_id_pledge"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["resolved_by"],
            ["app_user.id"],
            name=op.f("fk_alert_resolved_by_app_user"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["resolved_gift_id"],
            ["gift.id"],
            name=op.f("fk_alert_resolved_gift_id_gift"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint("key", name=op.f("uq_alert_key")),
    )
    op.create_index(
        "ix_alert_active",
        "alert",
        ["kind", "donor_id"],
        unique=False,
        postgresql_where=sa.text("state in ('open', 'snoozed')"),
    )
    op.create_index("ix_alert_donor_id", "alert", ["donor_id"], unique=False)
    op.create_index(
        "ix_alert_pledge_id",
        "alert",
        ["pledge_id"],
        unique=False,
        postgresql_where="pledge_id is not null",
    )
    op.create_table(
        "gift_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("gift_id", sa.BigInteger(), nullable=False),
        sa.Column("donor_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("base_minor", sa.BigInteger(), nullable=False),
        sa.Column("fund_id", sa.BigInteger(), nullable=True),
        sa.Column("campaign_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("amount_minor <> 0", name=op.f("ck_gift_line_amount")),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaign.id"],
            name=op.f("fk_gift_line_campaign_id_campaign"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["donor_id"],
            ["donor.id"],
            name=op.f("fk_gift_line_donor_id_donor"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["fund_id"], ["fund.id"], name=op.f("fk_gift_line_fund_id_fund"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["gift_id"], ["gift.id"], name=op.f("fk_gift_line_gift_id_gift"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_line")),
    )
    op.create_index("ix_gift_line_gift_id", "gift_line", ["gift_id"], unique=False)
    op.create_table(
        "soft_credit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("gift_id", sa.BigInteger(), nullable=False),
        sa.Column("donor_id", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "type in ('spouse', 'employer match', 'donor-advised fund', 'tribute', 'solicitor')",
            name=op.f("ck_soft_credit_type"),
        ),
        sa.ForeignKeyConstraint(
            ["donor_id"],
            ["donor.id"],
            name=op.f("fk_soft_credit_donor_id_donor"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["gift_id"], ["gift.id"], name=op.f("fk_soft_credit_gift_id_gift"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_soft_credit")),
    )
    op.create_index("ix_soft_credit_donor_id", "soft_credit", ["donor_id"], unique=False)
    op.create_index("ix_soft_credit_gift_id", "soft_credit", ["gift_id"], unique=False)
    op.create_table(
        "task",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("type", sa.Text(), server_default="call", nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("priority", sa.SmallInteger(), server_default="2", nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_at", sa.Time(), nullable=True),
        sa.Column("donor_id", sa.BigInteger(), nullable=True),
        sa.Column("assignee_id", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("alert_id", sa.BigInteger(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "type in ('call', 'thank', 'write', 'meet', 'e-mail', 'other')",
            name=op.f("ck_task_type"),
        ),
        sa.CheckConstraint("priority between 1 and 3", name=op.f("ck_task_priority")),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alert.id"], name=op.f("fk_task_alert_id_alert"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["assignee_id"],
            ["app_user.id"],
            name=op.f("fk_task_assignee_id_app_user"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["created_by"],
            ["app_user.id"],
            name=op.f("fk_task_created_by_app_user"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["done_by"],
            ["app_user.id"],
            name=op.f("fk_task_done_by_app_user"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["donor_id"], ["donor.id"], name=op.f("fk_task_donor_id_donor"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    op.create_index(
        "ix_task_alert_id",
        "task",
        ["alert_id"],
        unique=False,
        postgresql_where="alert_id is not null",
    )
    op.create_index("ix_task_donor_id", "task", ["donor_id"], unique=False)
    op.create_index(
        "ix_task_open",
        "task",
        ["assignee_id", "due_on"],
        unique=False,
        postgresql_where=sa.text("done_at is null"),
    )


def downgrade() -> None:
    op.drop_index("ix_task_open", table_name="task", postgresql_where=sa.text("done_at is null"))
    op.drop_index("ix_task_donor_id", table_name="task")
    op.drop_index("ix_task_alert_id", table_name="task", postgresql_where="alert_id is not null")
    op.drop_table("task")
    op.drop_index("ix_soft_credit_gift_id", table_name="soft_credit")
    op.drop_index("ix_soft_credit_donor_id", table_name="soft_credit")
    op.drop_table("soft_credit")
    op.drop_index("ix_gift_line_gift_id", table_name="gift_line")
    op.drop_table("gift_line")
    op.drop_index(
        "ix_alert_pledge_id", table_name="alert", postgresql_where="pledge_id is not null"
    )
    op.drop_index("ix_alert_donor_id", table_name="alert")
    op.drop_index(
        "ix_alert_active",
        table_name="alert",
        postgresql_where=sa.text("state in ('open', 'snoozed')"),
    )
    op.drop_table("alert")
    op.drop_table("pledge_skip")
    op.drop_index("ix_pledge_pause_pledge_id", table_name="pledge_pause")
    op.drop_table("pledge_pause")
    op.drop_table("pledge_amount")
    op.drop_index(
        "uq_gift_source_external_id", table_name="gift", postgresql_where="external_id is not null"
    )
    op.drop_index(
        "ix_gift_reverses_id", table_name="gift", postgresql_where="reverses_id is not null"
    )
    op.drop_index("ix_gift_pledge_id", table_name="gift", postgresql_where="pledge_id is not null")
    op.drop_index("ix_gift_gift_date", table_name="gift")
    op.drop_index("ix_gift_donor_id_gift_date", table_name="gift")
    op.drop_table("gift")
    op.drop_index(
        "uq_pledge_source_external_id",
        table_name="pledge",
        postgresql_where="external_id is not null",
    )
    op.drop_index(
        "ix_pledge_status", table_name="pledge", postgresql_where=sa.text("status = 'active'")
    )
    op.drop_index("ix_pledge_donor_id", table_name="pledge")
    op.drop_table("pledge")
    op.drop_index("ix_donor_year_year_total", table_name="donor_year")
    op.drop_table("donor_year")
    op.drop_index("ix_donor_tag_tag_id", table_name="donor_tag")
    op.drop_table("donor_tag")
    op.drop_index("ix_donor_summary_total", table_name="donor_summary")
    op.drop_index("ix_donor_summary_owner_total", table_name="donor_summary")
    op.drop_index("ix_donor_summary_owner_last", table_name="donor_summary")
    op.drop_index("ix_donor_summary_last", table_name="donor_summary")
    op.drop_table("donor_summary")
    op.drop_index(
        "ix_donor_search_text",
        table_name="donor_search",
        postgresql_using="gin",
        postgresql_ops={"text": "gin_trgm_ops"},
    )
    op.drop_table("donor_search")
    op.drop_index("ix_donor_rhythm_status", table_name="donor_rhythm")
    op.drop_table("donor_rhythm")
    op.drop_index(
        "uq_donor_phone_primary", table_name="donor_phone", postgresql_where="is_primary"
    )
    op.drop_index("ix_donor_phone_donor_id", table_name="donor_phone")
    op.drop_table("donor_phone")
    op.drop_index("ix_donor_external_id_donor_id", table_name="donor_external_id")
    op.drop_table("donor_external_id")
    op.drop_index(
        "uq_donor_email_primary", table_name="donor_email", postgresql_where="is_primary"
    )
    op.drop_index("uq_donor_email_donor", table_name="donor_email")
    op.drop_index("ix_donor_email_email", table_name="donor_email")
    op.drop_index("ix_donor_email_donor_id", table_name="donor_email")
    op.drop_table("donor_email")
    op.drop_index("ix_donor_consent_donor_id", table_name="donor_consent")
    op.drop_table("donor_consent")
    op.drop_index(
        "uq_donor_address_primary", table_name="donor_address", postgresql_where="is_primary"
    )
    op.drop_index("ix_donor_address_donor_id", table_name="donor_address")
    op.drop_table("donor_address")
    op.drop_index("ix_contact_log_donor_id_at", table_name="contact_log")
    op.drop_table("contact_log")
    op.drop_index("uq_campaign_name", table_name="campaign")
    op.drop_table("campaign")
    op.drop_index("ix_activity_donor_id_at", table_name="activity")
    op.drop_index("ix_activity_at", table_name="activity")
    op.drop_table("activity")
    op.drop_index("ix_one_time_code_user_id", table_name="one_time_code")
    op.drop_table("one_time_code")
    op.drop_index("ix_import_change_row", table_name="import_change")
    op.drop_table("import_change")
    op.drop_index(
        "uq_fund_source_external_id", table_name="fund", postgresql_where="external_id is not null"
    )
    op.drop_index("uq_fund_name", table_name="fund")
    op.drop_table("fund")
    op.drop_index("ix_donor_owner_id", table_name="donor")
    op.drop_index("ix_donor_name", table_name="donor")
    op.drop_index(
        "ix_donor_import_run_id", table_name="donor", postgresql_where="import_run_id is not null"
    )
    op.drop_index(
        "ix_donor_household_id", table_name="donor", postgresql_where="household_id is not null"
    )
    op.drop_table("donor")
    op.drop_index("ix_team_member_member_id", table_name="team_member")
    op.drop_table("team_member")
    op.drop_index("ix_session_user_id", table_name="session")
    op.drop_table("session")
    op.drop_index(
        "ix_outbox_waiting",
        table_name="outbox",
        postgresql_where=sa.text("state in ('queued', 'sending')"),
    )
    op.drop_index("ix_outbox_created_at", table_name="outbox")
    op.drop_table("outbox")
    op.drop_index("uq_mapping_preset", table_name="mapping_preset")
    op.drop_table("mapping_preset")
    op.drop_index("ix_import_run_user_id", table_name="import_run")
    op.drop_table("import_run")
    op.drop_index("uq_tag_name", table_name="tag")
    op.drop_table("tag")
    op.drop_index("ix_owner_month_month", table_name="owner_month")
    op.drop_table("owner_month")
    op.drop_table("organisation")
    op.drop_index("ix_job_run_started_at", table_name="job_run")
    op.drop_table("job_run")
    op.drop_table("heartbeat")
    op.drop_table("exchange_rate")
    op.drop_index("uq_app_user_email", table_name="app_user")
    op.drop_table("app_user")
