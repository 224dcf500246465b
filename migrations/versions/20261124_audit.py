"""The record is only added to, and sealed into a chain of hashes.

A trigger refuses to change or remove a row of `activity`; only forgetting what is too old and
erasing a person, each of which says so for its transaction, may. `activity_seal` holds the chain,
made in batches beside the record, so that nobody who writes a line waits for another's hash.
The keys to people and donors go: a row must not change because somebody else's row is deleted.

Revision ID: 20261124_audit
Revises: 20261123_timetable
"""

import sqlalchemy as sa
from alembic import op

revision = "20261124_audit"
down_revision = "20261123_timetable"
branch_labels = None
depends_on = None

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

DOWN = """
drop trigger activity_is_kept on activity;
drop trigger activity_is_not_emptied on activity;
drop function activity_content(activity, uuid);
update activity set actor_id = null
where actor_id is not null and not exists (select from app_user u where u.id = actor_id);
update activity set donor_id = null
where donor_id is not null and not exists (select from donor d where d.id = donor_id);
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_constraint("fk_activity_actor_id_app_user", "activity", type_="foreignkey")
    op.drop_constraint("fk_activity_donor_id_donor", "activity", type_="foreignkey")
    op.add_column("activity", sa.Column("viewed_as", sa.BigInteger(), nullable=True))
    op.create_table(
        "activity_seal",
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("activity_id", sa.BigInteger(), nullable=False),
        sa.Column("salt", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("erased_content", sa.LargeBinary(), nullable=True),
        sa.Column("erased_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("place", name="pk_activity_seal"),
        sa.UniqueConstraint("activity_id", name="uq_activity_seal_activity_id"),
    )
    op.create_table(
        "activity_horizon",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_activity_horizon"),
        sa.CheckConstraint("id = 1", name="ck_activity_horizon_single"),
    )
    op.execute("insert into activity_horizon values (1, '1970-01-01 00:00:00+00')")
    op.create_index("ix_activity_actor_id", "activity", ["actor_id", "id"])
    op.create_index("ix_activity_entity", "activity", ["entity", "entity_id"])
    op.execute(FUNCTIONS)
    for table in ("activity", "activity_seal"):
        op.execute(TRIGGERS.format(table=table))


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.drop_table("activity_seal")
    op.drop_table("activity_horizon")
    op.execute(DOWN)
    op.execute("drop aggregate chained(bytea, bytea)")
    op.execute("drop function next_hash(bytea, bytea, bytea)")
    op.execute("drop function refuse_to_change_the_record()")
    op.drop_index("ix_activity_entity", table_name="activity")
    op.drop_index("ix_activity_actor_id", table_name="activity")
    op.drop_column("activity", "viewed_as")
    for column, table in (("actor_id", "app_user"), ("donor_id", "donor")):
        op.create_foreign_key(
            f"fk_activity_{column}_{table}",
            "activity",
            table,
            [column],
            ["id"],
            ondelete="SET NULL",
        )
