"""Create the outbox, the work queue, and what is known of jobs and processes.

Revision ID: 0011_mail_and_jobs
Revises: 0010_data_version
"""

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects import postgresql

from migrations.columns import now, reference

revision = "0011_mail_and_jobs"
down_revision = "0010_data_version"
branch_labels = None
depends_on = None

TABLES = (
    "outbox",
    "email_action",
    "mail_suppression",
    "scheduled_export",
    "job_run",
    "timetable",
    "heartbeat",
)

# by name, because a later version of procrastinate may have created more than this one
DROP_QUEUE = r"""
do $$
declare item record;
begin
    for item in select format('drop table if exists %I cascade', relname) as sql from pg_class
                where relnamespace = 'public'::regnamespace and relkind = 'r'
                  and relname like 'procrastinate\_%' loop
        execute item.sql;
    end loop;
    for item in select format('drop function if exists %s cascade', oid::regprocedure) as sql
                from pg_proc where pronamespace = 'public'::regnamespace
                  and proname like 'procrastinate\_%' loop
        execute item.sql;
    end loop;
    for item in select format('drop type if exists %I cascade', typname) as sql from pg_type
                where typnamespace = 'public'::regnamespace and typtype in ('e', 'c')
                  and typname like 'procrastinate\_%' loop
        execute item.sql;
    end loop;
end $$;
"""


def upgrade() -> None:
    _mail()
    _jobs()
    # the schema as procrastinate ships it
    _run(SchemaManager.get_schema())


def downgrade() -> None:
    _run(DROP_QUEUE)
    for table in reversed(TABLES):
        op.drop_table(table)


def _run(script: str) -> None:
    """Run a script of many statements unchanged: its % and : are not placeholders."""
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(script)


def _mail() -> None:
    """Create the outbox and what belongs to mail."""
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("to_email", sa.Text, nullable=False),
        sa.Column("user_id", sa.BigInteger),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("text_body", sa.Text, nullable=False),
        sa.Column("html_body", sa.Text),
        sa.Column(
            "headers", postgresql.JSONB, server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, server_default="queued", nullable=False),
        sa.Column("tries", sa.BigInteger, server_default="0", nullable=False),
        now("next_try_at"),
        sa.Column("claimed_at", sa.DateTime(timezone=True)),
        sa.Column("claimed_by", sa.Text),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("error", sa.Text),
        now("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
        sa.UniqueConstraint("message_id", name="uq_outbox_message_id"),
        reference("outbox", "user_id", "app_user", "SET NULL"),
        sa.CheckConstraint(
            "state in ('queued', 'sending', 'sent', 'failed', 'suppressed')",
            name=op.f("ck_outbox_state"),
        ),
    )
    op.create_index("ix_outbox_created_at", "outbox", [sa.text("created_at desc")])
    op.create_index("ix_outbox_sent_at", "outbox", ["sent_at"])
    op.create_index("ix_outbox_user_id", "outbox", ["user_id", sa.text("id desc")])
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["next_try_at"],
        postgresql_where="state in ('queued', 'sending')",
    )

    op.create_table(
        "email_action",
        sa.Column("token_id", sa.Text, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_id", name="pk_email_action"),
        reference("email_action", "user_id", "app_user", "CASCADE"),
    )

    op.create_table(
        "mail_suppression",
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        now("since"),
        sa.PrimaryKeyConstraint("email", name="pk_mail_suppression"),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_mail_suppression_lower")),
    )

    op.create_table(
        "scheduled_export",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("parts", postgresql.JSONB, nullable=False),
        sa.Column("rhythm", sa.Text, nullable=False),
        sa.Column("only_new", sa.Boolean, nullable=False),
        sa.Column("next_on", sa.Date, nullable=False),
        now("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_scheduled_export"),
        reference("scheduled_export", "user_id", "app_user", "CASCADE"),
        sa.CheckConstraint("form in ('csv', 'xlsx')", name=op.f("ck_scheduled_export_form")),
        sa.CheckConstraint(
            "rhythm in ('weekly', 'monthly')", name=op.f("ck_scheduled_export_rhythm")
        ),
    )
    op.create_index("ix_scheduled_export_next_on", "scheduled_export", ["next_on"])
    op.create_index("ix_scheduled_export_user_id", "scheduled_export", ["user_id"])


def _jobs() -> None:
    """Create job runs, the schedule on screen and the heartbeat."""
    op.create_table(
        "job_run",
        sa.Column("job", sa.Text, nullable=False),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text, server_default="queued", nullable=False),
        now("queued_at"),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("worker", sa.Text),
        sa.Column("tries", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("result", sa.Text),
        sa.Column("error", sa.Text),
        sa.PrimaryKeyConstraint("job", "slot", name="pk_job_run"),
        sa.CheckConstraint(
            "state in ('queued', 'running', 'done', 'failed')", name=op.f("ck_job_run_state")
        ),
    )
    op.create_index("ix_job_run_started_at", "job_run", [sa.text("started_at desc")])

    op.create_table(
        "timetable",
        sa.Column("job", sa.Text, nullable=False),
        sa.Column("place", sa.SmallInteger, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("rhythm", sa.Text, nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True)),
        now("updated_at"),
        sa.PrimaryKeyConstraint("job", name="pk_timetable"),
    )

    op.create_table(
        "heartbeat",
        sa.Column("process", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        now("at"),
        now("started_at"),
        sa.PrimaryKeyConstraint("process", name="pk_heartbeat"),
    )
