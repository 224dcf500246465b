"""Monthly goals as versions: each with the month it begins in, its amount, and who set it.

A month that has passed keeps the goal it had, so that reports on it do not change with a new goal.
Versions are only added, which a trigger enforces. The goal that an account had is its first
version, from the month in which the account was made.

Revision ID: 0025_monthly_goals
Revises: 0024_imported_records
"""

import sqlalchemy as sa
from alembic import op

from migrations.columns import now, reference

revision = "0025_monthly_goals"
down_revision = "0024_imported_records"
branch_labels = None
depends_on = None

TRIGGERS = """
create function refuse_to_change_a_goal() returns trigger language plpgsql as $$
begin
    raise exception 'Monthly goals are only added, never changed.'
        using errcode = 'restrict_violation';
end $$;
create trigger monthly_goal_is_kept before update or delete on monthly_goal
for each row execute function refuse_to_change_a_goal();
create trigger monthly_goal_changes_state after insert or update or delete or truncate
on monthly_goal for each statement execute function note_change();
"""
# an inactive account no longer counted, since its last change at the latest
FIRST_VERSIONS = """
insert into monthly_goal (user_id, month, minor, set_at)
select id, date_trunc('month', created_at at time zone 'UTC')::date, monthly_goal_minor, created_at
from app_user where monthly_goal_minor > 0;
insert into monthly_goal (user_id, month, minor, set_at)
select id, date_trunc('month', updated_at at time zone 'UTC')::date, 0, updated_at
from app_user where monthly_goal_minor > 0 and not active;
"""
BACK_TO_ONE = """
update app_user u set monthly_goal_minor = g.minor from (
    select distinct on (user_id) user_id, minor from monthly_goal
    where month <= (now() at time zone 'UTC')::date order by user_id, month desc, id desc
) g where g.user_id = u.id and g.minor > 0
"""


def upgrade() -> None:
    op.create_table(
        "monthly_goal",
        sa.Column("id", sa.BigInteger, sa.Identity(), nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("month", sa.Date, nullable=False),
        sa.Column("minor", sa.BigInteger, nullable=False),
        sa.Column("set_by_id", sa.BigInteger),
        now("set_at"),
        sa.PrimaryKeyConstraint("id", name="pk_monthly_goal"),
        reference("monthly_goal", "user_id", "app_user", "RESTRICT"),
        reference("monthly_goal", "set_by_id", "app_user", "RESTRICT"),
        sa.CheckConstraint("minor >= 0", name=op.f("ck_monthly_goal_minor")),
        sa.CheckConstraint("extract(day from month) = 1", name=op.f("ck_monthly_goal_month")),
    )
    op.create_index("ix_monthly_goal_user_id_month_id", "monthly_goal", ["user_id", "month", "id"])
    op.execute(FIRST_VERSIONS)
    op.execute(TRIGGERS)
    op.drop_column("app_user", "monthly_goal_minor")


def downgrade() -> None:
    op.add_column(
        "app_user",
        sa.Column("monthly_goal_minor", sa.BigInteger, server_default="0", nullable=False),
    )
    op.create_check_constraint(
        op.f("ck_app_user_monthly_goal"), "app_user", "monthly_goal_minor >= 0"
    )
    op.execute(BACK_TO_ONE)
    op.drop_table("monthly_goal")
    op.execute("drop function refuse_to_change_a_goal()")
