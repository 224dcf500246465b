"""Create the audit log: append-only, and sealed with a hash chain.

A trigger rejects every change of a row. Only the purge of old rows and the erasure of a person may
change the log, and both announce it in their transaction. `activity_seal` holds the hash chain; it
is built in batches, so that no writer waits for the hash of another. There are no foreign keys to
users and donors: a row must not change because another row is deleted.

Revision ID: 0012_audit_log
Revises: 0011_mail_and_jobs
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.columns import now

revision = "0012_audit_log"
down_revision = "0011_mail_and_jobs"
branch_labels = None
depends_on = None

TABLES = (
    "activity",
    "activity_seal",
    "activity_horizon",
)

FUNCTIONS = """
create function activity_content(a activity, salt uuid) returns bytea
language sql stable parallel safe as
$$ select sha256(convert_to(jsonb_build_array(
       a.id, extract(epoch from a.at), a.actor_id, a.viewed_as, a.action, a.entity, a.entity_id,
       a.donor_id, a.sentence, a.before, a.after, a.address, salt)::text, 'UTF8')) $$;

create function next_hash(before bytea, first bytea, content bytea) returns bytea
language sql immutable parallel safe as
$$ select sha256(coalesce(before, first) || content) $$;

create aggregate chained(bytea, bytea) (sfunc = next_hash, stype = bytea);

create function refuse_to_change_the_record() returns trigger language plpgsql as $$
declare allowed text := coalesce(current_setting('donorcrm.record', true), '');
begin
    if tg_op = 'DELETE' and allowed = 'purge' then return old; end if;
    if tg_op = 'UPDATE' and allowed = 'erase' then return new; end if;
    raise exception 'The record of what happened is only added to, never changed.'
        using errcode = 'restrict_violation';
end $$;
"""
TRIGGERS = """
create trigger {table}_is_kept before update or delete on {table}
for each row execute function refuse_to_change_the_record();
create trigger {table}_is_not_emptied before truncate on {table}
for each statement execute function refuse_to_change_the_record();
"""


def upgrade() -> None:
    _log()
    # nothing was purged yet
    op.execute("insert into activity_horizon values (1, '1970-01-01 00:00:00+00')")
    op.execute(FUNCTIONS)
    for table in ("activity", "activity_seal"):
        op.execute(TRIGGERS.format(table=table))


def downgrade() -> None:
    op.execute("drop function activity_content(activity, uuid)")
    for table in reversed(TABLES):
        op.drop_table(table)
    op.execute("drop aggregate chained(bytea, bytea)")
    op.execute("drop function next_hash(bytea, bytea, bytea)")
    op.execute("drop function refuse_to_change_the_record()")


def _log() -> None:
    """Create the log, its seals and the moment before which lines were purged."""
    op.create_table(
        "activity",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        now("at"),
        sa.Column("actor_id", sa.BigInteger),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("entity", sa.Text, nullable=False),
        sa.Column("entity_id", sa.BigInteger),
        sa.Column("donor_id", sa.BigInteger),
        sa.Column("sentence", sa.Text, nullable=False),
        sa.Column("before", postgresql.JSONB),
        sa.Column("after", postgresql.JSONB),
        sa.Column("address", sa.Text),
        sa.Column("viewed_as", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_activity"),
    )
    op.create_index("ix_activity_actor_id", "activity", ["actor_id", "id"])
    op.create_index("ix_activity_at", "activity", [sa.text("at desc")])
    op.create_index("ix_activity_donor_id_at", "activity", ["donor_id", sa.text("at desc")])
    op.create_index("ix_activity_entity", "activity", ["entity", "entity_id"])

    op.create_table(
        "activity_seal",
        sa.Column("place", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("activity_id", sa.BigInteger, nullable=False),
        sa.Column("salt", sa.Uuid, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("erased_content", sa.LargeBinary),
        sa.Column("erased_by", sa.BigInteger),
        sa.PrimaryKeyConstraint("place", name="pk_activity_seal"),
        sa.UniqueConstraint("activity_id", name="uq_activity_seal_activity_id"),
    )

    op.create_table(
        "activity_horizon",
        sa.Column("id", sa.SmallInteger, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_activity_horizon"),
        # the name has its prefix twice since it was first created
        sa.CheckConstraint("id = 1", name=op.f("ck_activity_horizon_ck_activity_horizon_single")),
    )
