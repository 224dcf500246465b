"""Create alerts, tasks and the contact log.

Revision ID: 0009_work
Revises: 0008_summary_triggers
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.columns import now, reference

revision = "0009_work"
down_revision = "0008_summary_triggers"
branch_labels = None
depends_on = None

TABLES = (
    "alert",
    "task",
    "contact_log",
)


def upgrade() -> None:
    _work()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _work() -> None:
    """Create alerts, tasks and the contact log."""
    op.create_table(
        "alert",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("donor_id", sa.BigInteger, nullable=False),
        sa.Column("pledge_id", sa.BigInteger),
        sa.Column("state", sa.Text, server_default="open", nullable=False),
        sa.Column("severity", sa.SmallInteger, server_default="1", nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("since", sa.Date, nullable=False),
        sa.Column("raised_on", sa.Date, nullable=False),
        sa.Column(
            "facts", postgresql.JSONB, server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("snoozed_until", sa.Date),
        sa.Column("dismissed_why", sa.Text),
        sa.Column("resolved_at", sa.DateTime(timezone=True)),
        sa.Column("resolved_by", sa.BigInteger),
        sa.Column("resolved_gift_id", sa.BigInteger),
        sa.Column("mailed_at", sa.DateTime(timezone=True)),
        now("created_at"),
        now("updated_at"),
        sa.PrimaryKeyConstraint("id", name="pk_alert"),
        sa.UniqueConstraint("key", name="uq_alert_key"),
        reference("alert", "donor_id", "donor", "CASCADE"),
        reference("alert", "pledge_id", "pledge", "CASCADE"),
        reference("alert", "resolved_by", "app_user", "SET NULL"),
        reference("alert", "resolved_gift_id", "gift", "SET NULL"),
        sa.CheckConstraint("kind in ('late_pledge', 'at_risk')", name=op.f("ck_alert_kind")),
        sa.CheckConstraint(
            "state in ('open', 'snoozed', 'dismissed', 'resolved')", name=op.f("ck_alert_state")
        ),
    )
    op.create_index(
        "ix_alert_active",
        "alert",
        ["kind", "donor_id"],
        postgresql_where="state in ('open', 'snoozed')",
    )
    op.create_index("ix_alert_donor_id", "alert", ["donor_id"])
    op.create_index(
        "ix_alert_pledge_id", "alert", ["pledge_id"], postgresql_where="pledge_id is not null"
    )

    op.create_table(
        "task",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("type", sa.Text, server_default="call", nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("priority", sa.SmallInteger, server_default="2", nullable=False),
        sa.Column("due_on", sa.Date),
        sa.Column("due_at", sa.Time),
        sa.Column("donor_id", sa.BigInteger),
        sa.Column("assignee_id", sa.BigInteger, nullable=False),
        sa.Column("created_by", sa.BigInteger),
        sa.Column("alert_id", sa.BigInteger),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.Column("done_by", sa.BigInteger),
        sa.Column("version", sa.BigInteger, server_default="1", nullable=False),
        now("created_at"),
        now("updated_at"),
        sa.PrimaryKeyConstraint("id", name="pk_task"),
        reference("task", "donor_id", "donor", "CASCADE"),
        reference("task", "assignee_id", "app_user", "RESTRICT"),
        reference("task", "created_by", "app_user", "SET NULL"),
        reference("task", "alert_id", "alert", "SET NULL"),
        reference("task", "done_by", "app_user", "SET NULL"),
        sa.CheckConstraint("priority between 1 and 3", name=op.f("ck_task_priority")),
        sa.CheckConstraint(
            "type in ('call', 'thank', 'write', 'meet', 'e-mail', 'other')",
            name=op.f("ck_task_type"),
        ),
    )
    op.create_index(
        "ix_task_alert_id", "task", ["alert_id"], postgresql_where="alert_id is not null"
    )
    op.create_index("ix_task_donor_id", "task", ["donor_id"])
    op.create_index(
        "ix_task_open", "task", ["assignee_id", "due_on"], postgresql_where="done_at is null"
    )

    op.create_table(
        "contact_log",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("donor_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        now("at"),
        sa.Column("by_id", sa.BigInteger),
        sa.Column("text", sa.Text),
        now("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_contact_log"),
        reference("contact_log", "donor_id", "donor", "CASCADE"),
        reference("contact_log", "by_id", "app_user", "SET NULL"),
        sa.CheckConstraint(
            "kind in ('call', 'meeting', 'letter', 'text', 'e-mail', 'note')",
            name=op.f("ck_contact_log_kind"),
        ),
    )
    op.create_index("ix_contact_log_donor_id_at", "contact_log", ["donor_id", sa.text("at desc")])
