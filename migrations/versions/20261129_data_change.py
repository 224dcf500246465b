"""Which state the data is in: each statement that changes what figures are made of leaves a row.

Revision ID: 20261129_data_change
Revises: 20261128_mail_care
"""

import sqlalchemy as sa
from alembic import op

revision = "20261129_data_change"
down_revision = "20261128_mail_care"
branch_labels = None
depends_on = None

# what a figure of the dashboard is made of
TABLES = (
    "gift",
    "gift_line",
    "pledge",
    "pledge_amount",
    "pledge_pause",
    "pledge_skip",
    "donor",
    "donor_summary",
    "fund",
    "exchange_rate",
    "organisation",
    "app_user",
    "team_member",
)
FUNCTION = """
create function note_change() returns trigger language plpgsql
    security definer set search_path = public, pg_temp as $$
begin
    insert into data_change default values;
    return null;
end $$
"""
TRIGGER = """
create trigger {table}_changes_state after insert or update or delete or truncate on {table}
for each statement execute function note_change()
"""


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    op.create_table(
        "data_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("number", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_data_change_number")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_change")),
    )
    # two databases that share a Redis are never in the same state
    op.execute("insert into data_change (number) select (random() * 1e12)::bigint + 1")
    op.execute(FUNCTION)
    for table in TABLES:
        op.execute(TRIGGER.format(table=table))


def downgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for table in TABLES:
        op.execute(f"drop trigger {table}_changes_state on {table}")
    op.execute("drop function note_change()")
    op.drop_table("data_change")
